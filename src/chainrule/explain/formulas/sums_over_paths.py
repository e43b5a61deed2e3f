"""The derivation of a derivative by numbers: the sum over all paths of the products of local derivatives."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.explain.formulas.algebra import Term, collected, in_inputs, parsed, put_in
from chainrule.explain.formulas.equations import (
    EQUALS,
    INDENT,
    NEWLINE,
    PATHS,
    PLUS,
    between,
    derivative_name,
    forward_lines,
    name_of,
    use_of,
)
from chainrule.explain.formulas.tree import (
    Braced,
    Fenced,
    Formula,
    Fraction,
    Lines,
    Lowered,
    Name,
    Number,
    Raised,
    Row,
    Sign,
    Words,
    joined,
    row,
)
from chainrule.explain.formulas.typesetting import (
    derivative,
    name_formula,
    number_formula,
    tree_formula,
)
from chainrule.explain.program import Path, Program
from chainrule.explain.words.figures import single
from chainrule.explain.words.partials import number_of

# Factors of a path that are written out.
_FACTORS = 8


def sum_over_paths(program: Program, inputs: Sequence[int], level: str) -> Formula:
    """Σ over paths of the products of local derivatives."""
    lines = forward_lines(program, values=True)
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
    few = paths[:PATHS]
    more = (PLUS, Sign("dots")) if count > len(few) else ()
    left = row(derivative_name(program, node), NEWLINE)
    total = single(program.nodes[node].adjoint)
    if not few:
        return [(left, row(EQUALS, number_formula(total)))]
    products = [row(between(_shortened(_local(program, path), path), Sign("thin"))) for path in few]
    several = len(few) > 1 or bool(more)
    if several:
        products = [Braced(product, Words((f"path {k + 1}",))) for k, product in enumerate(products)]
    right: list[Formula] = [EQUALS]
    for k, product in enumerate(products):
        right += [INDENT, PLUS, product] if k else [product]
    uses = sorted(edge.use for edge in program.edges if edge.source == node and edge.use is not None)
    remark: tuple[Formula, ...] = ()
    if 1 < len(uses) <= PATHS:
        drawn = joined([_plain_use(program, node, use) for use in uses], Sign("comma"))
        remark = (Row(()), Words(("(shared ", name_of(program, node), " drawn as ", drawn, ")")))
        right.append(INDENT)
    lines: list[tuple[Formula, ...]] = [(left, row(right, more), *remark)]
    if level == "steps" and not more and max(len(path.edges) for path in few) <= _FACTORS:
        lines += [(Row(()), line) for line in _in_symbols(program, few, whole)]
    if level == "numbers":
        factors = [row(between(_shortened(_numbers(program, path), path), Sign("dot"))) for path in few]
        lines.append((Row(()), row(EQUALS, between(factors, PLUS), more)))
    contributions = [signed(single(path.contribution), first=k == 0) for k, path in enumerate(few)]
    right = [EQUALS, *contributions, *more]
    if several:
        right += [EQUALS, number_formula(total)]
    lines.append((Row(()), row(right)))
    return lines


def _plain_use(program: Program, node: int, use: int) -> Formula:
    return name_formula(program.nodes[node].name, use)


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
    return [derivative(name_of(program, edge.target), use_of(program, edge)) for edge in edges]


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


def signed(number: Any, *, first: bool) -> Formula:
    """A number as a term of a sum, with its sign before it."""
    formula = number_formula(number)
    if first or (isinstance(formula, Row) and formula.items[0] == Sign("minus")):
        return formula
    return row(PLUS, formula)


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
        row(between([_factor(factor, len(factors) > 1) for factor in factors], Sign("dot"))) for factors in products
    ]
    first = row(EQUALS, between([_term_in_sum(term) for term in terms], PLUS))
    second = row(EQUALS, [_term(term, first=k == 0) for k, term in enumerate(collected(products))] or Number("0"))
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
    return body if first else row(PLUS, body)
