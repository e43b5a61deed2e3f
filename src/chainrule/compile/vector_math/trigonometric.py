"""Sine, cosine and tangent: x = k π/2 + r with the nearest whole k, and polynomials for sin r and cos r, |r| ≤ π/4.

The difficulty is r, which has to be right to 53 of its own bits when x is near a multiple of π/2. Two ways lead to it.

* *Moderate* x, |x| ≤ 2²¹: π/2 = c₁ + c₂ + c₃ (Cody and Waite, 1980), where c₁ is π/2 rounded. x and k c₁ are multiples
  of 2⁻⁵³ wherever k ≠ 0, and their difference is below 1, so it is a float64, and fma gives it exactly. k c₂ is exact
  as well, since c₂ has 31 bits, so what its subtraction rounds off is found as in Fast2Sum: the low part of r.
* *Any* x (Payne and Hanek, 1983): x 2/π modulo 4 from the bits of 2/π that matter. x = X 2⁸ʲ with a whole number X, so
  multiples of 4 in 2⁸ʲ 2/π make multiples of 4 in the product and are left out of the table. Four pieces of 53 bits
  leave an error of X 2⁻²¹¹ < 2⁻¹⁵⁰, while no float64 is nearer to a multiple of π/2 than 2⁻⁶² (Muller et al., Handbook
  of Floating-Point Arithmetic, section 11.6): r is right to 2⁻⁸⁰ of itself.

The sine is then r + r³ p(r²) with the low part of r added to the correction, below a tenth of the sum; the cosine
1 - r²/2 + r⁴ q(r²) with the difference made exactly. Both are within 0.5 ulp and the errors of corrections: 0.8 ulp.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from chainrule.compile.vector_math.coefficients import (
    COS,
    COS_SINGLE,
    FULL_HALF_PI,
    HALF_PI,
    INVERSE_HALF_PI,
    SIN,
    SIN_SINGLE,
)
from chainrule.compile.vector_math.double_double import Pair, fast_two_sum, product, quotient, times, two_sum
from chainrule.compile.vector_math.exponential import nearest_multiple, nearest_whole, power_of_two
from chainrule.compile.vector_math.expression import Bits, Real, Truth, choose, fma
from chainrule.compile.vector_math.polynomial import polynomial
from chainrule.compile.vector_math.quarter_turns import QUARTER_TURNS

MODERATE = 2.0**21
"""Up to here the reduction by three pieces of π/2 is right."""


class Reduced(NamedTuple):
    """x = k π/2 + r, with k modulo 4 in the last two bits of `quadrant`."""

    quadrant: Bits
    r: Pair


Reduction = Callable[[Real], Reduced]


def reduce_moderate(x: Real) -> Reduced:
    """The reduction for |x| ≤ 2²¹."""
    k = nearest_multiple(x, INVERSE_HALF_PI[0])
    first = fma(k.real, -HALF_PI[0], x)
    high = fma(k.real, -HALF_PI[1], first)
    low = fma(k.real, -HALF_PI[2], fma(k.real, -HALF_PI[1], first - high))
    return Reduced(k.bits, Pair(high, low))


def reduce_any(x: Real) -> Reduced:
    """The reduction for every finite x; infinity gives NaN."""
    whole, turns = _whole_and_turns(x, 53, 4)
    first = product(whole, turns[0])
    second = product(whole, turns[1])
    third = product(whole, turns[2])
    # Multiples of 4 do not count. Both remainders are exact.
    a = modulo_four(first.high)
    b = modulo_four(first.low)
    c = modulo_four(second.high)
    high, low_a = two_sum(a, b)
    high, low_b = two_sum(high, c)
    k = nearest_whole(high)
    # What is left may cancel, so each sum is exact until only terms below 2⁻⁹⁷ remain.
    middle, low = two_sum(low_a, low_b)
    high, low_a = two_sum(high - k.real, middle)
    high, low_b = two_sum(high, second.low)
    high, low_c = two_sum(high, third.high)
    low = low + low_a + low_b + low_c + fma(whole, turns[3], third.low)
    high, low = fast_two_sum(high, low)
    # Near 0 the products would underflow; there x is its own remainder.
    small = abs(x) < 0.5
    r = times(Pair(high, low), FULL_HALF_PI)
    return Reduced(k.bits, Pair(choose(small, x, r.high), choose(small, 0.0, r.low)))


def _whole_and_turns(x: Real, digits: int, count: int) -> tuple[Real, list[Real]]:
    """x with x = X 2⁸ʲ, whole if j > 0, and the first pieces of 2⁸ʲ 2/π modulo 4, for an x of so many bits."""
    # The number of octets of bits by which the last bit of x lies above 1.
    excess = abs(x).bits.logical_shift(52) - (1023 + digits - 1)
    octets = excess.at_least(0).at_most(8 * 121).logical_shift(3)
    whole = x * power_of_two(-(octets << 3))
    return whole, [x.look_up("vector_math.quarter_turns", QUARTER_TURNS, (octets << 2) + i) for i in range(count)]


def modulo_four(x: Real) -> Real:
    """X less the nearest multiple of 4."""
    return fma((x * 0.25).rint(), -4.0, x)


def is_odd(quadrant: Bits) -> Truth:
    """Whether sine and cosine change places."""
    return (quadrant & 1).equals(1)


def negated_in_second_half(x: Real, quadrant: Bits) -> Real:
    """x, with its sign changed in the quadrants 2 and 3."""
    return (x.bits ^ ((quadrant & 2) << 62)).real


def sine_parts(r: Pair) -> tuple[Real, Real]:
    """sin r = high + correction."""
    z = r.high * r.high
    return r.high, fma(r.high * z, polynomial(z, SIN), r.low)


def sine_pair(r: Pair) -> Pair:
    """sin r within 2⁻⁵⁷ of itself, by making r³ and its first coefficient's product as pairs: for the tangent."""
    z = product(r.high, r.high)
    cube = product(r.high, z.high)
    leading = product(cube.high, SIN[0])
    cube_low = fma(r.high, z.low, cube.low)
    rest = fma(cube.high * z.high, polynomial(z.high, SIN[1:]), fma(cube_low, SIN[0], r.low))
    high, low = fast_two_sum(r.high, leading.high)
    return fast_two_sum(high, low + (leading.low + rest))


