"""The local Jacobians of reductions, and their batching."""

import numpy as np

from chainrule import ops
from chainrule.jacobians import kinks
from chainrule.jacobians.forms import batch, linear
from chainrule.jacobians.lanes import aligned, lanes_of
from chainrule.jacobians.weighted_reduction import partial_reduction, reduced_choice, reduced_partial
from chainrule.ops.compositions import beside, shifted, size_of, spread
from chainrule.ops.reduction import reduced_shape


@linear(ops.reduce_sum, selects=True, moves_back=True)
def reduce_sum_transpose(y_bar, x, axes):
    """y = Σ x over axes, so every entry of x̄ along them is ȳ."""
    return spread(y_bar, axes, x.shape)


@reduced_partial(ops.reduce_prod)
def reduce_prod_partial(_y, x, axes):
    """y = Π x over axes, so ∂y/∂xₖ is the product of the others: without division, and so exact where some x are 0."""
    return product_of_others(x, axes)


@partial_reduction(ops.reduce_sum_from)
def reduce_sum_from_partials(_y, _x, _initial, _where, axes):
    """y = x₀ + Σ x where a condition holds, so all partials are 1."""
    return None, None


@partial_reduction(ops.reduce_prod_from)
def reduce_prod_from_partials(_y, x, initial, where, axes):
    """y = x₀ Π x where a condition holds, so each partial is the product of the other factors."""
    factors = ops.select(where, x, x.dtype.type(1))
    return initial * product_of_others(factors, axes), ops.reduce_prod(factors, axes=axes)


@reduced_partial(ops.variance)
def variance_partial(_y, x, axes, ddof):
    """y = Σ (x - x̂)² / (n - d) with the mean x̂, so ∂y/∂x = 2 (x - x̂) / (n - d).

    The distances add up to 0; taking their mean off once more makes that exact where all of them are round-off.
    """
    count = size_of(tuple(x.shape[axis] for axis in axes))
    return _centered(_centered(x, axes, count), axes, count) * x.dtype.type(2 / (count - ddof))


def _centered(x, axes, count):
    return x - beside(ops.reduce_sum(x, axes=axes), axes) / x.dtype.type(count)


def product_of_others(x, axes):
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


def _batch_over_axes(op):
    @batch(op)
    def reduction_batch(_size, _batched, x, *, axes):
        """The batch axis stands first, so the reduced axes move up by one."""
        return op(x, axes=tuple(axis + 1 for axis in axes))

    return reduction_batch


for _reduction in (
    ops.reduce_sum,
    ops.reduce_prod,
    ops.reduce_max,
    ops.reduce_min,
    ops.reduce_fmax,
    ops.reduce_fmin,
    ops.reduce_all,
    ops.reduce_any,
):
    _batch_over_axes(_reduction)


@batch(ops.variance)
def variance_batch(_size, _batched, x, *, axes, ddof):
    """The batch axis stands first, so the reduced axes move up by one."""
    return ops.variance(x, axes=tuple(axis + 1 for axis in axes), ddof=ddof)


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


def _batch_over_axis(op):
    @batch(op)
    def place_batch(_size, _batched, x, *, axis):
        """The batch axis stands first, so the axis moves up by one."""
        return op(x, axis=axis + 1)

    return place_batch


_batch_over_axis(ops.argmax)
_batch_over_axis(ops.argmin)
