"""Reductions that leave NaN out: such entries do not take part, in a derivative neither."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.numpy import extremes
from chainrule.numpy.axes import all_axes
from chainrule.numpy.constants import traced_form
from chainrule.numpy.cumulative import without_nan
from chainrule.numpy.handle import wrap
from chainrule.numpy.operands import converted, value_of
from chainrule.numpy.quantiles import (
    check_quantiles,
    entries,
    hundredth,
    in_front,
    interpolated,
    quantile_of,
    sorted_together,
    weighted,
    with_axes_kept,
)
from chainrule.numpy.reduction import MISSING, accumulated, kept, mask_of, multiplied, scalar, summed
from chainrule.numpy.statistics import corrected, mean, over_count, root, std, var
from chainrule.ops.compositions import beside, size_of
from chainrule.transforms.looks import decide

_INDEX = np.dtype(np.intp)


@traced_form(np.nansum)
def nansum(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: Any = MISSING,
    initial: Any = MISSING,
    where: Any = MISSING,
) -> Any:
    """Sum over axes in which every NaN counts as 0."""
    x = accumulated(without_nan(value_of(a), 0), dtype, out)
    axes = all_axes(axis, x.ndim)
    return kept(summed(x, axes, mask_of(where, x.shape), initial), keepdims, axes, x.shape, out)


@traced_form(np.nanprod)
def nanprod(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: Any = MISSING,
    initial: Any = MISSING,
    where: Any = MISSING,
) -> Any:
    """Product over axes in which every NaN counts as 1."""
    x = accumulated(without_nan(value_of(a), 1), dtype, out)
    axes = all_axes(axis, x.ndim)
    return kept(multiplied(x, axes, mask_of(where, x.shape), initial), keepdims, axes, x.shape, out)


@traced_form(np.nanmax)
def nanmax(
    a: Any,
    axis: Any = None,
    out: Any = None,
    keepdims: Any = MISSING,
    initial: Any = MISSING,
    where: Any = MISSING,
) -> Any:
    """Greatest entry along axes that is no NaN."""
    return _extreme(extremes.max, ops.reduce_fmax, ops.fmax, "fmax", a, axis, out, keepdims, initial, where)


@traced_form(np.nanmin)
def nanmin(
    a: Any,
    axis: Any = None,
    out: Any = None,
    keepdims: Any = MISSING,
    initial: Any = MISSING,
    where: Any = MISSING,
) -> Any:
    """Least entry along axes that is no NaN."""
    return _extreme(extremes.min, ops.reduce_fmin, ops.fmin, "fmin", a, axis, out, keepdims, initial, where)


@traced_form(np.nanargmax)
def nanargmax(a: Any, axis: Any = None, out: Any = None, *, keepdims: Any = MISSING) -> Any:
    """Place of the first greatest entry that is no NaN."""
    return _place(extremes.argmax, -np.inf, a, axis, out, keepdims)


@traced_form(np.nanargmin)
def nanargmin(a: Any, axis: Any = None, out: Any = None, *, keepdims: Any = MISSING) -> Any:
    """Place of the first least entry that is no NaN."""
    return _place(extremes.argmin, np.inf, a, axis, out, keepdims)


@traced_form(np.nanmean)
def nanmean(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = MISSING, *, where: Any = MISSING
) -> Any:
    """Arithmetic mean along axes of the entries that are no NaN."""
    x = value_of(a)
    if x.dtype.kind not in "fc":
        return mean(a, axis, dtype, out, keepdims, where=where)
    _refuse_inexact(dtype, out)
    axes, mask = all_axes(axis, x.ndim), mask_of(where, x.shape)
    count = _count(x, axes, mask)
    if decide(np.equal, count, np.intp(0)):
        warnings.warn("Mean of empty slice", RuntimeWarning, stacklevel=3)
    total = summed(accumulated(without_nan(x, 0), dtype, out), axes, mask)
    return kept(_over(total, count), keepdims, axes, x.shape, out)


@traced_form(np.nanvar)
def nanvar(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    ddof: Any = 0,
    keepdims: Any = MISSING,
    *,
    where: Any = MISSING,
    mean: Any = MISSING,
    correction: Any = MISSING,
) -> Any:
    """Variance along axes of the entries that are no NaN."""
    x = value_of(a)
    if x.dtype.kind not in "fc":
        return var(a, axis, dtype, out, ddof, keepdims, where=where, mean=mean, correction=correction)
    axes = all_axes(axis, x.ndim)
    return kept(_variance(x, axes, dtype, out, corrected(ddof, correction), where, mean), keepdims, axes, x.shape, out)


@traced_form(np.nanstd)
def nanstd(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    ddof: Any = 0,
    keepdims: Any = MISSING,
    *,
    where: Any = MISSING,
    mean: Any = MISSING,
    correction: Any = MISSING,
) -> Any:
    """Standard deviation along axes of the entries that are no NaN; 0 spread has the derivative 0 (kinks)."""
    x = value_of(a)
    if x.dtype.kind not in "fc":
        return std(a, axis, dtype, out, ddof, keepdims, where=where, mean=mean, correction=correction)
    axes = all_axes(axis, x.ndim)
    y = root(_variance(x, axes, dtype, out, corrected(ddof, correction), where, mean))
    return kept(y, keepdims, axes, x.shape, out)


@traced_form(np.nanmedian)
def nanmedian(a: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False, keepdims: Any = MISSING) -> Any:
    """Median along axes of the entries that are no NaN."""
    x = value_of(a)
    if not x.size:
        return nanmean(a, axis, out=out, keepdims=keepdims)
    axes = all_axes(axis, x.ndim)
    ordered, count = _sorted_and_counted(in_front(x, axes))
    half = np.intp(2)
    middle = (ops.floor_divide(place, half) for place in (count - 1, count))
    low, high = (entries(ordered, place, True) for place in middle)
    if ordered.dtype.kind not in "fc":
        low, high = converted(low, np.float64), converted(high, np.float64)
    return with_axes_kept((low + high) / 2, (), keepdims, axes, x.shape, out)


@traced_form(np.nanquantile)
def nanquantile(
    a: Any,
    q: Any,
    axis: Any = None,
    out: Any = None,
    overwrite_input: bool = False,
    method: str = "linear",
    keepdims: Any = MISSING,
    *,
    weights: Any = None,
) -> Any:
    """Quantiles along axes of the entries that are no NaN, for q between 0 and 1."""
    return _quantile(a, value_of(q), type(q) in (int, float), axis, out, method, keepdims, weights)


@traced_form(np.nanpercentile)
def nanpercentile(
    a: Any,
    q: Any,
    axis: Any = None,
    out: Any = None,
    overwrite_input: bool = False,
    method: str = "linear",
    keepdims: Any = MISSING,
    *,
    weights: Any = None,
) -> Any:
    """Percentiles along axes of the entries that are no NaN."""
    return _quantile(a, hundredth(q), type(q) in (int, float), axis, out, method, keepdims, weights)


def _refuse_inexact(dtype: Any, out: Any) -> None:
    if dtype is not None and not np.issubdtype(dtype, np.inexact):
        raise TypeError("If a is inexact, then dtype must be inexact")
    if out is not None and not np.issubdtype(out.dtype, np.inexact):
        raise TypeError("If a is inexact, then out must be inexact")


def _count(x: Any, axes: tuple[int, ...], mask: Any) -> Any:
    """How many entries take part along axes."""
    valid = ops.logical_not(ops.isnan(x))
    if mask is not None:
        valid = ops.logical_and(valid, mask)
    return ops.reduce_sum(converted(valid, _INDEX), axes=axes)


def _over(total: Any, count: Any) -> Any:
    """total / count, of empty slices NaN without a warning about the division."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return over_count(total, count)


