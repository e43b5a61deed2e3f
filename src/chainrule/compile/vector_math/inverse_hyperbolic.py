"""The inverse hyperbolic functions: logarithms of pairs.

Each is a logarithm of a sum u, or of a quotient, that is near 1 where the result is small. There u - 1 is needed too,
as a pair within 2⁻⁶⁰ of itself; the logarithm of a pair is within 2⁻⁵⁸, and the result within 0.65 ulp.
"""

from __future__ import annotations

from chainrule.compile.vector_math.double_double import (
    Pair,
    fast_two_sum,
    product,
    two_sum,
)
from chainrule.compile.vector_math.expression import Real, choose, fma
from chainrule.compile.vector_math.logarithm import (
    log1p_in_single,
    log_of_pair,
    log_of_quotient,
    mantissa_of_pair,
    whole_from_bits,
)

LARGE = 2.0**30
"""From here on arsinh x and arcosh x are log(2 x) to 2⁻⁶⁰."""


def arcsinh(x: Real) -> Real:
    """arsinh x = log u with u = √(1 + x²) + |x|, which is log(2 |x|) where |x| is large.

    √(1 + x²) is a pair, and its difference to 1 is exact where u is near 1.
    """
    magnitude = abs(x)
    moderate = magnitude.at_most(LARGE)
    square = product(moderate, moderate)
    one_more = two_sum(x.constant(1.0), square.high)
    root, root_low = _root(Pair(one_more.high, one_more.low + square.low))
    sum_high, sum_low = fast_two_sum(root, moderate)
    less_high, less_low = fast_two_sum(moderate, root - 1.0)
    result = _log_or_log_of_double(Pair(sum_high, sum_low + root_low), Pair(less_high, less_low + root_low), magnitude)
    return choose(magnitude < 2.0**-28, x, result.with_sign_of(x))


def arccosh(x: Real) -> Real:
    """arcosh x = log u with u = x + √(x² - 1), which is log(2 x) where x is large."""
    moderate = x.at_most(LARGE)
    square = product(moderate, moderate)
    one_less = fast_two_sum(square.high, x.constant(-1.0))
    root, root_low = _root(Pair(one_less.high, one_less.low + square.low))
    sum_high, sum_low = fast_two_sum(moderate, root)
    less_high, less_low = fast_two_sum(root, moderate - 1.0)
    result = _log_or_log_of_double(Pair(sum_high, sum_low + root_low), Pair(less_high, less_low + root_low), x)
    return choose(x < 1.0, float("nan"), result)


def _root(x: Pair) -> Pair:
    """√x as a pair whose parts are not added."""
    root = x.high.sqrt()
    remainder = fma(-root, root, x.high) + x.low
    return Pair(root, remainder * (0.5 / choose(root.equals(0.0), 1.0, root)))


def _log_or_log_of_double(u: Pair, less_one: Pair, x: Real) -> Real:
    """log u, or log(2 x) for a large x."""
    large = x >= LARGE
    argument = Pair(choose(large, x, u.high), choose(large, 0.0, u.low))
    high, low = log_of_pair(argument, less_one, choose(large, 1.0, x.constant(0.0)))
    return choose(x < float("inf"), high + low, x)


def arctanh(x: Real) -> Real:
    """artanh x = ½ log(n/d) with n = 1 + |x| and d = 1 - |x|, of which each is a power of two times a mantissa."""
    magnitude = abs(x)
    (n_exponent, n), (d_exponent, d) = (mantissa_of_pair(fast_two_sum(1.0, term)) for term in (magnitude, -magnitude))
    log = log_of_quotient(whole_from_bits(n_exponent - d_exponent), n, d)
    result = (0.5 * (log.high + log.low)).with_sign_of(x)
    result = choose(magnitude.equals(1.0), x.constant(float("inf")).with_sign_of(x), result)
    result = choose(magnitude > 1.0, float("nan"), result)
    return choose(magnitude < 2.0**-28, x, result)


def arcsinh_single(x: Real) -> Real:
    """arsinh x for float32, whose squares are within the range of float64."""
    magnitude = abs(x)
    square = magnitude * magnitude
    result = log1p_in_single(magnitude + ((1.0 + square).sqrt() - 1.0))
    # Near 0 the root is 1 in most digits.
    result = choose(magnitude < 2.0**-10, fma(magnitude * square, -1 / 6, magnitude), result)
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
