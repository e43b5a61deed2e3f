"""Powers: xʸ = e to the power of y log |x|, with a logarithm of more than twice the usual digits.

An error δ in y log x, which is up to 745, is a relative error δ of the power, so the logarithm is needed within 2⁻⁶⁶ of
itself. Its series 2 s + ⅔ s³ + ⅖ s⁵ + ... is summed in pairs up to ⅖ s⁵, which is 2⁻¹² of it. The product with y is a
pair, and the exponential of a pair adds its 0.6 ulp.
"""

from __future__ import annotations

from chainrule.compile.vector_math.coefficients import (
    FULL_LN2,
    LOG_FOR_SINGLE_POWER,
    LOG_TAIL,
    TWO_THIRDS,
)
from chainrule.compile.vector_math.double_double import (
    Pair,
    fast_two_sum,
    product,
    quotient,
)
from chainrule.compile.vector_math.exponential import exp_of_pair, exp_single
from chainrule.compile.vector_math.expression import Real, choose, fma
from chainrule.compile.vector_math.logarithm import log_ratio_single, normalised, split, whole_from_bits, with_exponent
from chainrule.compile.vector_math.polynomial import polynomial


def _long_log(x: Real) -> Pair:
    """log x as a pair within 2⁻⁶⁵ of itself, for 0 < x < ∞; at the ends its first part is infinite, and NaN for NaN.

    With w = ⅔ + z (⅖ + z tail) and z = s² the series is 2 s + s z w. The parts that are below 2⁻⁶⁶ of it, products of
    low parts and roundings of low parts, are left out.
    """
    normal, shift = normalised(x)
    # The exponent waits for nothing, so that this takes no time; the logarithm would.
    shift = choose(x.equals(0.0), float("-inf"), choose(x < float("inf"), shift, x))
    exponent, m = split(normal)
    f = m - 1.0
    s = quotient(Pair(f, f.constant(0.0)), fast_two_sum(2.0, f))
    twice = s.high + s.high
    z, z_low = product(s.high, s.high)
    z_low = fma(twice, s.low, z_low)
    zu, zu_low = product(z, fma(z, polynomial(z, LOG_TAIL), 2 / 5))
    high, low = fast_two_sum(TWO_THIRDS[0], zu)
    w = Pair(high, low + (zu_low + TWO_THIRDS[1]))
    cubic = _multiplied(_multiplied(s, Pair(z, z_low)), w)
    high, low = fast_two_sum(twice, cubic.high)
    return with_exponent(whole_from_bits(exponent) + shift, Pair(high, low + fma(s.low, 2.0, cubic.low)))


def _multiplied(x: Pair, y: Pair) -> Pair:
    """x y, whose high part is not rounded anew."""
    high, low = product(x.high, y.high)
    return Pair(high, fma(x.high, y.low, fma(x.low, y.high, low)))


def power(x: Real, y: Real) -> Real:
    """xʸ, of all special operands as C and NumPy have it."""
    high, low = _long_log(abs(x))
    p, p_low = product(high, y)
    return _with_special_operands(x, y, exp_of_pair(Pair(p, fma(low, y, p_low))))


def power_single(x: Real, y: Real) -> Real:
    """xʸ for float32, whose exponents are below 150: the logarithm in float64 is enough."""
    magnitude = abs(x)
    k, m = split(magnitude)
    log_m = log_ratio_single(m - 1.0, LOG_FOR_SINGLE_POWER)
    log = _log_at_the_ends(magnitude, fma(whole_from_bits(k), FULL_LN2[0], log_m))
    return _with_special_operands(x, y, exp_single(log * y))


def _log_at_the_ends(x: Real, result: Real) -> Real:
    """The logarithm of 0, of infinity and of NaN, for x ≥ 0."""
    return choose(x.equals(0.0), float("-inf"), choose(x < float("inf"), result, x))


def _with_special_operands(x: Real, y: Real, result: Real) -> Real:
    """The power, from that of |x|: its sign, NaN for a root of a negative number, and 1 for 1ʸ, x⁰ and (-1)^±∞."""
    half = y * 0.5
    whole = y.rint().equals(y)
    odd = whole & ~half.rint().equals(half)
    result = choose(odd, result.with_sign_of(x), result)
    between = (x < 0.0) & (x > float("-inf"))
    result = choose(between & ~whole, float("nan"), result)
    result = choose(x.equals(-1.0) & abs(y).equals(float("inf")), 1.0, result)
    return choose(x.equals(1.0) | y.equals(0.0), 1.0, result)