def _variance(x: Any, axes: tuple[int, ...], dtype: Any, out: Any, ddof: Any, where: Any, mean: Any) -> Any:
    _refuse_inexact(dtype, out)
    mask = mask_of(where, x.shape)
    count = _count(x, axes, mask)
    filled = without_nan(x, 0)
    if mean is MISSING:
        center = _over(summed(accumulated(filled, dtype, None), axes, mask), count)
        center = beside(center, axes)
    else:
        center = value_of(mean)
    common = np.result_type(x.dtype, center.dtype)
    deviation = converted(converted(filled, common) - converted(center, common), x.dtype)
    deviation = ops.select(ops.isnan(x), x.dtype.type(0), deviation)
    squares = ops.real(deviation * ops.conj(deviation)) if x.dtype.kind == "c" else deviation * deviation
    total = summed(accumulated(squares, dtype, out), axes, mask)
    wide = np.result_type(_INDEX, np.asarray(ddof).dtype)
    freedom = converted(count, wide) - wide.type(ddof)
    bad = freedom <= wide.type(0)
    if decide(np.any, bad):
        warnings.warn("Degrees of freedom <= 0 for slice.", RuntimeWarning, stacklevel=4)
    y = _over(total, freedom)
    return ops.select(bad, y.dtype.type(np.nan), y)


