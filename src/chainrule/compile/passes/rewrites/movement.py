"""Equations of movement."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.compile.passes.rewriting import Simplifier, elementwise_rewrite, rewrite
from chainrule.graph import Node


@rewrite("transpose(x, axes=a) -> x")
def transpose_that_keeps(x, a):
    """Exact where every axis stays."""
    return x if a == tuple(range(x.ndim)) else None


@rewrite("transpose(transpose(x, axes=a), axes=b) -> transpose(x, axes=a∘b)")
def transpose_of_transpose(x, a, b):
    """Exact."""
    return ops.transpose(x, axes=tuple(a[axis] for axis in b))


@rewrite("reshape(x, shape=s) -> x")
@rewrite("broadcast_to(x, shape=s) -> x")
def shape_that_stays(x, s):
    """Exact where x has the shape s."""
    return x if x.shape == s else None


@rewrite("reshape(reshape(x, shape=_s), shape=s) -> reshape(x, shape=s)")
def reshape_of_reshape(x, s):
    """Exact: both read row by row."""
    return ops.reshape(x, shape=s)


@rewrite("broadcast_to(broadcast_to(x, shape=_s), shape=s) -> broadcast_to(x, shape=s)")
def broadcast_of_broadcast(x, s):
    """Exact."""
    return ops.broadcast_to(x, shape=s)


@rewrite("reshape(broadcast_to(x, shape=_s), shape=s) -> broadcast_to(x, shape=s)")
def reshape_of_repeated_number(x, s):
    """Exact where x is one number."""
    return ops.broadcast_to(ops.reshape(x, shape=()), shape=s) if math.prod(x.shape) == 1 else None


@rewrite("transpose(broadcast_to(x, shape=s), axes=a) -> broadcast_to(transpose(x, axes=a), shape=s∘a)")
def transpose_of_broadcast(x, s, a):
    """Exact: axes that the broadcast made are written out as ones first."""
    full = ops.reshape(x, shape=(*(1,) * (len(s) - x.ndim), *x.shape))
    return ops.broadcast_to(ops.transpose(full, axes=a), shape=tuple(s[axis] for axis in a))


@rewrite("broadcast_to(reshape(x, shape=_s), shape=s) -> broadcast_to(x, shape=s)")
def broadcast_without_leading_ones(x, _s, s):
    """Exact where the reshape only put ones in front, as a broadcast does itself."""
    made = len(_s) - x.ndim
    return ops.broadcast_to(x, shape=s) if made > 0 and _s == (*(1,) * made, *x.shape) else None


@rewrite("flip(flip(x, axes=a), axes=b) -> flip(x, axes=a Δ b)")
def flip_of_flip(x, a, b):
    """Exact: an axis that is flipped twice is not."""
    axes = tuple(sorted(set(a) ^ set(b)))
    return ops.flip(x, axes=axes) if axes else x


@rewrite("concatenate(*xs, axis=k) -> x")
def concatenate_one(xs, k):
    """Exact for one operand, other than empty ones."""
    whole = [x for x in xs if x.shape[k]]
    if len(whole) == len(xs) > 1 or not whole:
        return None
    return ops.concatenate(*whole, axis=k) if len(whole) > 1 else whole[0]


@elementwise_rewrite("f(broadcast_to(x), y) -> broadcast_to(f(x, y))", inside=ops.broadcast_to)
def broadcast_after(simplifier: Simplifier, node: Node) -> Any:
    """Exact: elementwise ops broadcast by themselves, and compute each different entry once."""
    operands = node.operands
    narrow = [x.operands[0] if type(x) is Node and x.op is ops.broadcast_to else x for x in operands]
    return node.op(*map(simplifier.value, narrow), **node.params)


@elementwise_rewrite("f(reshape(x), reshape(y)) -> f(x, y)", inside=ops.reshape)
def without_leading_ones(simplifier: Simplifier, node: Node) -> Any:
    """Exact where reshapes put ones in front that other operands have as well, or that broadcasting puts there."""
    operands = tuple(_without_leading_ones(x) for x in node.operands)
    if all(a is b for a, b in zip(operands, node.operands, strict=True)):
        return None
    if np.broadcast_shapes(*(x.shape for x in operands)) != node.shape:
        return None
    return node.op(*map(simplifier.value, operands), **node.params)


def _without_leading_ones(x: Any) -> Any:
    if type(x) is Node and x.op is ops.reshape:
        inner = x.operands[0]
        made = len(x.shape) - len(inner.shape)
        if made > 0 and x.shape == (*(1,) * made, *inner.shape):
            return inner
    return x
