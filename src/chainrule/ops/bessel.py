"""Bessel functions, of which NumPy has two: sinc is the spherical one of order 0, i0 the modified one.

The derivative of each order is made of its neighbours. SciPy evaluates all but those two, and is imported when the
first is.
"""

import math
from typing import Any

import numpy as np
from numpy import absolute, asarray, cos, maximum

from chainrule.ops.declaration import like_all_operands, like_operand, special, special_function
from chainrule.trace import Op, ParameterOp
from chainrule.trace.silence import restore, silence

_DOUBLE = np.dtype(np.float64)
all_of = np.logical_and.reduce
# Below this the closed form of the first order cancels, and the series is exact to the last digit.
_CANCELS_BELOW = 0.2
# The coefficients of j₁(z) / z in z², from the last: (-1/2)ᵏ / (k! (2k+3)!!).
_FIRST_SERIES = tuple((-0.5) ** k / (math.factorial(k) * math.prod(range(3, 2 * k + 4, 2))) for k in range(7, -1, -1))


def first_spherical(x: Any, y: Any, /) -> Any:
    """j₁(πx) for real x in double precision, from y = j₀(πx): (y - cos(πx)) / (πx), and the series near 0."""
    z = math.pi * x
    found = (y - cos(z)) / z
    size = absolute(x)
    if ((size >= _CANCELS_BELOW) & (size < math.inf)).all():
        return found
    square = z * z
    series = np.full_like(square, _FIRST_SERIES[0])
    for coefficient in _FIRST_SERIES[1:]:
        series = series * square + coefficient
    return np.where(size < _CANCELS_BELOW, z * series, np.where(np.isinf(x), 0.0, found))[()]


def _spherical_evaluate(x: Any, /, *, order: int) -> Any:
    if order == 0:
        return np.sinc(x)
    if order == 1 and x.dtype == _DOUBLE:
        return first_spherical(x, np.sinc(x))
    from scipy.special import spherical_jn

    z = np.pi * x.astype(np.result_type(x.dtype, np.float64))
    # Near 0 the series, since SciPy's way underflows there: zⁿ / (2n+1)!! (1 - z²/2/(2n+3) (1 - z²/4/(2n+5) ...)).
    double_factorial = float(np.prod(np.arange(1, 2 * order + 2, 2)))
    tail = 1 - z * z / (2 * (2 * order + 3)) * (1 - z * z / (4 * (2 * order + 5)))
    near_zero = z**order / double_factorial * tail
    return np.where(np.abs(z) < 1e-2, near_zero, spherical_jn(order, z)).astype(x.dtype)[()]


def _modified_evaluate(x: Any, /, *, order: int) -> Any:
    if order == 0:
        return np.i0(x)[()]
    from scipy.special import i1, iv

    return i1(x) if order == 1 else iv(x.dtype.type(order), x)


# jₙ(πx), the spherical Bessel function of the first kind; for n = 0 sin(πx) / (πx).
spherical_bessel = ParameterOp("spherical_bessel", _spherical_evaluate, like_operand, core=(0,))
# Iₙ(x), the modified Bessel function of the first kind.
modified_bessel = ParameterOp("modified_bessel", _modified_evaluate, like_operand, core=(0,))

# The functions of the first and second kind, modified ones too, of an order that may be any number.
jv = special("jv", arity=2)
yv = special("yv", arity=2)
iv = special("iv", arity=2)
kv = special("kv", arity=2)
# Hankel's functions Jᵥ ± i Yᵥ, of complex numbers.
hankel1 = special("hankel1", arity=2)
hankel2 = special("hankel2", arity=2)
# Those of whole orders, with algorithms of their own.
j0, j1 = special("j0"), special("j1")
y0, y1, yn = special("y0"), special("y1"), special("yn", arity=2)
i0, i1 = special("i0"), special("i1")
k0, k1, kn = special("k0"), special("k1"), special("kn", arity=2)
# Scaled by e^(-|x|), and those of the second kind by eˣ.
i0e, i1e, ive = special("i0e"), special("i1e"), special("ive", arity=2)
k0e, k1e, kve = special("k0e"), special("k1e"), special("kve", arity=2)


# Beyond this, and beyond a quarter of the square of the order, the asymptotic series is exact to the last digit.
_SERIES_BEYOND = 25.0
_SERIES_TERMS = 36


def _scaled_evaluate(v: Any, x: Any, /, *, second: bool, order: int) -> Any:
    if x.dtype.kind == "c":
        return _by_orders(v, x, second, order)
    token = silence()
    try:
        return _scaled_of_real(v, x, second, order).astype(np.result_type(v.dtype, x.dtype))[()]
    finally:
        restore(token)


