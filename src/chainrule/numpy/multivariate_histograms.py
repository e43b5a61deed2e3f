"""Counting points into boxes. Counts are steps in the points, and linear in their weights; edges move with extremes."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.numpy.calculus import diff
from chainrule.numpy.constants import traced_form
from chainrule.numpy.handle import look, wrap
from chainrule.numpy.histograms import decreases, outer_edges
from chainrule.numpy.operands import array_of, converted, value_of
from chainrule.numpy.ranges import linspace
from chainrule.trace import Value
from chainrule.transforms.looks import decide

_DOUBLE = np.dtype(np.float64)


@traced_form(np.histogramdd)
def histogramdd(sample: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None) -> Any:
    """Counts, sums of weights, or a density of points in boxes, and the edges of the boxes along each axis."""
    points = value_of(sample)
    if points.ndim > 2:
        raise ValueError(f"points have one axis or two: an array of shape {points.shape} is neither")
    if not (hasattr(sample, "shape") and len(sample.shape) == 2):
        # A sequence of coordinates, each of all points.
        points = ops.transpose(points, axes=(1, 0)) if points.ndim == 2 else ops.reshape(points, shape=(points.size, 1))
    count, depth = points.shape
    edges = _edges_of_axes(points, bins, range)
    boxes = tuple(len(along) - 1 for along in edges)
    w = None if weights is None else value_of(weights)
    plain_edges = [look(value_of(along)) for along in edges]
    if type(w) is Value:
        if w.shape != (count,):
            raise ValueError("The weights and list don't have the same length.")
        counts = wrap(_summed(look(points), plain_edges, boxes, _as_double(w)))
    else:
        counts = wrap(np.histogramdd(look(points), plain_edges, weights=w)[0])
    if density:
        total = counts.sum()
        for axis, along in enumerate(edges):
            counts = counts / diff(along).reshape([-1 if k == axis else 1 for k in np.arange(depth)])
        counts = counts / total
    return counts, edges


def _as_double(weights: Any) -> Any:
    if not np.can_cast(weights.dtype, _DOUBLE):
        raise TypeError(f"Cannot cast array data from {weights.dtype!r} to {_DOUBLE!r} according to the rule 'safe'")
    return converted(weights, _DOUBLE)


def _edges_of_axes(points: Any, bins: Any, ranges: Any) -> list[Any]:
    """The edges along each axis: those that are given, or a number of equal steps."""
    depth = points.shape[1]
    try:
        given = list(bins)
    except TypeError:
        given = [bins] * depth
    if len(given) != depth:
        raise ValueError("The dimension of bins must be equal to the dimension of the sample x.")
    if ranges is not None and len(ranges) != depth:
        raise ValueError("range argument must have one entry per dimension")
    limits = [None] * depth if ranges is None else ranges
    return [
        _edges(axis, ops.index(points, path=((slice(None), axis),)), each, limit)
        for axis, (each, limit) in enumerate(zip(given, limits, strict=True))
    ]


def _edges(axis: int, x: Any, bins: Any, limits: Any) -> Any:
    ndim = np.ndim(look(value_of(bins)))
    if ndim == 1:
        edges = array_of(bins)
        if decide(decreases, edges._read()):
            raise ValueError(f"`bins[{axis}]` must be monotonically increasing, when an array")
        return edges
    if ndim:
        raise ValueError(f"`bins[{axis}]` must be a scalar or 1d array")
    if bins < 1:
        raise ValueError(f"`bins[{axis}]` must be positive, when an integer")
    if limits is not None:
        first, last = map(value_of, limits)
    elif x.size:
        first, last = ops.reduce_min(x, axes=(0,)), ops.reduce_max(x, axes=(0,))
    else:
        first, last = np.float64(0), np.float64(1)
    try:
        count = operator.index(bins)
    except TypeError as error:
        raise TypeError(f"`bins[{axis}]` must be an integer, when a scalar") from error
    return linspace(*map(wrap, outer_edges(first, last)), count + 1)


def _summed(points: Any, edges: list[Any], boxes: tuple[int, ...], weights: Any) -> Any:
    """The sums of weights in boxes, added up in the order of the points; the last box of an axis has both its edges."""
    columns = list(zip(points.T, edges, strict=True))
    inside = np.logical_and.reduce([(x >= along[0]) & (x <= along[-1]) for x, along in columns])
    taken = np.nonzero(inside)[0]
    places = [np.searchsorted(along, x[taken], "right") - 1 - (x[taken] == along[-1]) for x, along in columns]
    flat = np.ravel_multi_index(tuple(places), boxes)
    sums = ops.scatter_add(np.zeros(math.prod(boxes)), ops.gather(weights, taken), flat, donate=False)
    return ops.reshape(sums, shape=boxes)


@traced_form(np.histogram2d)
def histogram2d(
    x: Any, y: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None
) -> tuple[Any, Any, Any]:
    """Counts, sums of weights, or a density of points of the plane in rectangles, and the edges along both axes."""
    if len(x) != len(y):
        raise ValueError("x and y must have the same length.")
    try:
        given = len(bins)
    except TypeError:
        given = 1
    if given not in (1, 2):
        # One list of edges for both axes.
        bins = [array_of(bins)] * 2
    counts, edges = histogramdd([x, y], bins, range, density, weights)
    return counts, edges[0], edges[1]
