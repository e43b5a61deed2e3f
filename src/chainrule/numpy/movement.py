"""Shapes: the same elements in another arrangement, as views where NumPy makes views."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from chainrule import ops
from chainrule.numpy.axes import definite_shape
from chainrule.numpy.handle import Array, Scalar
from chainrule.numpy.indexing import part_at
from chainrule.numpy.operands import array_of, value_of
from chainrule.numpy.steps import BroadcastStep, moved_view, view_at
from chainrule.numpy.table import implements
from chainrule.numpy.views import View, make_view
from chainrule.ops.paths import Reshaped, Transposed

Shape = tuple[int, ...]


def moved(a: Any, movement: Callable[[Array], Any]) -> Any:
    """A movement of anything array-like; of an immutable scalar, a scalar if no axes come out."""
    result = movement(array_of(a))
    if isinstance(a, (Scalar, np.generic)) and not result.shape:
        return result[()]
    return result


@implements(np.reshape)
def reshape(a: Any, /, shape: Any, order: Any = "C", *, copy: Any = None) -> Any:
    """The elements in another shape: a view where NumPy makes one."""
    return moved(a, lambda x: reshaped(x, definite_shape(shape, x.size), order, copy))


def reshaped(x: Array, shape: Shape, order: Any = "C", copy: bool | None = None) -> Any:
    """The elements in a definite shape, read and laid out in an order: C, F, or A for that of the array."""
    if order not in ("C", "F", "A"):
        raise ValueError(f"order must be one of 'C', 'F', or 'A' (got '{order}')")
    if order == "A":
        flags = x._layout().flags
        order = "F" if flags.f_contiguous and not flags.c_contiguous else "C"
    if order == "F":
        return transposed(reshaped(transposed(x), shape[::-1], "C", copy))
    # A view without axes may be laid out as a number, which shares its memory with nothing.
    layout = np.asarray(x._layout())
    is_view = layout.flags.c_contiguous or not x.size or np.may_share_memory(layout.reshape(shape), layout)
    if copy or not is_view:
        if copy is False:
            raise ValueError("Unable to avoid creating a copy while reshaping.")
        return Array(ops.reshape(x._read(), shape=shape))
    return view_at(x, (Reshaped(shape),), shape)


def transposed(x: Array, axes: Shape | None = None) -> Any:
    """The axes in another order, reversed if none is given: a view."""
    shape = x.shape
    order = tuple(range(len(shape)))[::-1] if axes is None else axes
    return view_at(x, (Transposed(order),), tuple([shape[axis] for axis in order]))


@implements(np.ravel)
def ravel(a: Any, order: Any = "C") -> Any:
    """The elements in one axis: a view where NumPy makes one."""
    return flat_in_order(array_of(a), order)


def flat_in_order(x: Array, order: Any) -> Any:
    """The elements in one axis, in the order C, F, A (that of the array) or K (that of the memory).

    A view only of what lies in that order in memory without gaps, as in NumPy.
    """
    if order in ("K", None):
        # The axes from the longest stride to the shortest; an axis of length one has no place of its own.
        strides = x._layout().strides
        x = transposed(x, tuple(sorted(range(x.ndim), key=lambda axis: -abs(strides[axis]))))
        order = "C"
    flags = x._layout().flags
    contiguous = flags.forc if order == "A" else flags.f_contiguous if order == "F" else flags.c_contiguous
    return reshaped(x, (x.size,), order, copy=None if contiguous else True)


@implements(np.transpose, np.permute_dims)
def transpose(a: Any, axes: Any = None) -> Any:
    """The axes in another order (reversed if none is given): a view."""
    return moved(a, lambda x: transposed(x, None if axes is None else _permutation(axes, x.ndim)))


def _permutation(axes: Any, ndim: int) -> Shape:
    axes = tuple(axes) if np.iterable(axes) else (axes,)
    if len(axes) != ndim:
        raise ValueError("axes don't match array")
    order = tuple(int(normalize_axis_index(operator.index(axis), ndim)) for axis in axes)
    if len(set(order)) != ndim:
        raise ValueError("repeated axis in transpose")
    return order


@implements(np.swapaxes)
def swapaxes(a: Any, axis1: Any, axis2: Any) -> Any:
    """Two axes exchanged: a view."""

    def movement(x: Array) -> Any:
        ndim = len(x.shape)
        first = int(normalize_axis_index(operator.index(axis1), ndim))
        second = int(normalize_axis_index(operator.index(axis2), ndim))
        order = list(range(ndim))
        order[first], order[second] = second, first
        return transposed(x, tuple(order))

    return moved(a, movement)


@implements(np.moveaxis)
def moveaxis(a: Any, source: Any, destination: Any) -> Any:
    """Axes moved to other places, the others in their order: a view."""

    def movement(x: Array) -> Any:
        sources = normalize_axis_tuple(source, x.ndim, "source")
        destinations = normalize_axis_tuple(destination, x.ndim, "destination")
        if len(sources) != len(destinations):
            raise ValueError("`source` and `destination` arguments must have the same number of elements")
        order = [axis for axis in range(x.ndim) if axis not in sources]
        for place, axis in sorted(zip(destinations, sources, strict=True)):
            order.insert(place, axis)
        return transposed(x, tuple(order))

    return moved(a, movement)


@implements(np.rollaxis)
def rollaxis(a: Any, axis: Any, start: Any = 0) -> Any:
    """One axis moved before another: a view."""
    x = array_of(a)
    axis = int(normalize_axis_index(axis, x.ndim))
    place = start + x.ndim if start < 0 else start
    if not 0 <= place <= x.ndim:
        raise np.exceptions.AxisError(
            f"'start' arg requires {-x.ndim} <= start < {x.ndim + 1}, but {start} was passed in"
        )
    order = list(range(x.ndim))
    order.remove(axis)
    order.insert(place - (axis < place), axis)
    return transposed(x, tuple(order))


@implements(np.matrix_transpose)
def matrix_transpose(x: Any, /) -> Any:
    """The last two axes exchanged: a view."""
    x = array_of(x)
    if x.ndim < 2:
        raise ValueError(f"Input array must be at least 2-dimensional, but it is {x.ndim}")
    return swapaxes(x, -1, -2)


@implements(np.expand_dims)
def expand_dims(a: Any, axis: Any) -> Any:
    """New axes of length one at the given places: a view."""
    x = array_of(a)
    axes = axis if isinstance(axis, (tuple, list)) else (axis,)
    places = normalize_axis_tuple(axes, x.ndim + len(axes))
    return part_at(x, tuple(None if place in places else slice(None) for place in range(x.ndim + len(axes))))


@implements(np.squeeze)
def squeeze(a: Any, axis: Any = None) -> Any:
    """Axes of length one left out: a view."""

    def movement(x: Array) -> Any:
        if axis is None:
            gone = tuple(place for place, n in enumerate(x.shape) if n == 1)
        else:
            gone = normalize_axis_tuple(axis, x.ndim)
            if any(x.shape[place] != 1 for place in gone):
                raise ValueError("cannot select an axis to squeeze out which has size not equal to one")
        # With `...`, so that what has no axes left is an array still.
        return part_at(x, (*(0 if place in gone else slice(None) for place in range(x.ndim)), ...))

    return moved(a, movement)


@implements(np.atleast_1d)
def atleast_1d(*arrays: Any) -> Any:
    """Arrays of at least one axis: views."""
    return _each(arrays, lambda x: x if x.ndim else part_at(x, (None,)))


@implements(np.atleast_2d)
def atleast_2d(*arrays: Any) -> Any:
    """Arrays of at least two axes, of which new ones come first: views."""
    return _each(arrays, lambda x: x if x.ndim > 1 else part_at(x, (None,) * (2 - x.ndim) + (...,)))


@implements(np.atleast_3d)
def atleast_3d(*arrays: Any) -> Any:
    """Arrays of at least three axes; one of n elements becomes (1, n, 1): views."""
    keys = {0: (None, None, None), 1: (None, slice(None), None), 2: (slice(None), slice(None), None)}
    return _each(arrays, lambda x: x if x.ndim > 2 else part_at(x, keys[x.ndim]))


def _each(arrays: tuple[Any, ...], movement: Callable[[Array], Any]) -> Any:
    results = tuple(movement(array_of(array)) for array in arrays)
    return results[0] if len(results) == 1 else results


@implements(np.broadcast_to)
def broadcast_to(array: Any, shape: Any, subok: bool = False) -> Any:
    """The array repeated along new axes and axes of length one: a read-only view."""
    shape = tuple(map(operator.index, shape)) if np.iterable(shape) else (operator.index(shape),)
    x = array_of(array)
    # Its layout first, so that an error is NumPy's own.
    np.broadcast_to(x._layout(), shape)
    return broadcast(x, shape)


def broadcast(x: Array, shape: Shape) -> View:
    """A read-only view in a shape that the array broadcasts to."""
    return make_view(x, BroadcastStep(shape), shape, frozen=True)


@implements(np.broadcast_arrays)
def broadcast_arrays(*args: Any, subok: bool = False) -> Any:
    """Arrays broadcast against each other: read-only views where they were repeated."""
    arrays = [array_of(arg) for arg in args]
    shape = np.broadcast_shapes(*(x.shape for x in arrays))
    return tuple(x if x.shape == shape else broadcast(x, shape) for x in arrays)


@implements(np.flip)
def flip(m: Any, axis: Any = None) -> Any:
    """The elements in reversed order along some axes (all if none is given): a view."""
    x = array_of(m)
    ndim = len(x.shape)
    if type(axis) is int and -ndim <= axis < ndim:
        return part_at(x, (slice(None),) * (axis % ndim) + (slice(None, None, -1),))
    axes = range(ndim) if axis is None else normalize_axis_tuple(axis, ndim)
    return part_at(x, tuple([slice(None, None, -1) if k in axes else slice(None) for k in range(ndim)]))


@implements(np.flipud)
def flipud(m: Any) -> Any:
    """The elements in reversed order along the first axis: a view."""
    x = array_of(m)
    if x.ndim < 1:
        raise ValueError("Input must be >= 1-d.")
    return flip(x, 0)


@implements(np.fliplr)
def fliplr(m: Any) -> Any:
    """The elements in reversed order along the second axis: a view."""
    x = array_of(m)
    if x.ndim < 2:
        raise ValueError("Input must be >= 2-d.")
    return flip(x, 1)


@implements(np.rot90)
def rot90(m: Any, k: int = 1, axes: Any = (0, 1)) -> Any:
    """A rotation by k right angles in the plane of two axes: a view."""
    axes = tuple(axes)
    x = array_of(m)
    ndim = len(x.shape)
    if len(axes) != 2:
        raise ValueError("len(axes) must be 2.")
    if axes[0] == axes[1] or abs(axes[0] - axes[1]) == ndim:
        raise ValueError("Axes must be different.")
    if not (-ndim <= axes[0] < ndim and -ndim <= axes[1] < ndim):
        raise ValueError(f"Axes={axes} out of range for array of ndim={ndim}.")
    turns = k % 4
    if turns == 0:
        return x[:]
    if turns == 2:
        return flip(flip(x, axes[0]), axes[1])
    if turns == 1:
        return swapaxes(flip(x, axes[1]), *axes)
    return flip(swapaxes(x, *axes), axes[1])


@implements(np.roll)
def roll(a: Any, shift: Any, axis: Any = None) -> Any:
    """The elements shifted along axes, those that leave at one end entering at the other."""
    x = value_of(a)
    if axis is None:
        steps = ((shift if type(shift) is int else int(np.sum(shift)), 0),)
        if len(x.shape) == 1:
            return Array(rolled(x, steps))
        flat = ops.reshape(x, shape=(x.size,))
        return Array(ops.reshape(rolled(flat, steps), shape=x.shape))
    axes = normalize_axis_tuple(axis, x.ndim, allow_duplicate=True)
    shifts, places = np.broadcast_arrays(np.asarray(shift), axes)
    if shifts.ndim > 1:
        raise ValueError("'shift' and 'axis' should be scalars or 1D sequences")
    return Array(rolled(x, zip(shifts.tolist(), places.tolist(), strict=True)))


def rolled(x: Any, steps: Iterable[tuple[int, int]]) -> Any:
    """A value shifted along axes, by any number of entries along each."""
    shifts, axes = [], []
    for shift, axis in steps:
        length = x.shape[axis]
        if length and shift % length:
            shifts.append(shift % length)
            axes.append(axis)
    if not axes:
        return ops.index(x, path=((),), copy=True)
    return ops.roll(x, shifts=tuple(shifts), axes=tuple(axes))


__all__ = ["moved_view", "reshape", "transpose"]
