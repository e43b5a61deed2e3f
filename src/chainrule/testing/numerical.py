"""Derivatives by numbers alone: the truth that rules are compared with, since no rule takes part in it.

The complex step (Squire and Trapp, 1998) is exact to round-off: f(x + ihv) = f(x) + ih f′(x)v + O(h²), so the imaginary
part over h is the derivative, and no difference cancels. Where a function takes no complex numbers, central differences
with steps h, h/2, h/4, ... are extrapolated to h = 0 (Ridders, 1982), entry by entry as far as that gains.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

Function = Callable[..., tuple[Any, ...]]

# So small that its square vanishes beside 1, so large that its products do not underflow. A power of 2 rounds nothing.
COMPLEX_STEP = 2.0**-70

# Where the largest step is tried first. Functions that vary fast, or are undefined nearby, need the smaller ones.
_LARGEST_STEPS = (2.0**-4, 2.0**-10, 2.0**-16)
_REFINEMENTS = 7
_ACCURACY = 1e-8


def complex_step(f: Function, xs: Sequence[Any], x_dots: Sequence[Any]) -> tuple[Any, ...]:
    """The derivative of a complex-differentiable function of real arrays, in one direction.

    >>> complex_step(lambda x: (x * x * x,), (2.0,), (1.0,))
    (12.0,)
    """
    with np.errstate(all="ignore"):
        ys = f(*(x + 1j * COMPLEX_STEP * x_dot for x, x_dot in zip(xs, x_dots, strict=True)))
        return tuple(np.imag(y) / COMPLEX_STEP for y in ys)


def central_difference(f: Function, xs: Sequence[Any], x_dots: Sequence[Any]) -> tuple[Any, ...]:
    """The derivative of a smooth function of real or complex arrays, in one direction: (f(x+hv) - f(x-hv)) / 2h, h → 0.

    >>> [round(float(y_dot), 8) for y_dot in central_difference(lambda x: (x**3,), (2.0,), (1.0,))]
    [12.0]
    """

    def difference(h: float) -> tuple[Any, ...]:
        ahead = _shifted(f, xs, (h, x_dots))
        behind = _shifted(f, xs, (-h, x_dots))
        return tuple(_minus(a, b) / (2 * h) for a, b in zip(ahead, behind, strict=True))

    with np.errstate(all="ignore"):
        return extrapolated(difference)


def mixed_difference(f: Function, xs: Sequence[Any], first: Sequence[Any], second: Sequence[Any]) -> tuple[Any, ...]:
    """The second derivative of a smooth function in two directions, by central differences in both.

    >>> [round(float(y), 6) for y in mixed_difference(lambda x: (x**3,), (2.0,), (1.0,), (1.0,))]
    [12.0]
    """

    def difference(h: float) -> tuple[Any, ...]:
        corners = [_shifted(f, xs, (s * h, first), (t * h, second)) for s, t in ((1, 1), (1, -1), (-1, 1), (-1, -1))]
        return tuple((_minus(a, b) - _minus(c, d)) / (4 * h * h) for a, b, c, d in zip(*corners, strict=True))

    with np.errstate(all="ignore"):
        return extrapolated(difference)


def mixed_complex_step(f: Function, xs: Sequence[Any], first: Sequence[Any], second: Sequence[Any]) -> tuple[Any, ...]:
    """The second derivative of a complex-differentiable function in two directions: differences of complex steps.

    >>> [round(float(y), 8) for y in mixed_complex_step(lambda x: (x**3,), (2.0,), (1.0,), (1.0,))]
    [12.0]
    """
    return central_difference(lambda *at: complex_step(f, at, second), xs, first)


def one_sided_differences(
    f: Function, xs: Sequence[Any], x_dots: Sequence[Any], h: float = 1e-5
) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """The slopes of a function in one direction just ahead of a point and just behind it: at a kink they differ.

    >>> ahead, behind = one_sided_differences(lambda x: (abs(x),), (0.0,), (1.0,))
    >>> ahead, behind
    ((1.0,), (-1.0,))
    """
    with np.errstate(all="ignore"):
        before, at, after = (_shifted(f, xs, (shift, x_dots)) for shift in (-h, 0.0, h))
        ahead = tuple(_minus(b, a) / h for a, b in zip(at, after, strict=True))
        behind = tuple(_minus(b, a) / h for a, b in zip(before, at, strict=True))
    return ahead, behind


def extrapolated(difference: Callable[[float], tuple[Any, ...]]) -> tuple[Any, ...]:
    """A difference quotient whose error is a series in h², extrapolated to h = 0."""
    found: list[tuple[Any, Any]] = []
    for largest in _LARGEST_STEPS:
        columns = zip(*(difference(largest / 2**k) for k in range(_REFINEMENTS)), strict=True)
        tables = [_ridders(column) for column in columns]
        found = [_better(a, b) for a, b in zip(found, tables, strict=True)] if found else tables
        if all(np.all(error <= _ACCURACY * np.max(np.abs(best), initial=1.0)) for best, error in found):
            break
    return tuple(best[()] for best, _ in found)


def _ridders(estimates: Sequence[Any]) -> tuple[Any, Any]:
    """For each element the entry of Richardson's table that differs least from its neighbours, and by how much."""
    best = np.array(estimates[0])
    least = np.full(best.shape, np.inf)
    previous = [np.asarray(estimates[0])]
    for estimate in estimates[1:]:
        row = [np.asarray(estimate)]
        for k, before in enumerate(previous):
            factor = 4.0 ** (k + 1)
            better = (factor * row[k] - before) / (factor - 1)
            error = np.maximum(abs(better - row[k]), abs(better - before))
            best, least = _better((best, least), (better, error))
            row.append(better)
        previous = row
    return best, least


def _better(first: tuple[Any, Any], second: tuple[Any, Any]) -> tuple[Any, Any]:
    """Of two estimates with their errors the better one, element by element."""
    chosen = second[1] <= first[1]
    return np.where(chosen, second[0], first[0]), np.where(chosen, second[1], first[1])


def _shifted(f: Function, xs: Sequence[Any], *shifts: tuple[float, Sequence[Any]]) -> tuple[Any, ...]:
    moved = list(xs)
    for h, direction in shifts:
        moved = [x + h * x_dot for x, x_dot in zip(moved, direction, strict=True)]
    return f(*moved)


def _minus(a: Any, b: Any) -> Any:
    """a - b, and 0 for results that do not vary, such as indices."""
    if np.asarray(a).dtype.kind in "fc":
        return a - b
    return np.zeros(np.shape(a))
