"""Hyperbolic functions.

With x = k ln 2 + r, A = 2ᵏ/2 and B = 2⁻ᵏ/2, the theorem of addition gives

    sinh x = (A + B) sinh r + (A - B) cosh r,    cosh x = (A + B) cosh r + (A - B) sinh r,

where nothing cancels: sinh r has the polynomial r + ..., cosh r has 1 + ..., and A ± B are exact but for a B that is
below the last place. What is leading, (A - B) + (A + B) r or (A + B) + (A - B) r, is summed exactly, so the error is
0.5 ulp and what the corrections, at most a sixth of the result, are wrong by.

tanh x is their quotient and sech x the reciprocal of cosh x, both with the digits that rounding takes from cosh x. tanh
is differentiated by sech, so a loop often has both: it computes the reduction, the polynomials and the reciprocal once.

All is made 2⁶⁵ times smaller, so that only the end overflows, and sech x is right where cosh x is infinite.
"""

from __future__ import annotations

from chainrule.compile.vector_math.coefficients import COSH, COSH_SINGLE, FULL_LN2, INVERSE_LN2, SINH, SINH_SINGLE
from chainrule.compile.vector_math.double_double import Pair, fast_two_sum, quotient
from chainrule.compile.vector_math.exponential import nearest_multiple, power_of_two, reduced
from chainrule.compile.vector_math.expression import Real, choose, fma
from chainrule.compile.vector_math.polynomial import polynomial

# By how much smaller sinh x and cosh x are made.
_SCALE = 2.0**65


def _sinh_and_cosh(x: Real) -> tuple[Pair, Pair]:
    """sinh |x| and cosh |x|, 2⁶⁵ times smaller, up to where sech x is 0."""
    k, t, c = reduced(abs(x).at_most(746.0))
    r = t + c
    z = r * r
    sinh_rest = fma(r * z, polynomial(z, SINH), c)
    cosh_rest = z * polynomial(z, COSH)
    a = power_of_two(k.bits - 66)
    b = choose(k.real < 30.0, power_of_two(-(k.bits + 66)), 0.0)
    # The sums have all of b or nothing of it: what is lost is the same in both.
    plus, lost = fast_two_sum(a, b)
    minus = a - b
    lost = fma(-lost, t, lost)
    # The rounding of r² counts in sinh, where the result is smaller than cosh r.
    square_low = fma(r, r, -z)
    sinh_rest, cosh_rest = (
        fma(plus, sinh_rest, fma(minus, cosh_rest, square_low * (minus * 0.5))) - lost,
        fma(plus, cosh_rest, fma(minus, sinh_rest, lost)),
    )
    return _sum(minus, plus, t, sinh_rest), _sum(plus, minus, t, cosh_rest)


def _sum(first: Real, second: Real, t: Real, rest: Real) -> Pair:
    """first + second t + rest."""
    high = fma(second, t, first)
    return fast_two_sum(high, rest + fma(second, t, first - high))


def sinh(x: Real) -> Real:
    """sinh x. Near 0 it is x."""
    sinh_x, _ = _sinh_and_cosh(x)
    return choose(abs(x) < 2.0**-28, x, (sinh_x.high * _SCALE).with_sign_of(x))


def cosh(x: Real) -> Real:
    """cosh x."""
    _, cosh_x = _sinh_and_cosh(x)
    return cosh_x.high * _SCALE


def tanh(x: Real) -> Real:
    """tanh x = sinh x / cosh x. Near 0 it is x."""
    q = quotient(*_sinh_and_cosh(x))
    return choose(abs(x) < 2.0**-28, x, (q.high + q.low).with_sign_of(x))


def sech(x: Real) -> Real:
    """sech x = 1 / cosh x."""
    _, cosh_x = _sinh_and_cosh(x)
    reciprocal = 1 / cosh_x.high
    remainder = fma(-reciprocal, cosh_x.low, fma(-reciprocal, cosh_x.high, 1.0))
    return fma(remainder, reciprocal, reciprocal) * (1 / _SCALE)


def _sinh_and_cosh_single(x: Real) -> tuple[Real, Real, Real, Real]:
    """For float32: sinh r, cosh r, A + B and A - B for |x|."""
    magnitude = abs(x).at_most(105.0)
    k = nearest_multiple(magnitude, INVERSE_LN2[0])
    r = fma(k.real, -FULL_LN2[0], magnitude)
    z = r * r
    sinh_r = fma(r * z, polynomial(z, SINH_SINGLE), r)
    cosh_r = fma(z, polynomial(z, COSH_SINGLE), 1.0)
    a, b = power_of_two(k.bits - 1), power_of_two(-(k.bits + 1))
    return sinh_r, cosh_r, a + b, a - b


def sinh_single(x: Real) -> Real:
    """sinh x for float32."""
    sinh_r, cosh_r, plus, minus = _sinh_and_cosh_single(x)
    return fma(plus, sinh_r, minus * cosh_r).with_sign_of(x)


def cosh_single(x: Real) -> Real:
    """cosh x for float32."""
    sinh_r, cosh_r, plus, minus = _sinh_and_cosh_single(x)
    return fma(plus, cosh_r, minus * sinh_r)


def tanh_single(x: Real) -> Real:
    """tanh x for float32."""
    sinh_r, cosh_r, plus, minus = _sinh_and_cosh_single(x)
    reciprocal = 1 / fma(plus, cosh_r, minus * sinh_r)
    return (fma(plus, sinh_r, minus * cosh_r) * reciprocal).with_sign_of(x)


def sech_single(x: Real) -> Real:
    """sech x for float32."""
    return 1 / cosh_single(x)