def cosine_parts(r: Pair) -> tuple[Real, Real]:
    """cos r = high + correction; the low part of r moves it by -r₁ r₂, and that of r² by half of itself."""
    z = r.high * r.high
    high, low = fast_two_sum(1.0, z * -0.5)
    low_parts = fma(r.high, r.low, fma(r.high, r.high, -z) * 0.5)
    return high, fma(z * z, polynomial(z, COS), low - low_parts)


def sin_by(reduction: Reduction, x: Real) -> Real:
    """sin x. A zero keeps its sign."""
    quadrant, r = reduction(x)
    sine, cosine = sine_parts(r), cosine_parts(r)
    result = choose(is_odd(quadrant), cosine[0] + cosine[1], sine[0] + sine[1])
    return choose(x.equals(0.0), x, negated_in_second_half(result, quadrant))


def cos_by(reduction: Reduction, x: Real) -> Real:
    """cos x, which is the sine of one quadrant further."""
    quadrant, r = reduction(x)
    sine, cosine = sine_parts(r), cosine_parts(r)
    result = choose(is_odd(quadrant), sine[0] + sine[1], cosine[0] + cosine[1])
    return negated_in_second_half(result, quadrant + 1)


def tan_by(reduction: Reduction, x: Real) -> Real:
    """tan x = sin r / cos r, or -cos r / sin r in odd quadrants, a quotient of pairs."""
    quadrant, r = reduction(x)
    sine, cosine = sine_pair(r), fast_two_sum(*cosine_parts(r))
    odd = is_odd(quadrant)
    numerator = Pair(choose(odd, cosine.high, sine.high), choose(odd, cosine.low, sine.low))
    denominator = Pair(choose(odd, sine.high, cosine.high), choose(odd, sine.low, cosine.low))
    q = quotient(numerator, denominator)
    result = choose(odd, -q.high, q.high) + choose(odd, -q.low, q.low)
    return choose(x.equals(0.0), x, result)


def reduce_moderate_single(x: Real) -> Reduced:
    """The reduction for |x| ≤ 2²¹, for float32."""
    k = nearest_multiple(x, INVERSE_HALF_PI[0])
    r = fma(k.real, -FULL_HALF_PI[1], fma(k.real, -FULL_HALF_PI[0], x))
    return Reduced(k.bits, Pair(r, x.constant(0.0)))


def reduce_any_single(x: Real) -> Reduced:
    """The reduction for every float32: of 2/π two pieces are enough for the 24 bits of x."""
    whole, turns = _whole_and_turns(x, 24, 2)
    first = product(whole, turns[0])
    a, b = modulo_four(first.high), first.low
    k = nearest_whole(a + b)
    turn = (a - k.real) + (b + whole * turns[1])
    r = turn * FULL_HALF_PI[0]
    return Reduced(k.bits, Pair(choose(abs(x) < 0.5, x, r), x.constant(0.0)))


def sin_by_single(reduction: Reduction, x: Real) -> Real:
    """sin x for float32."""
    quadrant, r = reduction(x)
    sine, cosine = _sine_single(r.high), _cosine_single(r.high)
    return choose(x.equals(0.0), x, negated_in_second_half(choose(is_odd(quadrant), cosine, sine), quadrant))


def cos_by_single(reduction: Reduction, x: Real) -> Real:
    """cos x for float32."""
    quadrant, r = reduction(x)
    sine, cosine = _sine_single(r.high), _cosine_single(r.high)
    return negated_in_second_half(choose(is_odd(quadrant), sine, cosine), quadrant + 1)


def tan_by_single(reduction: Reduction, x: Real) -> Real:
    """tan x for float32."""
    quadrant, r = reduction(x)
    sine, cosine = _sine_single(r.high), _cosine_single(r.high)
    odd = is_odd(quadrant)
    return choose(x.equals(0.0), x, choose(odd, -cosine, sine) / choose(odd, sine, cosine))


def _sine_single(r: Real) -> Real:
    z = r * r
    return fma(r * z, polynomial(z, SIN_SINGLE), r)


def _cosine_single(r: Real) -> Real:
    z = r * r
    return fma(z * z, polynomial(z, COS_SINGLE), fma(z, -0.5, 1.0))
