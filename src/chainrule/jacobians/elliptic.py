"""The local Jacobians of complete elliptic integrals: diagonals.

Their textbook derivatives, (E - (1 - m) K) / (2m (1 - m)) and (E - K) / (2m), cancel near m = 0; as hypergeometric
functions they do not. Source: Olver et al., NIST Handbook of Mathematical Functions, 19.4.1 and 19.5.1.
"""

import math

from chainrule import ops
from chainrule.jacobians.forms import partials


@partials(ops.ellipk)
def ellipk_partials(_y, m):
    """y = π/2 ₂F₁(1/2, 1/2; 1; m), so dy = π/8 ₂F₁(3/2, 3/2; 2; m) dm."""
    return (math.pi / 8 * _hypergeometric(1.5, 1.5, 2.0, m),)


@partials(ops.ellipe)
def ellipe_partials(_y, m):
    """y = π/2 ₂F₁(-1/2, 1/2; 1; m), so dy = -π/8 ₂F₁(1/2, 3/2; 2; m) dm."""
    return (-math.pi / 8 * _hypergeometric(0.5, 1.5, 2.0, m),)


@partials(ops.ellipkm1)
def ellipkm1_partials(y, p):
    """y = K(1 - p), so dy = -(E(1 - p) - p K(1 - p)) / (2p (1 - p)) dp, and for p near 1 as for `ellipk`."""
    half, one = p.dtype.type(0.5), p.dtype.type(1)
    small = ops.absolute(p) < half
    near = ops.select(small, p, half)
    quotient = (ops.ellipe(one - near) - near * y) / (2 * near * (one - near))
    return (
        -ops.select(small, quotient, math.pi / 8 * _hypergeometric(1.5, 1.5, 2.0, one - ops.select(small, half, p))),
    )


def _hypergeometric(a, b, c, z):
    """₂F₁(a, b; c; z) of constant parameters."""
    return ops.hyp2f1(*map(z.dtype.type, (a, b, c)), z)
