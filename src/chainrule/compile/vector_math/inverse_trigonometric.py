"""The inverse circular functions: an angle that is known, and the arc of what is left, by a polynomial.

The known angle π/4, π/2, ... is a pair and the largest term, added exactly; the argument of the polynomial is a pair;
the rest, t³ p(t²), is at most a twentieth of the result. So the results are within 0.5 + 2/20 + 1/20 ulp.
"""

from __future__ import annotations

from chainrule.compile.vector_math.coefficients import (
    ARCSIN,
    ARCSIN_SINGLE,
    ARCTAN,
    ARCTAN_SINGLE,
    FULL_HALF_PI,
    QUARTER_PI,
    THREE_QUARTERS_PI,
)
from chainrule.compile.vector_math.double_double import Pair, fast_two_sum, quotient, square_root, two_sum
from chainrule.compile.vector_math.expression import Real, Truth, choose, fma
from chainrule.compile.vector_math.polynomial import polynomial

# tan(π/8) and tan(3π/8), between which the arc is measured from π/4.
LOWER, UPPER = 2.0**0.5 - 1, 2.0**0.5 + 1


def _arc_of_ratio(y: Real, x: Real, reflected: Truth | None = None) -> Real:
    """The angle of (x, y) for x, y ≥ 0, or of (-x, y) where `reflected`.

    arctan(y/x) is π/2 + arctan(-x/y) for a steep direction, π/4 + arctan((y - x)/(y + x)) for a middle one, and else
    itself: |t| ≤ √2 - 1 in each. Reflection makes π - π/2, π - π/4 or π - 0 and -t of it.
    """
    steep, flat = y > x * UPPER, y < x * LOWER
    difference, total = two_sum(y, -x), two_sum(y, x)
    numerator = Pair(
        choose(steep, -x, choose(flat, y, difference.high)), choose(steep, 0.0, choose(flat, 0.0, difference.low))
    )
    denominator = Pair(choose(steep, y, choose(flat, x, total.high)), choose(steep, 0.0, choose(flat, 0.0, total.low)))
    t = quotient(numerator, denominator)
    angle = [choose(steep, FULL_HALF_PI[i], choose(flat, 0.0, QUARTER_PI[i])) for i in range(2)]
    if reflected is not None:
        middle_or_flat = [choose(flat, 2 * FULL_HALF_PI[i], y.constant(THREE_QUARTERS_PI[i])) for i in range(2)]
        angle = [choose(reflected, choose(steep, FULL_HALF_PI[i], middle_or_flat[i]), angle[i]) for i in range(2)]
        t = Pair(choose(reflected, -t.high, t.high), choose(reflected, -t.low, t.low))
    z = t.high * t.high
    high, low = fast_two_sum(angle[0], t.high)
    return high + (low + (angle[1] + fma(t.high * z, polynomial(z, ARCTAN), t.low)))


def arctan(x: Real) -> Real:
    """arctan x."""
    return _arc_of_ratio(abs(x).at_most(2.0**60), x.constant(1.0)).with_sign_of(x)


def arctan2(y: Real, x: Real) -> Real:
    """The angle of (x, y) in (-π, π], with the signs of zeros.

    Both are scaled where their sum might overflow or a reciprocal underflow; an infinite one counts as 1 and
    a finite one beside it as nothing; at the origin the direction is that of (±1, ±0).
    """
    b, a = abs(y), abs(x)
    a_infinite, b_infinite = a.equals(float("inf")), b.equals(float("inf"))
    a, b = (
        choose(a_infinite, 1.0, choose(b_infinite & (a < float("inf")), 0.0, a)),
        choose(b_infinite, 1.0, choose(a_infinite & (b < float("inf")), 0.0, b)),
    )
    larger = choose(a > b, a, b)
    scale = choose(larger > 2.0**900, 2.0**-64, choose(larger < 2.0**-900, 2.0**128, x.constant(1.0)))
    b, a = b * scale, a * scale
    a = choose(a.equals(0.0) & b.equals(0.0), 1.0, a)
    negative = (x.bits.logical_shift(63)).equals(1)
    return _arc_of_ratio(b, a, negative).with_sign_of(y)


