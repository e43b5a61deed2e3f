"""The local Jacobians of norms of vectors, 0 at the vector 0 (kinks), and their batching."""

from __future__ import annotations

from typing import Any

from chainrule import ops
from chainrule.jacobians import kinks
from chainrule.jacobians.forms import batch
from chainrule.jacobians.weighted_reduction import reduced_partial
from chainrule.ops.compositions import beside, size_of


@reduced_partial(ops.euclidean_norm)
def euclidean_norm_partial(y, x, axes):
    """y = |x|, so ẏ = Σ Re(conj(x) ẋ) / y, and 0 at x = 0 (kinks)."""
    return _direction(x, y if axes is None else beside(y, axes))


@reduced_partial(ops.power_norm)
def power_norm_partial(y, x, axis, order):
    """yᵖ = Σ |x|ᵖ, so ẏ = Σ (|x| / y)ᵖ⁻¹ Re(conj(x / |x|) ẋ), and 0 at x = 0 (kinks)."""
    size = ops.modulus(x) if x.dtype.kind == "c" else ops.absolute(x)
    y = beside(y, (axis,))
    # For p < 1 an entry 0 has the slopes -∞ and ∞, or decides alone that the norm is 0: both are 0 in the mean.
    share = kinks.quotient(size, y) if order >= 1 else kinks.quotient(y, size)
    weight = ops.power(share, share.dtype.type(abs(order - 1)))
    direction = _direction(x, size)
    if x.dtype.kind == "c":
        weight = ops.convert(weight, dtype=x.dtype)
    return weight * direction


def _direction(x: Any, size: Any) -> Any:
    """conj(x) / size, and 0 where that is 0."""
    if x.dtype.kind != "c":
        return kinks.quotient(x, size)
    return ops.complex_of(kinks.quotient(ops.real(x), size), -kinks.quotient(ops.imag(x), size))


@batch(ops.euclidean_norm)
def euclidean_norm_batch(_size, _batched, x, *, axes):
    """The batch axis stands first; what was one dot product becomes a norm of the lanes as vectors."""
    if axes is None:
        lanes = ops.reshape(x, shape=(x.shape[0], size_of(x.shape[1:])))
        return ops.euclidean_norm(lanes, axes=(1,))
    return ops.euclidean_norm(x, axes=tuple(axis + 1 for axis in axes))


@batch(ops.power_norm)
def power_norm_batch(_size, _batched, x, *, axis, order):
    """The batch axis stands first."""
    return ops.power_norm(x, axis=axis + 1, order=order)
