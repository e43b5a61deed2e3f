"""The derivation of a gradient by arrays: transposed Jacobians times the gradient, from the result back."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.explain.formulas.algebra import parsed
from chainrule.explain.formulas.equations import (
    ENTRIES,
    EQUALS,
    NEWLINE,
    PATHS,
    PLUS,
    VALUES,
    array_formula,
    between,
    forward_lines,
    gradient_name,
    matrix_formula,
    name_of,
    result_name,
    use_of,
)
from chainrule.explain.formulas.tree import (
    Braced,
    Fenced,
    Formula,
    Fraction,
    Function,
    Lines,
    Lowered,
    Name,
    Number,
    Raised,
    Row,
    Sign,
    Sum,
    Words,
    joined,
    row,
)
from chainrule.explain.formulas.typesetting import (
    TRANSPOSED,
    derivative,
    element_formula,
    expression_formula,
    name_formula,
    number_formula,
    symbol_formula,
    tree_formula,
)
from chainrule.explain.program import Edge, Program
from chainrule.explain.text.flattening import adjoint_name, kronecker_factor

# Steps backwards that are written out.
_BACKWARD = 24


def transposed(formula: Formula) -> Formula:
    """The transposed of a matrix in symbols; that of a product or a sum in brackets."""
    match formula:
        case Raised(body=body, above=above) if above == TRANSPOSED:
            return body
        case Number() | Lowered(body=Name(text="I")):
            return formula
        case Row(items=(Function() | Lowered(), Fenced())):
            return Raised(formula, TRANSPOSED)
        case Row() | Raised() | Fraction():
            return Raised(Fenced(formula, tall=True), TRANSPOSED)
        case _:
            return Raised(formula, TRANSPOSED)


def product_of_jacobians(program: Program, inputs: Sequence[int], level: str) -> Formula:
    """The transposed Jacobians times the gradient, from the result back to each input."""
    lines: list[tuple[Formula, ...]] = []
    chains = [_chain(program, node) for node in inputs]
    if all(chain is not None and len(chain) > 1 for chain in chains):
        for node, chain in zip(inputs, chains, strict=True):
            assert chain is not None
            lines += _chained(program, node, chain)
    else:
        lines += forward_lines(program, values=False)
        lines += _backward(program)
    if level == "numbers":
        for edge in program.edges[:_BACKWARD]:
            if edge.jacobian.entries is not None and edge.contribution is not None:
                left = derivative(name_of(program, edge.target), use_of(program, edge))
                lines.append((left, row(EQUALS, matrix_formula(edge.jacobian.entries))))
    return Lines(tuple(lines))


def _chain(program: Program, node: int) -> list[Edge] | None:
    """The edges from an input to the result, if there is one path and it is short."""
    outgoing = program.outgoing()
    edges: list[Edge] = []
    while node != program.result:
        out = [program.edges[e] for e in outgoing[node] if program.edges[e].contribution is not None]
        if len(out) != 1 or len(edges) == VALUES:
            return None
        edges.append(out[0])
        node = out[0].target
    return edges


def _sizes(edge: Edge) -> Formula:
    """The shape of a transposed Jacobian."""
    return row(Number(str(edge.jacobian.columns)), Sign("times"), Number(str(edge.jacobian.rows)))


def _chained(program: Program, node: int, chain: list[Edge]) -> list[tuple[Formula, ...]]:
    """∇ₓz = (∂y/∂x)ᵀ ∇ᵧz, in symbols, in numbers, and its first element as a sum."""
    first = chain[0]
    target = program.nodes[first.target]
    jacobian = Raised(Fenced(derivative(name_of(program, first.target), use_of(program, first)), tall=True), TRANSPOSED)
    product = joined(
        [
            Braced(jacobian, _sizes(first)),
            Braced(gradient_name(program, first.target), Number(str(first.jacobian.rows))),
        ],
        Sign("thick"),
    )
    factors = []
    for edge in chain:
        remark = Number(str(edge.jacobian.columns)) if edge.jacobian.rows == 1 else _sizes(edge)
        factors.append(Braced(transposed(symbol_formula(edge.jacobian.symbol)), remark))
    right = row(EQUALS, product, NEWLINE, EQUALS, between(factors, Sign("thick")))
    lines: list[tuple[Formula, ...]] = [(gradient_name(program, node), right)]
    entries, adjoint, gradient = first.jacobian.entries, target.adjoint, program.nodes[node].adjoint
    if entries is None or adjoint is None or adjoint.values is None or gradient is None or gradient.values is None:
        return lines
    small = max(entries.size, gradient.values.size) <= ENTRIES
    flat = len(adjoint.shape) <= 1 and len(gradient.shape) <= 1
    if small and flat:
        numbers = [matrix_formula(entries.T), matrix_formula(adjoint.values), EQUALS, matrix_formula(gradient.values)]
        lines.append((Row(()), row(EQUALS, numbers)))
    elif small:
        lines.append((Row(()), row(EQUALS, matrix_formula(gradient.values))))
    if len(adjoint.shape) == len(gradient.shape) == 1 and entries.size and entries.shape[0] <= PATHS:
        lines.append(_first_element(program, first, entries[:, 0], adjoint.values))
    return lines


def _first_element(
    program: Program, edge: Edge, column: np.ndarray[Any, Any], weights: np.ndarray[Any, Any]
) -> tuple[Formula, ...]:
    """∂z/∂x₀ = Σⱼ ∂z/∂yⱼ ∂yⱼ/∂x₀."""
    result, target = name_formula(result_name(program)), program.nodes[edge.target].name
    operand = element_formula(program.nodes[edge.source].name, (0,), edge.use)
    running = Lowered(name_formula(target), Name("j"))
    general = row(
        Sum(row(Name("j"), EQUALS, Number("0")), Number(str(len(column) - 1))),
        derivative(result, running),
        derivative(running, operand),
    )
    terms = [
        row(Fenced(number_formula(weight)), Fenced(number_formula(factor)))
        for weight, factor in zip(weights.tolist(), column.tolist(), strict=True)
        if factor != 0
    ]
    with np.errstate(all="ignore"):
        total = number_formula((weights * column).sum().item())
    summed = (between(terms, PLUS), EQUALS) if terms else ()
    return derivative(result, operand), row(EQUALS, general, EQUALS, *summed, total)


def _backward(program: Program) -> list[tuple[Formula, ...]]:
    """For each value its gradient from those of the values that were made from it."""
    outgoing = program.outgoing()
    lines: list[tuple[Formula, ...]] = []
    for node in reversed(range(len(program.nodes))):
        if node == program.result or program.nodes[node].adjoint is None:
            continue
        terms = []
        for place in outgoing[node]:
            edge = program.edges[place]
            if edge.contribution is None:
                continue
            term = symbol_formula(edge.jacobian.symbol)
            if edge.jacobian.rows * edge.jacobian.columns > 1:
                term = transposed(term)
            if edge.target != program.result:
                term = row(_in_matrix_product(term), Sign("thin"), gradient_name(program, edge.target))
            terms.append(term)
        if not terms:
            continue
        if len(lines) == _BACKWARD:
            lines.append((Sign("dots"), Row(())))
            break
        number = array_formula(program.nodes[node].adjoint) if node in program.inputs else Sign("dots")
        shown = () if number == Sign("dots") else (EQUALS, number)
        lines.append((gradient_name(program, node), row(EQUALS, between(terms, PLUS), shown)))
    return lines


def _in_matrix_product(formula: Formula) -> Formula:
    loose = isinstance(formula, Row) and any(
        item in (Sign("plus"), Sign("minus"), Sign("kronecker")) for item in formula.items
    )
    return Fenced(formula) if loose else formula


def product_of_matrices(program: Program, edges: Sequence[Edge]) -> Formula:
    """C = A B: its Jacobians as Kronecker products, and the gradients as the products of matrices that they are."""
    target = program.nodes[edges[0].target]
    result, product = name_formula(result_name(program)), name_formula(target.name)
    weight = name_formula(adjoint_name(program, edges[0].target) or "G")
    vec = Function("vec")
    spaces: list[Formula] = [
        EQUALS,
        expression_formula(target.expression),
        Sign("comma"),
        Sign("qquad"),
    ]
    lines: list[tuple[Formula, ...]] = []
    operands = _operand_shapes(target.expression, edges[0])
    described = [
        row(
            tree_formula(tree),
            Sign("in"),
            Raised(Sign("reals"), row(Number(str(shape[0])), Sign("by"), Number(str(shape[1])))),
        )
        for tree, shape in operands
    ]
    spaces += between(described, row(Sign("comma"), Sign("thick")))
    lines.append((product, row(spaces) if described else row(spaces[:2])))
    jacobians: list[Formula] = []
    left: Formula = Row(())
    for k, edge in enumerate(edges):
        operand = use_of(program, edge)
        sizes = row(Number(str(edge.jacobian.rows)), Sign("times"), Number(str(edge.jacobian.columns)))
        fraction = Fraction(row(Sign("partial"), vec, product), row(Sign("partial"), vec, operand))
        braced = Braced(fraction, sizes)
        symbol = row(EQUALS, symbol_formula(edge.jacobian.symbol))
        if k == 0:
            left, jacobians = braced, [symbol]
        else:
            jacobians += [Sign("comma"), Sign("qquad"), NEWLINE, braced, symbol]
    remark = Words(("row-major",))
    lines.append((left, row(jacobians, Sign("qquad"), Fenced(row(vec, EQUALS, remark)))))
    for k, edge in enumerate(edges):
        gradient = row(Lowered(Sign("nabla"), use_of(program, edge)), result)
        pulled = _pulled(edge, weight)
        numbers = row(EQUALS, array_formula(edge.contribution))
        if k == 0:
            symbol = transposed(symbol_formula(edge.jacobian.symbol))
            right: list[Formula] = [EQUALS, symbol, vec, weight, NEWLINE, Sign("iff"), gradient]
            lines.append((row(vec, gradient), row(right, pulled, numbers)))
        else:
            lines.append((gradient, row(pulled, numbers)))
    return Lines(tuple(lines))


def _operand_shapes(expression: str, edge: Edge) -> list[tuple[ast.expr, tuple[int, ...]]]:
    tree, factor = parsed(expression), kronecker_factor(edge.jacobian)
    if not (isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.MatMult)) or factor is None:
        return []
    _, matrix, left = factor
    shapes = (edge.jacobian.in_shape, matrix.T.shape) if left else (matrix.shape, edge.jacobian.in_shape)
    return list(zip((tree.left, tree.right), shapes, strict=True))


def _pulled(edge: Edge, weight: Formula) -> list[Formula]:
    """What the transposed Jacobian does to a matrix of weights: G M for I ⊗ M, and Mᵀ G for M ⊗ I."""
    factor = kronecker_factor(edge.jacobian)
    if factor is None:
        return []
    symbol, _, left = factor
    matrix = symbol_formula(symbol)
    return [EQUALS, *((weight, matrix) if left else (transposed(matrix), weight))]
