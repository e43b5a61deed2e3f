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

    So do vmap of the pull and of the push, since the rules run on batches too.
    """
    f, count = case.sample.function, len(case.shapes)
    lanes = [case.draw(f"lane {k}") for k in range(_LANES)]
    _compare(case, "all operands", f, lanes, (0,) * count)
    if any(case.shapes):
        _compare(case, "the last axis", f, lanes, tuple(-1 for _ in case.shapes), out_axes=-1)
    if count > 1:
        for mapped in range(count):
            axes = tuple(0 if k == mapped else None for k in range(count))
            mixed = [
                tuple(x if axis == 0 else lanes[0][k] for k, (x, axis) in enumerate(zip(lane, axes, strict=True)))
                for lane in lanes
            ]
            _compare(case, f"operand {mapped} alone", f, mixed, axes)
    _compare_without_lanes(case)
    if case.sample.order >= 1:
        structure = flatten(f(*map(copied, case.inputs)))[1]
        y_bars = unflatten(structure, cotangents(case, "batch"))
        x_dots = case.directions("batch")

        def pull(*xs: Any) -> Any:
            return vjp(f, *xs)[1](y_bars)

        def push(*xs: Any) -> Any:
            return jvp(f, xs, x_dots)[1]

        _compare(case, "the pull", pull, lanes, (0,) * count)
        _compare(case, "the push", push, lanes, (0,) * count)


def _compare(
    case: Case, what: str, f: Callable[..., Any], lanes: list[tuple[Any, ...]], axes: tuple[Any, ...], out_axes: int = 0
) -> None:
    loop = [results(f(*map(copied, lane))) for lane in lanes]
    expected = [np.stack(ys, axis=out_axes) for ys in zip(*loop, strict=True)]
    stacked = [
        lanes[0][k] if axis is None else np.stack([lane[k] for lane in lanes], axis=axis) for k, axis in enumerate(axes)
    ]
    with warnings.catch_warnings():
        # Functions that look at values run lane by lane, and say so; here only the result counts.
        warnings.simplefilter("ignore", LaneByLaneWarning)
        found = results(vmap(f, in_axes=axes, out_axes=out_axes)(*stacked))
    limit = _TOLERANCE_IN_SINGLE_PRECISION if case.is_single else _TOLERANCE
    close("batch", case, f"vmap over {what}", expected, found, limit, magnitude(expected))
    for a, b in zip(expected, found, strict=True):
        same_kind("batch", case, f"vmap over {what}", a, b)


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
