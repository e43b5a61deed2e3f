"""Symbols of steps that are linear in an operand: the step itself with a place left free, fft(·), A@(·).T."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule import ops
from chainrule.explain.words.expression import Use
from chainrule.explain.words.printing import written
from chainrule.graph import Node
from chainrule.jacobians.forms import ElementwiseLinear, Linear, Multilinear

if TYPE_CHECKING:
    from chainrule.explain.run.steps import Step

FREE = "·"
# Ops whose rules are of no linear form, with the operands that they are linear in alone.
_ALONE = {"multiply": (0, 1), "divide": (0,), "solve": (1,), "solve_triangular": (1,), "solve_banded": (1,)}


def with_free_place(use: Use) -> str | None:
    """A step that is linear in an operand is its own derivative, with what the operand changes by in its place."""
    expression = use.expression
    if not expression.complete or expression.written_to is not None or not _is_linear(use.step, use.slot):
        return None
    name = expression.operands[use.slot]
    slots = [slot for slot, other in expression.operands.items() if other == name]
    found = list(_named(expression.tree, name))
    if len(slots) == 1:
        taken = found
    elif len(found) == len(slots) and all(slot in expression.places for slot in slots):
        # The order of the operands is that in which they are named.
        slots.sort(key=lambda slot: expression.places[slot])
        taken = [found[slots.index(use.slot)]]
    else:
        return None
    if not taken or found == [expression.tree]:
        return None
    return written(_Freed(taken).visit(expression.tree))


def _is_linear(step: Step, slot: int) -> bool:
    """Whether each op of a step is linear in what it takes of an operand, and what it takes besides is no summand."""
    uses = set(step.uses_of(slot))
    reached: set[Node] = set()
    for node in step.nodes:
        taken = tuple(
            k
            for k, operand in enumerate(node.operands)
            if (node, k) in uses or (type(operand) is Node and operand in reached)
        )
        if taken:
            if not _is_linear_in(node, taken):
                return False
            reached.add(node)
    return step.result in reached


def _is_linear_in(node: Node, taken: tuple[int, ...]) -> bool:
    jacobian: Any = node.op.jacobian
    if isinstance(jacobian, (Linear, ElementwiseLinear)) or node.op in (ops.index, ops.place):
        return len(taken) == len(node.operands)
    if len(taken) != 1:
        return False
    if isinstance(jacobian, Multilinear):
        return taken[0] in jacobian.transposes
    if node.op.name == "select":
        # A choice between a value and 0.
        others = [operand for k, operand in enumerate(node.operands) if k and k not in taken]
        return taken[0] > 0 and all(type(other) is not Node and not np.any(other) for other in others)
    return node.op.name == "einsum" or taken[0] in _ALONE.get(str(node.op.name), ())


def _named(tree: ast.AST, name: str) -> Iterator[ast.Name]:
    """Where a name stands in an expression, from left to right; not as that of a function."""
    if isinstance(tree, ast.Name) and tree.id == name:
        yield tree
    for field, child in ast.iter_fields(tree):
        if field == "func" and isinstance(child, ast.Name):
            continue
        for each in child if isinstance(child, list) else [child]:
            if isinstance(each, ast.AST):
                yield from _named(each, name)


class _Freed(ast.NodeTransformer):
    """Leaves places free; in brackets, where there are none."""

    def __init__(self, places: list[ast.Name]) -> None:
        self.places = places

    def visit(self, tree: ast.AST) -> Any:
        changed: dict[str, Any] = {}
        for key, value in ast.iter_fields(tree):
            bracketed = key in ("args", "elts")
            if isinstance(value, list):
                changed[key] = [self._of(each, bracketed) for each in value]
            else:
                changed[key] = self._of(value, isinstance(tree, ast.keyword))
        return type(tree)(**changed)

    def _of(self, tree: Any, bracketed: bool) -> Any:
        if not isinstance(tree, ast.AST):
            return tree
        if any(tree is place for place in self.places):
            return ast.Name(FREE if bracketed else f"({FREE})")
        return self.visit(tree)
