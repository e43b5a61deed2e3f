"""The local Jacobians of the gamma function and its kin: diagonals.

Source: Olver et al., NIST Handbook of Mathematical Functions, chapter 5.
"""

import math

from chainrule import ops
from chainrule.errors import NoRuleError
from chainrule.graph.position import describe, here
from chainrule.jacobians.forms import partial, partials
from chainrule.jacobians.undefined import no_partial
from chainrule.jacobians.zeros import PLAIN


@partials(ops.gamma)
def gamma_partials(y, x):
    """y = Γ(x), so dy = y ψ(x) dx."""
    return (y * ops.digamma(x),)


@partials(ops.gammaln)
def gammaln_partials(_y, x):
    """y = log |Γ(x)|, so dy = ψ(x) dx."""
    return (ops.digamma(x),)


@partials(ops.loggamma)
def loggamma_partials(_y, x):
    """y = log Γ(x), so dy = ψ(x) dx."""
    return (ops.digamma(x),)


@partials(ops.rgamma)
def rgamma_partials(y, x):
    """y = 1 / Γ(x), so dy = -y ψ(x) dx; left of 1/2 by reflection, y = Γ(1 - x) sin(πx) / π, which has no poles."""
    if x.dtype.kind == "c" or (type(x) in PLAIN and (x > 0).all()):
        # Positive numbers are no poles of ψ.
        return (-y * ops.digamma(x),)
    half = x.dtype.type(0.5)
    left = x < half
    if type(x) in PLAIN and left.all():
        return (_rgamma_slope_by_reflection(x),)
    reflected = _rgamma_slope_by_reflection(ops.select(left, x, half))
    return (ops.select(left, reflected, -y * ops.digamma(ops.select(left, x.dtype.type(1), x))),)


def _rgamma_slope_by_reflection(x):
    """The derivative of Γ(1 - x) sin(πx) / π, where πx is taken from the nearest multiple of π."""
    whole = ops.rint(x)
    sign = 1 - 2 * ops.absolute(ops.fmod(whole, x.dtype.type(2)))
    angle = math.pi * (x - whole)
    mirrored = 1 - x
    return sign * ops.gamma(mirrored) * (ops.cos(angle) - ops.digamma(mirrored) * ops.sin(angle) / math.pi)


@partials(ops.digamma)
def digamma_partials(_y, x):
    """y = ψ(x), so dy = ψ′(x) dx."""
    if x.dtype.kind == "c":
        raise NoRuleError(
            f"`scipy.special.digamma` has a derivative for real arguments only.{describe(here())}\n"
            "  SciPy has the derivatives of ψ for these only. To give the function a rule: `@cr.custom`."
        )
    return (ops.trigamma(x),)


@partials(ops.trigamma)
def trigamma_partials(_y, x):
    """y = ψ′(x), so dy = ψ″(x) dx."""
    return (ops.polygamma(x.dtype.type(2), x),)


no_partial(ops.polygamma, operand=0, why="the order of a derivative is a whole number")


@partial(ops.polygamma, operand=1)
def polygamma_partial(_y, n, x):
    """y = ψ⁽ⁿ⁾(x), so ∂y/∂x = ψ⁽ⁿ⁺¹⁾(x)."""
    return ops.polygamma(n + 1, x)


@partials(ops.digamma_increment)
def digamma_increment_partials(_y, a, b):
    """y = ψ(a + b) - ψ(a), so ∂y/∂a is the increment of ψ′ and ∂y/∂b = ψ′(a + b)."""
    return ops.polygamma_increment(a, b, order=1), ops.trigamma(a + b)


@partials(ops.polygamma_increment)
def polygamma_increment_partials(_y, a, b, *, order):
    """y = ψ⁽ⁿ⁾(a + b) - ψ⁽ⁿ⁾(a), so ∂y/∂a is the increment of the next order and ∂y/∂b = ψ⁽ⁿ⁺¹⁾(a + b)."""
    return ops.polygamma_increment(a, b, order=order + 1), ops.polygamma(a.dtype.type(order + 1), a + b)


@partial(ops.poch, operand=0)
def poch_partial_base(y, z, m):
    """y = Γ(z + m) / Γ(z), so ∂y/∂z = y (ψ(z + m) - ψ(z))."""
    return y * ops.digamma_increment(z, m)


@partial(ops.poch, operand=1)
def poch_partial_count(y, z, m):
    """y = Γ(z + m) / Γ(z), so ∂y/∂m = y ψ(z + m)."""
    return y * ops.digamma(z + m)


@partial(ops.beta, operand=0)
def beta_partial_lhs(y, a, b):
    """y = Γ(a) Γ(b) / Γ(a + b), so ∂y/∂a = -y (ψ(a + b) - ψ(a))."""
    return -y * ops.digamma_increment(a, b)


@partial(ops.beta, operand=1)
def beta_partial_rhs(y, a, b):
    """y = Γ(a) Γ(b) / Γ(a + b), so ∂y/∂b = -y (ψ(a + b) - ψ(b))."""
    return -y * ops.digamma_increment(b, a)


@partial(ops.betaln, operand=0)
def betaln_partial_lhs(_y, a, b):
    """y = log |B(a, b)|, so ∂y/∂a = -(ψ(a + b) - ψ(a))."""
    return -ops.digamma_increment(a, b)


@partial(ops.betaln, operand=1)
def betaln_partial_rhs(_y, a, b):
    """y = log |B(a, b)|, so ∂y/∂b = -(ψ(a + b) - ψ(b))."""
    return -ops.digamma_increment(b, a)


@partial(ops.binom, operand=0)
def binom_partial_total(y, n, k):
    """y = Γ(n + 1) / (Γ(k + 1) Γ(n - k + 1)), so ∂y/∂n = y (ψ(n + 1) - ψ(n - k + 1))."""
    return y * ops.digamma_increment(n - k + 1, k)


@partial(ops.binom, operand=1)
def binom_partial_chosen(y, n, k):
    """y = Γ(n + 1) / (Γ(k + 1) Γ(n - k + 1)), so ∂y/∂k = y (ψ(n - k + 1) - ψ(k + 1))."""
    return y * ops.digamma_increment(k + 1, n - 2 * k)


no_partial(ops.zeta, operand=0, why="it has no closed form")


@partial(ops.zeta, operand=1)
def zeta_partial_shift(_y, x, q):
    """y = Σ (k + q)⁻ˣ, so ∂y/∂q = -x Σ (k + q)⁻ˣ⁻¹."""
    return -x * ops.zeta(x + 1, q)