def _scaled_of_real(v: Any, x: Any, second: bool, order: int) -> Any:
    degree, z = asarray(v, _DOUBLE), asarray(x, _DOUBLE)
    limit = maximum(degree * degree / 4, _SERIES_BEYOND)
    if z.size and all_of((z > 0) & (z <= limit), None):
        # The commonest case, without choices.
        return _by_orders(degree, z, second, order)
    size = np.abs(z)
    far = size > limit
    series = _by_series(degree, np.where(far, size, _SERIES_BEYOND), second, order) if np.any(far) else 0.0
    direct = 0.0 if np.all(far) else _by_orders(degree, np.where(far, 1.0, size), second, order)
    y = np.where(far, series, direct)
    if second:
        y = np.where(z < 0, np.nan, y)
    else:
        # Iᵥ of a whole order is even or odd, and so is each derivative; of others there is none left of 0.
        mirrored = np.where(degree == np.rint(degree), np.where((degree + order) % 2 == 0, 1.0, -1.0), np.nan)
        y = y * np.where(z > 0, 1.0, np.where(z < 0, mirrored, (1 + mirrored) / 2))
    return y


def _by_orders(v: Any, x: Any, second: bool, order: int) -> Any:
    """The n-th derivative, ± 2⁻ⁿ times the (2n)-th central difference in the order v; it cancels for large x only."""
    function = special_function("kve" if second else "ive")
    total: Any = 0.0
    for k in range(2 * order + 1):
        degree = v - order + k
        # SciPy's own functions of the orders 0 and 1 are ten times faster.
        name = None if x.dtype.kind != "f" or degree.shape else _OF_ORDER.get((second, float(abs(degree))))
        term = function(degree, x) if name is None else special_function(name)(x)
        total = total + (-1) ** k * math.comb(2 * order, k) * term
    return total * (-0.5 if second else 0.5) ** order


# By whether they are of the second kind, and by the size of their order, these functions without their growth.
_OF_ORDER = {(False, 0.0): "i0e", (False, 1.0): "i1e", (True, 0.0): "k0e", (True, 1.0): "k1e"}


def _by_series(v: Any, x: Any, second: bool, order: int) -> Any:
    """The n-th derivative of Σ (∓1)ᵏ aₖ(v) / xᵏ⁺¹ᐟ², term by term from the end (NIST Handbook, 10.40)."""
    square = 4 * v * v
    total = np.ones_like(x)
    for k in range(_SERIES_TERMS, 0, -1):
        ratio = (square - (2 * k - 1) ** 2) / (8 * k * x) * (1 + order / (k - 0.5))
        total = 1 + (ratio if second else -ratio) * total
    first = (
        math.sqrt(math.pi / 2 if second else 0.5 / math.pi) * (-1) ** order * math.prod(k + 0.5 for k in range(order))
    )
    return first * x ** -(order + 0.5) * total


# The n-th derivative in x of e^(-x) Iᵥ(x) or, for the second kind, of eˣ Kᵥ(x).
scaled_bessel_derivative = Op("scaled_bessel_derivative", _scaled_evaluate, like_all_operands, core=(0, 0))


# e^(-40) is less than half a unit in the last place.
_NEGLIGIBLE = 40.0


def _order_evaluate(v: Any, x: Any, /, *, by_order: int, by_argument: int, scaled: bool) -> Any:
    degree, z = np.broadcast_arrays(np.asarray(v, np.float64), np.asarray(x, np.float64))
    dtype = np.result_type(v.dtype, x.dtype)
    if not z.size:
        return np.zeros(z.shape, dtype)
    with np.errstate(all="ignore"):
        # Around its peak the integrand decays as e^(-c (cosh s - 1)), or faster; there the trapezoidal rule with this
        # step is exact to round-off, since the integrand is even and analytic.
        size = np.abs(degree)
        curvature = np.hypot(z, size + by_argument)
        end = np.arcsinh((size + by_argument) / z) + np.arccosh(1 + _NEGLIGIBLE / curvature)
        step = np.minimum(0.15, 0.6 / np.sqrt(curvature))
        steps = np.where(np.isfinite(end / step), end / step, 0)
        total = np.zeros(z.shape)
        for k in range(int(np.max(steps)) + 1):
            t = k * step
            height = 2 * np.sinh(t / 2) ** 2
            parity = 1 + np.exp(-2 * size * t) if by_order % 2 == 0 else -np.expm1(-2 * size * t) * np.sign(degree)
            parity = parity * np.exp(size * t - z * height - (0.0 if scaled else z))
            weight = np.where(k > steps, 0.0, 0.25 if k == 0 else 0.5)
            term = parity * t**by_order * (height if scaled else 1 + height) ** by_argument
            total += np.where(weight > 0, weight * term, 0.0)
        y = (-1) ** by_argument * total * step
        return np.where(z > 0, y, np.nan).astype(dtype)[()]


# The derivative, so often in the order v and so often in x, of Kᵥ(x) = ∫ e^(-x cosh t) cosh(vt) dt over t > 0,
# or if scaled of eˣ Kᵥ(x). Where both are large, eˣ Kᵥ(x) may be beyond the range of numbers and Kᵥ(x) in it.
macdonald_derivative = Op("macdonald_derivative", _order_evaluate, like_all_operands, core=(0, 0))
