"""Sums, products and extremes over axes, and what is found along them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.numpy.axes import all_axes, one_axis
from chainrule.numpy.constants import traced_form
from chainrule.numpy.handle import wrap
from chainrule.numpy.operands import PYTHON_NUMBERS, converted, value_of
from chainrule.numpy.ufunc_arguments import store
from chainrule.ops.compositions import expanded, size_of
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


@traced_form(np.max, np.amax)
def max(
    a: Any,
    axis: Any = None,
    out: Any = None,
    keepdims: Any = MISSING,
    initial: Any = MISSING,
    where: Any = MISSING,
) -> Any:
    """Greatest entry along axes."""
    return _extreme(ops.reduce_max, ops.maximum, "maximum", a, axis, out, keepdims, initial, where)


@traced_form(np.min, np.amin)
def min(
    a: Any,
    axis: Any = None,
    out: Any = None,
    keepdims: Any = MISSING,
    initial: Any = MISSING,
    where: Any = MISSING,
) -> Any:
    """Least entry along axes."""
    return _extreme(ops.reduce_min, ops.minimum, "minimum", a, axis, out, keepdims, initial, where)


@traced_form(np.ptp)
def ptp(a: Any, axis: Any = None, out: Any = None, keepdims: Any = MISSING) -> Any:
    """Range of values along axes, greatest minus least."""
    x = value_of(a)
    axes = all_axes(axis, x.ndim)
    y = ops.reduce_max(x, axes=axes) - ops.reduce_min(x, axes=axes)
    return kept(y, keepdims, axes, x.shape, out)


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


@traced_form(np.argmax)
def argmax(a: Any, axis: Any = None, out: Any = None, *, keepdims: Any = MISSING) -> Any:
    """Place of the first greatest entry along an axis, or in all entries."""
    return _place(ops.argmax, a, axis, out, keepdims)


@traced_form(np.argmin)
def argmin(a: Any, axis: Any = None, out: Any = None, *, keepdims: Any = MISSING) -> Any:
    """Place of the first least entry along an axis, or in all entries."""
    return _place(ops.argmin, a, axis, out, keepdims)


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


def _extreme(
    reduce: Callable[..., Any],
    greater: Callable[..., Any],
    name: str,
    a: Any,
    axis: Any,
    out: Any,
    keepdims: Any,
    initial: Any,
    where: Any,
) -> Any:
    x = accumulated(value_of(a), None, out)
    axes = all_axes(axis, x.ndim)
    mask = mask_of(where, x.shape)
    begun = initial is not MISSING and initial is not None
    if mask is not None:
        if not begun:
            raise ValueError(
                f"reduction operation '{name}' does not have an identity, so to use a where mask one has to specify "
                "'initial'"
            )
        x = ops.select(mask, x, _last_choice(name, x.dtype))
    if begun and not size_of(tuple(x.shape[axis] for axis in axes)):
        left = tuple(n for axis, n in enumerate(x.shape) if axis not in axes)
        y = scalar(initial, x.dtype)
        y = ops.broadcast_to(y, shape=left) if left else y
    else:
        y = reduce(x, axes=axes)
        if begun:
            y = greater(y, scalar(initial, x.dtype))
    return kept(y, keepdims, axes, x.shape, out)


def _last_choice(name: str, dtype: Any) -> Any:
    """The number that is chosen by a maximum or minimum only if there is no other."""
    if dtype.kind in "fc":
        infinity = np.inf if name == "minimum" else -np.inf
        return dtype.type(infinity if dtype.kind == "f" else complex(infinity, infinity))
    if dtype == BOOL:
        return np.bool_(name == "minimum")
    bounds = np.iinfo(dtype)
    return dtype.type(bounds.max if name == "minimum" else bounds.min)


def _truth(reduce: Callable[..., Any], neutral: bool, a: Any, axis: Any, out: Any, keepdims: Any, where: Any) -> Any:
    x = converted(value_of(a), BOOL)
    axes = all_axes(axis, x.ndim)
    mask = mask_of(where, x.shape)
    if mask is not None:
        x = ops.select(mask, x, np.bool_(neutral))
    return kept(reduce(x, axes=axes), keepdims, axes, x.shape, out)


def _place(find: Callable[..., Any], a: Any, axis: Any, out: Any, keepdims: Any) -> Any:
    x = value_of(a)
    if axis is None:
        axes = tuple(range(x.ndim))
        y = find(ops.reshape(x, shape=(x.size,)), axis=0)
    else:
        axes = (one_axis(axis, x.ndim),)
        y = find(x, axis=axes[0])
    return kept(y, keepdims, axes, x.shape, out)
