"""The little algebra of a derivation: everything in terms of the inputs, powers merged, like terms collected."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field

from chainrule.explain.program import Program
from chainrule.explain.words.partials import number_of
from chainrule.explain.words.printing import written

# Expressions that are longer are not put into others.
_LONGEST = 80


@dataclass(slots=True)
class Term:
    """A product: a number times powers of expressions, by their texts."""

    coefficient: float = 1.0
    powers: dict[str, tuple[ast.expr, int]] = field(default_factory=dict)

    def times(self, other: Term) -> Term:
        """The product with another one."""
        powers = dict(self.powers)
        for text, (tree, power) in other.powers.items():
            total = power + powers.get(text, (tree, 0))[1]
            if total:
                powers[text] = (tree, total)
            else:
                powers.pop(text)
        return Term(self.coefficient * other.coefficient, powers)

    def raised(self, power: int) -> Term:
        """A power of it."""
        return Term(self.coefficient**power, {text: (tree, n * power) for text, (tree, n) in self.powers.items()})

    @property
    def key(self) -> tuple[tuple[str, int], ...]:
        """What makes terms alike."""
        return tuple(sorted((text, power) for text, (_, power) in self.powers.items()))


def parsed(text: str) -> ast.expr | None:
    """The expression that a text is, if it is one."""
    try:
        return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def in_inputs(program: Program) -> list[ast.expr | None]:
    """For each node its expression in terms of the inputs, None if that is too long or no expression."""
    whole: list[ast.expr | None] = []
    incoming = program.incoming()
    for place, node in enumerate(program.nodes):
        if node.op is None:
            whole.append(ast.Name(node.name))
            continue
        tree = parsed(node.expression)
        inside: dict[str, ast.expr | None] = {
            program.nodes[program.edges[e].source].name: whole[program.edges[e].source] for e in incoming[place]
        }
        whole.append(put_in(tree, inside))
    return whole


def put_in(tree: ast.expr | None, inside: dict[str, ast.expr | None]) -> ast.expr | None:
    """An expression with others in place of names, with its powers merged; None if it becomes too long."""
    if tree is None:
        return None
    result = _put(tree, inside)
    if result is None:
        return None
    result = merged(result)
    return result if len(written(result)) <= _LONGEST else None


def _put(tree: ast.expr, inside: dict[str, ast.expr | None]) -> ast.expr | None:
    match tree:
        case ast.Name(id=name):
            return inside.get(name, tree)
        case ast.Constant():
            return tree
        case ast.BinOp(left=left, op=op, right=right):
            a, b = _put(left, inside), _put(right, inside)
            return None if a is None or b is None else ast.BinOp(a, op, b)
        case ast.UnaryOp(op=op, operand=operand):
            a = _put(operand, inside)
            return None if a is None else ast.UnaryOp(op, a)
        case ast.Call(func=ast.Name() as function, args=arguments, keywords=[]):
            parts = [_put(each, inside) for each in arguments]
            return None if None in parts else ast.Call(function, [part for part in parts if part is not None], [])
        case ast.Subscript(value=value, slice=ast.Constant() as place):
            a = _put(value, inside)
            return None if a is None else ast.Subscript(a, place)
        case _:
            return None


def merged(tree: ast.expr) -> ast.expr:
    """An expression in which the product of equal names is a power.

    >>> written(merged(ast.parse("exp(x*x)*y", mode="eval").body))
    'exp(x**2)*y'
    """
    match tree:
        case ast.BinOp(left=left, op=ast.Mult() as op, right=right):
            a, b = merged(left), merged(right)
            base, power = _power_of(a)
            other, more = _power_of(b)
            if isinstance(base, ast.Name) and isinstance(other, ast.Name) and base.id == other.id:
                return ast.BinOp(base, ast.Pow(), ast.Constant(power + more))
            return ast.BinOp(a, op, b)
        case ast.BinOp(left=left, op=op, right=right):
            return ast.BinOp(merged(left), op, merged(right))
        case ast.UnaryOp(op=op, operand=operand):
            return ast.UnaryOp(op, merged(operand))
        case ast.Call(func=function, args=arguments):
            return ast.Call(function, [merged(each) for each in arguments], [])
        case _:
            return tree


def _power_of(tree: ast.expr) -> tuple[ast.expr, int]:
    match tree:
        case ast.BinOp(left=base, op=ast.Pow(), right=ast.Constant(value=int(power))):
            return base, power
        case _:
            return tree, 1


def collected(products: Sequence[Sequence[ast.expr]]) -> list[Term]:
    """A sum of products with its like terms added up, in the order in which they first appear, a number last."""
    terms: dict[tuple[tuple[str, int], ...], Term] = {}
    for factors in products:
        product = [Term()]
        for factor in factors:
            more = terms_of(factor)
            if max(len(product), len(more)) > 1 and not _simple(product, more):
                # A sum is multiplied out by numbers alone.
                more = [_atom(factor)] if len(more) > 1 else more
                product = product if len(product) == 1 else [_atom(_sum_of(product))]
            product = [a.times(b) for a in product for b in more]
        for term in product:
            known = terms.setdefault(term.key, Term(0.0, term.powers))
            known.coefficient += term.coefficient
    return sorted((term for term in terms.values() if term.coefficient), key=lambda term: not term.powers)


def _simple(a: list[Term], b: list[Term]) -> bool:
    return any(len(terms) == 1 and not terms[0].powers for terms in (a, b))


def _atom(tree: ast.expr) -> Term:
    return Term(1.0, {written(tree): (tree, 1)})


def _sum_of(terms: list[Term]) -> ast.expr:
    total: ast.expr | None = None
    for term in terms:
        tree: ast.expr = ast.Constant(int(term.coefficient) if term.coefficient.is_integer() else term.coefficient)
        for base, power in term.powers.values():
            factor = base if power == 1 else ast.BinOp(base, ast.Pow(), ast.Constant(power))
            tree = ast.BinOp(tree, ast.Mult(), factor)
        total = tree if total is None else ast.BinOp(total, ast.Add(), tree)
    return total or ast.Constant(0)


def terms_of(tree: ast.expr) -> list[Term]:
    """An expression as a sum of products."""
    number = number_of(tree)
    if number is not None:
        return [Term(float(number))]
    match tree:
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as op, right=right):
            sign = Term(1.0 if isinstance(op, ast.Add) else -1.0)
            return [*terms_of(left), *(sign.times(term) for term in terms_of(right))]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return [Term(-1.0).times(term) for term in terms_of(operand)]
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            a, b = terms_of(left), terms_of(right)
            if len(a) == len(b) == 1:
                return [a[0].times(b[0])]
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            a, b = terms_of(left), terms_of(right)
            if len(b) == 1 and b[0].coefficient and len(a) == 1:
                return [a[0].times(b[0].raised(-1))]
        case ast.BinOp(left=left, op=ast.Pow(), right=ast.Constant(value=int(power))) if abs(power) < 100:
            a = terms_of(left)
            if len(a) == 1 and a[0].coefficient:
                return [a[0].raised(power)]
        case _:
            pass
    return [_atom(tree)]
