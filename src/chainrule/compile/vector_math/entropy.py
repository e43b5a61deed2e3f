"""x log x and its kin, which are 0 at 0.

The logarithms are pairs within 2⁻⁵⁸ of themselves, that of a quotient too where its terms are near each other, so each
product is within 0.6 ulp. The terms of kl_div cancel where x is near y: it is within 0.9 ulp of itself and
2⁻⁵⁷ |x - y|.
"""

from __future__ import annotations

from chainrule.compile.vector_math.double_double import Pair, product, two_sum
from chainrule.compile.vector_math.expression import Real, choose, fma
from chainrule.compile.vector_math.logarithm import (
    at_the_ends,
    log1p_at_the_ends,
    log1p_pair,
    log1p_single,
    log_of_quotient,
    log_single,
    log_to_pair,
    normalised,
    split,
    whole_from_bits,
)

_INFINITY = float("inf")
_NAN = float("nan")


def _times(x: Real, log: Pair, special: Real) -> Real:
    """x times a logarithm, and times its value at the ends, where this is 0, infinite or NaN."""
    simple = x * special
    return choose((abs(simple) < _INFINITY) & (abs(simple) > 0.0), fma(x, log.high, x * log.low), simple)


def _zero_for_zero(x: Real, y: Real, result: Real) -> Real:
    """0 where x is 0 and y a number, whatever its logarithm is."""
    return choose(x.equals(0.0) & ~y.is_nan(), 0.0, result)


def xlogy(x: Real, y: Real) -> Real:
    """x log y, and 0 where x is 0."""
    log = log_to_pair(y)
    return _zero_for_zero(x, y, _times(x, log, at_the_ends(y, log.high)))


def xlogy_single(x: Real, y: Real) -> Real:
    """x log y for float32."""
    return _zero_for_zero(x, y, x * log_single(y))


def xlog1py(x: Real, y: Real) -> Real:
    """x log(1 + y), and 0 where x is 0."""
    near, zero = abs(y) < 2.0**-54, y.constant(0.0)
    log = log1p_pair(Pair(y, zero))
    log = Pair(choose(near, y, log.high), choose(near, zero, log.low))
    return _zero_for_zero(x, y, _times(x, log, log1p_at_the_ends(y, log.high)))


def xlog1py_single(x: Real, y: Real) -> Real:
    """x log(1 + y) for float32."""
    return _zero_for_zero(x, y, x * log1p_single(y))


def entr(x: Real) -> Real:
    """-x log x, 0 at 0, and -∞ for a negative x."""
    log = log_to_pair(x)
    return _entr_at_the_ends(x, _times(-x, log, at_the_ends(x, log.high)))


def entr_single(x: Real) -> Real:
    """-x log x for float32."""
    return _entr_at_the_ends(x, -x * log_single(x))


def _entr_at_the_ends(x: Real, result: Real) -> Real:
    return choose(x < 0.0, -_INFINITY, choose(x.equals(0.0), 0.0, result))


def _log_of_ratio(x: Real, y: Real) -> tuple[Pair, Real]:
    """log(x / y) as a pair for finite positive numbers, and rounded to one number for all."""
    (x_normal, x_shift), (y_normal, y_shift) = normalised(x), normalised(y)
    (x_exponent, m), (y_exponent, n) = split(x_normal), split(y_normal)
    zero = x.constant(0.0)
    exponent = whole_from_bits(x_exponent - y_exponent) + (x_shift - y_shift)
    log = log_of_quotient(exponent, Pair(m, zero), Pair(n, zero))
    result = choose(y.equals(0.0) | x.equals(_INFINITY), _INFINITY, log.high + log.low)
    result = choose(x.equals(0.0) | y.equals(_INFINITY), -_INFINITY, result)
    undefined = (x.equals(0.0) & y.equals(0.0)) | (x.equals(_INFINITY) & y.equals(_INFINITY))
    return log, choose((x >= 0.0) & (y >= 0.0) & ~undefined, result, _NAN)


def log_ratio(x: Real, y: Real) -> Real:
    """log(x / y)."""
    return _log_of_ratio(x, y)[1]


def log_ratio_single(x: Real, y: Real) -> Real:
    """log(x / y) for float32, whose quotients next to 1 have digits enough in float64."""
    return choose((x >= 0.0) & (y >= 0.0), log_single(x / abs(y)), _NAN)


def rel_entr(x: Real, y: Real) -> Real:
    """x log(x / y)."""
    return _for_probabilities(x, y, _times(x, *_log_of_ratio(x, y)), x.constant(0.0))


def rel_entr_single(x: Real, y: Real) -> Real:
    """x log(x / y) for float32."""
    return _for_probabilities(x, y, x * log_ratio_single(x, y), x.constant(0.0))


def kl_div(x: Real, y: Real) -> Real:
    """x log(x / y) - x + y, whose first term may be nearly x - y."""
    log, rounded = _log_of_ratio(x, y)
    term, difference = product(x, log.high), two_sum(y, -x)
    total = two_sum(term.high, difference.high)
    value = total.high + (total.low + (difference.low + fma(x, log.low, term.low)))
    simple = x * rounded - x + y
    return _for_probabilities(x, y, choose(abs(simple) < _INFINITY, value, simple), y)


def kl_div_single(x: Real, y: Real) -> Real:
    """x log(x / y) - x + y for float32."""
    return _for_probabilities(x, y, fma(x, log_ratio_single(x, y), y - x), y)


def _for_probabilities(x: Real, y: Real, result: Real, at_zero: Real) -> Real:
    """The result where both are positive, another one where x is 0, and ∞ elsewhere."""
    elsewhere = choose(x.equals(0.0) & (y >= 0.0), at_zero, _INFINITY)
    result = choose((x > 0.0) & (y > 0.0), result, elsewhere)
    return choose(x.is_nan() | y.is_nan(), _NAN, result)
