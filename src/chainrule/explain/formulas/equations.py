"""The equations that every derivation has: what values and derivatives are called, and how values were made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.explain.formulas.tree import (
    Fenced,
    Formula,
    Lowered,
    Matrix,
    Number,
    Row,
    Sign,
    joined,
    row,
)
from chainrule.explain.formulas.typesetting import (
    derivative,
    expression_formula,
    name_formula,
    number_formula,
)
from chainrule.explain.program import Edge, Numbers, Program
from chainrule.explain.words.figures import single

# Values that are written out, paths, and entries of a matrix.
VALUES, PATHS, ENTRIES = 12, 6, 36
# Values on one line.
_ON_A_LINE = 4
EQUALS, PLUS, NEWLINE, INDENT = Sign("equals"), Sign("plus"), Sign("newline"), Sign("indent")


def name_of(program: Program, node: int) -> Formula:
    """The name of a node."""
    return name_formula(program.nodes[node].name)


def use_of(program: Program, edge: Edge) -> Formula:
    """The name of an edge's operand, with the number of the use."""
    name = program.nodes[edge.source].name
    if edge.twin is not None:
        formula, number = name_formula(name), Fenced(Number(str(edge.twin)))
        if isinstance(formula, Lowered):
            return Lowered(formula.body, row(formula.below, number))
        return Lowered(formula, number)
    return name_formula(name, edge.use)


def result_name(program: Program) -> str:
    """What the result is called."""
    assert program.result is not None
    return program.nodes[program.result].name


def gradient_name(program: Program, node: int) -> Formula:
    """∇ₓz."""
    return row(Lowered(Sign("nabla"), name_of(program, node)), name_formula(result_name(program)))


def derivative_name(program: Program, node: int) -> Formula:
    """The derivative of the result by an input, which is total if it is the only one."""
    sign = "differential" if len(program.inputs) == 1 else "partial"
    return derivative(name_formula(result_name(program)), name_of(program, node), sign)


def result_line(program: Program, node: int) -> tuple[Formula, ...]:
    """The gradient of an input, and its value."""
    adjoint = program.nodes[node].adjoint
    number = single(adjoint)
    left = gradient_name(program, node) if number is None else derivative_name(program, node)
    return left, row(EQUALS, array_formula(adjoint) if number is None else number_formula(number))


def array_formula(numbers: Numbers | None) -> Formula:
    """An array as a matrix, a vector as a column; one of more dimensions or too large as dots."""
    if numbers is None or numbers.values is None or numbers.values.size > ENTRIES:
        return Sign("dots")
    return matrix_formula(numbers.values)


def matrix_formula(values: np.ndarray[Any, Any]) -> Formula:
    """A matrix; of more dimensions, or too large, as dots."""
    if values.ndim == 0:
        return number_formula(values.item())
    if values.ndim > 2 or not values.size or values.size > ENTRIES:
        return Sign("dots")
    rows = values.reshape(len(values), -1)
    return Matrix(tuple(tuple(number_formula(x) for x in each) for each in rows.tolist()))


def forward_lines(program: Program, *, values: bool) -> list[tuple[Formula, ...]]:
    """How each value is made, several on a line."""
    steps = [k for k, node in enumerate(program.nodes) if node.op is not None]
    shown = steps if len(steps) <= VALUES else [*steps[: VALUES - 2], steps[-1]]
    lines: list[tuple[Formula, ...]] = []
    for start in range(0, len(shown), _ON_A_LINE):
        right: list[Formula] = []
        left: Formula = Row(())
        for k in shown[start : start + _ON_A_LINE]:
            node = program.nodes[k]
            if len(shown) < len(steps) and k == steps[-1]:
                right += [Sign("comma"), Sign("quad"), Sign("dots")] if right else []
            equation = [EQUALS, expression_formula(node.expression)]
            number = single(node.value)
            if values and number is not None:
                equation += [EQUALS, number_formula(number)]
            if k == shown[start]:
                left = name_of(program, k)
            else:
                right += [Sign("comma"), Sign("quad"), name_of(program, k)]
            right += equation
        lines.append((left, row(right)))
    return lines


def between(items: Sequence[Formula], separator: Formula) -> list[Formula]:
    """Formulas with a separator between them."""
    return [joined(items, separator)] if items else []
