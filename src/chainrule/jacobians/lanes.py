"""Operands of batching rules: where their lanes are."""

from __future__ import annotations

from typing import Any

from chainrule import ops


def lanes_of(x: Any, batched: bool, size: int) -> Any:
    """An operand with a batch axis, repeated if it had none."""
    return x if batched else ops.broadcast_to(x, shape=(size, *x.shape))


def aligned(v: Any, batched: bool, ndim: int) -> Any:
    """A batched value with ones after its batch axis, so that it broadcasts against `ndim` axes of one lane."""
    if not batched or v.ndim - 1 >= ndim:
        return v
    return ops.reshape(v, shape=(v.shape[0], *(1,) * (ndim - v.ndim + 1), *v.shape[1:]))
