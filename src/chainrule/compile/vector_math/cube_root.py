"""The cube root: x = 2³ʲ m with 1 ≤ m < 8, so ∛x = 2ʲ ∛m, without a division.

r ≈ 1/∛m by a polynomial is right to 2⁻¹², and by one iteration of the third order to 2⁻³²; m r² is then ∛m to 2⁻³¹, and
one step of Newton's leaves the square of that. What this step adds is small, so that its rounding does not count if the
remainder is right, which is made in pairs: the result is within 0.51 ulp.
"""

from __future__ import annotations

from chainrule.compile.vector_math.coefficients import INVERSE_CBRT
from chainrule.compile.vector_math.double_double import product
from chainrule.compile.vector_math.exponential import power_of_two
from chainrule.compile.vector_math.expression import Bits, Real, choose, fma
from chainrule.compile.vector_math.logarithm import normalised
from chainrule.compile.vector_math.polynomial import polynomial

BIAS = 1023


def _third(x: Real) -> tuple[Bits, Real, Real]:
    """j, m, and 1/∛m to 2⁻³², for a positive normal x."""
    biased = x.bits.logical_shift(52)
    # 21846/2¹⁶ is a third, closely enough for numbers below 4096: this is the whole part of a third of them.
    j = (biased * 21846).logical_shift(16) - BIAS // 3
    m = (x.bits - ((j * 3) << 52)).real
    r = polynomial(m, INVERSE_CBRT)
    error = fma(m * r, -(r * r), 1.0)
    return j, m, fma(r * error, fma(error, 2 / 9, 1 / 3), r)


def cbrt(x: Real) -> Real:
    """∛x, with the sign of x."""
    magnitude, shift = normalised(abs(x))
    j, m, r = _third(magnitude)
    square = r * r
    root = m * square
    squared = product(root, root)
    remainder = fma(squared.high, root, -m) + squared.low * root
    root = fma(remainder * square, -1 / 3, root)
    # A subnormal number was multiplied by 2⁵⁴.
    result = root * power_of_two(j) * choose(shift < 0.0, 2.0**-18, 1.0)
    return _at_the_ends(x, result.with_sign_of(x))


def cbrt_single(x: Real) -> Real:
    """∛x for float32."""
    j, m, r = _third(abs(x))
    return _at_the_ends(x, (m * (r * r) * power_of_two(j)).with_sign_of(x))


def _at_the_ends(x: Real, result: Real) -> Real:
    """The root of zeros, infinities and NaN: themselves."""
    return choose((abs(x) > 0.0) & (abs(x) < float("inf")), result, x)
