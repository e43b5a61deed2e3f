"""The local Jacobians of greatest and least entries over axes, and their batching."""

from chainrule import ops
from chainrule.jacobians import kinks
from chainrule.jacobians.forms import batch
from chainrule.jacobians.lanes import batch_over_axes
from chainrule.jacobians.weighted_reduction import reduced_choice


@reduced_choice(ops.reduce_max)
def reduce_max_choice(y, x, axes):
    """y = max x over axes, so the entries that are as great are chosen, and share where they tie (kinks)."""
    return kinks.ties(x, y, axes)


@reduced_choice(ops.reduce_min)
def reduce_min_choice(y, x, axes):
    """y = min x over axes, so the entries that are as small are chosen, and share where they tie (kinks)."""
    return kinks.ties(x, y, axes)


@reduced_choice(ops.reduce_fmax)
def reduce_fmax_choice(y, x, axes):
    """y = max x over axes without NaN, so the entries that are as great are chosen, and a NaN never is (kinks)."""
    return kinks.ties_without_nan(x, y, axes)


@reduced_choice(ops.reduce_fmin)
def reduce_fmin_choice(y, x, axes):
    """y = min x over axes without NaN, so the entries that are as small are chosen, and a NaN never is (kinks)."""
    return kinks.ties_without_nan(x, y, axes)


for _extreme in (ops.reduce_max, ops.reduce_min, ops.reduce_fmax, ops.reduce_fmin):
    batch_over_axes(_extreme)


def _batch_over_axis(op):
    @batch(op)
    def place_batch(_size, _batched, x, *, axis):
        """The batch axis stands first, so the axis moves up by one."""
        return op(x, axis=axis + 1)

    return place_batch


_batch_over_axis(ops.argmax)
_batch_over_axis(ops.argmin)
