"""The local Jacobian of the logarithm of a sum of powers, and its batching."""

import math

from chainrule import ops
from chainrule.jacobians.forms import batch
from chainrule.jacobians.weighted_reduction import reduced_partial
from chainrule.ops.compositions import expanded


@reduced_partial(ops.reduce_logaddexp)
def reduce_logaddexp_partial(_y, x, *, axes, base):
    """y = log Σ bˣ over axes, so ∂y/∂x = bˣ / Σ bˣ, shifted by the greatest x, so that no power overflows.

    Entries that tie at an infinite maximum share the derivative equally (kinks).
    """
    top = ops.greatest(x, axes=axes)
    ties = ops.logical_and(x == top, ops.isinf(x))
    exponential = ops.exp if base == math.e else ops.exp2
    powers = exponential(ops.select(ties, x.dtype.type(0), x - top))
    return powers / expanded(ops.reduce_sum(powers, axes=axes), axes, x.shape)


@batch(ops.reduce_logaddexp)
def reduce_logaddexp_batch(_size, _batched, x, *, axes, base):
    """The batch axis stands first, so the reduced axes move up by one."""
    return ops.reduce_logaddexp(x, axes=tuple(axis + 1 for axis in axes), base=base)


@batch(ops.greatest)
def greatest_batch(_size, _batched, x, *, axes):
    """The batch axis stands first, so the reduced axes move up by one."""
    return ops.greatest(x, axes=tuple(axis + 1 for axis in axes))
