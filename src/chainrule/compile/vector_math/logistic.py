"""The logistic function, its logarithm and its inverse.

All but the inverse is made of e^-|x| as a pair, which is at most 1, so that nothing overflows and nothing cancels. The
results are within 0.7 ulp. The function is differentiated by its density: a loop with both computes the exponential
once.
"""

from __future__ import annotations

from chainrule.compile.vector_math.double_double import Pair, fast_two_sum, plus, quotient, times
from chainrule.compile.vector_math.exponential import Whole, exp_in_parts, exp_single, power_of_two, scale
from chainrule.compile.vector_math.expression import Real, choose
from chainrule.compile.vector_math.logarithm import (
    log1p_in_single,
    log1p_pair,
    log_of_quotient,
    log_single,
    mantissa_of_pair,
    normalised,
    split,
    whole_from_bits,
)


def _exp_of_minus(magnitude: Real) -> tuple[Whole, Pair, Pair]:
    """e^-|x| as 2ᵏ p, and as a pair, which is 0 where it is beside 1."""
    k, power = exp_in_parts(Pair(-magnitude.at_most(746.0), magnitude.constant(0.0)))
    power = fast_two_sum(*power)
    unit = choose(k.real > -1000.0, power_of_two(k.bits), 0.0)
    return k, power, Pair(power.high * unit, power.low * unit)


def _plus_one(small: Pair) -> Pair:
    """1 + e^-|x|."""
    high, low = fast_two_sum(1.0, small.high)
    return Pair(high, low + small.low)


def expit(x: Real) -> Real:
    """1 / (1 + e⁻ˣ), which is e^-|x| / (1 + e^-|x|) for a negative x."""
    k, power, small = _exp_of_minus(abs(x))
    negative = x < 0.0
    numerator = Pair(choose(negative, power.high, 1.0), choose(negative, power.low, 0.0))
    q = quotient(numerator, _plus_one(small))
    value = q.high + q.low
    return choose(negative, scale(value, k), value)


def expit_single(x: Real) -> Real:
    """1 / (1 + e⁻ˣ) for float32."""
    small = exp_single(-abs(x))
    return choose(x < 0.0, small, 1.0) / (1.0 + small)


def density(x: Real) -> Real:
    """expit(x) expit(-x) = e^-|x| / (1 + e^-|x|)²."""
    k, power, small = _exp_of_minus(abs(x))
    denominator = _plus_one(small)
    q = quotient(power, times(denominator, denominator))
    return scale(q.high + q.low, k)


def density_single(x: Real) -> Real:
    """expit(x) expit(-x) for float32."""
    small = exp_single(-abs(x))
    return small / ((1.0 + small) * (1.0 + small))


def log_expit(x: Real) -> Real:
    """-log(1 + e⁻ˣ) = min(x, 0) - log(1 + e^-|x|)."""
    k, power, small = _exp_of_minus(abs(x))
    log = log1p_pair(small)
    total = plus(Pair(x.at_most(0.0), x.constant(0.0)), Pair(-log.high, -log.low))
    # Where the logarithm of 1 + e⁻ˣ is e⁻ˣ, this may be subnormal.
    result = choose(x > 40.0, -scale(power.high + power.low, k), total.high + total.low)
    return choose(x > float("-inf"), result, x)


def log_expit_single(x: Real) -> Real:
    """-log(1 + e⁻ˣ) for float32."""
    small = exp_single(-abs(x))
    return x.at_most(0.0) - choose(x > 20.0, small, log1p_in_single(small))


def logit(x: Real) -> Real:
    """log(x / (1 - x)), where 1 - x is a pair."""
    normal, shift = normalised(x)
    rest = fast_two_sum(1.0, -x)
    (n_exponent, n), (d_exponent, d) = split(normal), mantissa_of_pair(rest)
    exponent = whole_from_bits(n_exponent - d_exponent) + shift
    high, low = log_of_quotient(exponent, Pair(n, x.constant(0.0)), d)
    result = choose(x.equals(0.0), float("-inf"), choose(x.equals(1.0), float("inf"), high + low))
    return choose((x >= 0.0) & (x <= 1.0), result, float("nan"))


def logit_single(x: Real) -> Real:
    """log(x / (1 - x)) for float32, whose quotients next to 1 have digits enough in float64."""
    return log_single(x / (1.0 - x))
