"""The local Jacobians of Bessel functions: diagonals, made of the neighbouring orders.

Source: Olver et al., NIST Handbook of Mathematical Functions, 10.6.1, 10.29.1 and 10.51.2.
"""

import math

import numpy as np

from chainrule import ops
from chainrule.errors import NoRuleError
from chainrule.graph.position import describe, here
from chainrule.jacobians.forms import partial, partials
from chainrule.jacobians.undefined import no_partial
from chainrule.jacobians.zeros import PLAIN
from chainrule.ops.bessel import first_spherical
from chainrule.trace import Value

_DOUBLE = np.dtype(np.float64)

for _op in (ops.jv, ops.yv, ops.iv, ops.ive, ops.hankel1, ops.hankel2):
    no_partial(_op, operand=0, why="no way is known that keeps the digits of a derivative in the order everywhere")
for _op in (ops.yn, ops.kn):
    no_partial(_op, operand=0, why="the order is a whole number; of `kv` it may be any")


@partials(ops.spherical_bessel)
def spherical_bessel_partials(y, x, *, order):
    """y = jₙ(πx), so dy = π (n jₙ₋₁ - (n + 1) jₙ₊₁) / (2n + 1) dx: no difference that cancels near 0."""
    if order == 0:
        if type(x) is not Value and x.dtype == _DOUBLE:
            return (-math.pi * first_spherical(x, y),)
        return (-math.pi * ops.spherical_bessel(x, order=1),)
    above = ops.spherical_bessel(x, order=order + 1)
    below = ops.spherical_bessel(x, order=order - 1)
    return (math.pi / (2 * order + 1) * (order * below - (order + 1) * above),)


@partials(ops.modified_bessel)
def modified_bessel_partials(_y, x, *, order):
    """y = Iₙ(x), so dy = (Iₙ₋₁ + Iₙ₊₁) / 2 dx, where I₋₁ = I₁."""
    above = ops.modified_bessel(x, order=order + 1)
    if order == 0:
        return (above,)
    return ((ops.modified_bessel(x, order=order - 1) + above) / 2,)


@partial(ops.jv, operand=1)
def jv_partial(_y, v, x):
    """y = Jᵥ(x), so ∂y/∂x = (Jᵥ₋₁ - Jᵥ₊₁) / 2."""
    return (ops.jv(v - 1, x) - ops.jv(v + 1, x)) / 2


@partial(ops.yv, operand=1)
def yv_partial(_y, v, x):
    """y = Yᵥ(x), so ∂y/∂x = (Yᵥ₋₁ - Yᵥ₊₁) / 2."""
    return (ops.yv(v - 1, x) - ops.yv(v + 1, x)) / 2


@partial(ops.hankel1, operand=1)
def hankel_first_partial(_y, v, z):
    """y = Jᵥ + i Yᵥ, so ∂y/∂z is half the difference of the neighbours, as for Jᵥ."""
    return (ops.hankel1(v - 1, z) - ops.hankel1(v + 1, z)) / 2


@partial(ops.hankel2, operand=1)
def hankel_second_partial(_y, v, z):
    """y = Jᵥ - i Yᵥ, so ∂y/∂z is half the difference of the neighbours, as for Jᵥ."""
    return (ops.hankel2(v - 1, z) - ops.hankel2(v + 1, z)) / 2


@partial(ops.yn, operand=1)
def yn_partial(_y, n, x):
    """y = Yₙ(x), so ∂y/∂x = (Yₙ₋₁ - Yₙ₊₁) / 2."""
    return (ops.yn(n - 1, x) - ops.yn(n + 1, x)) / 2


@partial(ops.iv, operand=1)
def iv_partial(_y, v, x):
    """y = Iᵥ(x), so ∂y/∂x = (Iᵥ₋₁ + Iᵥ₊₁) / 2."""
    return (ops.iv(v - 1, x) + ops.iv(v + 1, x)) / 2


@partial(ops.kv, operand=1)
def kv_partial(_y, v, x):
    """y = Kᵥ(x), so ∂y/∂x = -(Kᵥ₋₁ + Kᵥ₊₁) / 2."""
    return (ops.kv(v - 1, x) + ops.kv(v + 1, x)) / -2


@partial(ops.kv, operand=0)
def kv_order_partial(_y, v, x):
    """y = Kᵥ(x), so ∂y/∂v = ∫ e^(-x cosh t) t sinh(vt) dt from 0 to ∞."""
    return _in_order(v, x, 0, scaled=False)


@partial(ops.kve, operand=0)
def kve_order_partial(_y, v, x):
    """y = eˣ Kᵥ(x), so ∂y/∂v = ∫ e^(-x (cosh t - 1)) t sinh(vt) dt from 0 to ∞."""
    return _in_order(v, x, 0, scaled=True)


def _in_order(v, x, by_argument, *, scaled):
    """The derivative of Kᵥ(x), or scaled of eˣ Kᵥ(x), in v, and so often in x."""
    if x.dtype.kind == "c":
        raise NoRuleError(
            f"the derivative of Kᵥ(z) in the order v is known for real z only.{describe(here())}\n"
            "  To hold the order constant: `cr.stop_gradient(v)`."
        )
    return ops.macdonald_derivative(v, x, by_order=1, by_argument=by_argument, scaled=scaled)


@partial(ops.macdonald_derivative, operand=0)
def macdonald_derivative_order_partial(_y, v, x, *, by_order, by_argument, scaled):
    """One derivative more in the order."""
    return ops.macdonald_derivative(v, x, by_order=by_order + 1, by_argument=by_argument, scaled=scaled)