def _extreme(
    of_integers: Callable[..., Any],
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
    x = value_of(a)
    if x.dtype.kind not in "fc":
        return of_integers(a, axis, out, keepdims, initial, where)
    x = accumulated(x, None, out)
    axes, mask = all_axes(axis, x.ndim), mask_of(where, x.shape)
    begun = initial is not MISSING and initial is not None
    if mask is not None:
        if not begun:
            raise ValueError(
                f"reduction operation '{name}' does not have an identity, so to use a where mask one has to specify "
                "'initial'"
            )
        x = ops.select(mask, x, x.dtype.type(np.nan))
    if begun and not size_of(tuple(x.shape[axis] for axis in axes)):
        return extremes.max(a, axis, out, keepdims, initial)
    y = reduce(x, axes=axes)
    if begun:
        y = greater(y, scalar(initial, x.dtype))
    if decide(np.isnan, y):
        warnings.warn("All-NaN slice encountered", RuntimeWarning, stacklevel=4)
    return kept(y, keepdims, axes, x.shape, out)


def _place(find: Callable[..., Any], worst: float, a: Any, axis: Any, out: Any, keepdims: Any) -> Any:
    x = value_of(a)
    if x.dtype.kind in "fc" and x.size:
        axes = all_axes(axis, x.ndim)
        if decide(np.any, ops.reduce_all(ops.isnan(x), axes=axes)):
            raise ValueError("All-NaN slice encountered")
        x = without_nan(x, worst)
    return find(wrap(x), axis, out, keepdims=keepdims)


def _sorted_and_counted(x: Any) -> tuple[Any, Any]:
    """Entries sorted along the first axis, NaN at the end, and how many come before that."""
    order = ops.argsort(x, axis=0, kind="stable")
    return ops.permuted(x, order, axis=0), _counted(x)


def _counted(x: Any) -> Any:
    count = _count(x, (0,), None)
    if decide(np.equal, count, np.intp(0)):
        warnings.warn("All-NaN slice encountered", RuntimeWarning, stacklevel=5)
    return count


def _quantile(a: Any, q: Any, weak: bool, axis: Any, out: Any, method: str, keepdims: Any, weights: Any) -> Any:
    x = value_of(a)
    check_quantiles(x, q)
    if not x.size:
        return nanmean(a, axis, out=out, keepdims=keepdims)
    return quantile_of(a, q, weak, axis, out, method, keepdims, weights, _quantiles)


def _quantiles(x: Any, q: Any, method: str, weak: bool, weights: Any) -> Any:
    """Quantiles along the first axis of the entries of each slice that are no NaN."""
    if weights is None:
        ordered, count = _sorted_and_counted(x)
        return interpolated(ordered, count, q, method, weak)
    count = _counted(x)
    ordered, weights = sorted_together(x, ops.select(ops.isnan(x), weights.dtype.type(0), weights))
    return weighted(ordered, weights, count, q)
