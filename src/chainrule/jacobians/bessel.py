"""The local Jacobians of Bessel functions: diagonals, made of the neighbouring orders.

Source: Olver et al., NIST Handbook of Mathematical Functions, 10.51.2 and 10.29.1.
"""

import math

from chainrule import ops
from chainrule.jacobians.forms import partials


@partials(ops.spherical_bessel)
def spherical_bessel_partials(_y, x, *, order):
    """y = jₙ(πx), so dy = π (n jₙ₋₁ - (n + 1) jₙ₊₁) / (2n + 1) dx: no difference that cancels near 0."""
    above = ops.spherical_bessel(x, order=order + 1)
    if order == 0:
        return (-math.pi * above,)
    below = ops.spherical_bessel(x, order=order - 1)
    return (math.pi / (2 * order + 1) * (order * below - (order + 1) * above),)


@partials(ops.modified_bessel)
def modified_bessel_partials(_y, x, *, order):
    """y = Iₙ(x), so dy = (Iₙ₋₁ + Iₙ₊₁) / 2 dx, where I₋₁ = I₁."""
    above = ops.modified_bessel(x, order=order + 1)
    if order == 0:
        return (above,)
    return ((ops.modified_bessel(x, order=order - 1) + above) / 2,)
