"""The derivation of a gradient as mathematics, with more or less of its steps."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.explain.formulas.algebra import Term, collected, in_inputs, parsed, put_in
from chainrule.explain.formulas.tree import (
    Braced,
    Fenced,
    Formula,
    Fraction,
    Function,
    Lines,
    Lowered,
    Matrix,
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
from chainrule.explain.program import Edge, Numbers, Path, Program
from chainrule.explain.text.flattening import adjoint_name, is_product_of_matrices, kronecker_factor
from chainrule.explain.text.scalars import is_of_single_numbers
from chainrule.explain.words.figures import single
from chainrule.explain.words.partials import number_of

LEVELS = ("result", "steps", "numbers")
# Values that are written out, steps backwards, paths, and entries of a matrix.
_VALUES, _BACKWARD, _PATHS, _ENTRIES = 12, 24, 6, 36
# Factors of a path that are written out.
_FACTORS = 8
# Values on one line.
_ON_A_LINE = 4
# Inputs whose derivatives are derived.
_INPUTS = 6
_EQUALS, _PLUS, _NEWLINE, _INDENT = Sign("equals"), Sign("plus"), Sign("newline"), Sign("indent")


def derivation(program: Program, level: str = "steps") -> Formula:
    """The derivation of the gradient.

    Parameters
    ----------
    program
        Of what.
    level
        "result" for the derivatives alone; "steps" for the chain rule in symbols and its value; "numbers" with the
        number of each local derivative.

    Raises
    ------
    ValueError
        There is no such level.
    """
    if level not in LEVELS:
        raise ValueError(f"there is no level {level!r} of a derivation; there are {', '.join(map(repr, LEVELS))}")
    if program.result is None:
        return Lines(tuple(_forward(program, values=False)))
    inputs = [node for node in program.inputs if program.nodes[node].adjoint is not None][:_INPUTS]
    if level == "result" or program.result in inputs:
        return Lines(tuple(_result(program, node) for node in inputs))
    if is_of_single_numbers(program):
        return _of_numbers(program, inputs, level)
    edges = is_product_of_matrices(program)
    if edges:
        return _of_matrices(program, [program.edges[e] for e in edges])
    return _of_arrays(program, inputs, level)


def _name(program: Program, node: int) -> Formula:
    return name_formula(program.nodes[node].name)


def _use(program: Program, edge: Edge) -> Formula:
    name = program.nodes[edge.source].name
    if edge.twin is not None:
        formula, number = name_formula(name), Fenced(Number(str(edge.twin)))
        if isinstance(formula, Lowered):
            return Lowered(formula.body, row(formula.below, number))
        return Lowered(formula, number)
    return name_formula(name, edge.use)


def _result_name(program: Program) -> str:
    assert program.result is not None
    return program.nodes[program.result].name


def _gradient(program: Program, node: int) -> Formula:
    """∇ₓz."""
    return row(Lowered(Sign("nabla"), _name(program, node)), name_formula(_result_name(program)))


def _total(program: Program, node: int) -> Formula:
    """The derivative of the result by an input, which is total if it is the only one."""
    sign = "differential" if len(program.inputs) == 1 else "partial"
    return derivative(name_formula(_result_name(program)), _name(program, node), sign)


def _result(program: Program, node: int) -> tuple[Formula, ...]:
    adjoint = program.nodes[node].adjoint
    number = single(adjoint)
    left = _gradient(program, node) if number is None else _total(program, node)
    return left, row(_EQUALS, _array(adjoint) if number is None else number_formula(number))


def _array(numbers: Numbers | None) -> Formula:
    """An array as a matrix, a vector as a column; one of more dimensions or too large as dots."""
    if numbers is None or numbers.values is None or numbers.values.size > _ENTRIES:
        return Sign("dots")
    return _matrix(numbers.values)


def _matrix(values: np.ndarray[Any, Any]) -> Formula:
    if values.ndim == 0:
        return number_formula(values.item())
    if values.ndim > 2 or not values.size or values.size > _ENTRIES:
        return Sign("dots")
    rows = values.reshape(len(values), -1)
    return Matrix(tuple(tuple(number_formula(x) for x in each) for each in rows.tolist()))


def _forward(program: Program, *, values: bool) -> list[tuple[Formula, ...]]:
    """How each value is made, several on a line."""
    steps = [k for k, node in enumerate(program.nodes) if node.op is not None]
    shown = steps if len(steps) <= _VALUES else [*steps[: _VALUES - 2], steps[-1]]
    lines: list[tuple[Formula, ...]] = []
    for start in range(0, len(shown), _ON_A_LINE):
        right: list[Formula] = []
        left: Formula = Row(())
        for k in shown[start : start + _ON_A_LINE]:
            node = program.nodes[k]
            if len(shown) < len(steps) and k == steps[-1]:
                right += [Sign("comma"), Sign("quad"), Sign("dots")] if right else []
            equation = [_EQUALS, expression_formula(node.expression)]
            number = single(node.value)
            if values and number is not None:
                equation += [_EQUALS, number_formula(number)]
            if k == shown[start]:
                left = _name(program, k)
            else:
                right += [Sign("comma"), Sign("quad"), _name(program, k)]
            right += equation
        lines.append((left, row(right)))
    return lines


# ------------------------------------------------------------------------------------------------- single numbers


def _of_numbers(program: Program, inputs: Sequence[int], level: str) -> Formula:
    """Σ over paths of the products of local derivatives."""
    lines = _forward(program, values=True)
    wide = (len(lines) - 1,)
    whole = in_inputs(program)
    for node in inputs:
        lines += _paths(program, node, whole, level)
    return Lines(tuple(lines), wide)


def _paths(program: Program, node: int, whole: Sequence[ast.expr | None], level: str) -> list[tuple[Formula, ...]]:
    paths = [path for path in program.paths if path.edges and program.edges[path.edges[0]].source == node]
    # In the order in which one reads the expression.
    paths.sort(key=lambda path: program.edges[path.edges[0]].use or 0)
    count = sum(edge.paths for edge in program.edges if edge.source == node)
    few = paths[:_PATHS]
    more = (_PLUS, Sign("dots")) if count > len(few) else ()
    left = row(_total(program, node), _NEWLINE)
    total = single(program.nodes[node].adjoint)
    if not few:
        return [(left, row(_EQUALS, number_formula(total)))]
    products = [row(_between(_shortened(_local(program, path), path), Sign("thin"))) for path in few]
    several = len(few) > 1 or bool(more)
    if several:
        products = [Braced(product, Words((f"path {k + 1}",))) for k, product in enumerate(products)]
    right: list[Formula] = [_EQUALS]
    for k, product in enumerate(products):
        right += [_INDENT, _PLUS, product] if k else [product]
    uses = sorted(edge.use for edge in program.edges if edge.source == node and edge.use is not None)
    remark: tuple[Formula, ...] = ()
    if 1 < len(uses) <= _PATHS:
        drawn = joined([_plain_use(program, node, use) for use in uses], Sign("comma"))
        remark = (Row(()), Words(("(shared ", _name(program, node), " drawn as ", drawn, ")")))
        right.append(_INDENT)
    lines: list[tuple[Formula, ...]] = [(left, row(right, more), *remark)]
    if level == "steps" and not more and max(len(path.edges) for path in few) <= _FACTORS:
        lines += [(Row(()), line) for line in _in_symbols(program, few, whole)]
    if level == "numbers":
        factors = [row(_between(_shortened(_numbers(program, path), path), Sign("dot"))) for path in few]
        lines.append((Row(()), row(_EQUALS, _between(factors, _PLUS), more)))
    contributions = [_signed(single(path.contribution), first=k == 0) for k, path in enumerate(few)]
    right = [_EQUALS, *contributions, *more]
    if several:
        right += [_EQUALS, number_formula(total)]
    lines.append((Row(()), row(right)))
    return lines


def _plain_use(program: Program, node: int, use: int) -> Formula:
    return name_formula(program.nodes[node].name, use)


def _between(items: Sequence[Formula], separator: Formula) -> list[Formula]:
    return [joined(items, separator)] if items else []


def _ends(edges: Sequence[int]) -> Sequence[int]:
    """The edges of a path that are written out: of a long one those at its ends."""
    return edges if len(edges) <= _FACTORS else (*edges[: _FACTORS // 2], *edges[-(_FACTORS // 2) :])


def _shortened(factors: list[Formula], path: Path) -> list[Formula]:
    """The factors of a path, with dots in the middle if some of them were left out."""
    if len(factors) == len(path.edges):
        return factors
    return [*factors[: _FACTORS // 2], Sign("dots"), *factors[_FACTORS // 2 :]]


def _local(program: Program, path: Path) -> list[Formula]:
    """The local derivatives of a path, from the result on."""
    edges = [program.edges[e] for e in reversed(_ends(path.edges))]
    return [derivative(_name(program, edge.target), _use(program, edge)) for edge in edges]


def _numbers(program: Program, path: Path) -> list[Formula]:
    factors = []
    for place in reversed(_ends(path.edges)):
        entries = program.edges[place].jacobian.entries
        number = np.nan if entries is None or entries.size != 1 else entries.reshape(-1)[0].item()
        factors.append(_in_product(number))
    return factors


def _in_product(number: Any) -> Formula:
    formula = number_formula(number)
    return Fenced(formula) if isinstance(formula, Row) else formula


def _signed(number: Any, *, first: bool) -> Formula:
    """A number as a term of a sum, with its sign before it."""
    formula = number_formula(number)
    if first or (isinstance(formula, Row) and formula.items[0] == Sign("minus")):
        return formula
    return row(_PLUS, formula)


def _in_symbols(program: Program, paths: Sequence[Path], whole: Sequence[ast.expr | None]) -> list[Formula]:
    """The sum over the paths in terms of the inputs, and the same with like terms collected."""
    inside: dict[str, ast.expr | None] = {node.name: whole[k] for k, node in enumerate(program.nodes)}
    products: list[list[ast.expr]] = []
    for path in paths:
        factors = []
        for place in reversed(path.edges):
            factor = put_in(parsed(program.edges[place].jacobian.symbol), inside)
            if factor is None:
                return []
            factors.append(factor)
        products.append([factor for factor in factors if number_of(factor) != 1] or factors[:1])
    terms = [
        row(_between([_factor(factor, len(factors) > 1) for factor in factors], Sign("dot"))) for factors in products
    ]
    first = row(_EQUALS, _between([_term_in_sum(term) for term in terms], _PLUS))
    second = row(_EQUALS, [_term(term, first=k == 0) for k, term in enumerate(collected(products))] or Number("0"))
    return [first] if second == first else [first, second]


def _factor(tree: ast.expr, several: bool) -> Formula:
    formula = tree_formula(tree)
    loose = isinstance(tree, (ast.UnaryOp, ast.Compare)) or (
        isinstance(tree, ast.BinOp) and isinstance(tree.op, (ast.Add, ast.Sub))
    )
    return Fenced(formula) if several and loose else formula


def _term_in_sum(formula: Formula) -> Formula:
    if isinstance(formula, Row) and formula.items and formula.items[0] == Sign("minus"):
        return Fenced(formula)
    return formula


def _term(term: Term, *, first: bool) -> Formula:
    """A collected term: its number, then powers of names, then what else there is; below what has negative powers."""
    above: list[Formula] = []
    below: list[Formula] = []
    ordered = sorted(term.powers.values(), key=lambda power: not isinstance(power[0], ast.Name))
    for tree, power in ordered:
        base = tree_formula(tree)
        is_sum = isinstance(tree, ast.BinOp) and isinstance(tree.op, (ast.Add, ast.Sub))
        if is_sum or (abs(power) != 1 and not isinstance(base, (Name, Lowered))):
            base = Fenced(base)
        factor = base if abs(power) == 1 else Raised(base, Number(str(abs(power))))
        (above if power > 0 else below).append(factor)
    size = abs(term.coefficient)
    number = () if size == 1 and above else (number_formula(size),)
    top = row(number, above) if number or above else Number("1")
    body = Fraction(top, row(below)) if below else top
    if term.coefficient < 0:
        return row(Sign("minus"), body)
    return body if first else row(_PLUS, body)


# --------------------------------------------------------------------------------------------------------- arrays


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


def _of_arrays(program: Program, inputs: Sequence[int], level: str) -> Formula:
    """The transposed Jacobians times the gradient, from the result back to each input."""
    lines: list[tuple[Formula, ...]] = []
    chains = [_chain(program, node) for node in inputs]
    if all(chain is not None and len(chain) > 1 for chain in chains):
        for node, chain in zip(inputs, chains, strict=True):
            assert chain is not None
            lines += _chained(program, node, chain)
    else:
        lines += _forward(program, values=False)
        lines += _backward(program)
    if level == "numbers":
        for edge in program.edges[:_BACKWARD]:
            if edge.jacobian.entries is not None and edge.contribution is not None:
                left = derivative(_name(program, edge.target), _use(program, edge))
                lines.append((left, row(_EQUALS, _matrix(edge.jacobian.entries))))
    return Lines(tuple(lines))


def _chain(program: Program, node: int) -> list[Edge] | None:
    """The edges from an input to the result, if there is one path and it is short."""
    outgoing = program.outgoing()
    edges: list[Edge] = []
    while node != program.result:
        out = [program.edges[e] for e in outgoing[node] if program.edges[e].contribution is not None]
        if len(out) != 1 or len(edges) == _VALUES:
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
    jacobian = Raised(Fenced(derivative(_name(program, first.target), _use(program, first)), tall=True), TRANSPOSED)
    product = joined(
        [
            Braced(jacobian, _sizes(first)),
            Braced(_gradient(program, first.target), Number(str(first.jacobian.rows))),
        ],
        Sign("thick"),
    )
    factors = []
    for edge in chain:
        remark = Number(str(edge.jacobian.columns)) if edge.jacobian.rows == 1 else _sizes(edge)
        factors.append(Braced(transposed(symbol_formula(edge.jacobian.symbol)), remark))
    right = row(_EQUALS, product, _NEWLINE, _EQUALS, _between(factors, Sign("thick")))
    lines: list[tuple[Formula, ...]] = [(_gradient(program, node), right)]
    entries, adjoint, gradient = first.jacobian.entries, target.adjoint, program.nodes[node].adjoint
    if entries is None or adjoint is None or adjoint.values is None or gradient is None or gradient.values is None:
        return lines
    small = max(entries.size, gradient.values.size) <= _ENTRIES
    flat = len(adjoint.shape) <= 1 and len(gradient.shape) <= 1
    if small and flat:
        numbers = [_matrix(entries.T), _matrix(adjoint.values), _EQUALS, _matrix(gradient.values)]
        lines.append((Row(()), row(_EQUALS, numbers)))
    elif small:
        lines.append((Row(()), row(_EQUALS, _matrix(gradient.values))))
    if len(adjoint.shape) == len(gradient.shape) == 1 and entries.size and entries.shape[0] <= _PATHS:
        lines.append(_first_element(program, first, entries[:, 0], adjoint.values))
    return lines


def _first_element(
    program: Program, edge: Edge, column: np.ndarray[Any, Any], weights: np.ndarray[Any, Any]
) -> tuple[Formula, ...]:
    """∂z/∂x₀ = Σⱼ ∂z/∂yⱼ ∂yⱼ/∂x₀."""
    result, target = name_formula(_result_name(program)), program.nodes[edge.target].name
    operand = element_formula(program.nodes[edge.source].name, (0,), edge.use)
    running = Lowered(name_formula(target), Name("j"))
    general = row(
        Sum(row(Name("j"), _EQUALS, Number("0")), Number(str(len(column) - 1))),
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
    summed = (_between(terms, _PLUS), _EQUALS) if terms else ()
    return derivative(result, operand), row(_EQUALS, general, _EQUALS, *summed, total)


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
                term = row(_in_matrix_product(term), Sign("thin"), _gradient(program, edge.target))
            terms.append(term)
        if not terms:
            continue
        if len(lines) == _BACKWARD:
            lines.append((Sign("dots"), Row(())))
            break
        number = _array(program.nodes[node].adjoint) if node in program.inputs else Sign("dots")
        shown = () if number == Sign("dots") else (_EQUALS, number)
        lines.append((_gradient(program, node), row(_EQUALS, _between(terms, _PLUS), shown)))
    return lines


def _in_matrix_product(formula: Formula) -> Formula:
    loose = isinstance(formula, Row) and any(
        item in (Sign("plus"), Sign("minus"), Sign("kronecker")) for item in formula.items
    )
    return Fenced(formula) if loose else formula


# ------------------------------------------------------------------------------------------------------- matrices


def _of_matrices(program: Program, edges: Sequence[Edge]) -> Formula:
    """C = A B: its Jacobians as Kronecker products, and the gradients as the products of matrices that they are."""
    target = program.nodes[edges[0].target]
    result, product = name_formula(_result_name(program)), name_formula(target.name)
    weight = name_formula(adjoint_name(program, edges[0].target) or "G")
    vec = Function("vec")
    spaces: list[Formula] = [
        _EQUALS,
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
    spaces += _between(described, row(Sign("comma"), Sign("thick")))
    lines.append((product, row(spaces) if described else row(spaces[:2])))
    jacobians: list[Formula] = []
    left: Formula = Row(())
    for k, edge in enumerate(edges):
        operand = _use(program, edge)
        sizes = row(Number(str(edge.jacobian.rows)), Sign("times"), Number(str(edge.jacobian.columns)))
        fraction = Fraction(row(Sign("partial"), vec, product), row(Sign("partial"), vec, operand))
        braced = Braced(fraction, sizes)
        symbol = row(_EQUALS, symbol_formula(edge.jacobian.symbol))
        if k == 0:
            left, jacobians = braced, [symbol]
        else:
            jacobians += [Sign("comma"), Sign("qquad"), _NEWLINE, braced, symbol]
    remark = Words(("row-major",))
    lines.append((left, row(jacobians, Sign("qquad"), Fenced(row(vec, _EQUALS, remark)))))
    for k, edge in enumerate(edges):
        gradient = row(Lowered(Sign("nabla"), _use(program, edge)), result)
        pulled = _pulled(edge, weight)
        numbers = row(_EQUALS, _array(edge.contribution))
        if k == 0:
            symbol = transposed(symbol_formula(edge.jacobian.symbol))
            right: list[Formula] = [_EQUALS, symbol, vec, weight, _NEWLINE, Sign("iff"), gradient]
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
    return [_EQUALS, *((weight, matrix) if left else (transposed(matrix), weight))]
