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
    square_root,
    two_sum,
)
from chainrule.compile.vector_math.exponential import power_of_two
from chainrule.compile.vector_math.expression import Bits, Real, choose, fma
from chainrule.compile.vector_math.logarithm import (
    log1p_in_single,
    log1p_pair,
    log_of_quotient,
    split,
    whole_from_bits,
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


def arctanh(x: Real) -> Real:
    """artanh x = ½ log(n/d) with n = 1 + |x| and d = 1 - |x|, of which each is a power of two times a mantissa."""
    magnitude = abs(x)
    (n_exponent, n), (d_exponent, d) = (_mantissa(fast_two_sum(1.0, term)) for term in (magnitude, -magnitude))
    log = log_of_quotient(whole_from_bits(n_exponent - d_exponent), n, d)
    result = (0.5 * (log.high + log.low)).with_sign_of(x)
    result = choose(magnitude.equals(1.0), x.constant(float("inf")).with_sign_of(x), result)
    result = choose(magnitude > 1.0, float("nan"), result)
    return choose(magnitude < 2.0**-28, x, result)


def _mantissa(x: Pair) -> tuple[Bits, Pair]:
    """x = 2ᵏ m, as k and m."""
    k, m = split(x.high)
    return k, Pair(m, x.low * power_of_two(-k))


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
