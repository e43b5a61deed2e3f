"""Equations of reductions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.compile.passes.rewriting import rewrite
from chainrule.ops.reduction import reduced_shape


@rewrite("reduce_sum(x, axes=a) -> x + 0.0")
def sum_of_one(x, a):
    """Exact where each sum has one term: NumPy adds it to 0."""
    if any(x.shape[axis] != 1 for axis in a) or x.dtype.kind not in "fc":
        return None
    return ops.reshape(x, shape=reduced_shape(x.shape, a)) + x.dtype.type(0)


@rewrite("reduce_max(x, axes=a) -> x")
@rewrite("reduce_min(x, axes=a) -> x")
@rewrite("reduce_all(x, axes=a) -> x")
@rewrite("reduce_any(x, axes=a) -> x")
def extreme_of_one(x, a):
    """Exact where each reduction has one term; of truths, for booleans."""
    if any(x.shape[axis] != 1 for axis in a):
        return None
    return ops.reshape(x, shape=reduced_shape(x.shape, a))


@rewrite("reduce_all(broadcast_to(x, shape=s), axes=a) -> reduce_all(x)")
@rewrite("reduce_any(broadcast_to(x, shape=s), axes=a) -> reduce_any(x)")
def truth_of_repeated(x, s, a):
    """Exact where all entries that are reduced are one, which is repeated, and is a boolean."""
    if x.dtype.kind != "b" or not all(s[axis] for axis in a):
        return None
    full = (*(1,) * (len(s) - x.ndim), *x.shape)
    if any(full[axis] != 1 for axis in a):
        return None
    rest = ops.reshape(x, shape=reduced_shape(full, a))
    return ops.broadcast_to(rest, shape=reduced_shape(s, a))


@rewrite("reduce_sum(broadcast_to(x, shape=s), axes=a) -> n * reduce_sum(x)")
def sum_of_repeated(x, s, a):
    """To round-off: a number that is added n times is multiplied by n. Of floating-point numbers, and n > 0."""
    full = (*(1,) * (len(s) - x.ndim), *x.shape)
    repeated = tuple(axis for axis in a if full[axis] == 1 and s[axis] != 1)
    times = math.prod(s[axis] for axis in repeated)
    if not repeated or not times or x.dtype.kind != "f":
        return None
    shape = tuple(1 if axis in repeated else n for axis, n in enumerate(s))
    small = ops.broadcast_to(ops.reshape(x, shape=full), shape=shape)
    return ops.reduce_sum(small, axes=a) * x.dtype.type(times)


@rewrite("reduce_sum(x + x, axes=a) -> reduce_sum(x) * 2")
def sum_of_doubled(x, a):
    """Exact, unless an element overflows by itself: doubling rounds nothing, and the sum overflows with its double."""
    return _multiplied_sum(x, a, x.dtype.type(2))


@rewrite("reduce_sum(x * C, axes=a) -> reduce_sum(x) * C")
def sum_of_multiplied(x, C, a):
    """Exact for powers of two of 1 and more, unless an element overflows by itself."""
    if C.ndim or abs(C) < 1 or abs(np.frexp(C)[0]) != 0.5:
        return None
    return _multiplied_sum(x, a, C)


def _multiplied_sum(x: Any, a: tuple[int, ...], factor: Any) -> Any:
    """The sum of several elements times a factor; 0.0 where they are zeros, as every sum of zeros is."""
    if x.dtype.kind != "f" or math.prod(x.shape) <= math.prod(reduced_shape(x.shape, a)):
        return None
    product = ops.reduce_sum(x, axes=a) * factor
    return product if factor > 0 else product + x.dtype.type(0)
