"""Elements picked out of arrays by number, by truth values, or by what they are."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from chainrule import ops
from chainrule.numpy.handle import Array, look, wrap
from chainrule.numpy.indexing import Advanced, advanced, read_advanced
from chainrule.numpy.operands import array_of, converted, holds_handles, value_of
from chainrule.numpy.repetition import picked
from chainrule.numpy.table import implements
from chainrule.numpy.ufunc_arguments import store
from chainrule.transforms.looks import places_where


@implements(np.take)
def take(a: Any, indices: Any, axis: Any = None, out: Any = None, mode: str = "raise") -> Any:
    """The elements, or the slices along an axis, with the numbers given, in the shape of these."""
    x = value_of(a)
    if axis is None:
        x = ops.reshape(x, shape=(x.size,))
        axis = 0
    axis = int(normalize_axis_index(operator.index(axis), x.ndim))
    numbers = _definite_numbers(index_of(indices), x.shape[axis], mode)
    return store(picked(x, numbers, axis), out)


def index_of(indices: Any) -> Any:
    """Index arrays as values of the dtype in which NumPy counts."""
    if isinstance(indices, (list, tuple)) and not holds_handles(indices):
        return np.array(indices, np.intp)
    value = value_of(indices)
    if not np.can_cast(value.dtype, np.intp, "same_kind"):
        raise TypeError(
            f"Cannot cast array data from {value.dtype!r} to {np.dtype(np.intp)!r} according to the rule 'safe'"
        )
    value = converted(value, np.intp)
    return np.asarray(value) if isinstance(value, np.generic) else value


def _definite_numbers(numbers: Any, length: int, mode: str) -> Any:
    """Numbers that are in bounds, or raise when they are used."""
    if mode == "raise" or not length:
        return numbers
    if mode == "wrap":
        return ops.remainder(numbers, np.intp(length))
    if mode == "clip":
        return ops.clip(numbers, np.intp(0), np.intp(length - 1))
    raise ValueError("clipmode must be one of 'clip', 'raise', or 'wrap' (got '" + str(mode) + "')")


def along(shape: tuple[int, ...], numbers: Any, axis: int) -> Advanced:
    """The advanced key of `take_along_axis`: one place for each number, which runs along an axis."""
    if len(numbers.shape) != len(shape):
        raise ValueError("`indices` and `arr` must have the same number of dimensions")
    key = [
        numbers if place == axis else np.arange(n).reshape((-1,) + (1,) * (len(shape) - place - 1))
        for place, n in enumerate(shape)
    ]
    return advanced(tuple(wrap(part) for part in key), shape)


@implements(np.take_along_axis)
def take_along_axis(arr: Any, indices: Any, axis: Any = -1) -> Any:
    """The elements with numbers that differ from vector to vector along an axis."""
    x, numbers, axis = vectors_and_numbers(arr, indices, axis)
    return Array(read_advanced(x, along(x.shape, numbers, axis)))


def vectors_and_numbers(arr: Any, indices: Any, axis: Any) -> tuple[Any, Any, int]:
    """An array, numbers along one of its axes, and that axis; all flat for None."""
    x, numbers = value_of(arr), value_of(indices)
    if numbers.dtype.kind not in "iu":
        raise IndexError("`indices` must be an integer array")
    if axis is None:
        if len(numbers.shape) != 1:
            raise ValueError("when axis=None, `indices` must have a single dimension.")
        return ops.reshape(x, shape=(x.size,)), numbers, 0
    return x, numbers, int(normalize_axis_index(axis, x.ndim))


@implements(np.compress)
def compress(condition: Any, a: Any, axis: Any = None, out: Any = None) -> Any:
    """The elements, or the slices along an axis, for which a condition holds; what it does not reach is left out."""
    truth = value_of(condition)
    if truth.ndim != 1:
        raise ValueError("condition must be a 1-d array")
    return take(a, wrap(places_where(truth)[0]), axis, out)


@implements(np.extract)
def extract(condition: Any, arr: Any) -> Any:
    """The elements where a condition holds, flattened."""
    return take(arr, wrap(places_where(_flat(value_of(condition)))[0]))


def _flat(x: Any) -> Any:
    return x if x.ndim == 1 else ops.reshape(x, shape=(x.size,))


@implements(np.delete)
def delete(arr: Any, obj: Any, axis: Any = None) -> Any:
    """The array without the slices at some places along an axis, or without elements of the flattened array."""
    x = value_of(arr)
    if axis is None:
        x = ops.reshape(x, shape=(x.size,))
        axis = -1
    axis = int(normalize_axis_index(operator.index(axis), x.ndim))
    # NumPy deletes from the numbers of the slices, and says what is wrong with the places.
    return Array(picked(x, np.delete(np.arange(x.shape[axis]), plain_places(obj)), axis))


def plain_places(obj: Any) -> Any:
    """Places as NumPy takes them: a slice, an integer, or a sequence."""
    if isinstance(obj, slice):
        return obj
    return look(value_of(obj)) if not isinstance(obj, int) else obj


@implements(np.insert)
def insert(arr: Any, obj: Any, values: Any, axis: Any = None) -> Any:
    """The array with values before some places along an axis, or between elements of the flattened array."""
    x = value_of(arr)
    if axis is None:
        x = ops.reshape(x, shape=(x.size,))
        axis = -1
    axis = int(normalize_axis_index(operator.index(axis), x.ndim))
    places = plain_places(obj)
    length = x.shape[axis]
    new = converted(value_of(values), x.dtype)
    if isinstance(places, slice):
        count = len(range(*places.indices(length)))
        scalar = False
    else:
        places = np.asarray(places)
        if places.dtype == bool:
            places = np.flatnonzero(places)
        count, scalar = places.size, not places.ndim
    if count == 1 or scalar:
        # At one place any number of slices goes in: as many as the values have.
        new = ops.reshape(new, shape=(1,) * (x.ndim - new.ndim) + new.shape)
        if scalar:
            new = ops.transpose(new, axes=_first_to(axis, new.ndim))
        count = new.shape[axis]
        if not isinstance(places, slice):
            places = int(places.reshape(-1)[0])
    shape = (*x.shape[:axis], count, *x.shape[axis + 1 :])
    extra = new.ndim - len(shape)
    if extra > 0 and all(n == 1 for n in new.shape[:extra]):
        new = ops.reshape(new, shape=new.shape[extra:])
    # NumPy inserts numbers of the new slices among those of the old ones, and says what is wrong with the places.
    numbers = np.insert(np.arange(length), places, length + np.arange(count))
    together = ops.concatenate(x, ops.broadcast_to(new, shape=shape), axis=axis)
    return Array(picked(together, numbers, axis))


def _first_to(axis: int, ndim: int) -> tuple[int, ...]:
    """The order of axes that moves the first to another place."""
    order = list(range(1, ndim))
    order.insert(axis, 0)
    return tuple(order)


@implements(np.trim_zeros)
def trim_zeros(filt: Any, trim: str = "fb", axis: Any = None) -> Any:
    """The array without the zeros at its ends; what is zero is a look."""
    array = array_of(filt)
    ends = trim.lower()
    if ends not in ("fb", "bf", "f", "b"):
        raise ValueError(f"unexpected character(s) in `trim`: {trim!r}")
    axes = range(array.ndim) if axis is None else normalize_axis_tuple(axis, array.ndim)
    nonzero = np.argwhere(look(array._read()))
    start, stop = np.zeros(array.ndim, int), np.array(array.shape)
    if not len(nonzero):
        stop = start
    else:
        start = nonzero.min(axis=0) if "f" in ends else start
        stop = nonzero.max(axis=0) + 1 if "b" in ends else stop
    key = tuple(slice(int(start[k]), int(stop[k])) if k in axes else slice(None) for k in range(array.ndim))
    if isinstance(filt, (list, tuple)) and len(key) == 1:
        return filt[key[0]]
    return array[key]
