"""The error function and its kin: integrals of e^(-x²), and the normal distribution.

For |x| < 1 erf x is x times a polynomial in x², about a point from which this changes little; beyond, it is 1 - erfc x,
where erfc needs few digits and is the exponential of a polynomial. Where erfc itself is asked for, it is e^(-x²) times

    erfcx x = N / (1 + a x),    N = 1 + (1 + t) (tilt + (1 - t) q(t)),    t = (x - c)/(x + c),

as Shepherd and Laframboise (1981), Chebyshev approximation of (1 + 2x) exp(x²) erfc x in 0 ≤ x < ∞, have it for a = 2;
with our a N differs little from one of its ends, 1 and 1 + 2 tilt, so that what is added there may be rounded. The
quotient is a pair, as the square in the exponential is, and their product is rounded once: the results are within 0.9
ulp, in the tails too.
"""

from __future__ import annotations

from typing import NamedTuple

from chainrule.compile.vector_math.double_double import (
    Pair,
    fast_two_sum,
    plus,
    product,
    quotient,
    times,
    two_sum,
)
from chainrule.compile.vector_math.exponential import (
    Whole,
    exp_in_parts,
    exp_of_pair,
    exp_single,
    exp_to_pair,
    expm1_single,
    power_of_two,
    scale,
)
from chainrule.compile.vector_math.expression import Real, choose, fma
from chainrule.compile.vector_math.logarithm import log1p_in_single, log_of_pair
from chainrule.compile.vector_math.polynomial import polynomial
from chainrule.compile.vector_math.special_coefficients import (
    ERF,
    ERF_AT_CENTRE,
    ERF_CENTRE,
    ERFCX,
    ERFCX_END,
    ERFCX_SINGLE,
    ERFCX_SLOPE,
    ERFCX_TILT,
    LOG_ERFC,
    LOG_ERFC_OF_ONE,
    LOG_ERFC_SINGLE,
    ROOT_HALF,
    TWO_OVER_ROOT_PI,
)

# From here on erf x is 1.
_ONE = 6.0


def erf(x: Real) -> Real:
    """erf x."""
    from_centre = fma(x, x, -ERF_CENTRE)
    high = x * ERF_AT_CENTRE[0]
    low = fma(x, ERF_AT_CENTRE[1], fma(x, ERF_AT_CENTRE[0], -high))
    inner = high + fma(x * from_centre, polynomial(from_centre, ERF), low)
    magnitude = abs(x)
    u = magnitude.at_most(_ONE) - 1.0
    log_erfc = fma(u, polynomial(u, LOG_ERFC), LOG_ERFC_OF_ONE[1]) + LOG_ERFC_OF_ONE[0]
    k, power = exp_in_parts(Pair(log_erfc, x.constant(0.0)))
    outer = fma(power.high + power.low, -power_of_two(k.bits), 1.0)
    # Where the result is subnormal, one rounding is all there may be.
    tiny = fma(x, TWO_OVER_ROOT_PI[0], x * TWO_OVER_ROOT_PI[1])
    inner = choose(magnitude < 2.0**-28, tiny, inner)
    return choose(magnitude < 1.0, inner, outer).with_sign_of(x)


def erf_single(x: Real) -> Real:
    """erf x for float32: 1 - e to the power of log erfc |x|, which is |x| times a polynomial."""
    u = abs(x).at_most(4.0)
    log_erfc = u * fma(u, polynomial(u, LOG_ERFC_SINGLE), -TWO_OVER_ROOT_PI[0])
    return expm1_single(log_erfc).with_sign_of(x)


def bell(x: Real, rate: Real) -> Real:
    """e^(-rate x²), where the rate is a power of 2."""
    return exp_of_pair(_bell_exponent(x, rate))


def _bell_exponent(x: Real, rate: Real | float) -> Pair:
    high, low = product(x, x)
    return Pair(-high * rate, -low * rate)


def bell_single(x: Real, rate: Real | float) -> Real:
    """e^(-rate x²) for float32."""
    return exp_single(-(x * x) * rate)


def _scaled(z: Pair) -> Pair:
    """erfcx z as a pair, for 0 ≤ z < 2⁵⁰⁰. The numerator is made from the end that is nearer, of which it has most."""
    slope = z.high * ERFCX_SLOPE
    denominator = two_sum(z.high.constant(1.0), slope)
    slope_low = fma(z.low, ERFCX_SLOPE, fma(z.high, ERFCX_SLOPE, -slope))
    s, r, reciprocal = _places(z.high, 4.0, denominator.high)
    near = s < 1.0
    here, there, tilt = choose(near, s, r), choose(near, r, s), choose(near, ERFCX_TILT, -ERFCX_TILT)
    numerator = fast_two_sum(choose(near, 1.0, ERFCX_END[0]), here * fma(there, polynomial(s - 1.0, ERFCX), tilt))
    numerator = Pair(numerator.high, numerator.low + choose(near, 0.0, ERFCX_END[1]))
    return quotient(numerator, Pair(denominator.high, denominator.low + slope_low), reciprocal)


def _scaled_single(z: Real) -> Real:
    """erfcx z for float32."""
    s, r, reciprocal = _places(z, 3.0, fma(z, ERFCX_SLOPE, 1.0))
    return fma(s, fma(r, polynomial(s - 1.0, ERFCX_SINGLE), ERFCX_TILT), 1.0) * reciprocal


