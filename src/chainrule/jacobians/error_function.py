"""The local Jacobians of the error function and its kin: diagonals.

Source: Olver et al., NIST Handbook of Mathematical Functions, chapter 7.
"""

import math

from chainrule import ops
from chainrule.jacobians.forms import partial, partials

_TWO_OVER_ROOT_PI = 2 / math.sqrt(math.pi)
_ROOT_TWO_PI = math.sqrt(2 * math.pi)


@partials(ops.bell)
def bell_partials(y, x, *, rate):
    """y = e^(-r x²), so dy = -2 r x y dx."""
    return (-2 * rate * x * y,)


@partials(ops.erf)
def erf_partials(_y, x):
    """y = 2/√π ∫ e^(-t²) from 0 to x, so dy = 2/√π e^(-x²) dx."""
    return (_TWO_OVER_ROOT_PI * ops.bell(x, rate=1.0),)


@partials(ops.erfc)
def erfc_partials(_y, x):
    """y = 1 - erf x, so dy = -2/√π e^(-x²) dx."""
    return (-_TWO_OVER_ROOT_PI * ops.bell(x, rate=1.0),)


@partials(ops.erfcx)
def erfcx_partials(_y, x):
    """y = e^(x²) erfc x, so dy = -2 E₁(x) dx, where nothing cancels."""
    return (-2.0 * ops.scaled_erfc(x, order=1),)


@partials(ops.erfi)
def erfi_partials(_y, x):
    """y = -i erf(ix), so dy = 2/√π e^(x²) dx."""
    return (_TWO_OVER_ROOT_PI * ops.exp(x * x),)


@partials(ops.scaled_erfc)
def scaled_erfc_partials(_y, x, *, order):
    """y = Eₙ(x), so dy = -2 (n + 1) Eₙ₊₁(x) dx, where nothing cancels."""
    return (-2.0 * (order + 1) * ops.scaled_erfc(x, order=order + 1),)


@partials(ops.erfinv)
def erfinv_partials(y, _x):
    """x = erf y, so dy = √π/2 e^(y²) dx."""
    return (ops.exp(y * y) / _TWO_OVER_ROOT_PI,)


@partials(ops.erfcinv)
def erfcinv_partials(y, _x):
    """x = erfc y, so dy = -√π/2 e^(y²) dx."""
    return (-ops.exp(y * y) / _TWO_OVER_ROOT_PI,)


@partials(ops.dawsn)
def dawsn_partials(_y, x):
    """y = e^(-x²) ∫ e^(t²) from 0 to x, so dy = (1 - 2 x y) dx, which for large x would cancel."""
    return (ops.dawson_derivative(x, order=1),)


@partials(ops.dawson_derivative)
def dawson_derivative_partials(_y, x, *, order):
    """y = D⁽ⁿ⁾(x), so dy = D⁽ⁿ⁺¹⁾ dx."""
    return (ops.dawson_derivative(x, order=order + 1),)


@partials(ops.wofz)
def wofz_partials(y, z):
    """y = e^(-z²) erfc(-iz), so dy = (2i/√π - 2 z y) dz."""
    return (z.dtype.type(1j * _TWO_OVER_ROOT_PI) - 2 * z * y,)


@partials(ops.ndtr)
def ndtr_partials(_y, x):
    """y = P(X < x) of a normal X, so dy = e^(-x²/2) / √(2π) dx."""
    return (ops.bell(x, rate=0.5) / _ROOT_TWO_PI,)


@partials(ops.ndtri)
def ndtri_partials(y, _x):
    """x = ndtr y, so dy = √(2π) e^(y²/2) dx."""
    return (_ROOT_TWO_PI * ops.exp(y * y / 2),)


@partial(ops.owens_t, operand=0)
def owens_t_partial_height(_y, h, a):
    """y = T(h, a), so ∂y/∂h = -e^(-h²/2) erf(a h / √2) / √(8π)."""
    return -ops.bell(h, rate=0.5) * ops.erf(a * h * math.sqrt(0.5)) / math.sqrt(8 * math.pi)


@partial(ops.owens_t, operand=1)
def owens_t_partial_slope(_y, h, a):
    """y = T(h, a), so ∂y/∂a = e^(-h² (1 + a²) / 2) / (2π (1 + a²))."""
    square = 1 + a * a
    return ops.bell(h * ops.sqrt(square), rate=0.5) / (2 * math.pi * square)


@partials(ops.log_ndtr)
def log_ndtr_partials(_y, x):
    """y = log ndtr x, so dy = (density / ndtr)(x) dx."""
    return (_hazard(x),)


@partials(ops.ndtri_exp)
def ndtri_exp_partials(y, _x):
    """x = log ndtr y, so dy = (ndtr / density)(y) dx."""
    return (1 / _hazard(y),)


def _hazard(x):
    """The normal density over ndtr: √(2/π) / erfcx(-x/√2) for negative x, where both underflow."""
    if x.dtype.kind == "c":
        return math.sqrt(2 / math.pi) / ops.erfcx(x * -math.sqrt(0.5))
    negative = x < 0
    zero = x.dtype.type(0)
    left = math.sqrt(2 / math.pi) / ops.erfcx(ops.select(negative, x, zero) * -math.sqrt(0.5))
    right = ops.select(negative, zero, x)
    return ops.select(negative, left, ops.bell(right, rate=0.5) / (_ROOT_TWO_PI * ops.ndtr(right)))
