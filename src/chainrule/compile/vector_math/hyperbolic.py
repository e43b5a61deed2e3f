"""Hyperbolic functions.

With x = k ln 2 + r, A = 2ᵏ/2 and B = 2⁻ᵏ/2, the theorem of addition gives

    sinh x = (A + B) sinh r + (A - B) cosh r,    cosh x = (A + B) cosh r + (A - B) sinh r,

where nothing cancels: sinh r has the polynomial r + ..., cosh r has 1 + ..., and A ± B are exact but for a B that is
below the last place. What is leading, (A - B) + (A + B) r or (A + B) + (A - B) r, is summed exactly, so the error is
0.5 ulp and what the corrections, at most a sixth of the result, are wrong by.
"""

from __future__ import annotations

from chainrule.compile.vector_math.coefficients import COSH, COSH_SINGLE, FULL_LN2, INVERSE_LN2, SINH, SINH_SINGLE
from chainrule.compile.vector_math.double_double import Pair, fast_two_sum, quotient
from chainrule.compile.vector_math.exponential import expm1_pair, expm1_single, nearest_multiple, power_of_two, reduced
from chainrule.compile.vector_math.expression import Real, choose, fma
from chainrule.compile.vector_math.polynomial import polynomial


def _sinh_and_cosh(x: Real, *, sinh: bool) -> Real:
    """sinh |x| or cosh x, made at half its size so that only the end overflows."""
    k, t, c = reduced(abs(x).at_most(710.5))
    r = t + c
    z = r * r
    sinh_rest = fma(r * z, polynomial(z, SINH), c)
    cosh_rest = z * polynomial(z, COSH)
    a = power_of_two(k.bits - 2)
    b = choose(k.real < 60.0, power_of_two(-(k.bits + 2)), 0.0)
    plus, plus_low = fast_two_sum(a, b)
    minus, minus_low = fast_two_sum(a, -b)
    if sinh:
        first, low, second = minus, minus_low, plus
        # The rounding of r² counts here, where the result is smaller than cosh r.
        square_low = fma(r, r, -z)
        rest = fma(plus, sinh_rest, fma(minus, cosh_rest, square_low * (minus * 0.5)))
    else:
        first, low, second = plus, plus_low, minus
        rest = fma(plus, cosh_rest, minus * sinh_rest)
    high = fma(second, t, first)
    rest = rest + (fma(second, t, first - high) + low)
    half = high + rest
    return half + half


def sinh(x: Real) -> Real:
    """sinh x. Near 0 it is x."""
    return choose(abs(x) < 2.0**-28, x, _sinh_and_cosh(x, sinh=True).with_sign_of(x))


def cosh(x: Real) -> Real:
    """cosh x."""
    return _sinh_and_cosh(x, sinh=False)


def tanh(x: Real) -> Real:
    """tanh |x| = -e/(2 + e) with e = e⁻²ˣ - 1, a quotient of pairs. Past 22 it is 1, and near 0 it is x."""
    e = expm1_pair(abs(x).at_most(22.0) * -2.0)
    high, low = fast_two_sum(2.0, e.high)
    q = quotient(e, Pair(high, low + e.low))
    return choose(abs(x) < 2.0**-28, x, (q.high + q.low).with_sign_of(x))


def _sinh_and_cosh_single(x: Real) -> tuple[Real, Real, Real, Real]:
    """For float32: sinh r, cosh r, A + B and A - B for |x|."""
    magnitude = abs(x).at_most(90.0)
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
    bounded = abs(x).at_most(10.0)
    e = expm1_single(bounded + bounded)
    return (e / (e + 2.0)).with_sign_of(x)
