"""The logarithm of the gamma function, and its derivatives.

From 3 on all are the series of Stirling (Olver et al., NIST Handbook of Mathematical Functions, 5.11), whose remainder
is a polynomial in 1/x². Between 1 and 3 the logarithm and its first derivative are their zeros times a polynomial, so
that they have all digits there; below 1 the recurrence leads there, and below 0 the reflection, whose terms cancel
beside the zeros of either function: there the error is that of the terms. For a positive x they are within 2 ulp. The
second derivative has no zeros, and is led to the series.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from chainrule.compile.vector_math.double_double import Pair, fast_two_sum, product, two_sum
from chainrule.compile.vector_math.expression import Real, Truth, choose, fma
from chainrule.compile.vector_math.logarithm import (
    log,
    log_of_quotient,
    log_single,
    log_to_pair,
    mantissa_of_pair,
    whole_from_bits,
)
from chainrule.compile.vector_math.polynomial import polynomial
from chainrule.compile.vector_math.special_coefficients import (
    COS_TURN,
    DIGAMMA,
    DIGAMMA_AFTER_STIRLING,
    DIGAMMA_AFTER_STIRLING_SINGLE,
    DIGAMMA_OVER_ROOT,
    DIGAMMA_ROOT,
    DIGAMMA_SINGLE,
    GAMMALN,
    GAMMALN_AFTER_STIRLING,
    GAMMALN_AFTER_STIRLING_SINGLE,
    GAMMALN_OVER_ZEROS,
    GAMMALN_SINGLE,
    HALF_LOG_TWO_PI,
    LOG_PI,
    PI,
    SIN_TURN,
    TRIGAMMA_AFTER_STIRLING,
)

_INFINITY = float("inf")


class _Place(NamedTuple):
    """Where x > 0 lies: whether below 1, or below 3; and, with t = x + 1 or t = x there, t - 1 and t - 2."""

    small: Truth
    low: Truth
    from_one: Real
    from_two: Real


def _place(x: Real) -> _Place:
    small = x < 1.0
    from_one = choose(small, x, x - 1.0)
    return _Place(small, x < 3.0, from_one, choose(small, x - 1.0, x - 2.0))


def _half_turn(x: Real) -> Real:
    """x - k for the nearest whole k: of an angle of x half turns, what its sine depends on but for the sign."""
    return x - x.rint()


def _sine(r: Real) -> Real:
    """sin πr for |r| ≤ ½."""
    z = r * r
    return r * fma(z, polynomial(z, SIN_TURN), PI)


def _cosine(r: Real) -> Real:
    """cos πr for |r| ≤ ½, which is sin π(½ - |r|)."""
    z = r * r
    return fma(z, polynomial(z, COS_TURN), 1.0)


def _times_quotient(zeros: Pair, v: Real, at_two: Sequence[float], coefficients: Sequence[float]) -> Pair:
    """zeros · r(v), where r(0) has most of r, so that the rounding of the polynomial is small."""
    q = polynomial(v, coefficients)
    high, low = product(zeros.high, at_two[0])
    low = fma(zeros.low, fma(v, q, at_two[0]), fma(zeros.high, at_two[1], low))
    return Pair(high, fma(zeros.high * v, q, low))


def gammaln(x: Real) -> Real:
    """log |Γ(x)|."""
    magnitude = abs(x)
    log_x = fast_two_sum(*log_to_pair(magnitude))
    place = _place(magnitude)
    zeros = product(place.from_one, place.from_two)
    low = two_sum(*_times_quotient(zeros, place.from_two, GAMMALN_OVER_ZEROS, GAMMALN))
    below_one = low.high - log_x.high
    below_one = below_one + (low.low - log_x.low)
    u = 1.0 / magnitude
    first = product(magnitude - 0.5, log_x.high)
    total = two_sum(first.high, -magnitude)
    rest = fma(u, polynomial(u * u, GAMMALN_AFTER_STIRLING), HALF_LOG_TWO_PI)
    rest = rest + (total.low + fma(magnitude - 0.5, log_x.low, first.low))
    high = choose(magnitude > 2.0**100, magnitude * (log_x.high - 1.0), total.high + rest)
    right = choose(place.low, choose(place.small, below_one, low.high), high)
    return _gammaln_everywhere(x, right, log_x.high, log(abs(_sine(_half_turn(magnitude)))))


def gammaln_single(x: Real) -> Real:
    """log |Γ(x)| for float32."""
    magnitude = abs(x)
    log_x = log_single(magnitude)
    place = _place(magnitude)
    v = place.from_two
    over_zeros = fma(v, polynomial(v, GAMMALN_SINGLE), GAMMALN_OVER_ZEROS[0])
    low = fma(place.from_one * v, over_zeros, choose(place.small, -log_x, 0.0))
    u = 1.0 / magnitude
    rest = fma(u, polynomial(u * u, GAMMALN_AFTER_STIRLING_SINGLE), HALF_LOG_TWO_PI) - magnitude
    high = fma(magnitude - 0.5, log_x, rest)
    right = choose(place.low, low, high)
    return _gammaln_everywhere(x, right, log_x, log_single(abs(_sine(_half_turn(magnitude)))))


def _gammaln_everywhere(x: Real, right: Real, log_x: Real, log_sine: Real) -> Real:
    """log |Γ(x)| from log Γ(|x|): |Γ(x) Γ(-x)| is π / |x sin πx|. Infinite at 0 and at the whole numbers below."""
    magnitude = abs(x)
    result = choose(x < 0.0, ((LOG_PI - log_x) - log_sine) - right, right)
    result = choose(x.equals(0.0), _INFINITY, result)
    # As SciPy's, it is -∞ at -∞.
    return choose(magnitude < _INFINITY, result, x)


def digamma(x: Real) -> Real:
    """ψ(x)."""
    log_x = log_to_pair(abs(x))
    return _digamma(x, log_x, DIGAMMA, DIGAMMA_AFTER_STIRLING)


def digamma_single(x: Real) -> Real:
    """ψ(x) for float32."""
    log_x = Pair(log_single(abs(x)), x.constant(0.0))
    return _digamma(x, log_x, DIGAMMA_SINGLE, DIGAMMA_AFTER_STIRLING_SINGLE)


def _digamma(x: Real, log_x: Pair, coefficients: Sequence[float], after_stirling: Sequence[float]) -> Real:
    magnitude = abs(x)
    place = _place(magnitude)
    # For x + 1 the root is 1 less, which is exact.
    root = choose(place.small, DIGAMMA_ROOT[0] - 1.0, DIGAMMA_ROOT[0])
    from_root = Pair(magnitude - root, x.constant(-DIGAMMA_ROOT[1]))
    low_parts = _times_quotient(from_root, place.from_two, DIGAMMA_OVER_ROOT, coefficients)
    low = low_parts.high + low_parts.low
    u = 1.0 / magnitude
    z = u * u
    high = log_x.high + (log_x.low - fma(z, polynomial(z, after_stirling), 0.5 * u))
    right = choose(place.low, choose(place.small, low - u, low), high)
    r = _half_turn(magnitude)
    # ψ(-x) = ψ(x) + 1/x + π cot πx, and the first two are ψ(1 + x), where 1/x is large.
    sine = _sine(r)
    left = choose(place.small, low, right + u) + choose(sine.equals(0.0), float("nan"), PI * _cosine(r) / sine)
    result = choose(x < 0.0, left, right)
    result = choose(x.equals(0.0), -(1.0 / x), result)
    result = choose(x < _INFINITY, result, x)
    return choose(x > -_INFINITY, result, float("nan"))


def trigamma(x: Real) -> Real:
    """ψ′(x), the sum of 1/(x + k)², of which the series of Stirling has those from k = 3 on. Within 5 ulp."""
    right = choose(x < 0.0, 1.0 - x, x)
    u = 1.0 / (right + 3.0)
    z = u * u
    total = fma(u * z, polynomial(z, TRIGAMMA_AFTER_STIRLING), fma(z, 0.5, u))
    for shift in (2.0, 1.0, 0.0):
        term = 1.0 / (right + shift)
        total = fma(term, term, total)
    turn = PI / _sine(_half_turn(x))
    return choose(x < 0.0, choose(x > -_INFINITY, fma(turn, turn, -total), _INFINITY), total)


def digamma_increment(a: Real, b: Real) -> Real:
    """ψ(a + b) - ψ(a), for positive a and a + b in terms of one sign, so that nothing cancels for a small b.

    Three steps of the recurrence lead to A = a + 3, where the series of Stirling begins. With u = 1/A, v = 1/(A + b)
    and d = b u v = u - v its terms leave log((A + b)/A), d/2, and d (u + v) times a divided difference of z f(z).
    Within 4 ulp.
    """
    end = a + b
    steps = (b * (1 / end)) * (1 / a)
    for shift in (1.0, 2.0):
        steps = steps + (b * (1 / (end + shift))) * (1 / (a + shift))
    zero = a.constant(0.0)
    start = a + 3.0
    stop = two_sum(start, b)
    (n_exponent, n), (d_exponent, d) = mantissa_of_pair(stop), mantissa_of_pair(Pair(start, zero))
    log_ratio = log_of_quotient(whole_from_bits(n_exponent - d_exponent), n, d)
    u, v = 1 / start, 1 / stop.high
    difference = (b * u) * v
    series = difference * fma(u + v, _divided_difference(u * u, v * v, DIGAMMA_AFTER_STIRLING), 0.5)
    value = (log_ratio.high + log_ratio.low) + (series + steps)
    value = choose(end < _INFINITY, value, choose(a < _INFINITY, b, choose(b < _INFINITY, 0.0, float("nan"))))
    return choose((a > 0.0) & (end > 0.0), value, digamma(end) - digamma(a))


def _divided_difference(x: Real, y: Real, coefficients: Sequence[float]) -> Real:
    """(y f(y) - x f(x)) / (y - x) of a polynomial f, by the rule of Horner for f(x) and for (f(y) - f(x)) / (y - x)."""
    value, difference = x.constant(coefficients[-1]), x.constant(0.0)
    for c in reversed(coefficients[:-1]):
        value, difference = fma(value, x, c), fma(difference, y, value)
    return fma(y, difference, value)
