"""Derivatives where the way to a result is singular and the result is not: as limits of derivatives close by.

Eigenvectors of equal eigenvalues have no derivative, but most of what is computed from them has: a matrix put together
again, a function of a matrix, the projection on all of them. The derivative of that is continuous, so it is the limit
of derivatives at points where the eigenvalues differ, along a line on both sides: a polynomial through eight of them
gives it to round-off. The program is run once, with one lane for each point, as `vmap` runs it; the values are those of
the lane that was not moved.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.graph import Node, ancestors
from chainrule.graph.node import make_node
from chainrule.trace import Op, Value
from chainrule.transforms.batch import BatchLevel
from chainrule.transforms.living_limits import LIVING

# Points on a line, and the weights with which a polynomial of degree 7 through the values there gives that at 0. The
# lane at 0 comes first, and has no weight: its derivative is not defined.
_STEPS = (0.0, 1.0, -1.0, 2.0, -2.0, 3.0, -3.0, 4.0, -4.0)
_WEIGHTS = (0.0, 4 / 5, 4 / 5, -2 / 5, -2 / 5, 4 / 35, 4 / 35, -1 / 70, -1 / 70)


class LimitLevel(BatchLevel):
    """The level whose values have one lane for each step. It is older than all others: they differentiate each lane."""

    __slots__ = ()

    stands_for_plain = True

    def __init__(self) -> None:
        super().__init__(len(_STEPS))
        self.number = -self.number
        LIVING.add(weakref.ref(self, LIVING.discard))

    def bind(self, op: Op, operands: tuple[Any, ...], params: dict[str, Any]) -> Any:
        """Apply the op in all lanes, or take the lanes together."""
        if params.get("level") is not self:
            return super().bind(op, operands, params)
        x = operands[0]
        if op is ops.lifted:
            return self.moved(x.below if type(x) is Value and x.level is self else x, operands[1], has_lanes=True)
        if op is ops.centre:
            return ops.index(x.below, path=((0,),))
        others = ops.index(x.below, path=((slice(1, None),),))
        if op is ops.extrapolated:
            others = ops.multiply(others, _lanes(_WEIGHTS[1:], x.dtype, others.ndim))
        return ops.reduce_sum(others, axes=(0,))

    def look(self, value: Value) -> Any:
        """What Python sees is the lane that was not moved."""
        lanes = value.below
        while type(lanes) is Value:
            lanes = lanes.level.look(lanes)
        return lanes[0]

    def shown(self, value: Value) -> Any:
        """What is printed is that lane too."""
        return ops.index(value.below, path=((0,),))

    def moved(self, x: Any, direction: Any, has_lanes: bool = False) -> Value:
        """A value, which may have lanes already, moved along a direction by every step."""
        steps = _lanes(_STEPS, direction.dtype, direction.ndim + 1)
        lanes = x if has_lanes else ops.reshape(x, shape=(1, *x.shape))
        return self.input(lanes + steps * direction)

    def weights(self, dtype: Any) -> Value:
        """The weights of the steps as a value."""
        return self.input(np.array(_WEIGHTS).astype(dtype))

    def others(self, dtype: Any) -> Value:
        """1 at every step but step 0."""
        return self.input((np.array(_STEPS) != 0).astype(dtype))


def _lanes(numbers: tuple[float, ...], dtype: Any, ndim: int) -> Any:
    return np.array(numbers).astype(dtype).reshape(-1, *(1,) * (ndim - 1))


def limit_level_of(x: Any) -> LimitLevel | None:
    """The limit that belongs to the innermost derivative of a value; None if it is not differentiated."""
    while type(x) is Value and not x.level.differentiates:
        x = x.below
    if type(x) is not Value:
        return None
    level = x.level
    if level.limit is None:
        level.limit = LimitLevel()
    return level.limit  # type: ignore[no-any-return]  # a LimitLevel, which the floor below cannot name


def joined(outputs: Sequence[Node | None]) -> tuple[Node | None, ...]:
    """Recorded results, joined to the limits that are taken in their program (`living_limits`)."""
    order = ancestors(output for output in outputs if output is not None)
    # The ops that take the steps together.
    taking = (ops.centre, ops.extrapolated, ops.total)
    taken = {node.params["level"] for node in order if node.op in taking}
    if not taken:
        return tuple(outputs)
    levels: dict[Node, set[LimitLevel]] = {}
    copies: dict[Node, Node] = {}
    for node in order:
        copies[node] = node
        own = set().union(*(levels[x] if type(x) is Node else _levels_of(x) for x in node.operands))
        level: Any = node.params.get("level")
        if node.op is ops.lifted:
            own.add(level)
        levels[node] = own - {level} if node.op in taking else own
        operands = tuple(_spread(copies[x], (own - levels[x]) & taken) if type(x) is Node else x for x in node.operands)
        if operands != node.operands:
            copies[node] = _made_of(node, operands)
    return tuple(None if output is None else copies[output] for output in outputs)


def _levels_of(x: Any) -> set[LimitLevel]:
    levels = set()
    while type(x) is Value:
        if isinstance(x.level, LimitLevel):
            levels.add(x.level)
        x = x.below
    return levels


def _made_of(node: Node, operands: tuple[Any, ...]) -> Node:
    """A node with other operands."""
    inputs = operands if node.inputs is node.operands else node.inputs
    op, shape, dtype = node.op, node.shape, node.dtype
    return make_node(op, operands, inputs, node.output, node.params, shape, dtype, node.code, node.offset)


def _spread(node: Node, levels: set[LimitLevel]) -> Node:
    for level in levels:
        node = make_node(ops.spread, (node,), (node,), None, {"level": level}, node.shape, node.dtype)
    return node
