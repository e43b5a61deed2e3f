"""vmap: one run for all lanes of a batch, whose axis is the first of every batched value."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import ops
from chainrule.errors import LanesDisagreeError
from chainrule.graph.position import describe, here
from chainrule.trace import Abstract, Level, Op, Value, abstract_of, make_value


class BatchLevel(Level):
    """The level whose values stand for `size` lanes."""

    __slots__ = ("size",)

    differentiates = False

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size

    def input(self, x: Any) -> Value:
        """The lanes along the first axis of an array."""
        return make_value(self, x, None, x.shape[1:], x.dtype)

    def bind(self, op: Op, operands: tuple[Any, ...], params: dict[str, Any]) -> Any:
        """Apply the op to all lanes at once."""
        if self.ended:
            self.refuse_ended(op)
        batched = [type(x) is Value and x.level is self for x in operands]
        xs = [x.below if b else x for x, b in zip(operands, batched, strict=True)]
        if op.batch is not None:
            y = op.batch(self.size, batched, *xs, **params)
        elif op.core is not None:
            y = op(*self._aligned(op, xs, batched), **params)
        else:
            y = self._lane_by_lane(op, xs, batched, params)
        if type(y) is tuple:
            return tuple(self.input(r) for r in y)
        return self.input(y)

    def _aligned(self, op: Op, xs: list[Any], batched: list[bool]) -> list[Any]:
        """Operands whose batch axis stands before the axes that broadcast."""
        cores = op.core or (0,) * len(xs)
        leads = [x.ndim - core - b for x, core, b in zip(xs, cores, batched, strict=True)]
        most = max(leads)
        return [
            ops.reshape(x, shape=(x.shape[0], *(1,) * (most - lead), *x.shape[1:])) if b and lead < most else x
            for x, b, lead in zip(xs, batched, leads, strict=True)
        ]

    def _lane_by_lane(self, op: Op, xs: list[Any], batched: list[bool], params: dict[str, Any]) -> Any:
        """One application for each lane, for an op that knows no other way."""
        if self.size == 0:
            lanes = (Abstract(x.shape[1:], x.dtype) if b else abstract_of(x) for x, b in zip(xs, batched, strict=True))
            inferred = op.infer(*lanes, **params)
            if type(inferred) is tuple:
                return tuple(np.zeros((0, *a.shape), a.dtype) for a in inferred)
            return np.zeros((0, *inferred.shape), inferred.dtype)
        results = [
            op(*(ops.index(x, path=((k,),)) if b else x for x, b in zip(xs, batched, strict=True)), **params)
            for k in range(self.size)
        ]
        if type(results[0]) is tuple:
            return tuple(stacked(lanes) for lanes in zip(*results, strict=True))
        return stacked(results)

    def look(self, value: Value) -> Any:
        """What Python sees of a batched value: what all lanes agree on."""
        lanes = value.below
        while type(lanes) is Value:
            lanes = lanes.level.look(lanes)
        if len(lanes) and np.array_equal(
            lanes, np.broadcast_to(lanes[:1], lanes.shape), equal_nan=lanes.dtype.kind in "fc"
        ):
            return lanes[0]
        if len(lanes):
            cause = "Python looked at a value for which the lanes of a `vmap` give different answers."
            advice = "An `if` or `while` takes one branch, and the lanes need several."
        else:
            cause = "Python looked at a value of a `vmap` without lanes, which has no answer."
            advice = "An `if` or `while` cannot tell which branch to take."
        error = LanesDisagreeError(
            f"{cause}{describe(here())}\n  {advice}\n  Choose with `np.where`, or loop over the lanes."
        )
        error.level = self
        raise error

    def end(self) -> None:
        """Close the level; a handle that holds its Values cannot fall back, as there is no one lane to fall back to."""
        self.ended = True

    def lanes_of(self, y: Any) -> Any:
        """A result with the batch axis in front, repeated if it does not depend on the lane."""
        if type(y) is Value and y.level is self:
            return y.below
        return ops.broadcast_to(y, shape=(self.size, *y.shape))


def stacked(lanes: Any) -> Any:
    """Arrays of one shape along a new first axis."""
    return ops.concatenate(*(ops.reshape(x, shape=(1, *x.shape)) for x in lanes), axis=0)
