"""Counting into bins. Counts are steps in what is counted, and linear in its weights; edges move with the extremes."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.numpy.constants import traced_form
from chainrule.numpy.handle import lanes, look, wrap
from chainrule.numpy.operands import PYTHON_NUMBERS, converted, value_of
from chainrule.trace import Value
from chainrule.transforms.looks import decide

_INDEX = np.dtype(np.intp)
_DOUBLE = np.dtype(np.float64)


@traced_form(np.bincount)
def bincount(x: Any, /, weights: Any = None, minlength: Any = 0) -> Any:
    """Number of times that each non-negative integer occurs, or the sum of its weights."""
    places = value_of(x)
    if places.ndim != 1:
        raise ValueError("object too deep for desired array")
    if places.dtype.kind not in "iub":
        raise TypeError(f"Cannot cast array data from {places.dtype!r} to dtype('int64') according to the rule 'safe'")
    if minlength < 0:
        raise ValueError("'minlength' must not be negative")
    if decide(np.less, places, np.intp(0)):
        raise ValueError("'list' argument must have no negative elements")
    places = converted(places, _INDEX)
    most = int(look(ops.reduce_max(places, axes=(0,)))) + 1 if places.size else 0
    length = max(most, int(minlength))
    if weights is None:
        return wrap(_gathered(places, np.ones(places.shape, _INDEX), length))
    w = value_of(weights)
    if not np.can_cast(w.dtype, _DOUBLE):
        raise TypeError(f"Cannot cast array data from {w.dtype!r} to dtype('float64') according to the rule 'safe'")
    if w.shape != places.shape:
        raise ValueError("The weights and list don't have the same length.")
    return wrap(_gathered(places, converted(w, _DOUBLE), length))


@traced_form(np.histogram_bin_edges)
def histogram_bin_edges(a: Any, bins: Any = 10, range: Any = None, weights: Any = None) -> Any:
    """Edges of the bins that `histogram` uses."""
    return wrap(_edges(_flat(a), bins, range, weights))


@traced_form(np.histogram)
def histogram(a: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None) -> Any:
    """Counts, sums of weights, or a density in bins, and the edges of the bins."""
    x = _flat(a)
    w = None if weights is None else value_of(weights)
    if w is not None:
        if w.shape != value_of(a).shape:
            raise ValueError("weights should have the same shape as a.")
        w = ops.reshape(w, shape=(w.size,))
    edges = _edges(x, bins, range, weights)
    if type(w) is Value:
        place = _weights_in_equal_bins if np.ndim(bins) == 0 else _weights_between
        counts = place(look(x), look(edges), w)
    else:
        chosen = look(edges) if _is_array(bins) else bins
        limits = None if range is None else tuple(look(value_of(limit)) for limit in range)
        counts, _ = np.histogram(look(x), chosen, limits, weights=w)
    if density:
        wide = np.result_type(counts.dtype, _DOUBLE)
        widths = converted(converted(_steps(edges), _DOUBLE), wide)
        total = ops.reduce_sum(counts, axes=(0,))
        counts = converted(counts, wide) / widths / converted(total, wide)
    return wrap(counts), wrap(edges)


def _is_array(bins: Any) -> bool:
    return not isinstance(bins, str) and value_of(bins).ndim > 0


def _edges(x: Any, bins: Any, limits: Any, weights: Any) -> Any:
    """The edges of the bins: those that are given, or a number of equal steps from the least to the greatest entry."""
    if _is_array(bins):
        edges = value_of(bins)
        if edges.ndim != 1:
            raise ValueError("`bins` must be 1d, when an array")
        if decide(decreases, edges):
            raise ValueError("`bins` must increase monotonically, when an array")
        return edges
    if isinstance(bins, str):
        plain_limits = None if limits is None else tuple(look(value_of(limit)) for limit in limits)
        count = len(np.histogram_bin_edges(look(x), bins, plain_limits, weights)) - 1
    else:
        try:
            count = operator.index(bins)
        except TypeError as error:
            raise TypeError("`bins` must be an integer, a string, or an array") from error
        if count < 1:
            raise ValueError("`bins` must be positive, when an integer")
    if limits is not None:
        first, last = limits
    elif x.size:
        first, last = ops.reduce_min(x, axes=(0,)), ops.reduce_max(x, axes=(0,))
    else:
        first, last = 0, 1
    weak = [limit if type(limit) in PYTHON_NUMBERS else value_of(limit).dtype for limit in (first, last)]
    dtype = np.result_type(*weak, x.dtype)
    if dtype.kind not in "fc":
        dtype = np.result_type(dtype, _DOUBLE)
    return converted(_equal_steps(value_of(first), value_of(last), count), dtype)


def decreases(edges: Any) -> Any:
    """Where edges, one after the other, decrease."""
    return np.diff(edges) < 0


def _is_infinite(first: Any, last: Any) -> Any:
    return ~(np.isfinite(first) & np.isfinite(last))


def _equal_steps(first: Any, last: Any, count: int) -> Any:
    first, last = outer_edges(first, last)
    steps = np.arange(count, dtype=first.dtype) * ((last - first) / count) + first
    return ops.concatenate(steps, ops.reshape(last, shape=(1,)), axis=0)


def outer_edges(first: Any, last: Any) -> tuple[Any, Any]:
    """The ends of a range in floating-point numbers; an empty one is widened, so that nothing is divided by 0."""
    dtype = np.result_type(first.dtype, last.dtype)
    dtype = dtype if dtype.kind in "fc" else _DOUBLE
    first, last = converted(first, dtype), converted(last, dtype)
    if decide(np.greater, first, last):
        raise ValueError("max must be larger than min in range parameter.")
    if decide(_is_infinite, first, last):
        raise ValueError(f"autodetected range of [{lanes(first)}, {lanes(last)}] is not finite")
    half = ops.select(first == last, dtype.type(0.5), dtype.type(0))
    return first - half, last + half


def _weights_in_equal_bins(x: Any, edges: Any, w: Any) -> Any:
    """The sums of weights in bins of equal width, added up in the order of the entries."""
    x = x.astype(edges.dtype)
    taken = np.nonzero((x >= edges[0]) & (x <= edges[-1]))[0]
    places = np.minimum(np.searchsorted(edges, x[taken], "right") - 1, len(edges) - 2)
    wide = np.result_type(w.dtype, _DOUBLE)
    return converted(_gathered(places, converted(ops.gather(w, taken), wide), len(edges) - 1), w.dtype)


def _weights_between(x: Any, edges: Any, w: Any) -> Any:
    """The sums of weights between given edges: differences of the running sum of the sorted entries."""
    order = np.argsort(x)
    running = ops.cumsum(ops.gather(w, order), axis=0)
    running = ops.concatenate(np.zeros(1, w.dtype), running, axis=0)
    ordered = x[order]
    places = np.concatenate((ordered.searchsorted(edges[:-1], "left"), ordered.searchsorted(edges[-1:], "right")))
    return _steps(ops.gather(running, places))


def _steps(x: Any) -> Any:
    """The differences of neighbours."""
    return ops.index(x, path=((slice(1, None),),)) - ops.index(x, path=((slice(0, max(x.shape[0] - 1, 0)),),))


def _flat(a: Any) -> Any:
    x = value_of(a)
    return ops.reshape(x, shape=(x.size,))


def _gathered(places: Any, weights: Any, length: int) -> Any:
    """The sums of weights by place."""
    return ops.scatter_add(np.zeros(length, weights.dtype), weights, places, donate=False)