def _places(z: Real, centre: float, denominator: Real) -> tuple[Real, Real, Real]:
    """1 + t, 1 - t and the reciprocal of a denominator, by one division."""
    total = z + centre
    both = 1 / (total * denominator)
    half = both * denominator
    return (z + z) * half, (2 * centre) * half, both * total


class _Tail(NamedTuple):
    """A small number 2ᵏ (high + low)."""

    k: Whole
    pair: Pair

    def rounded(self) -> Real:
        """The number."""
        return scale(self.pair.high + self.pair.low, self.k)


def _tail(z: Pair, exponent: Pair) -> _Tail:
    """e to the power of -z² times erfcx z, which is erfc z."""
    k, power = exp_to_pair(exponent)
    return _Tail(k, times(power, _scaled(z)))


def erfc(x: Real) -> Real:
    """erfc x, which is 0 from 28 on."""
    z = abs(x).at_most(28.0)
    tail = _tail(Pair(z, x.constant(0.0)), _bell_exponent(z, 1.0)).rounded()
    return choose(x < 0.0, 2.0 - tail, tail)


def erfc_single(x: Real) -> Real:
    """erfc x for float32."""
    z = abs(x).at_most(11.0)
    tail = bell_single(z, 1.0) * _scaled_single(z)
    return choose(x < 0.0, 2.0 - tail, tail)


def erfcx(x: Real) -> Real:
    """erfcx x = e^(x²) erfc x, and 2 e^(x²) - erfcx |x| for a negative x."""
    magnitude = abs(x)
    q = _scaled(Pair(magnitude.at_most(2.0**200), x.constant(0.0)))
    k, power = exp_in_parts(_bell_exponent(magnitude.at_most(27.0), -1.0))
    # Beside a large power q does not count.
    unit = choose(k.real < 1000.0, power_of_two(-(k.bits + 1)), 0.0)
    total = two_sum(power.high, -q.high * unit)
    left = scale(total.high + (total.low + fma(-q.low, unit, power.low)), Whole(k.real, k.bits + 1))
    right = choose(x < 2.0**200, q.high + q.low, (0.5 * TWO_OVER_ROOT_PI[0]) / x)
    return choose(x < 0.0, left, choose(x.is_nan(), x, right))


def erfcx_single(x: Real) -> Real:
    """erfcx x for float32."""
    magnitude = abs(x).at_most(2.0**200)
    q = _scaled_single(magnitude)
    return choose(x < 0.0, fma(bell_single(magnitude, -1.0), 2.0, -q), q)


def _over_root_two(x: Real) -> Pair:
    high = x * ROOT_HALF[0]
    return Pair(high, fma(x, ROOT_HALF[1], fma(x, ROOT_HALF[0], -high)))


def _normal_tail(magnitude: Real) -> _Tail:
    """The probability above |x|."""
    bounded = magnitude.at_most(40.0)
    k, pair = _tail(_over_root_two(bounded), _bell_exponent(bounded, 0.5))
    return _Tail(k, Pair(pair.high * 0.5, pair.low * 0.5))


def ndtr(x: Real) -> Real:
    """The probability of the normal distribution below x."""
    tail = _normal_tail(abs(x)).rounded()
    return choose(x < 0.0, tail, 1.0 - tail)


def ndtr_single(x: Real) -> Real:
    """The probability below x for float32."""
    tail = _normal_tail_single(abs(x))
    return choose(x < 0.0, tail, 1.0 - tail)


def _normal_tail_single(magnitude: Real) -> Real:
    bounded = magnitude.at_most(20.0)
    return 0.5 * bell_single(bounded, 0.5) * _scaled_single(bounded * ROOT_HALF[0])


def log_ndtr(x: Real) -> Real:
    """log P, which is log (erfcx(-x/√2)/2) - x²/2 for a negative x, and log(1 - P(-x)) for others, by one logarithm."""
    magnitude = abs(x)
    tail = _normal_tail(magnitude)
    unit = choose(tail.k.real > -1000.0, power_of_two(tail.k.bits), 0.0)
    less_one = Pair(tail.pair.high * -unit, tail.pair.low * -unit)
    above = fast_two_sum(1.0, less_one.high)
    bounded = magnitude.at_most(2.0**200)
    q = _scaled(_over_root_two(bounded))
    negative = x < 0.0
    u = Pair(choose(negative, q.high * 0.5, above.high), choose(negative, q.low * 0.5, above.low + less_one.low))
    log = log_of_pair(u, less_one)
    exponent = _bell_exponent(bounded, 0.5)
    left = plus(log, exponent)
    left_of_all = choose(x < -(2.0**200), x * x * -0.5, left.high + left.low)
    right = choose(x > 10.0, -tail.rounded(), log.high + log.low)
    return choose(negative, left_of_all, choose(x.is_nan(), x, right))


def log_ndtr_single(x: Real) -> Real:
    """log P for float32."""
    magnitude = abs(x)
    negative = x < 0.0
    half = 0.5 * _scaled_single(magnitude.at_most(2.0**200) * ROOT_HALF[0])
    tail = _normal_tail_single(magnitude)
    # Where 1 - erfcx/2 has no digits of erfcx, the logarithm does not count beside the square.
    log = log1p_in_single(choose(negative, half - 1.0, -tail))
    right = choose(x > 10.0, -tail, log)
    return choose(negative, fma(x * x, -0.5, log), choose(x.is_nan(), x, right))
