"""Medians, quantiles and percentiles: sorted entries, interpolated.

A quantile stands at a *virtual place* v in the n sorted entries, a number between 0 and n - 1 that depends on the
method (Hyndman and Fan, Sample quantiles in statistical packages, 1996); between two entries it is interpolated. v is
linear in q, so a traced q has a derivative wherever the method interpolates.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.numpy.axes import all_axes
from chainrule.numpy.constants import traced_form
from chainrule.numpy.handle import Array
from chainrule.numpy.operands import converted, value_of
from chainrule.numpy.ordering import sorted_values
from chainrule.numpy.reduction import MISSING, stored
from chainrule.numpy.statistics import mean_of, weights_along
from chainrule.ops.compositions import moved, size_of
from chainrule.trace import Value
from chainrule.transforms.looks import decide

_INDEX = np.dtype(np.intp)
_DOUBLE = np.dtype(np.float64)


@traced_form(np.median)
def median(a: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False, keepdims: Any = False) -> Any:
    """Median along axes: the middle one of the sorted entries, or the mean of the middle two."""
    x = value_of(a)
    axes = all_axes(axis, x.ndim)
    ordered = sorted_values(in_front(x, axes), 0)
    length = ordered.shape[0]
    middle = slice(length // 2 - (length % 2 == 0), length // 2 + 1) if length else slice(0, 0)
    y = mean_of(ops.index(ordered, path=((middle,),)), (0,))
    if length:
        y = _nan_if_any(y, ordered)
    return with_axes_kept(y, (), keepdims, axes, x.shape, out)


@traced_form(np.quantile)
def quantile(
    a: Any,
    q: Any,
    axis: Any = None,
    out: Any = None,
    overwrite_input: bool = False,
    method: str = "linear",
    keepdims: Any = False,
    *,
    weights: Any = None,
) -> Any:
    """Quantiles along axes, for q between 0 and 1, by any of NumPy's methods."""
    return quantile_of(a, value_of(q), type(q) in (int, float), axis, out, method, keepdims, weights, _quantiles)


@traced_form(np.percentile)
def percentile(
    a: Any,
    q: Any,
    axis: Any = None,
    out: Any = None,
    overwrite_input: bool = False,
    method: str = "linear",
    keepdims: Any = False,
    *,
    weights: Any = None,
) -> Any:
    """Percentiles along axes: quantiles for q between 0 and 100."""
    return quantile_of(a, hundredth(q), type(q) in (int, float), axis, out, method, keepdims, weights, _quantiles)


def hundredth(q: Any) -> Any:
    """Percentages as parts of 1."""
    value = value_of(q)
    return (value if value.dtype.kind == "f" else converted(value, _DOUBLE)) / 100


def quantile_of(
    a: Any,
    q: Any,
    weak: bool,
    axis: Any,
    out: Any,
    method: str,
    keepdims: Any,
    weights: Any,
    find: Callable[..., Any],
) -> Any:
    """Check the arguments of a quantile, bring the axes to the front, and give the result its shape.

    `find` computes it from (n, *rest) entries; `weak` says that q is a Python number, whose dtype gives way.
    """
    x = value_of(a)
    check_quantiles(x, q)
    if method not in PLACES:
        raise ValueError(f"{method!r} is not a valid method. Use one of: {list(PLACES)}")
    if q.dtype.kind != "f" and method != "linear":
        q = converted(q, _DOUBLE)
    axes = all_axes(axis, x.ndim)
    weight = None
    if weights is not None:
        if method != "inverted_cdf":
            raise ValueError(f"Only method 'inverted_cdf' supports weights. Got: {method}.")
        weight = weights_along(value_of(weights), x.shape, axis)
        if decide(np.less, weight, np.float64(0)):
            raise ValueError("Weights must be non-negative.")
        weight = in_front(weight if weight.shape == x.shape else ops.broadcast_to(weight, shape=x.shape), axes)
    y = find(in_front(x, axes), q, method, weak, weight)
    return with_axes_kept(y, q.shape, keepdims, axes, x.shape, out)


def with_axes_kept(
    y: Any, ahead: tuple[int, ...], keepdims: Any, axes: tuple[int, ...], shape: tuple[int, ...], out: Any
) -> Any:
    """A result over `axes` of `shape`, with those axes as ones, behind others, if they are kept; stored or wrapped."""
    if not keepdims or keepdims is MISSING:
        return stored(y, out)
    y = ops.reshape(y, shape=(*ahead, *(1 if axis in axes else n for axis, n in enumerate(shape))))
    # Unlike other reductions these then give an array even of a number.
    return stored(y, out) if out is not None or y.ndim else Array(y if type(y) is Value else np.asarray(y))


