"""Families of functions are loaded when one of them is asked for."""

import ast
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np

import chainrule.numpy
from chainrule.numpy.homes import FAMILIES, home_of
from chainrule.numpy.table import FUNCTIONS, function_of


def printed(program):
    """What a new Python process prints."""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.split()


ENTERED = """
import sys
import chainrule.numpy
from chainrule.numpy import homes, table
known = set(table.FUNCTIONS)
for family in homes.FAMILIES:
    loaded = set(sys.modules)
    __import__(f"chainrule.numpy.{family}")
    # A family may load others.
    others = {name.rpartition(".")[2] for name in set(sys.modules) - loaded if name.startswith("chainrule.numpy.")}
    new = set(table.FUNCTIONS) - known
    known |= new
    for original in new:
        home = homes.home_of(original)
        if home not in others & set(homes.FAMILIES):
            print(family, original, home)
    for home in others & set(homes.FAMILIES):
        if home not in {homes.home_of(original) for original in new}:
            print(home)
"""


def test_the_list_of_families_says_what_each_has():
    assert printed(ENTERED) == []


def test_no_function_is_in_two_files():
    """The one that was loaded later would take the place of the other."""
    entered = Counter()
    for path in Path(chainrule.numpy.__file__).parent.glob("*.py"):
        calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
        names = {
            ast.unparse(x)
            for call in calls
            if ast.unparse(call.func) in ("implements", "traced_form")
            for x in call.args
        }
        entered.update(name for name in names if name.startswith("np."))

    assert [name for name, count in entered.items() if count > 1] == []


def test_a_program_loads_the_families_that_it_uses_only():
    program = """
import sys, numpy as np, chainrule as cr
before = {name.rpartition(".")[2] for name in sys.modules if name.startswith("chainrule.numpy.")}
cr.grad(lambda x: np.sum(np.sin(x) * x))(np.ones(3))
cr.grad(lambda x: np.percentile(x, 30.0))(np.ones(3))
from chainrule.numpy.homes import FAMILIES
print(*sorted(name for name in FAMILIES if f"chainrule.numpy.{name}" in sys.modules))
print("|", *sorted({"optree", "statistics", "dataclasses", "numpy.random"} & before))
"""
    families, _, before = " ".join(printed(program)).partition("|")

    assert "quantiles" in families
    assert not {"fourier", "polynomials", "factorizations", "solving", "grids"} & set(families.split())
    assert before == ""


def test_a_function_that_the_list_lacks_is_found_too():
    program = """
import numpy as np
from chainrule.numpy import homes
homes._HOMES.clear()
import chainrule as cr
print(cr.grad(lambda x: np.percentile(x, 50.0))(np.array([1.0, 2.0, 4.0])).tolist())
print(cr.grad(np.linalg.norm)(np.array([3.0, 4.0])).round(6).tolist())
"""

    assert printed(program) == ["[0.0,", "1.0,", "0.0]", "[0.6,", "0.8]"]


def test_what_is_no_function_of_numpy_is_in_no_family():
    for thing in (3.0, np.pi, np.float64, np.sin, len, np.random.default_rng, [], np, np.newaxis):
        assert home_of(thing) is None


def test_the_table_finds_what_is_not_loaded_yet():
    assert FUNCTIONS[np.fft.fft] is function_of(np.fft.fft) is not None
    assert {home_of(np.fft.fft), home_of(np.mgrid), home_of(np.vectorize)} <= set(FAMILIES)
