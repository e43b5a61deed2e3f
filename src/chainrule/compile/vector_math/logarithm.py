"""Logarithms: x = 2ᵏ m with √½ ≤ m < √2, so that log x = k log 2 + log m, and log m by the series of artanh.

log m = 2 artanh s with s = (m - 1)/(m + 1), |s| ≤ 0.1716 (Muller, Elementary Functions, 2016, section 4.2, has this
substitution). The quotient is made as a pair; 2 s carries the digits, and the rest of the series, at most 1 % of it,
is a polynomial in s². So log m is a pair within 2⁻⁵⁸ of itself, and what is added to it is added exactly: the results
are within 0.55 ulp.
"""

from __future__ import annotations

from collections.abc import Sequence

from chainrule.compile.vector_math.coefficients import (
    FULL_LN2,
    INVERSE_LN2,
    INVERSE_LN10,
    LN2,
    LOG,
    LOG10_2,
    LOG_SINGLE,
)
from chainrule.compile.vector_math.double_double import Pair, fast_two_sum, quotient, times, two_sum
from chainrule.compile.vector_math.exponential import power_of_two
from chainrule.compile.vector_math.expression import Bits, Real, choose, fma
from chainrule.compile.vector_math.polynomial import polynomial

ROOT_HALF = 0x3FE6A09E667F3BCD  # the bits of √½
ROOT_TWO = 2.0**0.5
EXPONENT = 0x7FF << 52
# The bits of 2⁵² · 1.5, whose last bits are a whole number of either sign.
WHOLE = 0x4338 << 48


def whole_from_bits(k: Bits) -> Real:
    """The number that a small integer is, without a conversion: some machines have none for 64 bits."""
    return (k + WHOLE).real - 1.5 * 2.0**52


def split(x: Real) -> tuple[Bits, Real]:
    """x = 2ᵏ m with √½ ≤ m < √2, as k and m, for a positive normal x."""
    offset = x.bits - ROOT_HALF
    k = offset >> 52
    return k, (x.bits - (k << 52)).real


def normalised(x: Real) -> tuple[Real, Real]:
    """x as a normal number and what to add to its exponent: a subnormal number is multiplied by 2⁵⁴."""
    subnormal = x < 2.0**-1022
    return choose(subnormal, x * 2.0**54, x), choose(subnormal, -54.0, 0.0)


def log_series(s: Pair) -> Pair:
    """2 artanh s as a pair, for |s| ≤ 0.1716."""
    z = s.high * s.high
    return Pair(s.high + s.high, fma(s.high * z, polynomial(z, LOG), s.low + s.low))


def log_mantissa(m: Real) -> Pair:
    """log m as a pair, for √½ ≤ m < √2. m - 1 is exact."""
    f = m - 1.0
    return log_series(quotient(Pair(f, f.constant(0.0)), fast_two_sum(2.0, f)))


def with_exponent(k: Real, log_m: Pair) -> Pair:
    """k log 2 + log m as a pair; the first piece of log 2 times k is exact, and at least as large as log m or 0."""
    high, low = fast_two_sum(k * LN2[0], log_m.high)
    return Pair(high, fma(k, LN2[1], low + log_m.low))


def at_the_ends(x: Real, result: Real) -> Real:
    """The logarithm of 0, of infinity, of a negative number, and of NaN."""
    result = choose(x < float("inf"), result, x)
    result = choose(x.equals(0.0), float("-inf"), result)
    return choose(x < 0.0, float("nan"), result)


def log_to_pair(x: Real) -> Pair:
    """log x as a pair, for 0 < x < ∞."""
    normal, shift = normalised(x)
    k, m = split(normal)
    return with_exponent(whole_from_bits(k) + shift, log_mantissa(m))


def log(x: Real) -> Real:
    """log x."""
    high, low = log_to_pair(x)
    return at_the_ends(x, high + low)


def log_ratio_single(f: Real, coefficients: Sequence[float] = LOG_SINGLE) -> Real:
    """log(1 + f) for √½ ≤ 1 + f < √2, to the precision that float32 needs."""
    s = f / (2.0 + f)
    z = s * s
    return fma(s * z, polynomial(z, coefficients), s + s)


def log_single(x: Real) -> Real:
    """log x for float32, whose subnormal numbers are normal in float64."""
    k, m = split(x)
    return at_the_ends(x, fma(whole_from_bits(k), FULL_LN2[0], log_ratio_single(m - 1.0)))


def log2(x: Real) -> Real:
    """log₂ x = k + log m / ln 2, exact for a power of two."""
    normal, shift = normalised(x)
    k, m = split(normal)
    log2_m = times(log_mantissa(m), INVERSE_LN2)
    high, low = fast_two_sum(whole_from_bits(k) + shift, log2_m.high)
    return at_the_ends(x, high + (low + log2_m.low))