def _arc_of_sine(x: Real) -> tuple[Truth, Real, Real]:
    """Where |x| > ½; t; and what is to be added to t for arcsin t, with t = |x|, or t = √((1 - |x|)/2) there."""
    magnitude = abs(x)
    outer = magnitude > 0.5
    half = (1.0 - magnitude) * 0.5
    root = square_root(Pair(half, x.constant(0.0)))
    z = choose(outer, half, magnitude * magnitude)
    t = choose(outer, root.high, magnitude)
    return outer, t, fma(t * z, polynomial(z, ARCSIN), choose(outer, root.low, 0.0))


def arcsin(x: Real) -> Real:
    """arcsin x, for |x| > ½ from the half angle: π/2 - 2 arcsin √((1 - |x|)/2)."""
    outer, t, rest = _arc_of_sine(x)
    high, low = fast_two_sum(FULL_HALF_PI[0], t * -2.0)
    outer_result = high + (low + fma(rest, -2.0, FULL_HALF_PI[1]))
    return choose(outer, outer_result, t + rest).with_sign_of(x)


def arccos(x: Real) -> Real:
    """arccos x = π/2 - arcsin x, and from the half angle for |x| > ½: 2 arcsin √((1 - |x|)/2), or π less that."""
    outer, t, rest = _arc_of_sine(x)
    positive = x > 0.0
    angle = [choose(outer, choose(positive, 0.0, 2 * FULL_HALF_PI[i]), FULL_HALF_PI[i]) for i in range(2)]
    factor = choose(outer, 2.0, x.constant(1.0))
    factor = choose(positive, choose(outer, factor, -factor), choose(outer, -factor, factor))
    high, low = fast_two_sum(angle[0], t * factor)
    return high + (low + fma(rest, factor, angle[1]))


def arctan_single(x: Real) -> Real:
    """arctan x for float32."""
    y = abs(x)
    steep, flat = y > UPPER, y < LOWER
    t = choose(steep, -1.0, choose(flat, y, y - 1.0)) / choose(steep, y, choose(flat, 1.0, y + 1.0))
    angle = choose(steep, FULL_HALF_PI[0], choose(flat, 0.0, QUARTER_PI[0]))
    return (angle + _short_arctan(t)).with_sign_of(x)


def arctan2_single(y: Real, x: Real) -> Real:
    """The angle of (x, y) for float32, whose sums and quotients are within the range of float64."""
    b, a = abs(y), abs(x)
    both_infinite = a.equals(float("inf")) & b.equals(float("inf"))
    nowhere = a.equals(0.0) & b.equals(0.0)
    b, a = choose(both_infinite, 1.0, b), choose(both_infinite | nowhere, 1.0, a)
    steep = b > a
    t = choose(steep, a, b) / choose(steep, b, a)
    middle = t > LOWER
    t = choose(middle, t - 1.0, t) / choose(middle, t + 1.0, 1.0)
    arc = choose(middle, QUARTER_PI[0], 0.0) + _short_arctan(t)
    arc = choose(steep, FULL_HALF_PI[0] - arc, arc)
    return choose(x.bits.logical_shift(63).equals(1), 2 * FULL_HALF_PI[0] - arc, arc).with_sign_of(y)


def _short_arctan(t: Real) -> Real:
    """arctan t for |t| ≤ √2 - 1, to the precision that float32 needs."""
    z = t * t
    return fma(t * z, polynomial(z, ARCTAN_SINGLE), t)


def _arcsin_of_part(x: Real) -> tuple[Truth, Real]:
    """Where |x| > ½, and arcsin |x|, or half of arccos |x| there, to the precision that float32 needs."""
    magnitude = abs(x)
    outer = magnitude > 0.5
    half = (1.0 - magnitude) * 0.5
    z = choose(outer, half, magnitude * magnitude)
    t = choose(outer, half.sqrt(), magnitude)
    return outer, fma(t * z, polynomial(z, ARCSIN_SINGLE), t)


def arcsin_single(x: Real) -> Real:
    """arcsin x for float32."""
    outer, arc = _arcsin_of_part(x)
    return choose(outer, fma(arc, -2.0, FULL_HALF_PI[0]), arc).with_sign_of(x)


def arccos_single(x: Real) -> Real:
    """arccos x for float32."""
    outer, arc = _arcsin_of_part(x)
    twice = arc + arc
    outer_result = choose(x > 0.0, twice, 2 * FULL_HALF_PI[0] - twice)
    return choose(outer, outer_result, FULL_HALF_PI[0] - arc.with_sign_of(x))
