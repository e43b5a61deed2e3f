"""Derivations as LaTeX and MathML: the worked examples, and that other software reads them."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from xml.dom import minidom

import numpy as np
import pytest

import chainrule as cr
from chainrule.explain.formulas.latex import escaped_latex, latex
from chainrule.explain.formulas.mathml import mathml
from tests.explain import wordings
from tests.explain.browser.conftest import missing
from tests.explain.test_text import masked_example
from tests.explain.test_wording import CASES, SYMBOLS
from tests.explain.worked import scalar_example, tensor_example, two_inputs_example, vector_example

EXAMPLES = {
    "scalar": scalar_example,
    "two_inputs": two_inputs_example,
    "vector": vector_example,
    "tensor": lambda: tensor_example(both=True),
}
LEVELS = ("result", "steps", "numbers")
MATRIX = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", EXAMPLES)
def test_worked_example(name, level, golden):
    golden(f"latex_{name}_{level}", latex(EXAMPLES[name](), level))


@pytest.mark.parametrize(
    ("name", "run"),
    [
        ("scalar", lambda: cr.explain(wordings.scalar, 0.5)),
        ("two_inputs", lambda: cr.explain(wordings.two_inputs, 3.0, 2.0, argnums=(0, 1))),
        ("vector", lambda: cr.explain(wordings.vector, np.array([1.0, -2.0]))),
        (
            "tensor",
            lambda: cr.explain(wordings.tensor, MATRIX, np.array([[1.0, 0.0], [2.0, 1.0], [0.0, 3.0]]), argnums=(0, 1)),
        ),
    ],
)
def test_real_functions_are_derived_alike(name, run):
    """As from data that was made by hand from the formulas."""
    assert run().latex() == latex(EXAMPLES[name]())


def test_unknown_levels_are_refused():
    with pytest.raises(ValueError, match="'steps'"):
        latex(scalar_example(), "everything")


def many():
    """Programs of all kinds."""
    programs = [example() for example in EXAMPLES.values()]
    programs += [cr.explain(f, *args).program for f, *args in (*CASES.values(), *SYMBOLS)]
    hostile = scalar_example()
    names = ["a_b%c", "</script>", "$x$", "Ω速度"]
    for node, name in zip(hostile.nodes, names, strict=True):
        node.name = node.expression = name
    return [*programs, hostile, masked_example()]


@pytest.fixture(scope="module")
def programs():
    return many()


TOOLS = Path(__file__).parents[2] / "viewer" / "node_modules"


def test_katex_accepts_every_formula(programs):
    """In its strict mode, which refuses what LaTeX would."""
    if not (TOOLS / "katex").is_dir() or shutil.which("node") is None:
        missing("formulas are compiled with Node and the viewer's tools: make viewer")
    formulas = [latex(program, level) for program in programs for level in LEVELS]
    for program in programs:
        formulas += [node.latex for node in program.nodes] + [edge.jacobian.latex for edge in program.edges]
    found = subprocess.run(
        ["node", str(Path(__file__).parent / "katex.js")],
        input=json.dumps(formulas),
        env={**os.environ, "NODE_PATH": str(TOOLS)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(found.stdout) == []


def test_braces_are_balanced(programs):
    """What a formula opens it closes, braces and environments alike; and nothing of Python's is left in it."""
    for program in programs:
        for level in LEVELS:
            text = latex(program, level).replace("\\{", "").replace("\\}", "")
            assert text.count("{") == text.count("}")
            assert text.count("\\begin{") == text.count("\\end{")
            assert text.count("\\left") - text.count("\\leftarrow") == text.count("\\right")
            assert "ᵀ" not in text
            assert "⊗" not in text


def test_mathml_is_well_formed_and_keeps_its_latex(programs):
    """An XML parser reads it; the annotation is the LaTeX; every fraction, index and exponent has two parts."""
    for program in programs:
        for level in LEVELS:
            tree = minidom.parseString(mathml(program, level))
            (annotation,) = tree.getElementsByTagName("annotation")
            assert annotation.getAttribute("encoding") == "application/x-tex"
            assert "".join(child.data for child in annotation.childNodes) == latex(program, level)
            for tag in ("mfrac", "msup", "msub", "munder"):
                assert all(len(each.childNodes) == 2 for each in tree.getElementsByTagName(tag))
            assert all(len(each.childNodes) == 3 for each in tree.getElementsByTagName("munderover"))


def test_mathml_shows_what_latex_shows(golden):
    golden("mathml_scalar", minidom.parseString(mathml(scalar_example())).toprettyxml(indent=" "))


def test_special_characters_mean_themselves():
    assert escaped_latex("50% of {x_1} & $y") == r"50\% of \{x\_1\} \& \$y"
