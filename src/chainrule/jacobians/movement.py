"""The local Jacobians of movements: selections of entries, and their batching."""

from chainrule import ops
from chainrule.jacobians.forms import batch, linear
from chainrule.ops.compositions import sum_to


@linear(ops.reshape, moves=True, moves_back=True)
def reshape_transpose(y_bar, x, shape):
    """y is x in another shape, so x̄ is ȳ in the shape of x."""
    return ops.reshape(y_bar, shape=x.shape)


@batch(ops.reshape)
def reshape_batch(size, _batched, x, *, shape):
    """The batch axis stays first."""
    return ops.reshape(x, shape=(size, *shape))


@linear(ops.transpose, moves=True, moves_back=True)
def transpose_transpose(y_bar, _x, axes):
    """Axis k of y is axis axes[k] of x, so the inverse permutation leads back."""
    inverse = [0] * len(axes)
    for k, axis in enumerate(axes):
        inverse[axis] = k
    return ops.transpose(y_bar, axes=tuple(inverse))


@batch(ops.transpose)
def transpose_batch(_size, _batched, x, *, axes):
    """The batch axis stays first."""
    return ops.transpose(x, axes=(0, *(axis + 1 for axis in axes)))


@linear(ops.broadcast_to, selects=True, moves=True)
def broadcast_to_transpose(y_bar, x, shape):
    """y repeats x, so x̄ adds up ȳ over the repetitions."""
    return sum_to(y_bar, x.shape)


@batch(ops.broadcast_to)
def broadcast_to_batch(size, _batched, x, *, shape):
    """The axes that the broadcast makes come between the batch axis and those of x."""
    made = len(shape) - (x.ndim - 1)
    x = ops.reshape(x, shape=(size, *(1,) * made, *x.shape[1:]))
    return ops.broadcast_to(x, shape=(size, *shape))


@linear(ops.concatenate, moves=True, moves_back=True)
def concatenate_transpose(y_bar, *xs, axis):
    """y = (x₁, x₂, ...) along an axis, so each x̄ is its part of ȳ."""
    parts = []
    start = 0
    for x in xs:
        stop = start + x.shape[axis]
        parts.append(ops.index(y_bar, path=((slice(None),) * axis + (slice(start, stop),),)))
        start = stop
    return parts[0] if len(parts) == 1 else tuple(parts)


@batch(ops.concatenate)
def concatenate_batch(size, batched, *xs, axis):
    """Every operand takes part in the batch."""
    whole = (x if lanes else ops.broadcast_to(x, shape=(size, *x.shape)) for x, lanes in zip(xs, batched, strict=True))
    return ops.concatenate(*whole, axis=axis + 1)


@linear(ops.stack, moves=True, moves_back=True)
def stack_transpose(y_bar, *xs, axis):
    """y = (x₁, x₂, ...) along a new axis, so each x̄ is its slice of ȳ."""
    before = (slice(None),) * axis
    parts = tuple(ops.index(y_bar, path=((*before, k),)) for k in range(len(xs)))
    return parts[0] if len(xs) == 1 else parts


@batch(ops.stack)
def stack_batch(size, batched, *xs, axis):
    """Every operand takes part in the batch."""
    whole = (x if lanes else ops.broadcast_to(x, shape=(size, *x.shape)) for x, lanes in zip(xs, batched, strict=True))
    return ops.stack(*whole, axis=axis + 1)


@linear(ops.flip, moves=True, moves_back=True)
def flip_transpose(y_bar, _x, axes):
    """A reversal is its own transpose."""
    return ops.flip(y_bar, axes=axes)


@batch(ops.flip)
def flip_batch(_size, _batched, x, *, axes):
    """The batch axis stays first and keeps its order."""
    return ops.flip(x, axes=tuple(axis + 1 for axis in axes))


@linear(ops.roll, moves=True, moves_back=True)
def roll_transpose(y_bar, x, shifts, axes):
    """What was moved on along each axis is moved back."""
    back = tuple([x.shape[axis] - shift for shift, axis in zip(shifts, axes, strict=True)])
    return ops.roll(y_bar, shifts=back, axes=axes)


@batch(ops.roll)
def roll_batch(_size, _batched, x, *, shifts, axes):
    """The batch axis stays first and is not moved along."""
    return ops.roll(x, shifts=shifts, axes=tuple(axis + 1 for axis in axes))
