"""Views, by which a step looks at an operand without a step of their own."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from chainrule.graph import Node

if TYPE_CHECKING:
    from chainrule.explain.run.steps import Step

# What is called on arrays and gives numbers rather than a part of one.
_UFUNCS = frozenset(name for name in dir(np) if isinstance(getattr(np, name), np.ufunc))

# Views, by which an operand may be looked at without a step of its own.
_VIEW_ATTRIBUTES = frozenset(("T", "mT", "H", "mH", "real", "imag"))
_VIEW_CALLS = frozenset(
    "reshape ravel transpose swapaxes moveaxis squeeze flatten expand_dims broadcast_to atleast_1d atleast_2d "
    "permute_dims matrix_transpose flip fliplr flipud diagonal diag asarray array astype copy view float item".split()
)
_VIEW_OPS = frozenset(("reshape", "transpose", "broadcast_to", "convert", "index", "flip"))
# What modules are called where they may have been imported elsewhere, in another cell of a notebook.
MODULES = frozenset("np numpy scipy sp cr chainrule jnp xp linalg math".split())


def view_chain(leaf: ast.expr) -> list[ast.expr]:
    """A leaf, and what it is a view of, by its syntax."""
    found = [leaf]
    while True:
        match leaf:
            case ast.Attribute(value=value, attr=attribute) if attribute in _VIEW_ATTRIBUTES:
                leaf = value
            case ast.Subscript(value=value, slice=index) if not (
                isinstance(index, ast.Constant) and isinstance(index.value, str)
            ):
                leaf = value
            case ast.Call(func=ast.Attribute(value=value, attr=method), args=arguments) if method in _VIEW_CALLS:
                leaf = value
                if isinstance(value, ast.Name) and value.id in MODULES and arguments:
                    leaf = arguments[0]
            case ast.Call(func=ast.Name(id=function), args=[first, *_]) if function in _VIEW_CALLS:
                leaf = first
            case _:
                return found
        found.append(leaf)


def view_count(step: Step, slot: int) -> int:
    """Through how many views a step looks at an operand."""
    if len(step.nodes) == 1:
        return 0
    uses = step.uses_of(slot)
    if not uses:
        return 0
    node = uses[0][0]
    count = 0
    users = {operand: node for node in reversed(step.nodes) for operand in node.operands if type(operand) is Node}
    while node.op.name in _VIEW_OPS and node in users:
        count += len(node.params["path"]) if node.op.name == "index" else 1
        node = users[node]
    return count


def reads_view(step: Step, tree: ast.AST) -> bool:
    """Whether a step reads a view that was made before, where an instruction computes with it: 2*inside."""
    if not all(node.op.name in _VIEW_OPS for node in step.nodes):
        return False
    match tree:
        case ast.BinOp() | ast.UnaryOp() | ast.Compare() | ast.AugAssign():
            return True
        case ast.Call(func=ast.Name(id=name)) | ast.Call(func=ast.Attribute(attr=name)):
            return name in _UFUNCS
        case _:
            return False


def writes_view(step: Step, target: ast.expr) -> bool:
    """Whether a step writes through a view that was made before: into more than the target itself says."""
    path = step.result.params.get("path")
    return path is not None and len(path) >= len(view_chain(target))


def variables_in(tree: ast.AST) -> Iterator[str]:
    """The variables that an operator or a call computes with."""
    match tree:
        case ast.Call(args=arguments, keywords=keywords):
            operands: list[ast.expr | None] = [*arguments, *(each.value for each in keywords)]
        case ast.BinOp(left=left, right=right):
            operands = [left, right]
        case ast.AugAssign(target=target, value=value):
            operands = [target, value]
        case ast.Compare(left=left, comparators=others):
            operands = [left, *others]
        case ast.UnaryOp(operand=operand):
            operands = [operand]
        case _:
            operands = []
    for each in operands:
        if isinstance(each, ast.Name):
            yield each.id
