"""The text form of programs, for readers: worked examples, narrow screens, ASCII, what was found."""

import dataclasses
import re
import unicodedata

import numpy as np
import pytest

from chainrule.explain.numbers import numbers
from chainrule.explain.program import Finding, Program, Site
from chainrule.explain.text.forms import edge_text, text
from tests.explain.worked import (
    edge,
    node,
    path,
    scalar_example,
    tensor_example,
    two_inputs_example,
    vector_example,
)

EXAMPLES = {
    "scalar": scalar_example,
    "two_inputs": two_inputs_example,
    "vector": vector_example,
    "tensor": tensor_example,
}


def screen_width(line):
    """By the standard's widths, counted here anew."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in ("W", "F") else 1 for c in line
    )


@pytest.mark.parametrize("name", EXAMPLES)
def test_worked_example(name, golden):
    golden(f"text_{name}", text(EXAMPLES[name]()))


@pytest.mark.parametrize("name", EXAMPLES)
def test_80_columns_are_enough(name, golden):
    shown = text(EXAMPLES[name](), width=80)

    assert max(map(screen_width, shown.split("\n"))) <= 80
    golden(f"text_{name}_80", shown)


@pytest.mark.parametrize("name", EXAMPLES)
def test_ascii(name, golden):
    shown = text(EXAMPLES[name](), ascii=True)

    assert shown.isascii()
    golden(f"text_{name}_ascii", shown)


@pytest.mark.parametrize("name", EXAMPLES)
def test_more_room_changes_nothing(name):
    assert text(EXAMPLES[name](), width=120) == text(EXAMPLES[name]())


def chain(length):
    """x -> x + 1 -> ... with two inputs' worth of uses at the end."""
    nodes = [node("x", None, "x", 1.5, 1.0)]
    nodes += [node(f"v{k}", "add", f"{'x' if k == 0 else f'v{k - 1}'}+1", 2.5 + k, 1.0) for k in range(length)]
    edges = [edge(nodes, k, k + 1, 0, "scalar", "1", 1.0) for k in range(length)]
    return Program(
        "f", "f", nodes, edges, (0,), length, [path(edges, list(range(length)))], 1, (nodes[0].adjoint,), 1.0
    )


def test_long_programs_are_cut(golden):
    golden("text_long", text(chain(160)))


def test_what_is_left_of_many_paths_is_one_row(golden):
    program = scalar_example()
    program.paths = program.paths[:1]

    golden("text_many_paths", text(program))


def test_cancellation_is_said():
    """x·1000 − x·999: the paths are 1999 in size and 1 in sum."""
    nodes = [
        node("x", None, "x", 1.0, 1.0),
        node("v", "multiply", "1000*x", 1000.0, 1.0),
        node("u", "multiply", "999*x", 999.0, -1.0),
        node("y", "subtract", "v-u", 1.0, 1.0),
    ]
    edges = [
        edge(nodes, 0, 1, 0, "scalar", "1000", 1000.0, use=1),
        edge(nodes, 0, 2, 0, "scalar", "999", 999.0, use=2),
        edge(nodes, 1, 3, 0, "scalar", "1", 1.0),
        edge(nodes, 2, 3, 1, "scalar", "-1", -1.0),
    ]
    paths = [path(edges, [0, 2]), path(edges, [1, 3])]
    program = Program("f", "y", nodes, edges, (0,), 3, paths, 2, (numbers(1999.0),), 1999.0)

    assert "cancellation κ = 1999" in text(program)


def test_wide_names_keep_the_columns(golden):
    """Chinese names take two columns a character."""
    program = scalar_example()
    for each, name in zip(program.nodes, ["速度", "v", "动能", "y"], strict=True):
        each.expression = re.sub(r"\bx\b", "速度", each.expression).replace("u", "动能")
        each.name = name
    for each in program.edges:
        each.jacobian.symbol = each.jacobian.symbol.replace("x", "速度").replace("u", "动能")
    program.title = "y = 速度 * exp(速度 * 速度)"
    shown = text(program)

    columns = {screen_width(line[: line.index("∂")]) for line in shown.split("\n") if line.count("∂") >= 2}
    assert len(columns) == 1
    golden("text_wide_names", shown)


