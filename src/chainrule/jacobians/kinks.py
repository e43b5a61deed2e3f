"""What is decided where a function has no derivative: at ties, poles and corners. The same in all modes.

| at | the derivative is | why |
| --- | --- | --- |
| `abs(x)`, `x = 0` | 0 | the mean of the slopes -1 and 1 |
| `sign`, `floor`, `round`, comparisons at a step | 0 | the derivative beside the step |
| `maximum(x, y)`, `x = y` | 1/2 for each | the mean of the derivatives on both sides |
| `max(x)`, k entries tie | 1/k for each | the same, symmetric in the entries |
| `logaddexp`, k entries tie at an infinity | 1/k for each | the same |
| `sort`, ties | the permutation that was applied | a derivative along which the order holds |
| `clip(x, low, high)` at a bound | 1 for x, 0 for the bound | the bound is part of the interval in which x passes |
| `nanmax(x)`, `nanmin(x)`, all NaN | 0 | no entry takes part |
| `median`, `quantile` in x | that of the sorted entries which are interpolated | as for `sort` |
| `quantile(x, q)` in q, at an entry | the slope of the interval after it; 0 at q = 1 | NumPy interpolates in it |
| `interp` in x, at a knot | the slope of the interval after it; of the last one at the end | NumPy interpolates in it |
| `std(x)`, all x equal | 0 | the mean of the slopes on both sides |
| `sqrt(x)`, `x = 0` | +∞, and 0 where it does not take part | the one-sided derivative |
| `norm(x)`, `hypot(x, y)`, `abs(z)`, complex, at 0 | 0 | the subgradient of least norm |
| `norm(x, p)`, p < 1, at an entry 0 | 0 in that entry, for p < 0 in all | the mean of the slopes on both sides |
| `sign(z)`, complex, at 0 | 0 | the mean of its values around 0 is its value there |
| `eigh`, `eig`, `svd`, equal values | the limit along a line on which these part | exact for smooth results |
| the k-th of equal eigenvalues | the mean of the derivatives on both sides of that | as for `maximum` |
| `roots(p)`, at a multiple root | NaN | it moves infinitely fast when the coefficients do |
| `x**y`, `x = 0`, in y | 0 for y ≥ 0 | the limit of xʸ log x for y > 0 |
| `x**y`, `y = 0`, in x | 0 | x⁰ is constant, at 0 too |
| `xlogy(x, y)` and its kin in y, `x = y = 0` | 0 | for x = 0 the function is 0 for every y |
| `heaviside(x, h)`, `x = 0` | 0 in x, 1 in h | the derivative beside the step; the value there is h |
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import count_nonzero, ndarray

from chainrule import ops
from chainrule.ops.compositions import beside


def wins(x: Any, y: Any) -> Any:
    """The weight with which x is chosen by x > y: 1, 1/2 at a tie, else 0; a NaN is always chosen."""
    chosen, tied = ops.logical_or(x > y, ops.isnan(x)), x == y
    if type(tied) is np.ndarray and not np.count_nonzero(tied):
        # Booleans choose without a product.
        return chosen
    one = x.dtype.type(1)
    return ops.select(chosen, one, ops.select(tied, one / 2, one - one))


def wins_against_nan(x: Any, y: Any) -> Any:
    """The weight with which x is chosen by x > y: 1, 1/2 at a tie, else 0; a NaN is chosen only against a NaN."""
    chosen, tied = ops.logical_or(x > y, ops.isnan(y)), x == y
    if type(tied) is np.ndarray and not np.count_nonzero(tied):
        return chosen
    one = x.dtype.type(1)
    return ops.select(chosen, one, ops.select(tied, one / 2, one - one))


def other(weight: Any) -> Any:
    """The weight of the other of two operands."""
    return ops.logical_not(weight) if weight.dtype == bool else 1 - weight


def ties(x: Any, y: Any, axes: tuple[int, ...]) -> Any:
    """Which entries of x have the maximum or minimum y over axes, as booleans; where that is NaN, every NaN has it."""
    return ops.logical_or(x == beside(y, axes), ops.isnan(x))


def ties_without_nan(x: Any, y: Any, axes: tuple[int, ...]) -> Any:
    """Which entries of x have the maximum or minimum y over axes that leaves NaN out; none, where all are NaN."""
    return x == beside(y, axes)


def over_gap(x: Any, gap: Any, least: Any) -> Any:
    """x / gap, and 0 where the gap is at most `least`, the round-off of the numbers that it lies between.

    For the turn of eigenvectors or singular vectors into one another, which is not defined where their values are
    equal. Values that differ by round-off are equal: their quotient would be noise.
    """
    tied = (ops.modulus(gap) if gap.dtype.kind == "c" else ops.absolute(gap)) <= least
    zero, one = gap.dtype.type(0), gap.dtype.type(1)
    weight = ops.select(tied, zero, one / ops.select(tied, one, gap))
    return x * (weight if weight.dtype == x.dtype else ops.convert(weight, dtype=x.dtype))


def quotient(x: Any, y: Any) -> Any:
    """x / y, and 0 where y is 0: for the direction of a vector, which at 0 is none."""
    vanishes = y == 0
    if type(vanishes) is np.bool_ and not vanishes:
        return x / y
    return ops.select(vanishes, y.dtype.type(0), x / ops.select(vanishes, y.dtype.type(1), y))


def at_simple_roots(slope: Any, curvature: Any, size: Any, count: int) -> Any:
    """The slope of a polynomial at its roots; NaN where a root is multiple, as far as its round-off lets one say.

    With the round-off e of the value at a root, and `size` the sum of the absolute values of its terms, the parabola
    p′ h + p″ h²/2 = e tells two roots from one if p′² is greater than 2 p″ e.
    """
    least = ops.modulus(curvature) * size * size.dtype.type(2 * count * np.finfo(size.dtype).eps)
    multiple = ops.square(ops.modulus(slope)) <= least
    return ops.select(multiple, slope.dtype.type(np.nan), slope)


def ratio(x: Any, y: Any) -> Any:
    """x / y, and 0 where both are 0: for functions that vanish with x whatever y is."""
    if type(y) is ndarray and count_nonzero(y) == y.size:
        return x / y
    vanish = ops.logical_and(x == 0, y == 0)
    return x / ops.select(vanish, y.dtype.type(1), y)
