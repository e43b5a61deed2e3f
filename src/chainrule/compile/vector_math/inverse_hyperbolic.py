"""The inverse hyperbolic functions: logarithms of pairs.

Each is a logarithm of 1 + u, or of a quotient, that is near 1 where the result is small, so u is made as a pair, within
2⁻¹⁰⁰ of itself; the logarithm of a pair is within 2⁻⁵⁸, and the result within 0.55 ulp.
"""

from __future__ import annotations

from chainrule.compile.vector_math.coefficients import FULL_LN2
from chainrule.compile.vector_math.double_double import (
    Pair,
    fast_two_sum,
    plus,
    product,
    quotient,
    square_root,
    two_sum,
)
from chainrule.compile.vector_math.exponential import power_of_two
from chainrule.compile.vector_math.expression import Real, choose, fma
from chainrule.compile.vector_math.logarithm import (
    log1p_in_single,
    log1p_pair,
    log_series,
    split,
    whole_from_bits,
    with_exponent,
)

LARGE = 2.0**30
"""From here on arsinh x and arcosh x are log(2 x) to 2⁻⁶⁰."""


def arcsinh(x: Real) -> Real:
    """arsinh x = log(1 + u) with u = |x| + (√(1 + x²) - 1), and log |x| + log 2 where |x| is large.

    The root is a pair, so its difference to 1 is wrong by 2⁻¹⁰⁰, little beside an |x| that is not its own arsinh.
    """
    magnitude = abs(x)
    moderate = magnitude.at_most(LARGE)
    one, minus_one = (Pair(x.constant(value), x.constant(0.0)) for value in (1.0, -1.0))
    root = square_root(plus(product(moderate, moderate), one))
    u = plus(plus(root, minus_one), Pair(moderate, x.constant(0.0)))
    result = _log1p_or_log_of_double(u, magnitude)
    return choose(magnitude < 2.0**-28, x, result.with_sign_of(x))


def arccosh(x: Real) -> Real:
    """arcosh x = log(1 + u) with u = t + √(t² + 2 t) and t = x - 1, and log x + log 2 where x is large."""
    t = two_sum(x.at_most(LARGE), x.constant(-1.0))
    square = product(t.high, t.high)
    square = Pair(square.high, fma(t.high + t.high, t.low, square.low))
    u = plus(t, square_root(plus(square, Pair(t.high + t.high, t.low + t.low))))
    return choose(x < 1.0, float("nan"), _log1p_or_log_of_double(u, x))


def _log1p_or_log_of_double(u: Pair, x: Real) -> Real:
    """log(1 + u), or log(2 x) for a large x."""
    large = x >= LARGE
    less = two_sum(x, x.constant(-1.0))
    argument = Pair(choose(large, less.high, u.high), choose(large, less.low, u.low))
    high, low = plus(log1p_pair(argument), Pair(choose(large, FULL_LN2[0], x.constant(0.0)), x.constant(0.0)))
    return choose(x < float("inf"), high + low, x)


ROOT_TWO = 2.0**0.5


def arctanh(x: Real) -> Real:
    """artanh x = ½ log(n/d) with n = 1 + |x| and d = 1 - |x|.

    With the k for which D = 2ᵏ d is nearest to n, log(n/d) = k log 2 + 2 artanh s for s = (n - D)/(n + D). The
    difference n - D is exact, and 2 |x| where k is 0.
    """
    magnitude = abs(x)
    n, d = fast_two_sum(1.0, magnitude), fast_two_sum(1.0, -magnitude)
    (n_exponent, n_mantissa), (d_exponent, d_mantissa) = split(n.high), split(d.high)
    k = whole_from_bits(n_exponent - d_exponent)
    k = k + choose(n_mantissa > d_mantissa * ROOT_TWO, 1.0, 0.0)
    k = k - choose(n_mantissa * ROOT_TWO < d_mantissa, 1.0, 0.0)
    scale = power_of_two((k + 1.5 * 2.0**52).bits)
    high, low = d.high * scale, d.low * scale
    inner = k.equals(0.0)
    numerator = Pair(choose(inner, magnitude + magnitude, n.high - high), choose(inner, 0.0, n.low - low))
    total, rounding = two_sum(n.high, high)
    denominator = Pair(choose(inner, 2.0, total), choose(inner, 0.0, rounding + (n.low + low)))
    log = with_exponent(k, log_series(quotient(numerator, denominator)))
    result = (0.5 * (log.high + log.low)).with_sign_of(x)
    result = choose(magnitude.equals(1.0), x.constant(float("inf")).with_sign_of(x), result)
    result = choose(magnitude > 1.0, float("nan"), result)
    return choose(magnitude < 2.0**-28, x, result)


def arcsinh_single(x: Real) -> Real:
    """arsinh x for float32, whose squares are within the range of float64."""
    magnitude = abs(x)
    square = magnitude * magnitude
    result = log1p_in_single(magnitude + square / (1.0 + (1.0 + square).sqrt()))
    return choose(magnitude < float("inf"), result.with_sign_of(x), x)


def arccosh_single(x: Real) -> Real:
    """arcosh x for float32."""
    t = x - 1.0
    result = log1p_in_single(t + fma(t, t, t + t).sqrt())
    return choose(x < 1.0, float("nan"), choose(x < float("inf"), result, x))


def arctanh_single(x: Real) -> Real:
    """artanh x for float32."""
    magnitude = abs(x)
    result = 0.5 * log1p_in_single((magnitude + magnitude) / (1.0 - magnitude))
    result = choose(magnitude < 1.0, result, choose(magnitude.equals(1.0), float("inf"), float("nan")))
    return result.with_sign_of(x)
