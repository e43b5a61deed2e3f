"""The local Jacobian of the sum over axes, and the batching of sums and truth."""

from chainrule import ops
from chainrule.jacobians.forms import linear
from chainrule.jacobians.lanes import batch_over_axes
from chainrule.ops.compositions import spread


@linear(ops.reduce_sum, selects=True, moves_back=True)
def reduce_sum_transpose(y_bar, x, axes):
    """y = Σ x over axes, so every entry of x̄ along them is ȳ."""
    return spread(y_bar, axes, x.shape)


for _reduction in (ops.reduce_sum, ops.reduce_all, ops.reduce_any):
    batch_over_axes(_reduction)
