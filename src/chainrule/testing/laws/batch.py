"""The law of batches: vmap is a Python loop."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.api.batching import vmap
from chainrule.api.products import jvp, vjp
from chainrule.api.trees import flatten, unflatten
from chainrule.errors import LaneByLaneWarning, LanesDisagreeError
from chainrule.testing.comparison import broken, close, magnitude, same_kind
from chainrule.testing.laws.adjoint import cotangents
from chainrule.testing.sample import Case, copied, results

_LANES = 3
_TOLERANCE = 1e-12
_TOLERANCE_IN_SINGLE_PRECISION = 1e-5


def batch(case: Case) -> None:
    """vmap over all operands, over each alone, and over an axis that is not the first, equals a loop.

    So do vmap of the pull and of the push, since the rules run on batches too, and the pull of vmap.
    """
    f, count = case.sample.function, len(case.shapes)
    lanes = [case.draw(f"lane {k}") for k in range(_LANES)]
    first = (0,) * count
    _compare(case, "vmap", f, vmap(f), lanes, first)
    if any(case.shapes):
        last = (-1,) * count
        _compare(case, "vmap over the last axis", f, vmap(f, last, -1), lanes, last, -1)
    if count > 1:
        for mapped in range(count):
            axes = tuple(0 if k == mapped else None for k in range(count))
            mixed = [
                tuple(x if axis == 0 else lanes[0][k] for k, (x, axis) in enumerate(zip(lane, axes, strict=True)))
                for lane in lanes
            ]
            _compare(case, f"vmap over operand {mapped} alone", f, vmap(f, axes), mixed, axes)
    _compare_without_lanes(case)
    if case.sample.order >= 1:
        _compare_derivatives(case, lanes, first)


def _compare_derivatives(case: Case, lanes: list[tuple[Any, ...]], first: tuple[int, ...]) -> None:
    f = case.sample.function
    structure = flatten(f(*map(copied, case.inputs)))[1]
    y_bars = cotangents(case, "batch")
    x_dots = case.directions("batch")

    def pull(*xs: Any) -> Any:
        return vjp(f, *xs)[1](unflatten(structure, y_bars))

    def push(*xs: Any) -> Any:
        return jvp(f, xs, x_dots)[1]

    def pull_of_batch(*xs: Any) -> Any:
        repeated = [np.stack([y_bar] * _LANES) for y_bar in y_bars]
        return vjp(vmap(f), *xs)[1](unflatten(structure, repeated))

    _compare(case, "vmap of the pull", pull, vmap(pull), lanes, first)
    _compare(case, "vmap of the push", push, vmap(push), lanes, first)
    _compare(case, "the pull of vmap", pull, pull_of_batch, lanes, first)


def _compare(
    case: Case,
    what: str,
    f: Callable[..., Any],
    batched: Callable[..., Any],
    lanes: list[tuple[Any, ...]],
    in_axes: tuple[Any, ...],
    out_axis: int = 0,
) -> None:
    loop = [results(f(*map(copied, lane))) for lane in lanes]
    expected = [np.stack(ys, axis=out_axis) for ys in zip(*loop, strict=True)]
    stacked = [
        lanes[0][k] if axis is None else np.stack([lane[k] for lane in lanes], axis=axis)
        for k, axis in enumerate(in_axes)
    ]
    with warnings.catch_warnings():
        # Functions that look at values run lane by lane, and say so; here only the result counts.
        warnings.simplefilter("ignore", LaneByLaneWarning)
        found = results(batched(*stacked))
    limit = _TOLERANCE_IN_SINGLE_PRECISION if case.is_single else _TOLERANCE
    close("batch", case, what, expected, found, limit, magnitude(expected))
    for a, b in zip(expected, found, strict=True):
        same_kind("batch", case, what, a, b)


def _compare_without_lanes(case: Case) -> None:
    """A batch of no lanes has results of no lanes, unless the function looks at values, of which there are none."""
    empty = [np.zeros((0, *shape), case.dtype) for shape in case.shapes]
    try:
        found = results(vmap(case.sample.function)(*empty))
    except LanesDisagreeError:
        return
    expected = [(0, *np.shape(y)) for y in case.value]
    if [y.shape for y in found] != expected:
        raise broken("batch", case, "shapes of no lanes", expected, [y.shape for y in found])
