"""The local Jacobian of sums over stretches of an axis, and its batching."""

import numpy as np

from chainrule import ops
from chainrule.jacobians.forms import batch, linear
from chainrule.ops.compositions import moved


@linear(ops.segment_sum, selects=True)
def segment_sum_transpose(y_bar, x, starts, axis):
    """Each entry of a stretch has the cotangent of its sum; an entry that several stretches hold has all of theirs."""
    length = x.shape[axis]
    stops = (*starts[1:], length)
    stretches = [np.arange(start, max(stop, start + 1)) for start, stop in zip(starts, stops, strict=True)]
    places = np.concatenate([np.zeros(0, np.intp), *stretches])
    sums = np.repeat(np.arange(len(starts)), [len(stretch) for stretch in stretches])
    front = moved(y_bar, axis, 0)
    zeros = np.zeros((length, *front.shape[1:]), y_bar.dtype)
    return moved(ops.scatter_add(zeros, ops.gather(front, sums), places, donate=True), 0, axis)


@batch(ops.segment_sum)
def segment_sum_batch(_size, _batched, x, *, starts, axis):
    """The batch axis stands first, so the axis moves up by one."""
    return ops.segment_sum(x, starts=starts, axis=axis + 1)