def check_quantiles(x: Any, q: Any) -> None:
    """Raise what NumPy raises for entries or parts that are none."""
    if x.dtype.kind == "c":
        raise TypeError("a must be an array of real numbers")
    if q.ndim > 2:
        raise ValueError("q must be a scalar or 1d")
    if decide(_is_no_share, q):
        raise ValueError("Quantiles must be in the range [0, 1], and percentiles in the range [0, 100]")


def in_front(x: Any, axes: tuple[int, ...]) -> Any:
    """Axes merged into one, which comes first."""
    rest = tuple(axis for axis in range(x.ndim) if axis not in axes)
    order = (*axes, *rest)
    if order != tuple(range(x.ndim)):
        x = ops.transpose(x, axes=order)
    if len(axes) == 1:
        return x
    length = size_of(x.shape[: len(axes)])
    return ops.reshape(x, shape=(length, *x.shape[len(axes) :]))


def _quantiles(x: Any, q: Any, method: str, weak: bool, weights: Any) -> Any:
    """Quantiles along the first axis; a slice that holds NaN gives NaN."""
    if weights is None:
        ordered = sorted_values(x, 0)
        return _nan_if_any(interpolated(ordered, x.shape[0], q, method, weak), ordered)
    ordered, weights = sorted_together(x, weights)
    return _nan_if_any(weighted(ordered, weights, x.shape[0], q), ordered)


def _nan_if_any(y: Any, ordered: Any) -> Any:
    """A result, or NaN where one is among the sorted entries: it is the last."""
    if ordered.dtype.kind not in "fc":
        return y
    last = ops.index(ordered, path=((-1,),))
    return ops.select(ops.isnan(last), last if last.dtype == y.dtype else converted(last, y.dtype), y)


def interpolated(ordered: Any, count: Any, q: Any, method: str, weak: bool) -> Any:
    """Quantiles of sorted entries (n, *rest), of which the first `count` (one number, or one a slice) take part."""
    each = not isinstance(count, int)
    if each:
        q = _ahead_of(q, ordered.ndim - 1)
        count = converted(count, q.dtype)
    place, weight = PLACES[method](count, q)
    if weight is None or place.dtype.kind != "f":
        return entries(ordered, converted(place, _INDEX), each)
    last = count - 1
    before = ops.floor(place)
    above, below = place >= last, place < 0
    # NumPy measures the distance from a last entry as from the place -1.
    gamma = weight(place - _within(before, above, below, -1), place)
    lower = entries(ordered, converted(_within(before, above, below, last), _INDEX), each)
    upper = entries(ordered, converted(_within(before + 1, above, below, last), _INDEX), each)
    return _between(lower, upper, gamma if each else _ahead_of(gamma, ordered.ndim - 1), weak)


def _is_no_share(q: Any) -> Any:
    return ~((q >= 0) & (q <= 1))


def weighted(ordered: Any, weights: Any, count: Any, q: Any) -> Any:
    """Quantiles of sorted entries (n, *rest) with weights: the first entry at which the share of weights reaches q."""
    share = ops.cumsum(converted(weights, _DOUBLE), axis=0)
    share = share / ops.index(share, path=((slice(-1, None),),))
    if decide(np.isnan, share):
        raise ValueError("Weights included NaN, inf or were all zero.")
    if q.dtype.kind == "f":
        share = converted(share, q.dtype)
    # A quantile at 0 is the first entry that has any weight.
    share = ops.select(share == 0, share.dtype.type(-1), share)
    rest = ordered.shape[1:]
    rows = ops.reshape(moved(share, 0, share.ndim - 1), shape=(size_of(rest), share.shape[0]))
    places = ops.searchsorted(rows, converted(ops.reshape(q, shape=(q.size,)), rows.dtype), side="left")
    places = ops.reshape(ops.transpose(places, axes=(1, 0)), shape=(*q.shape, *rest))
    last = np.intp(count - 1) if isinstance(count, int) else count - 1
    return entries(ordered, ops.minimum(places, last), True)


def sorted_together(x: Any, weights: Any) -> tuple[Any, Any]:
    """Entries sorted along the first axis, and their weights in the same order."""
    order = ops.argsort(x, axis=0, kind="stable")
    return ops.permuted(x, order, axis=0), ops.permuted(weights, order, axis=0)


