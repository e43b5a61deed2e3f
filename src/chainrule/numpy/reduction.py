"""Sums, products and truth over axes, and what reductions share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.numpy.axes import all_axes
from chainrule.numpy.constants import traced_form
from chainrule.numpy.handle import wrap
from chainrule.numpy.operands import PYTHON_NUMBERS, converted, value_of
from chainrule.numpy.ufunc_arguments import store
from chainrule.ops.compositions import expanded
from chainrule.trace import Level, Value

MISSING: Any = np._NoValue

BOOL = np.dtype(bool)
# By name, for a hot path: a look-up in `ops`, which loads on demand, takes longer.
_reduce_sum = ops.reduce_sum


def _sum_of_all(level: Level, x: Value) -> Any:
    return level.bind_with(_reduce_sum, x, {"axes": all_axes(None, len(x.shape))})


@traced_form(np.sum, of_one=_sum_of_all)
def sum(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: Any = MISSING,
    initial: Any = MISSING,
    where: Any = MISSING,
) -> Any:
    """Sum over axes."""
    x = value_of(a)
    if dtype is not None or out is not None:
        x = accumulated(x, dtype, out)
    shape = x.shape
    axes = all_axes(axis, len(shape))
    if initial is MISSING and where is MISSING:
        y = ops.reduce_sum(x, axes=axes)
    else:
        y = summed(x, axes, mask_of(where, shape), initial)
    return wrap(y) if keepdims is MISSING and out is None else kept(y, keepdims, axes, shape, out)


@traced_form(np.prod)
def prod(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: Any = MISSING,
    initial: Any = MISSING,
    where: Any = MISSING,
) -> Any:
    """Product over axes."""
    x = accumulated(value_of(a), dtype, out)
    axes = all_axes(axis, x.ndim)
    return kept(multiplied(x, axes, mask_of(where, x.shape), initial), keepdims, axes, x.shape, out)


@traced_form(np.any)
def any(a: Any, axis: Any = None, out: Any = None, keepdims: Any = MISSING, *, where: Any = MISSING) -> Any:
    """Whether any entry along axes is true."""
    return _truth(ops.reduce_any, False, a, axis, out, keepdims, where)


@traced_form(np.all)
def all(a: Any, axis: Any = None, out: Any = None, keepdims: Any = MISSING, *, where: Any = MISSING) -> Any:
    """Whether all entries along axes are true."""
    return _truth(ops.reduce_all, True, a, axis, out, keepdims, where)


@traced_form(np.count_nonzero)
def count_nonzero(a: Any, axis: Any = None, *, keepdims: Any = False) -> Any:
    """Number of entries along axes that are not 0."""
    x = value_of(a)
    return sum(store(converted(ops.not_equal(x, x.dtype.type(0)), np.intp), None), axis, keepdims=keepdims)


def summed(x: Any, axes: tuple[int, ...], mask: Any = None, initial: Any = MISSING) -> Any:
    """The sum of a value over axes, of those entries for which `mask` holds, begun at `initial`."""
    if mask is None and (initial is MISSING or initial is None):
        return ops.reduce_sum(x, axes=axes)
    return _partial(ops.reduce_sum, ops.reduce_sum_from, 0, x, axes, mask, initial)


def multiplied(x: Any, axes: tuple[int, ...], mask: Any = None, initial: Any = MISSING) -> Any:
    """The product of a value over axes, of those entries for which `mask` holds, begun at `initial`."""
    if mask is None and (initial is MISSING or initial is None):
        return ops.reduce_prod(x, axes=axes)
    return _partial(ops.reduce_prod, ops.reduce_prod_from, 1, x, axes, mask, initial)


def _partial(
    whole: Callable[..., Any], partial: Callable[..., Any], identity: int, x: Any, axes: Any, mask: Any, initial: Any
) -> Any:
    dtype = whole.infer(x, axes=axes).dtype  # type: ignore[attr-defined]  # an op
    start = dtype.type(identity) if initial is MISSING or initial is None else scalar(initial, dtype)
    return partial(converted(x, dtype), start, np.True_ if mask is None else mask, axes=axes)


def scalar(number: Any, dtype: Any) -> Any:
    """A number or a 0-d array-like as a value of a dtype."""
    if type(number) in PYTHON_NUMBERS:
        return dtype.type(number)
    value = value_of(number)
    if value.ndim:
        raise ValueError("Input object to FillWithScalar is not a scalar")
    return converted(value, dtype)


def accumulated(x: Any, dtype: Any, out: Any) -> Any:
    """A value in the dtype in which it is summed: `dtype`, else that of `out`, else its own."""
    if dtype is None and out is not None:
        dtype = out.dtype
    return x if dtype is None else converted(x, dtype)


def mask_of(where: Any, shape: tuple[int, ...]) -> Any:
    """The argument `where` as booleans that broadcast against a shape; None if all entries take part."""
    if where is MISSING or where is True:
        return None
    mask = converted(value_of(where), BOOL)
    if np.broadcast_shapes(mask.shape, shape) != shape:
        raise ValueError(f"`where` has the shape {mask.shape}, which does not broadcast to {shape}")
    return mask


def kept(y: Any, keepdims: Any, axes: tuple[int, ...], shape: tuple[int, ...], out: Any = None) -> Any:
    """The result of a reduction of `shape` over `axes`, with those axes as ones if they are kept, stored or wrapped."""
    if keepdims is not MISSING and keepdims and axes:
        y = expanded(y, axes, shape)
    return wrap(y) if out is None else stored(y, out)


def stored(y: Any, out: Any) -> Any:
    """A result, written to `out` if that is given, which must have its shape: unlike ufuncs these do not broadcast."""
    if type(out) is tuple:
        (out,) = out
    if out is not None and out.shape != y.shape:
        raise ValueError(f"the output array has the shape {out.shape}, and the result {y.shape}")
    return store(y, out)


def _truth(reduce: Callable[..., Any], neutral: bool, a: Any, axis: Any, out: Any, keepdims: Any, where: Any) -> Any:
    x = converted(value_of(a), BOOL)
    axes = all_axes(axis, x.ndim)
    mask = mask_of(where, x.shape)
    if mask is not None:
        x = ops.select(mask, x, np.bool_(neutral))
    return kept(reduce(x, axes=axes), keepdims, axes, x.shape, out)
