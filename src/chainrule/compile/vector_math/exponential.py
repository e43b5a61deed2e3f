"""Exponentials: bˣ = 2ᵏ bʳ with the nearest whole k, and a polynomial for bʳ.

Tang (1989), Table-driven implementation of the exponential function, without the table: with 2 or more lanes and fused
multiply-adds a longer polynomial costs less than a look-up.

In each, bʳ = 1 + (t + s), where t has the digits and s, the correction, is at most a tenth of 1 + t. The sum 1 + t is
made exactly as h + l, so that the result is h + (l + s): rounded once, with the errors of s, which are within 2 ulp of
s, in front of it. That is 0.5 + 2/16 + 1/10 ulp, the last part from the polynomial.
"""

from __future__ import annotations

from typing import NamedTuple

from chainrule.compile.vector_math.coefficients import (
    EXP,
    EXP2,
    EXP2_SINGLE,
    EXP_SINGLE,
    EXP_TAIL,
    EXPM1_SINGLE,
    FULL_LN2,
    INVERSE_LN2,
    LN2,
)
from chainrule.compile.vector_math.double_double import Pair, fast_two_sum, product
from chainrule.compile.vector_math.expression import Bits, Real, choose, fma
from chainrule.compile.vector_math.polynomial import polynomial

# A number of this size has 1 as its last place: added, it rounds to a whole number, which the last bits then are.
ROUNDER = 1.5 * 2.0**52


class Whole(NamedTuple):
    """A whole number |k| < 2⁵¹, as a number and in the last bits of an integer."""

    real: Real
    bits: Bits


def nearest_whole(x: Real) -> Whole:
    """The whole number nearest to x, for |x| < 2⁵¹."""
    shifted = x + ROUNDER
    return Whole(shifted - ROUNDER, shifted.bits)


def nearest_multiple(x: Real, factor: float) -> Whole:
    """The whole number nearest to x · factor, or one next to it at ties."""
    shifted = fma(x, factor, ROUNDER)
    return Whole(shifted - ROUNDER, shifted.bits)


def power_of_two(k: Bits) -> Real:
    """2ᵏ for -1022 ≤ k ≤ 1023, of which the last 11 bits count."""
    return ((k + 1023) << 52).real


def scale(x: Real, k: Whole) -> Real:
    """2ᵏ x for |k| < 2000, in two factors that are each a normal number: rounded if the result is subnormal."""
    half = (k.bits << 52) >> 53
    rest = k.bits - half
    return x * power_of_two(half) * power_of_two(rest)


def reduced(x: Real) -> tuple[Whole, Real, Real]:
    """x = k ln 2 + t + c with |t + c| ≤ ln(2)/2, as k, t and c: t is exact, because k times the first piece is."""
    k = nearest_multiple(x, INVERSE_LN2[0])
    return k, fma(k.real, -LN2[0], x), k.real * -LN2[1]


def exp(x: Real) -> Real:
    """eˣ. Past the ends of the range the scaling overflows to infinity or underflows to 0."""
    k, t, c = reduced(x.at_most(710.0).at_least(-746.0))
    r = t + c
    s = fma(r * r, polynomial(r, EXP), c)
    h, low = fast_two_sum(1.0, t)
    return scale(h + (low + s), k)


def exp_single(x: Real, bound: float = 104.0) -> Real:
    """eˣ for float32: the same, without what 24 bits do not see, where no power of two overflows.

    What is multiplied before it is rounded to float32 may be larger or smaller than that: up to a bound of 700.
    """
    x = x.at_most(bound).at_least(-bound)
    k = nearest_multiple(x, INVERSE_LN2[0])
    r = fma(k.real, -FULL_LN2[0], x)
    return fma(r * r, polynomial(r, EXP_SINGLE), 1.0 + r) * power_of_two(k.bits)


def exp2(x: Real) -> Real:
    """2ˣ: r = x - k is exact, and r ln 2 = t + c as a pair."""
    x = x.at_most(1025.0).at_least(-1076.0)
    k = nearest_whole(x)
    r = x - k.real
    t = r * FULL_LN2[0]
    c = fma(r, FULL_LN2[1], fma(r, FULL_LN2[0], -t))
    s = fma(r * r, polynomial(r, EXP2), c)
    h, low = fast_two_sum(1.0, t)
    return scale(h + (low + s), k)


def exp2_single(x: Real) -> Real:
    """2ˣ for float32."""
    x = x.at_most(129.0).at_least(-151.0)
    k = nearest_whole(x)
    r = x - k.real
    return fma(r * r, polynomial(r, EXP2_SINGLE), fma(r, FULL_LN2[0], 1.0)) * power_of_two(k.bits)


def exp_of_pair(x: Pair) -> Real:
    """e to the power of a sum of two, which is rounded only at the end: what a power needs."""
    k, power = exp_in_parts(x)
    result = scale(power.high + power.low, k)
    return choose(x.high > 710.0, float("inf"), choose(x.high < -746.0, 0.0, result))


def exp_in_parts(x: Pair) -> tuple[Whole, Pair]:
    """k and e to the power of a sum of two over 2ᵏ, before it is rounded: the second part is at most a tenth."""
    k, t, c = reduced(x.high)
    c = c + x.low
    r = t + c
    s = fma(r * r, polynomial(r, EXP), c)
    h, low = fast_two_sum(1.0, t)
    return k, Pair(h, low + s)


def _expm1_parts(x: Real, x_low: Real | None = None) -> tuple[Whole, Real, Real]:
    """k, and eʳ - 1 as two parts, for x = k ln 2 + r, or the sum of two.

    eʳ - 1 = t + r²/2 + rest, where the square is made as a pair, so that its rounding does not count where the powers
    nearly cancel in 2ᵏ (eʳ - 1) + (2ᵏ - 1).
    """
    k, t, c = reduced(x)
    if x_low is not None:
        c = c + x_low
    r = t + c
    square = product(r, r)
    high, low = fast_two_sum(t, square.high * 0.5)
    return k, high, low + fma(square.low, 0.5, fma(r * square.high, polynomial(r, EXP_TAIL), c))


def exp_to_pair(x: Pair) -> tuple[Whole, Pair]:
    """k and e to the power of a sum of two over 2ᵏ, as a pair within 2⁻⁵⁶ of itself: four times nearer, and dearer."""
    k, high, rest = _expm1_parts(x.high, x.low)
    h, low = fast_two_sum(1.0, high)
    return k, Pair(h, low + rest)


def expm1(x: Real) -> Real:
    """eˣ - 1. Near 0 it is x, with the sign of a zero; half of it is made, so that only the end overflows."""
    k, high, rest = _expm1_parts(x.at_most(710.0).at_least(-50.0))
    power = power_of_two(k.bits - 1)
    difference, rounding = fast_two_sum(power, power.constant(-0.5))
    high, low = fast_two_sum(difference, power * high)
    half = high + fma(power, rest, low + rounding)
    return choose(abs(x) < 2.0**-54, x, half + half)


def expm1_single(x: Real) -> Real:
    """eˣ - 1 for float32."""
    bounded = x.at_most(89.0).at_least(-20.0)
    k = nearest_multiple(bounded, INVERSE_LN2[0])
    r = fma(k.real, -FULL_LN2[0], bounded)
    power = power_of_two(k.bits)
    return fma(power, fma(r * r, polynomial(r, EXPM1_SINGLE), r), power - 1.0).with_sign_of(x)
