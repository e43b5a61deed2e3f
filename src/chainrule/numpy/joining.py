"""Arrays joined to one: along an axis they have, or along a new one."""

from __future__ import annotations

import operator
import warnings
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from chainrule import ops
from chainrule.numpy.handle import Array
from chainrule.numpy.movement import atleast_1d, atleast_2d, atleast_3d
from chainrule.numpy.operands import array_of, converted, value_of
from chainrule.numpy.table import implements
from chainrule.numpy.ufunc_arguments import store


@implements(np.concatenate, np.concat)
def concatenate(
    arrays: Any, /, axis: Any = 0, out: Any = None, *, dtype: Any = None, casting: Any = "same_kind"
) -> Any:
    """Arrays one after the other along an axis they have; flattened first if it is None."""
    values = [value_of(array) for array in arrays]
    if not values:
        raise ValueError("need at least one array to concatenate")
    if axis is None:
        values = [ops.reshape(value, shape=(value.size,)) for value in values]
        axis = 0
    if any(not value.shape for value in values):
        raise ValueError("zero-dimensional arrays cannot be concatenated")
    place = int(normalize_axis_index(operator.index(axis), len(values[0].shape)))
    values = _in_one_dtype(values, dtype, casting, out)
    return store(ops.concatenate(*values, axis=place), out, casting="unsafe" if dtype is None else casting)


def _in_one_dtype(values: list[Any], dtype: Any, casting: Any, out: Any) -> list[Any]:
    """Values in the dtype that is asked for, that of `out`, or the one that NumPy promotes them to."""
    if dtype is not None and out is not None:
        raise TypeError("concatenate() only takes `out` or `dtype` as an argument, but both were provided.")
    if out is None:
        first = values[0].dtype
        for value in values:
            if value.dtype is not first:
                break
        else:
            if dtype is None or dtype is first:
                return values
    if dtype is None:
        if out is not None:
            dtype = out.dtype
        else:
            dtype = np.result_type(*(value.dtype for value in values))
    for value in values:
        if not np.can_cast(value.dtype, dtype, casting):
            raise TypeError(
                f"Cannot cast array data from {value.dtype!r} to {np.dtype(dtype)!r} according to the rule '{casting}'"
            )
    return [converted(value, dtype) for value in values]


@implements(np.stack)
def stack(arrays: Any, axis: Any = 0, out: Any = None, *, dtype: Any = None, casting: Any = "same_kind") -> Any:
    """Arrays of one shape one after the other along a new axis."""
    values = [value_of(array) for array in arrays]
    if not values:
        raise ValueError("need at least one array to stack")
    shape = values[0].shape
    if any(value.shape != shape for value in values):
        raise ValueError("all input arrays must have the same shape")
    place = int(normalize_axis_index(operator.index(axis), len(shape) + 1))
    values = _in_one_dtype(values, dtype, casting, out)
    return store(ops.stack(*values, axis=place), out, casting="unsafe" if dtype is None else casting)


def _listed(arrays: Any) -> list[Any]:
    """A sequence of arrays as a list; an iterator is refused, as by NumPy."""
    if not hasattr(arrays, "__getitem__"):
        raise TypeError('arrays to stack must be passed as a "sequence" type such as list or tuple.')
    return list(arrays)


@implements(np.vstack)
def vstack(tup: Any, *, dtype: Any = None, casting: Any = "same_kind") -> Any:
    """Arrays one below the other; those of one axis are rows."""
    return concatenate([atleast_2d(array) for array in _listed(tup)], 0, dtype=dtype, casting=casting)


@implements(np.hstack)
def hstack(tup: Any, *, dtype: Any = None, casting: Any = "same_kind") -> Any:
    """Arrays one beside the other, along the second axis; along the first where they have one."""
    arrays = [atleast_1d(array) for array in _listed(tup)]
    axis = 0 if arrays and arrays[0].ndim == 1 else 1
    return concatenate(arrays, axis, dtype=dtype, casting=casting)


def row_stack(tup: Any, *, dtype: Any = None, casting: Any = "same_kind") -> Any:
    """The old name of `vstack`."""
    warnings.warn("`row_stack` is deprecated: use `np.vstack`.", DeprecationWarning, stacklevel=2)
    return vstack(tup, dtype=dtype, casting=casting)


if hasattr(np, "row_stack"):
    # NumPy says that it will leave.
    implements(np.row_stack)(row_stack)


@implements(np.dstack)
def dstack(tup: Any) -> Any:
    """Arrays one behind the other, along the third axis."""
    return concatenate([atleast_3d(array) for array in _listed(tup)], 2)


@implements(np.column_stack)
def column_stack(tup: Any) -> Any:
    """Arrays one beside the other; those of one axis are columns."""
    arrays = [array_of(array) for array in _listed(tup)]
    columns = [array if array.ndim > 1 else atleast_2d(array).T for array in arrays]
    return concatenate(columns, 1)


@implements(np.append)
def append(arr: Any, values: Any, axis: Any = None) -> Any:
    """Values after an array, along an axis or both flattened."""
    return concatenate((arr, values), axis)


@implements(np.block)
def block(arrays: Any) -> Any:
    """An array from nested lists of blocks: innermost lists along the last axis, those around them along the others."""
    depth = _depth(arrays, ())
    ndim = max(depth, max(array.ndim for array in _leaves(arrays)))
    return _blocks(arrays, depth, ndim)


def _depth(arrays: Any, place: tuple[int, ...]) -> int:
    """How deep lists are nested, the same everywhere."""
    if isinstance(arrays, tuple):
        raise TypeError(
            f"arrays{''.join(f'[{k}]' for k in place)} is a tuple. Only lists can be used to arrange blocks, and "
            "np.block does not allow implicit conversion from tuple to ndarray."
        )
    if not isinstance(arrays, list):
        return 0
    if not arrays:
        raise ValueError(f"List at arrays{''.join(f'[{k}]' for k in place)} cannot be empty")
    depths = [_depth(array, (*place, k)) for k, array in enumerate(arrays)]
    if len(set(depths)) != 1:
        raise ValueError("List depths are mismatched.")
    return depths[0] + 1


def _leaves(arrays: Any) -> list[Array]:
    return [leaf for array in arrays for leaf in _leaves(array)] if isinstance(arrays, list) else [array_of(arrays)]


def _blocks(arrays: Any, depth: int, ndim: int) -> Any:
    if not isinstance(arrays, list):
        array = array_of(arrays)
        if depth or array.ndim < ndim:
            array = array[(None,) * (ndim - array.ndim)]
        return array
    return concatenate([_blocks(array, depth - 1, ndim) for array in arrays], ndim - depth)
