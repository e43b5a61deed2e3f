"""Logarithms of a sum of powers, from the larger one: log(bˣ + bʸ) = max + log(1 + b^-|x - y|).

The sum of the two terms may cancel, near a result of 0, and then has the absolute error of the larger: within 1 ulp of
max(|x|, |y|), as NumPy's has.
"""

from __future__ import annotations

from chainrule.compile.vector_math.coefficients import FULL_LN2, INVERSE_LN2
from chainrule.compile.vector_math.double_double import Pair, times, two_sum
from chainrule.compile.vector_math.exponential import exp, exp2, exp2_single, exp_single
from chainrule.compile.vector_math.expression import Real, choose
from chainrule.compile.vector_math.logarithm import log1p_in_single, log1p_pair


def logaddexp(x: Real, y: Real) -> Real:
    """log(eˣ + eʸ)."""
    rest = log1p_pair(Pair(exp(-abs(x - y)), x.constant(0.0)))
    return _added_to_larger(x, y, rest, FULL_LN2[0])


def logaddexp2(x: Real, y: Real) -> Real:
    """log₂(2ˣ + 2ʸ)."""
    rest = times(log1p_pair(Pair(exp2(-abs(x - y)), x.constant(0.0))), INVERSE_LN2)
    return _added_to_larger(x, y, rest, 1.0)


def logaddexp_single(x: Real, y: Real) -> Real:
    """log(eˣ + eʸ) for float32."""
    rest = log1p_in_single(exp_single(-abs(x - y)))
    return _added_to_larger(x, y, Pair(rest, x.constant(0.0)), FULL_LN2[0])


def logaddexp2_single(x: Real, y: Real) -> Real:
    """log₂(2ˣ + 2ʸ) for float32."""
    rest = log1p_in_single(exp2_single(-abs(x - y))) * INVERSE_LN2[0]
    return _added_to_larger(x, y, Pair(rest, x.constant(0.0)), 1.0)


def _added_to_larger(x: Real, y: Real, rest: Pair, rest_of_equals: float) -> Real:
    """The larger plus the rest; equal infinities have no difference, and NaN prevails."""
    larger = choose(x > y, x, y)
    high, low = two_sum(larger, rest.high)
    finite = high + (low + rest.low)
    result = choose(abs(larger) < float("inf"), finite, larger)
    result = choose(x.equals(y), x + rest_of_equals, result)
    return choose(x.is_nan() | y.is_nan(), x + y, result)
