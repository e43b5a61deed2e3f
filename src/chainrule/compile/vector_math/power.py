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
    two_sum,
)
from chainrule.compile.vector_math.exponential import exp_of_pair, exp_single
from chainrule.compile.vector_math.expression import Real, Truth, choose, fma
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
    return _with_special_operands(x, y, exp_single(_log_single(abs(x)) * y))


def lowered_power(x: Real, y: Real, n: Real) -> Real:
    """xʸ⁻ⁿ with all digits of y - n."""
    high, low = _long_log(abs(x))
    e, e_low = two_sum(y, -n)
    p, p_low = product(high, e)
    return _with_special_operands(x, e, exp_of_pair(Pair(p, fma(high, e_low, fma(low, e, p_low)))), y)


def lowered_power_single(x: Real, y: Real, n: Real) -> Real:
    """xʸ⁻ⁿ for float32, of which y - n is exact where it matters."""
    return _with_special_operands(x, y - n, exp_single(_log_single(abs(x)) * (y - n)), y)


def power_logarithm(x: Real, y: Real, n: Real) -> Real:
    """xʸ⁻ⁿ log x, and 0 where the power is 0 or x and y - n are. Within 2 ulp."""
    high, low = _long_log(abs(x))
    return _times_log(x, y.equals(n), lowered_power(x, y, n), choose(abs(high) < float("inf"), high + low, high))


def power_logarithm_single(x: Real, y: Real, n: Real) -> Real:
    """xʸ⁻ⁿ log x for float32: neither factor need be one."""
    log = _log_single(abs(x))
    exponent = log * (y - n)
    result = choose(exponent < -300.0, 0.0, exp_single(exponent, bound=300.0))
    result = _with_special_operands(x, y - n, result, y)
    return _times_log(x, y.equals(n), result, log)


def _times_log(x: Real, constant: Truth, result: Real, log: Real) -> Real:
    """A power times the logarithm of |x|, which is NaN for a negative x."""
    value = choose(x < 0.0, float("nan"), result * log)
    return choose(result.equals(0.0) | (x.equals(0.0) & constant), 0.0, value)


def _log_single(x: Real) -> Real:
    """log x for x ≥ 0, for float32."""
    k, m = split(x)
    log_m = log_ratio_single(m - 1.0, LOG_FOR_SINGLE_POWER)
    return _log_at_the_ends(x, fma(whole_from_bits(k), FULL_LN2[0], log_m))


def _log_at_the_ends(x: Real, result: Real) -> Real:
    """The logarithm of 0, of infinity and of NaN, for x ≥ 0."""
    return choose(x.equals(0.0), float("-inf"), choose(x < float("inf"), result, x))


def _with_special_operands(x: Real, y: Real, result: Real, unrounded: Real | None = None) -> Real:
    """The power, from that of |x|: its sign, NaN for a root of a negative number, and 1 for 1ʸ, x⁰ and (-1)^±∞.

    Where y is a rounded difference, the number that it was made of says whether it is whole.
    """
    whole, odd = _is_whole(y if unrounded is None else unrounded), ~_is_whole(y * 0.5)
    result = choose(whole & odd, result.with_sign_of(x), result)
    between = (x < 0.0) & (x > float("-inf"))
    result = choose(between & ~whole, float("nan"), result)
    result = choose(x.equals(-1.0) & abs(y).equals(float("inf")), 1.0, result)
    return choose(x.equals(1.0) | y.equals(0.0), 1.0, result)


def _is_whole(x: Real) -> Truth:
    return x.rint().equals(x)
