"""The local Jacobians of moments over axes, and their batching."""

from chainrule import ops
from chainrule.jacobians.forms import batch
from chainrule.jacobians.weighted_reduction import reduced_partial
from chainrule.ops.compositions import beside, size_of


@reduced_partial(ops.variance)
def variance_partial(_y, x, axes, ddof):
    """y = Σ (x - x̂)² / (n - d) with the mean x̂, so ∂y/∂x = 2 (x - x̂) / (n - d).

    The distances add up to 0; taking their mean off once more makes that exact where all of them are round-off.
    """
    count = size_of(tuple(x.shape[axis] for axis in axes))
    return _centered(_centered(x, axes, count), axes, count) * x.dtype.type(2 / (count - ddof))


def _centered(x, axes, count):
    return x - beside(ops.reduce_sum(x, axes=axes), axes) / x.dtype.type(count)


@batch(ops.variance)
def variance_batch(_size, _batched, x, *, axes, ddof):
    """The batch axis stands first, so the reduced axes move up by one."""
    return ops.variance(x, axes=tuple(axis + 1 for axis in axes), ddof=ddof)
