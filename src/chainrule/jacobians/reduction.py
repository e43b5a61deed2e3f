"""The local Jacobians of reductions, and their batching."""

from chainrule import ops
from chainrule.jacobians import kinks
from chainrule.jacobians.forms import batch, linear
from chainrule.jacobians.reduced_choice import reduced_choice
from chainrule.ops.compositions import spread


@linear(ops.reduce_sum, selects=True)
def reduce_sum_transpose(y_bar, x, axes):
    """y = Σ x over axes, so every entry of x̄ along them is ȳ."""
    return spread(y_bar, axes, x.shape)


@reduced_choice(ops.reduce_max)
def reduce_max_weight(y, x, axes):
    """y = max x over axes, so the weight of an entry is 1 where it is the greatest, 1/k for k ties (kinks)."""
    return kinks.share_of_ties(x, y, axes)


@reduced_choice(ops.reduce_min)
def reduce_min_weight(y, x, axes):
    """y = min x over axes, so the weight of an entry is 1 where it is the least, 1/k for k ties (kinks)."""
    return kinks.share_of_ties(x, y, axes)


def _batch_over_axes(op):
    @batch(op)
    def reduction_batch(_size, _batched, x, *, axes):
        """The batch axis stands first, so the reduced axes move up by one."""
        return op(x, axes=tuple(axis + 1 for axis in axes))

    return reduction_batch


for _reduction in (ops.reduce_sum, ops.reduce_max, ops.reduce_min, ops.reduce_all, ops.reduce_any):
    _batch_over_axes(_reduction)
