"""Families of ops are loaded when one of them is asked for, with the rules of all."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import chainrule
from chainrule import ops
from chainrule.trace import Op

SOURCE = Path(chainrule.__file__).parent


def test_every_family_is_listed_with_its_ops():
    """What is an op in the file of a family is its own, imported, or private."""
    for family, names in ops.FAMILIES.items():
        module = import_module(f"chainrule.ops.{family}")
        found = {name for name, value in vars(module).items() if isinstance(value, Op) and not name.startswith("_")}
        listed = set(names.split())
        assert listed <= found
        # Those of other families are asked for, too.
        assert all(getattr(ops, name) is getattr(module, name) for name in found)


ALONE = """
import sys
from chainrule import ops
import chainrule.jacobians
family = sys.argv[1]
for name in ops.FAMILIES[family].split():
    op = getattr(ops, name)
    print(name, op.keeps is None, op.batch is None)
"""


@pytest.mark.parametrize("family", sorted(ops.FAMILIES))
def test_a_family_that_is_loaded_alone_has_all_of_its_rules(family):
    ran = subprocess.run([sys.executable, "-c", ALONE, family], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert ops.ALL_OPS
    expected = [
        f"{name} {getattr(ops, name).keeps is None} {getattr(ops, name).batch is None}"
        for name in ops.FAMILIES[family].split()
    ]

    assert ran.stdout.splitlines() == expected


def test_nobody_imports_an_op_past_the_place_where_its_rule_is_seen_to():
    """An op of a family is `ops.erf`, or imported from `chainrule.ops`."""
    for path in SOURCE.rglob("*.py"):
        if path.is_relative_to(SOURCE / "ops"):
            continue
        for line in path.read_text().splitlines():
            module, _, names = line.partition(" import ")
            family = module.removeprefix("from chainrule.ops.")
            if family in ops.FAMILIES:
                listed = set(ops.FAMILIES[family].split())
                assert not listed & set(names.strip("()").replace(",", " ").split()), f"{path}: {line}"


def test_no_module_hides_an_op_of_its_name():
    """`ops.gamma` was a module, once the logarithm of Dirichlet's density had been asked for."""
    modules = {path.stem for path in (SOURCE / "ops").glob("*.py")}

    assert modules.isdisjoint(name for names in ops.FAMILIES.values() for name in names.split())
    assert modules.isdisjoint(name for name, value in vars(ops).items() if isinstance(value, Op))


FIRST_ASKED = """
import sys, threading
sys.setswitchinterval(1e-6)
import chainrule.jacobians
from chainrule import ops

start, lacking = threading.Barrier(8), []

def ask():
    start.wait()
    for name in sys.argv[1:]:
        if getattr(ops, name).pull is None:
            lacking.append(name)

threads = [threading.Thread(target=ask) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(*lacking)
"""


def test_no_thread_gets_an_op_before_its_rule():
    names = ["tan", "sin", "exp", "log", "tanh", "maximum", "matmul", "tensordot", "conj", "gamma", "erf", "cholesky"]

    ran = subprocess.run([sys.executable, "-c", FIRST_ASKED, *names], capture_output=True, text=True, check=True)

    assert ran.stdout.split() == []