def log2_single(x: Real) -> Real:
    """log₂ x for float32."""
    k, m = split(x)
    return at_the_ends(x, fma(log_ratio_single(m - 1.0), INVERSE_LN2[0], whole_from_bits(k)))


def log10(x: Real) -> Real:
    """log₁₀ x = k log₁₀ 2 + log m / ln 10. The error is below 2⁻⁵⁷, so a power of ten has its whole exponent."""
    normal, shift = normalised(x)
    k, m = split(normal)
    k_real = whole_from_bits(k) + shift
    log10_m = times(log_mantissa(m), INVERSE_LN10)
    high, low = two_sum(k_real * LOG10_2[0], log10_m.high)
    return at_the_ends(x, high + fma(k_real, LOG10_2[1], low + log10_m.low))


def log10_single(x: Real) -> Real:
    """log₁₀ x for float32."""
    k, m = split(x)
    log10_m = log_ratio_single(m - 1.0) * INVERSE_LN10[0]
    return at_the_ends(x, fma(whole_from_bits(k), LOG10_2[0] + LOG10_2[1], log10_m))


def log1p_pair(x: Pair) -> Pair:
    """log(1 + x) as a pair, for 1 + x > 0 finite."""
    u, v = two_sum(x.high.constant(1.0), x.high)
    return log_of_pair(Pair(u, v + x.low), x)


def log_of_pair(u: Pair, less_one: Pair, shift: Real | None = None) -> Pair:
    """log u as a pair, for u > 0 finite, not subnormal, and u - 1, which is needed where √½ ≤ u < √2; plus shift log 2.

    u = 2ᵏ (m + w), so that s = (m - 1 + w)/(m + 1 + w); for k = 0 it is s = (u - 1)/(2 + (u - 1)).
    """
    k, m = split(u.high)
    # Beside a large logarithm w does not count.
    f, w = m - 1.0, choose(u.high < 2.0**60, u.low * power_of_two(-k), 0.0)
    inner = k.equals(0)
    numerator = Pair(choose(inner, less_one.high, f), choose(inner, less_one.low, w))
    th, tl = fast_two_sum(2.0, numerator.high)
    exponent = whole_from_bits(k) if shift is None else whole_from_bits(k) + shift
    return with_exponent(exponent, log_series(quotient(numerator, Pair(th, tl + numerator.low))))


def mantissa_of_pair(x: Pair) -> tuple[Bits, Pair]:
    """x = 2ᵏ m with a normal power of two, as k and m."""
    k, m = split(x.high)
    return k, Pair(m, x.low * power_of_two(-k))


def log_of_quotient(k: Real, n: Pair, d: Pair) -> Pair:
    """k log 2 + log(n/d) as a pair, for n and d between √½ and √2.

    n or nothing is doubled or halved, so that log(n/d) = 2 artanh s for s = (n - d)/(n + d), where n - d is exact.
    """
    halved, doubled = n.high > d.high * ROOT_TWO, n.high * ROOT_TWO < d.high
    k = k + choose(halved, 1.0, choose(doubled, -1.0, 0.0))
    factor = choose(halved, 0.5, choose(doubled, 2.0, 1.0))
    high, low = n.high * factor, n.low * factor
    total, rounding = two_sum(high, d.high)
    s = quotient(Pair(high - d.high, low - d.low), Pair(total, rounding + (low + d.low)))
    return with_exponent(k, log_series(s))


def log1p_in_single(x: Real) -> Real:
    """log(1 + x) to the precision that float32 needs, for 1 + x > 0 finite."""
    k, m = split(1.0 + x)
    return fma(whole_from_bits(k), FULL_LN2[0], log_ratio_single(choose(k.equals(0), x, m - 1.0)))


def log1p(x: Real) -> Real:
    """log(1 + x). Near 0 it is x, with the sign of a zero."""
    high, low = log1p_pair(Pair(x, x.constant(0.0)))
    return choose(abs(x) < 2.0**-54, x, log1p_at_the_ends(x, high + low))


def log1p_single(x: Real) -> Real:
    """log(1 + x) for float32."""
    return log1p_at_the_ends(x, log1p_in_single(x).with_sign_of(x))


def log1p_at_the_ends(x: Real, result: Real) -> Real:
    """log(1 + x) where 1 + x is 0, infinite, negative or NaN."""
    result = choose(x < float("inf"), result, x)
    result = choose(x.equals(-1.0), float("-inf"), result)
    return choose(x < -1.0, float("nan"), result)
