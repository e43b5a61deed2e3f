"""The left-hand side of an equation as a pattern: what an expression of a program has to look like.

`x * 1`, `-(-x)`, `select(c, x, x)`, `index(index(x, path=p), path=q)`: names stand for values (the same name for the
same value) and, after `=`, for parameters; numbers for constants with that number in every place, `0.0` and `-0.0`
apart; operators and functions for ops. A capital letter stands for a constant; a name with an underscore in front for
anything. Operands of sums, products and logical operations may come in either order.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

from chainrule import ops
from chainrule.compile.passes.constants import number_of
from chainrule.graph import Node
from chainrule.trace import Op

Bindings = dict[str, Any]
# What an operand has to be for a pattern to have a chance: the op that makes it, `CONSTANT`, or None for anything.
Kind = Any
CONSTANT = "constant"
# Whether an operand looks as wanted; what its names stand for is noted.
Pattern = Callable[[Any, Bindings], bool]

_INFIX: dict[type, Op] = {
    ast.Add: ops.add,
    ast.Sub: ops.subtract,
    ast.Mult: ops.multiply,
    ast.Div: ops.divide,
    ast.Pow: ops.power,
    ast.BitAnd: ops.logical_and,
    ast.BitOr: ops.logical_or,
    ast.Eq: ops.equal,
    ast.NotEq: ops.not_equal,
    ast.Lt: ops.less,
    ast.LtE: ops.less_equal,
    ast.Gt: ops.greater,
    ast.GtE: ops.greater_equal,
}
_PREFIX: dict[type, Op] = {ast.USub: ops.negative, ast.Invert: ops.logical_not}
_COMMUTATIVE = frozenset((ops.add, ops.multiply, ops.logical_and, ops.logical_or, ops.equal, ops.not_equal))


def patterns(expression: str) -> list[tuple[Op, list[Kind], Pattern]]:
    """The patterns of an expression, one for each order of operands that commute.

    With each come the op at its root and the kinds of its operands, by which the patterns that have a chance are found.
    """
    tree = ast.parse(expression, mode="eval").body
    found: list[tuple[Op, list[Kind], Pattern]] = []
    for variant in _orders(tree):
        op, operands, _ = _application(variant)
        found.append((op, [_kind(operand) for operand in operands], _pattern(variant)))
    return found


def _kind(tree: ast.expr) -> Kind:
    if _literal(tree) is not None or (isinstance(tree, ast.Name) and tree.id.isupper()):
        return CONSTANT
    return None if isinstance(tree, (ast.Name, ast.Starred)) else _application(tree)[0]


def _orders(tree: ast.expr) -> Iterator[ast.expr]:
    """The expression with the operands of ops that commute in each order."""
    if not isinstance(tree, (ast.BinOp, ast.Compare, ast.Call, ast.UnaryOp)) or _literal(tree) is not None:
        yield tree
        return
    op, operands, params = _application(tree)
    for several in product(*(list(_orders(operand)) for operand in operands)):
        yield _applied(op, list(several), params)
        if op in _COMMUTATIVE and ast.dump(several[0]) != ast.dump(several[1]):
            yield _applied(op, list(several)[::-1], params)


def _applied(op: Op, operands: list[ast.expr], params: list[ast.keyword]) -> ast.expr:
    return ast.Call(ast.Name(op.name), operands, params)


def _application(tree: ast.expr) -> tuple[Op, list[ast.expr], list[ast.keyword]]:
    """The op of an expression, its operands and its parameters."""
    if isinstance(tree, ast.BinOp):
        return _INFIX[type(tree.op)], [tree.left, tree.right], []
    if isinstance(tree, ast.Compare):
        return _INFIX[type(tree.ops[0])], [tree.left, tree.comparators[0]], []
    if isinstance(tree, ast.UnaryOp):
        return _PREFIX[type(tree.op)], [tree.operand], []
    assert isinstance(tree, ast.Call), ast.dump(tree)
    assert isinstance(tree.func, ast.Name), ast.dump(tree)
    return ops.ALL_OPS[tree.func.id], tree.args, tree.keywords


def _literal(tree: ast.expr) -> Any:
    """The number that an expression is, or None."""
    if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.USub):
        number = _literal(tree.operand)
        return None if number is None else -number
    return tree.value if isinstance(tree, ast.Constant) else None


def _pattern(tree: ast.expr) -> Pattern:
    if isinstance(tree, ast.Name):
        return _named(tree.id)
    number = _literal(tree)
    if number is not None:
        return _equal_to(number)
    op, operands, params = _application(tree)
    names = [(keyword.arg or "", keyword.value.id) for keyword in params if isinstance(keyword.value, ast.Name)]
    if len(operands) == 1 and isinstance(operands[0], ast.Starred) and isinstance(operands[0].value, ast.Name):
        return _applied_to_all(op, operands[0].value.id, names)
    return _applied_to(op, [_pattern(operand) for operand in operands], names)


def _named(name: str) -> Pattern:
    if name.startswith("_"):
        return lambda x, bindings: True

    constant = name.isupper()

    def matches(x: Any, bindings: Bindings) -> bool:
        if constant and type(x) is Node:
            return False
        if name in bindings:
            return bindings[name] is x
        bindings[name] = x
        return True

    return matches


def _equal_to(number: float) -> Pattern:
    kinds = "b" if type(number) is bool else "iuf"
    sign = math.copysign(1, number)

    def matches(x: Any, _bindings: Bindings) -> bool:
        if type(x) is Node or x.dtype.kind not in kinds:
            return False
        found = number_of(x)
        return bool(found is not None and found == number and (kinds == "b" or math.copysign(1, found) == sign))

    return matches


def _applied_to(op: Op, operands: list[Pattern], params: list[tuple[str, str]]) -> Pattern:
    def matches(x: Any, bindings: Bindings) -> bool:
        if type(x) is not Node or x.op is not op:
            return False
        for operand, pattern in zip(x.operands, operands, strict=True):
            if not pattern(operand, bindings):
                return False
        return _bound(x, params, bindings)

    return matches


def _applied_to_all(op: Op, name: str, params: list[tuple[str, str]]) -> Pattern:
    def matches(x: Any, bindings: Bindings) -> bool:
        if type(x) is not Node or x.op is not op:
            return False
        bindings[name] = x.operands
        return _bound(x, params, bindings)

    return matches


def _bound(x: Node, params: list[tuple[str, str]], bindings: Bindings) -> bool:
    for parameter, name in params:
        bindings[name] = x.params.get(parameter)
    return True
