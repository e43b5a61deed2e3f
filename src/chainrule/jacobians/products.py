"""The local Jacobians of products over axes, and of sums and products of some of the entries, and their batching."""

import numpy as np

from chainrule import ops
from chainrule.jacobians.forms import batch
from chainrule.jacobians.lanes import aligned, batch_over_axes, lanes_of
from chainrule.jacobians.weighted_reduction import partial_reduction, reduced_partial
from chainrule.ops.compositions import shifted, size_of
from chainrule.ops.reduction import reduced_shape


@reduced_partial(ops.reduce_prod)
def reduce_prod_partial(_y, x, axes):
    """y = Π x over axes, so ∂y/∂xₖ is the product of the others: without division, and so exact where some x are 0."""
    return _product_of_others(x, axes)


@partial_reduction(ops.reduce_sum_from)
def reduce_sum_from_partials(_y, _x, _initial, _where, axes):
    """y = x₀ + Σ x where a condition holds, so all partials are 1."""
    return None, None


@partial_reduction(ops.reduce_prod_from)
def reduce_prod_from_partials(_y, x, initial, where, axes):
    """y = x₀ Π x where a condition holds, so each partial is the product of the other factors."""
    factors = ops.select(where, x, x.dtype.type(1))
    return initial * _product_of_others(factors, axes), ops.reduce_prod(factors, axes=axes)


def _product_of_others(x, axes):
    """For each entry of x the product over axes of the entries before it, times that of the entries after it."""
    if len(axes) == 1:
        return _product_of_others_along(x, axes[0])
    order = (*(axis for axis in range(x.ndim) if axis not in axes), *axes)
    shape = (*reduced_shape(x.shape, axes), size_of(tuple([x.shape[axis] for axis in axes])))
    if order == tuple(range(x.ndim)):
        others = _product_of_others_along(ops.reshape(x, shape=shape), len(shape) - 1)
        return ops.reshape(others, shape=x.shape)
    moved = ops.transpose(x, axes=order)
    others = _product_of_others_along(ops.reshape(moved, shape=shape), len(shape) - 1)
    inverse = tuple(order.index(axis) for axis in range(x.ndim))
    return ops.transpose(ops.reshape(others, shape=moved.shape), axes=inverse)


def _product_of_others_along(x, axis):
    if type(x) is np.ndarray:
        # The same without copies.
        before, after = np.ones((2, *x.shape), x.dtype)
        place = (slice(None),) * axis
        start, end = (*place, slice(None, -1)), (*place, slice(1, None))
        np.multiply.accumulate(x[start], axis, out=before[end])
        np.multiply.accumulate(x[(*place, slice(None, 0, -1))], axis, out=after[(*place, slice(-2, None, -1))])
        return before * after
    before = ops.cumprod(shifted(x, axis, 1), axis=axis)
    after = ops.cumprod(shifted(ops.flip(x, axes=(axis,)), axis, 1), axis=axis)
    return before * ops.flip(after, axes=(axis,))


batch_over_axes(ops.reduce_prod)


def _batch_from(op, identity, combine):
    @batch(op)
    def partial_reduction_batch(size, batched, x, initial, where, *, axes):
        """An initial value that differs from lane to lane joins each lane at the end."""
        x = lanes_of(x, batched[0], size)
        where = aligned(where, batched[2], x.ndim - 1)
        axes = tuple(axis + 1 for axis in axes)
        if not batched[1]:
            return op(x, initial, where, axes=axes)
        y = op(x, x.dtype.type(identity), where, axes=axes)
        return combine(y, ops.reshape(initial, shape=(size, *(1,) * (y.ndim - 1))))

    return partial_reduction_batch


_batch_from(ops.reduce_sum_from, 0, ops.add)
_batch_from(ops.reduce_prod_from, 1, ops.multiply)
