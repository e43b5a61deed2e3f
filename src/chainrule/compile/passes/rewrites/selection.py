"""Equations of choices: structural zeros leave many of them in a derivative."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import ops
from chainrule.compile.passes.constants import number_of
from chainrule.compile.passes.rewriting import Simplifier, is_constant, node_of, rewrite
from chainrule.graph import Node


@rewrite("select(True, x, _y) -> x")
@rewrite("select(False, _y, x) -> x")
@rewrite("select(_c, x, x) -> x")
def no_choice(x):
    """Exact."""
    return x


@rewrite("select(~c, x, y) -> select(c, y, x)")
def choice_by_opposite(c, x, y):
    """Exact for booleans and numbers alike."""
    return ops.select(c, y, x)


@rewrite("select(C, x, y) -> select(~C, y, x)")
def choice_by_constant(C, x, y):
    """Exact. Done where C begins with True, so that a constant and its opposite become one."""
    if not C.shape or not C.size or not C[(0,) * C.ndim]:
        return None
    return ops.select(np.logical_not(C), y, x)


@rewrite("select(c, x, select(c, _y, z)) -> select(c, x, z)")
@rewrite("select(c, select(c, x, _y), z) -> select(c, x, z)")
def choice_made_before(c, x, z):
    """Exact: the second choice is the same as the first."""
    return ops.select(c, x, z)


@rewrite("select(c, C, select(d, C, x)) -> select(c | d, C, x)")
def choices_of_one_constant(c, d, C, x):
    """Exact. Where the inner choice is used elsewhere it has to be made all the same."""
    if c.dtype.kind != "b" or d.dtype.kind != "b":
        return None
    return ops.select(ops.logical_or(c, d), C, x)


@rewrite("select(c, x, y) -> select(c, x′, y′)")
def choice_without_hidden(c, x, y):
    """Exact: what an elementwise op computes of entries that are not chosen is not seen.

    So it need not choose itself before, nor multiply them by a number of their own.
    """
    seen_x, seen_y = _seen(x, c, True), _seen(y, c, False)
    if seen_x is x and seen_y is y:
        return None
    return ops.select(c, seen_x, seen_y)


@rewrite("select(c, C, x) == D -> C == D, where(c), and x == D elsewhere")
def chosen_is(c, C, x, D):
    """Exact for booleans c and single numbers C and D: whether something was chosen, asked of the condition."""
    if c.dtype.kind != "b" or C.shape or D.shape:
        return None
    rest = ops.equal(x, D)
    return ops.logical_or(c, rest) if C == D else ops.logical_and(ops.logical_not(c), rest)


@rewrite("select(c, x, C) == D -> x == D, where(c), and C == D elsewhere")
def unchosen_is(c, x, C, D):
    """Exact for booleans c and single numbers C and D: whether something was chosen, asked of the condition."""
    if c.dtype.kind != "b" or C.shape or D.shape:
        return None
    rest = ops.equal(x, D)
    return ops.logical_or(ops.logical_not(c), rest) if C == D else ops.logical_and(c, rest)


# How far a condition is taken apart.
_DEEPEST = 6


def implied(condition: Any, holds: bool, depth: int = _DEEPEST) -> dict[Any, bool]:
    """What else is known of conditions where one holds, or does not: ~(p | q) says that p does not, nor q."""
    facts: dict[Any, bool] = {}
    if type(condition) is not Node or condition.dtype.kind != "b" or not depth:
        return facts
    facts[condition] = holds
    if condition.op is ops.logical_not:
        facts |= implied(condition.operands[0], not holds, depth - 1)
    elif condition.op is (ops.logical_and if holds else ops.logical_or):
        for operand in condition.operands:
            facts |= implied(operand, holds, depth - 1)
    return facts


def _seen(x: Any, c: Any, chosen: bool) -> Any:
    """What equals x wherever the condition is as given, and is simpler if there is such a thing."""
    node = node_of(x)
    if node is None or not node.op.elementwise or node.op is ops.select or not x.level.used_once(node):
        return x
    level, raw = x.level, x.level.raw(c)
    facts = implied(raw, chosen)
    operands = tuple(_operand_seen(operand, raw, chosen, facts, level) for operand in node.operands)
    if all(a is b for a, b in zip(operands, node.operands, strict=True)):
        return x
    return node.op(*map(x.level.value, operands), **node.params)


def _operand_seen(operand: Any, c: Any, chosen: bool, facts: dict[Any, bool], level: Simplifier) -> Any:
    if type(operand) is Node:
        if operand.op is ops.reshape:
            return _reshaped_seen(operand, c, chosen, level)
        if operand.op is ops.select:
            condition = operand.operands[0]
            fact = chosen if condition is c else facts.get(condition) if type(condition) is Node else None
            return operand if fact is None else operand.operands[1 if fact else 2]
        return operand
    if type(c) is Node or not operand.shape or not is_constant(operand):
        return operand
    entries, where = np.broadcast_arrays(operand, c)
    number = number_of(entries[where == chosen])
    return operand if number is None else number


def _reshaped_seen(operand: Node, c: Any, chosen: bool, level: Simplifier) -> Any:
    """A reshaped choice without the choice, if that is by the condition before it was reshaped."""
    choice = operand.operands[0]
    if type(choice) is not Node or choice.op is not ops.select or choice.operands[0].shape != choice.shape:
        return operand
    if not level.same(level.bind(ops.reshape, (level.value(choice.operands[0]),), operand.params), c):
        return operand
    seen = choice.operands[1 if chosen else 2]
    if seen.shape != choice.shape:
        return seen if not seen.shape else operand
    return level.raw(level.bind(ops.reshape, (level.value(seen),), operand.params))
