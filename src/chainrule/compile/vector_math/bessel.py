"""The modified Bessel functions of the first kind of orders 0 and 1.

Below 10 they are their power series, whose terms all have one sign, and beyond e^|x| / √|x| times a polynomial in
1/|x| (Olver et al., NIST Handbook of Mathematical Functions, 10.25 and 10.40). They are within 8 ulp, most of them of
the rounding of the square, which counts |x|/2 times in the series.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from chainrule.compile.vector_math.double_double import Pair
from chainrule.compile.vector_math.exponential import exp_in_parts, power_of_two, scale
from chainrule.compile.vector_math.expression import Real, choose, fma
from chainrule.compile.vector_math.polynomial import polynomial
from chainrule.compile.vector_math.special_coefficients import (
    BESSEL_ONE,
    BESSEL_ONE_FAR,
    BESSEL_ONE_FAR_SINGLE,
    BESSEL_ONE_SINGLE,
    BESSEL_ZERO,
    BESSEL_ZERO_FAR,
    BESSEL_ZERO_FAR_SINGLE,
    BESSEL_ZERO_SINGLE,
)

_FAR = 10.0
# The middle of 1/x for x from there on.
_MIDDLE = 0.05
# From here on the functions overflow; the exponential alone does a little earlier.
_OVERFLOW = 720.0


class _Order(NamedTuple):
    """The numbers of an order, and whether it is 1."""

    near: Sequence[float]
    far: Sequence[float]
    is_odd: bool


def _near(order: _Order, magnitude: Real) -> Real:
    """The series 1 + z q(z) in z = (x/2)², for order 1 times x/2."""
    half = 0.5 * magnitude
    z = half * half
    value = fma(z, polynomial(z, order.near), 1.0)
    return half * value if order.is_odd else value


def _far(order: _Order, magnitude: Real) -> Real:
    """e^-|x| times the function."""
    u = 1.0 / magnitude
    return u.sqrt() * polynomial(u - _MIDDLE, order.far)


def _with_parity(order: _Order, x: Real, result: Real) -> Real:
    return choose(x < 0.0, -result, result) if order.is_odd else result


def _plain(order: _Order) -> Callable[[Real], Real]:
    def plain(x: Real) -> Real:
        """Iₙ(x)."""
        magnitude = abs(x)
        k, power = exp_in_parts(Pair(magnitude.at_most(_OVERFLOW), x.constant(0.0)))
        far = scale((power.high + power.low) * _far(order, magnitude), k)
        # As SciPy's, they are NaN at infinity.
        far = choose(magnitude > _OVERFLOW, choose(magnitude < float("inf"), float("inf"), float("nan")), far)
        return _with_parity(order, x, choose(magnitude < _FAR, _near(order, magnitude), far))

    return plain


def _scaled(order: _Order) -> Callable[[Real], Real]:
    def scaled(x: Real) -> Real:
        """e^-|x| Iₙ(x)."""
        magnitude = abs(x)
        k, power = exp_in_parts(Pair(-magnitude.at_most(_FAR), x.constant(0.0)))
        near = (power.high + power.low) * power_of_two(k.bits) * _near(order, magnitude)
        return _with_parity(order, x, choose(magnitude < _FAR, near, _far(order, magnitude)))

    return scaled


_ZERO = _Order(BESSEL_ZERO, BESSEL_ZERO_FAR, is_odd=False)
_ONE = _Order(BESSEL_ONE, BESSEL_ONE_FAR, is_odd=True)
_ZERO_SINGLE = _Order(BESSEL_ZERO_SINGLE, BESSEL_ZERO_FAR_SINGLE, is_odd=False)
_ONE_SINGLE = _Order(BESSEL_ONE_SINGLE, BESSEL_ONE_FAR_SINGLE, is_odd=True)

i0, i0_single = _plain(_ZERO), _plain(_ZERO_SINGLE)
i1, i1_single = _plain(_ONE), _plain(_ONE_SINGLE)
i0e, i0e_single = _scaled(_ZERO), _scaled(_ZERO_SINGLE)
i1e, i1e_single = _scaled(_ONE), _scaled(_ONE_SINGLE)