def entries(ordered: Any, places: Any, each: bool) -> Any:
    """Entries of (n, *rest) along the first axis, at places (*q) common to all slices or (*q, *rest) for each."""
    if not each:
        return ops.gather(ordered, places)
    rest = ordered.shape[1:]
    slices = (np.arange(n, dtype=_INDEX).reshape(n, *(1,) * (len(rest) - 1 - k)) for k, n in enumerate(rest))
    return ops.gather(ordered, places, *(np.broadcast_to(k, places.shape) for k in slices))


def _ahead_of(x: Any, ndim: int) -> Any:
    """A value whose axes come before `ndim` others."""
    return ops.reshape(x, shape=(*x.shape, *(1,) * ndim)) if ndim else x


def _within(place: Any, above: Any, below: Any, last: Any) -> Any:
    """A place, or the last one where it is beyond that, or 0 where it is before the first."""
    last = place.dtype.type(last) if isinstance(last, int) else last
    return ops.select(above, last, ops.select(below, place.dtype.type(0), place))


def _between(a: Any, b: Any, t: Any, weak: bool) -> Any:
    """a + (b - a) t as NumPy rounds it: from the nearer end."""
    dtype = a.dtype if weak and a.dtype.kind == "f" else np.result_type(a.dtype, t.dtype)
    step = converted(b - a, dtype)
    far = t >= 0.5
    if type(far) is not Value and np.all(far):
        return converted(b, dtype) - step * converted(1 - t, dtype)
    near = converted(a, dtype) + step * converted(t, dtype)
    if type(far) is not Value and not np.any(far):
        return near
    return ops.select(far, converted(b, dtype) - step * converted(1 - t, dtype), near)


def _fraction(gamma: Any, place: Any) -> Any:
    """The distance from the entry before."""
    return gamma


def _straight(alpha: float, beta: float) -> Callable[[Any, Any], Any]:
    """v = n q + α + q (1 - α - β) - 1, the family of Hyndman and Fan."""
    return lambda n, q: (n * q + (alpha + q * (1 - alpha - beta)) - 1, _fraction)


def _inverted_cdf(n: Any, q: Any) -> Any:
    place = n * q - 1
    before = ops.floor(place)
    return _nonnegative(ops.select(place - before == 0, before, before + 1)), None


def _averaged_inverted_cdf(n: Any, q: Any) -> Any:
    return n * q - 1, lambda gamma, place: ops.select(gamma == 0, gamma.dtype.type(0.5), gamma.dtype.type(1))


def _closest_observation(n: Any, q: Any) -> Any:
    place = n * q - 1 - 0.5
    before = ops.floor(place)
    odd = ops.remainder(before, before.dtype.type(2)) == 1
    return _nonnegative(ops.select(ops.logical_and(place - before == 0, odd), before, before + 1)), None


def _nonnegative(place: Any) -> Any:
    return ops.maximum(place, place.dtype.type(0))


def _midpoint(n: Any, q: Any) -> Any:
    place = (n - 1) * q
    middle = 0.5 * (ops.floor(place) + ops.ceil(place))
    return middle, lambda gamma, at: ops.select(at == ops.floor(at), gamma.dtype.type(0), gamma.dtype.type(0.5))


# The virtual place of q among n entries, from 0, and what the distance from the entry before counts; None where the
# place is that of an entry. In the order of NumPy's documentation.
PLACES: dict[str, Callable[[Any, Any], Any]] = {
    "inverted_cdf": _inverted_cdf,
    "averaged_inverted_cdf": _averaged_inverted_cdf,
    "closest_observation": _closest_observation,
    "interpolated_inverted_cdf": _straight(0, 1),
    "hazen": _straight(0.5, 0.5),
    "weibull": _straight(0, 0),
    # Rounds better than the general form with α = β = 1.
    "linear": lambda n, q: ((n - 1) * q, _fraction),
    "median_unbiased": _straight(1 / 3.0, 1 / 3.0),
    "normal_unbiased": _straight(3 / 8.0, 3 / 8.0),
    "lower": lambda n, q: (ops.floor((n - 1) * q), None),
    "higher": lambda n, q: (ops.ceil((n - 1) * q), None),
    "midpoint": _midpoint,
    "nearest": lambda n, q: (ops.rint((n - 1) * q), None),
}