@partial(ops.macdonald_derivative, operand=1)
def macdonald_derivative_argument_partial(_y, v, x, *, by_order, by_argument, scaled):
    """One derivative more in the argument."""
    return ops.macdonald_derivative(v, x, by_order=by_order, by_argument=by_argument + 1, scaled=scaled)


@partial(ops.kn, operand=1)
def kn_partial(_y, n, x):
    """y = Kₙ(x), so ∂y/∂x = -(Kₙ₋₁ + Kₙ₊₁) / 2."""
    return (ops.kn(n - 1, x) + ops.kn(n + 1, x)) / -2


@partials(ops.j0)
def j0_partials(_y, x):
    """y = J₀(x), so dy = -J₁ dx."""
    return (-ops.j1(x),)


@partials(ops.j1)
def j1_partials(_y, x):
    """y = J₁(x), so dy = (J₀ - J₂) / 2 dx."""
    return ((ops.j0(x) - ops.jv(x.dtype.type(2), x)) / 2,)


@partials(ops.y0)
def y0_partials(_y, x):
    """y = Y₀(x), so dy = -Y₁ dx."""
    return (-ops.y1(x),)


@partials(ops.y1)
def y1_partials(_y, x):
    """y = Y₁(x), so dy = (Y₀ - Y₂) / 2 dx."""
    return ((ops.y0(x) - ops.yn(x.dtype.type(2), x)) / 2,)


@partials(ops.i0)
def i0_partials(_y, x):
    """y = I₀(x), so dy = I₁ dx."""
    return (ops.i1(x),)


@partials(ops.i1)
def i1_partials(_y, x):
    """y = I₁(x), so dy = (I₀ + I₂) / 2 dx."""
    return ((ops.i0(x) + ops.iv(x.dtype.type(2), x)) / 2,)


@partials(ops.k0)
def k0_partials(_y, x):
    """y = K₀(x), so dy = -K₁ dx."""
    return (-ops.k1(x),)


@partials(ops.k1)
def k1_partials(_y, x):
    """y = K₁(x), so dy = -(K₀ + K₂) / 2 dx."""
    return ((ops.k0(x) + ops.kn(x.dtype.type(2), x)) / -2,)


@partials(ops.i0e)
def i0e_partials(_y, x):
    """y = e^(-|x|) I₀(x), so dy = (e^(-|x|) I₁ - y sign x) dx, which for large x would cancel."""
    return (ops.scaled_bessel_derivative(x.dtype.type(0), x, second=False, order=1),)


@partials(ops.i1e)
def i1e_partials(_y, x):
    """y = e^(-|x|) I₁(x), so dy = (e^(-|x|) (I₀ + I₂) / 2 - y sign x) dx, which for large x would cancel."""
    return (ops.scaled_bessel_derivative(x.dtype.type(1), x, second=False, order=1),)


@partial(ops.ive, operand=1)
def ive_partial(y, v, x):
    """y = e^(-|Re x|) Iᵥ(x), so ∂y/∂x = e^(-|x|) (Iᵥ₋₁ + Iᵥ₊₁) / 2 - y sign x for real x; not analytic for others.

    For x > 0 that is e⁻ˣ Iᵥ₊₁ + (v/x - 1) y, in which nothing cancels for x ≤ v.
    """
    if x.dtype.kind == "c":
        raise NoRuleError(
            f"`scipy.special.ive` has no complex derivative, since its scale is the size of a part.{describe(here())}\n"
            "  Use `scipy.special.iv`, times a scale of your own."
        )
    if type(x) in PLAIN and type(v) in PLAIN and ((x > 0) & (x <= v)).all():
        return ops.ive(v + 1, x) + (v / x - 1) * y
    return ops.scaled_bessel_derivative(v, x, second=False, order=1)


@partials(ops.k0e)
def k0e_partials(_y, x):
    """y = eˣ K₀(x), so dy = (y - eˣ K₁) dx, which for large x would cancel."""
    return (ops.scaled_bessel_derivative(x.dtype.type(0), x, second=True, order=1),)


@partials(ops.k1e)
def k1e_partials(_y, x):
    """y = eˣ K₁(x), so dy = (y - eˣ (K₀ + K₂) / 2) dx, which for large x would cancel."""
    return (ops.scaled_bessel_derivative(x.dtype.type(1), x, second=True, order=1),)


@partial(ops.kve, operand=1)
def kve_partial(_y, v, x):
    """y = eˣ Kᵥ(x), so ∂y/∂x = y - eˣ (Kᵥ₋₁ + Kᵥ₊₁) / 2, which for large x would cancel."""
    return ops.scaled_bessel_derivative(v, x, second=True, order=1)


@partial(ops.scaled_bessel_derivative, operand=0)
def scaled_bessel_derivative_order_partial(_y, v, x, *, second, order):
    """y is the n-th derivative of eˣ Kᵥ in x, so ∂y/∂v is that of ∂(eˣ Kᵥ)/∂v; of the first kind there is none here."""
    if not second:
        raise NoRuleError(
            f"`scipy.special.ive` has no derivative with respect to its first argument.{describe(here())}\n"
            "  To hold that argument constant: `cr.stop_gradient(v)`."
        )
    return _in_order(v, x, order, scaled=True)


@partial(ops.scaled_bessel_derivative, operand=1)
def scaled_bessel_derivative_partial(_y, v, x, *, second, order):
    """y is the n-th derivative of e^(-x) Iᵥ or eˣ Kᵥ, so ∂y/∂x is the next."""
    return ops.scaled_bessel_derivative(v, x, second=second, order=order + 1)
