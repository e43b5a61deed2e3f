"""Functions that write into an array they are given."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from chainrule import ops
from chainrule.errors import TracedAssignmentError
from chainrule.graph.position import describe, here
from chainrule.numpy.attributes import Flat
from chainrule.numpy.handle import WHOLE, Array, look, wrap
from chainrule.numpy.indexing import write_advanced
from chainrule.numpy.operands import converted, is_traced, plain, value_of
from chainrule.numpy.picking import along
from chainrule.numpy.table import implements, name_of
from chainrule.transforms.looks import places_where


def _target(original: Any, array: Any, *others: Any) -> Array | None:
    """The array to write to; None for a plain one, which NumPy can write to if nothing traced goes in."""
    if isinstance(array, Array):
        return array
    if any(map(is_traced, others)):
        raise TracedAssignmentError(
            f"`{name_of(original)}` writes a value that carries a derivative into a plain array, which holds numbers "
            f"only.{describe(here())}\n"
            "  Make the array inside the differentiated function, or start from `np.zeros_like(x)`."
        )
    return None


def _truth(mask: Any, shape: tuple[int, ...]) -> Any:
    """A mask as booleans of a shape."""
    return ops.broadcast_to(converted(value_of(mask), bool), shape=shape)


@implements(np.copyto)
def copyto(dst: Any, src: Any, casting: Any = "same_kind", where: Any = True) -> None:
    """Write one array into another, where a condition holds."""
    target = _target(np.copyto, dst, src, where)
    if target is None:
        return np.copyto(dst, plain(src), casting, plain(where))
    if type(src) in (bool, int, float, complex):
        # Whether a Python number fits is NumPy's to say.
        np.copyto(np.empty((), target.dtype), src, casting)
    value = value_of(src)
    if type(src) not in (bool, int, float, complex) and not np.can_cast(value.dtype, target.dtype, casting):
        raise TypeError(
            f"Cannot cast array data from {value.dtype!r} to {target.dtype!r} according to the rule '{casting}'"
        )
    value = converted(value, target.dtype)
    if where is True:
        target[...] = wrap(value)
    else:
        target._write_part(ops.select(_truth(where, target.shape), value, target._read()), WHOLE)
    return None


@implements(np.put)
def put(a: Any, ind: Any, v: Any, mode: str = "raise") -> None:
    """Write at numbers of the flattened array; values begin again when there are no more of them."""
    target = _target(np.put, a, v, ind)
    if target is None:
        return np.put(a, plain(ind), plain(v), mode)  # type: ignore[arg-type]  # the stub wants literals
    numbers = np.asarray(look(value_of(ind)), np.intp).reshape(-1)
    if mode == "wrap":
        numbers = numbers % target.size
    elif mode == "clip":
        numbers = np.clip(numbers, 0, target.size - 1)
    if numbers.size and value_of(v).size:
        Flat(target)[numbers] = v
    return None


@implements(np.put_along_axis)
def put_along_axis(arr: Any, indices: Any, values: Any, axis: Any) -> None:
    """Write the elements with numbers that differ from vector to vector along an axis."""
    target = _target(np.put_along_axis, arr, values, indices)
    if target is None:
        return np.put_along_axis(arr, plain(indices), plain(values), axis)
    numbers = value_of(indices)
    if numbers.dtype.kind not in "iu":
        raise IndexError("`indices` must be an integer array")
    part = converted(value_of(values), target.dtype)
    if axis is None:
        if len(numbers.shape) != 1:
            raise ValueError("when axis=None, `indices` must have a single dimension.")
        Flat(target)[look(numbers)] = wrap(ops.broadcast_to(part, shape=numbers.shape))
        return None
    place = int(normalize_axis_index(axis, target.ndim))
    write_advanced(target, along(target.shape, numbers, place), part)
    return None


@implements(np.putmask)
def putmask(a: Any, mask: Any, values: Any) -> None:
    """Write where a mask holds; values of another size begin again, counted over all elements of the array."""
    target = _target(np.putmask, a, values, mask)
    if target is None:
        return np.putmask(a, plain(mask), plain(values))
    value = converted(value_of(values), target.dtype)
    truth = value_of(mask)
    if truth.size != target.size:
        raise ValueError("putmask: mask and data must be the same size")
    if not value.size:
        return None
    if value.shape != target.shape:
        numbers = np.arange(target.size) % value.size
        value = ops.reshape(ops.gather(ops.reshape(value, shape=(value.size,)), numbers), shape=target.shape)
    truth = converted(ops.reshape(truth, shape=target.shape), bool)
    target._write_part(ops.select(truth, value, target._read()), WHOLE)
    return None


@implements(np.place)
def place(arr: Any, mask: Any, vals: Any) -> None:
    """Write where a mask holds, the first value at the first such place; values begin again when there are no more."""
    target = _target(np.place, arr, vals, mask)
    if target is None:
        return np.place(arr, plain(mask), plain(vals))
    truth = value_of(mask)
    if truth.size != target.size:
        raise ValueError("place: mask and data must be the same size")
    (numbers,) = places_where(ops.reshape(truth, shape=(truth.size,)))
    if numbers.size and not value_of(vals).size:
        raise ValueError("Cannot insert from an empty array!")
    Flat(target)[wrap(numbers)] = vals
    return None


@implements(np.fill_diagonal)
def fill_diagonal(a: Any, val: Any, wrap: bool = False) -> None:
    """Write the main diagonal; values begin again when there are no more of them."""
    target = _target(np.fill_diagonal, a, val)
    if target is None:
        return np.fill_diagonal(a, plain(val), wrap)
    if target.ndim < 2:
        raise ValueError("array must be at least 2-d")
    end = None
    if target.ndim == 2:
        step = target.shape[1] + 1
        if not wrap:
            end = target.shape[1] * target.shape[1]
    else:
        if len(set(target.shape)) > 1:
            raise ValueError("All dimensions of input must be of equal length")
        step = 1 + int(np.cumprod(target.shape[:-1]).sum())
    Flat(target)[:end:step] = val
    return None
