"""Numbers as unevaluated sums of two, for where 53 bits are not enough.

Dekker (1971), A floating-point technique for extending the available precision; Muller et al., Handbook of
Floating-Point Arithmetic (2018), chapters 4 and 14. With round-to-nearest each sum and product below has the error
that is named, relative to the result, where u = 2⁻⁵³ and nothing overflows or underflows.
"""

from __future__ import annotations

from typing import NamedTuple

from chainrule.compile.vector_math.expression import Real, choose, fma


class Pair(NamedTuple):
    """high + low, with |low| much smaller than |high|."""

    high: Real
    low: Real


def fast_two_sum(a: Real | float, b: Real) -> Pair:
    """a + b exactly, where |a| ≥ |b| or a is 0."""
    if not isinstance(a, Real):
        a = b.constant(a)
    high = a + b
    return Pair(high, b - (high - a))


def two_sum(a: Real, b: Real) -> Pair:
    """a + b exactly."""
    high = a + b
    b_part = high - a
    return Pair(high, (a - (high - b_part)) + (b - b_part))


def product(a: Real, b: Real | float) -> Pair:
    """a b exactly."""
    high = a * b
    return Pair(high, fma(a, b, -high))


def times(x: Pair, y: Pair | tuple[float, float]) -> Pair:
    """x y, within 5 u²."""
    high, low = product(x.high, y[0])
    return fast_two_sum(high, fma(x.high, y[1], fma(x.low, y[0], low)))


def plus(x: Pair, y: Pair) -> Pair:
    """x + y, within 3 u² where the two have the same sign or one is much larger."""
    high, low = two_sum(x.high, y.high)
    return fast_two_sum(high, low + (x.low + y.low))


def quotient(x: Pair, y: Pair, reciprocal: Real | None = None) -> Pair:
    """x / y within a few u², by one division, or none if 1/y₁ is known within a few u.

    q = x₁ (1/y₁) leaves the remainder x - q y, which fma gives exactly but for its last terms, and the remainder over
    y is the low part.
    """
    if reciprocal is None:
        reciprocal = 1 / y.high
    q = x.high * reciprocal
    remainder = fma(-q, y.high, x.high) + fma(-q, y.low, x.low)
    return Pair(q, remainder * reciprocal)


def square_root(x: Pair) -> Pair:
    """√x within a few u²: the root of the high part, and the remainder over twice the root. √0 = 0."""
    root = x.high.sqrt()
    remainder = fma(-root, root, x.high) + x.low
    return Pair(root, remainder / choose(root.equals(0.0), 1.0, root + root))
