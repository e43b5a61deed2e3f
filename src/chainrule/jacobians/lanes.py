"""What batching rules share: where the lanes of an operand are, and the rule of a reduction."""

from __future__ import annotations

from typing import Any

from chainrule import ops
from chainrule.jacobians.forms import batch
from chainrule.trace import Op


def lanes_of(x: Any, batched: bool, size: int) -> Any:
    """An operand with a batch axis, repeated if it had none."""
    return x if batched else ops.broadcast_to(x, shape=(size, *x.shape))


def aligned(v: Any, batched: bool, ndim: int) -> Any:
    """A batched value with ones after its batch axis, so that it broadcasts against `ndim` axes of one lane."""
    if not batched or v.ndim - 1 >= ndim:
        return v
    return ops.reshape(v, shape=(v.shape[0], *(1,) * (ndim - v.ndim + 1), *v.shape[1:]))


def batch_over_axes(op: Op) -> None:
    """State the batching of a reduction over `axes`."""

    @batch(op)
    def reduction_batch(_size: int, _batched: list[bool], x: Any, *, axes: tuple[int, ...]) -> Any:
        """The batch axis stands first, so the reduced axes move up by one."""
        return op(x, axes=tuple(axis + 1 for axis in axes))
