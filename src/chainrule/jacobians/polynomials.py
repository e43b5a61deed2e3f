"""The local Jacobians of the zeros of a polynomial, and of the polynomial of the eigenvalues of a matrix."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import ops
from chainrule.jacobians import kinks
from chainrule.jacobians.forms import push


@push(ops.polynomial_roots)
def polynomial_roots_push(p_dots, r, p, leading):
    """p(r) = 0, so ṙ = -ṗ(r) / p′(r); NaN where roots coincide (kinks)."""
    powers = _powers(r, p.shape[-1])
    p, p_dot = (x if x.dtype == r.dtype else ops.convert(x, dtype=r.dtype) for x in (p, p_dots[0]))
    slope = ops.matvec(_without_first(powers), _differentiated(p))
    curvature = ops.matvec(_without_first(_without_first(powers)), _differentiated(_differentiated(p)))
    size = ops.matvec(ops.modulus(powers), ops.modulus(p))
    return -ops.matvec(powers, p_dot) / kinks.at_simple_roots(slope, curvature, size, p.shape[-1])


@push(ops.characteristic_polynomial)
def characteristic_polynomial_push(a_dots, p, a):
    """p(x) = det(x - a), so ṗ(x) = -tr(adj(x - a) ȧ), also where eigenvalues are equal.

    adj(x - a) = Σₖ bₖ xⁿ⁻¹⁻ᵏ with b₀ = 1 and bₖ = a bₖ₋₁ + pₖ (Faddeev and Le Verrier; Gantmacher, section IV.5).
    """
    n = a.shape[-1]
    one = np.eye(n, dtype=a.dtype)
    adjugates = [np.broadcast_to(one, a.shape)]
    for k in range(1, n):
        coefficient = ops.index(p, path=((..., slice(k, k + 1), None),))
        adjugates.append(a @ adjugates[-1] + coefficient * one)
    columns = [ops.reduce_sum(b.mT * a_dots[0], axes=(a.ndim - 2, a.ndim - 1)) for b in adjugates]
    return ops.stack(np.zeros(p.shape[:-1], p.dtype), *(-column for column in columns), axis=p.ndim - 1)


def _powers(r: Any, count: int) -> Any:
    """The powers of each number, the highest first:  (..., m) -> (..., m, n)."""
    powers = [np.ones(r.shape, r.dtype)]
    while len(powers) < count:
        powers.append(powers[-1] * r if len(powers) > 1 else r)
    return ops.stack(*powers[::-1], axis=r.ndim)


def _without_first(powers: Any) -> Any:
    return ops.index(powers, path=((..., slice(1, None)),))


def _differentiated(p: Any) -> Any:
    """The coefficients of the derivative of a polynomial."""
    n = p.shape[-1]
    degrees = np.arange(n - 1, 0, -1).astype(p.dtype)
    return ops.index(p, path=((..., slice(0, max(n - 1, 0))),)) * degrees