def masked_example():
    """Σ where(x > 0, √x, x) at [−1, 4], differentiated by a library without structural zeros."""
    x = np.array([-1.0, 4.0])
    nodes = [
        node("x", None, "x", x, [np.nan, 0.25]),
        node("sqrt", "sqrt", "sqrt(x)", [np.nan, 2.0], [0.0, 1.0]),
        node("where", "where", "where(x>0, sqrt, x)", [-1.0, 2.0], [1.0, 1.0]),
        node("sum", "sum", "sum(where)", 1.0, 1.0),
    ]
    edges = [
        edge(nodes, 0, 1, 0, "diagonal", "diag(1/(2*sqrt))", np.diag([np.nan, 0.25]), stored=2),
        edge(nodes, 1, 2, 1, "diagonal", "diag(x>0)", np.diag([0.0, 1.0]), stored=2),
        edge(nodes, 2, 3, 0, "ones", "[1 1]", np.ones((1, 2)), stored=1),
    ]
    finding = Finding(
        "birth",
        "unselected branch: 0 × non-finite",
        "backward",
        "error",
        "cotangent 0 (branch not selected)  ×  local derivative nan  =  nan",
        "make the argument safe first:\n  r = np.sqrt(np.where(x > 0, x, 1.0))",
        edge=1,
        element=(0,),
        site=0,
        path=(0, 1, 2),
    )
    note = Finding("kink", "convention", "backward", "note", "the derivative of abs at 0 is taken to be 0", site=0)
    return Program(
        "f",
        "f",
        nodes,
        edges,
        (0,),
        3,
        [path(edges, [0, 1, 2])],
        1,
        (nodes[0].adjoint,),
        sites=[Site("/home/somebody/f.py", 7, "f", "r = np.sqrt(x)")],
        findings=[finding, note],
    )


def test_what_is_not_finite_is_explained(golden):
    golden("text_not_finite", text(masked_example()))


def test_a_function_that_raised(golden):
    program = vector_example()
    program = dataclasses.replace(
        program, result=None, nodes=program.nodes[:2], edges=program.edges[:1], failure="ValueError: no such thing"
    )
    program.nodes[0].adjoint = program.nodes[1].adjoint = None
    program.paths, program.path_count = [], 0

    golden("text_raised", text(program))


@pytest.mark.parametrize("which", [0, 1])
def test_both_operands_of_a_product(which, golden):
    """C = A B: the Jacobians are I₂ ⊗ Bᵀ and A ⊗ I₂, and the code computes G Bᵀ and Aᵀ G."""
    golden(f"edge_tensor_{which}", edge_text(tensor_example(both=True), which))


def test_edges_of_other_structures(golden):
    program = vector_example()

    golden("edge_vector", "\n\n".join(edge_text(program, k) for k in range(3)))


def test_large_matrices_are_cropped():
    """A 40×60 Jacobian fits the screen, and says what it left out."""
    A, x = np.arange(2400.0).reshape(40, 60), np.ones(60)
    nodes = [
        node("x", None, "x", x, A.T @ np.ones(40)),
        node("y", "matmul", "A@x", A @ x, np.ones(40)),
        node("z", "sum", "sum(y)", (A @ x).sum(), 1.0),
    ]
    edges = [
        edge(nodes, 0, 1, 1, "dense", "A", A),
        edge(nodes, 1, 2, 0, "ones", "1ᵀ", np.ones((1, 40)), stored=1),
    ]
    program = Program("f", "z", nodes, edges, (0,), 2, [path(edges, [0, 1])], 1, (nodes[0].adjoint,), 1.0)
    for width in (80, 120):
        lines = edge_text(program, 0, width=width).split("\n")
        assert max(map(screen_width, lines)) <= width
        assert len(lines) < 30
        assert "…" in "".join(lines)
        assert "y[39]" in "".join(lines)
        assert max(map(screen_width, text(program, width=width).split("\n"))) <= width
