"""Running sums and products along an axis."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.numpy.axes import one_axis
from chainrule.numpy.constants import traced_form
from chainrule.numpy.operands import value_of
from chainrule.numpy.reduction import accumulated, stored


@traced_form(np.cumsum)
def cumsum(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    """Running sum along an axis, or of all entries."""
    return stored(_running(ops.cumsum, accumulated(value_of(a), dtype, out), axis), out)


@traced_form(np.cumprod)
def cumprod(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    """Running product along an axis, or of all entries."""
    return stored(_running(ops.cumprod, accumulated(value_of(a), dtype, out), axis), out)


@traced_form(np.nancumsum)
def nancumsum(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    """Running sum in which every NaN counts as 0."""
    return stored(_running(ops.cumsum, accumulated(without_nan(value_of(a), 0), dtype, out), axis), out)


@traced_form(np.nancumprod)
def nancumprod(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    """Running product in which every NaN counts as 1."""
    return stored(_running(ops.cumprod, accumulated(without_nan(value_of(a), 1), dtype, out), axis), out)


def _cumulative_sum(
    x: Any, /, *, axis: Any = None, dtype: Any = None, out: Any = None, include_initial: bool = False
) -> Any:
    """Running sum along an axis, which an array of one axis need not name; it may begin with 0."""
    return _begun(ops.cumsum, 0, accumulated(value_of(x), dtype, out), axis, out, include_initial)


def _cumulative_prod(
    x: Any, /, *, axis: Any = None, dtype: Any = None, out: Any = None, include_initial: bool = False
) -> Any:
    """Running product along an axis, which an array of one axis need not name; it may begin with 1."""
    return _begun(ops.cumprod, 1, accumulated(value_of(x), dtype, out), axis, out, include_initial)


# NumPy has these two from 2.1 on.
if hasattr(np, "cumulative_sum"):
    traced_form(np.cumulative_sum)(_cumulative_sum)
    traced_form(np.cumulative_prod)(_cumulative_prod)


def without_nan(x: Any, number: float) -> Any:
    """A value with a number for every NaN, which does not take part in a derivative."""
    return ops.select(ops.isnan(x), x.dtype.type(number), x) if x.dtype.kind in "fc" else x


def _running(op: Callable[..., Any], x: Any, axis: Any) -> Any:
    if axis is None:
        return op(ops.reshape(x, shape=(x.size,)), axis=0)
    if not x.ndim:
        x = ops.reshape(x, shape=(1,))
    return op(x, axis=one_axis(axis, x.ndim))


def _begun(op: Callable[..., Any], first: int, x: Any, axis: Any, out: Any, include_initial: bool) -> Any:
    if not x.ndim:
        x = ops.reshape(x, shape=(1,))
    if axis is None:
        if x.ndim > 1:
            raise ValueError("For arrays which have more than one dimension ``axis`` argument is required.")
        axis = 0
    axis = one_axis(axis, x.ndim)
    y = op(x, axis=axis)
    if include_initial:
        start = np.full((*x.shape[:axis], 1, *x.shape[axis + 1 :]), first, y.dtype)
        y = ops.concatenate(start, y, axis=axis)
    return stored(y, out)
