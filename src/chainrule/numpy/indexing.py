"""Indexing of every kind, read and written.

A key is *basic* (integers, slices, `None`, `...`) and makes a view, or *advanced* (with index arrays or masks) and makes
a copy. An advanced key is taken apart into a basic one, a transpose that brings the indexed axes to the front, and
index arrays of one shape.
"""

from __future__ import annotations

import operator
from typing import Any, NamedTuple

import numpy as np

from chainrule import ops
from chainrule.numpy.handle import Array, Handle, IndexStep, Scalar, View, look, view_at, wrap
from chainrule.numpy.operands import PYTHON_NUMBERS, converted, holds_handles, value_of
from chainrule.trace import Value

_BASIC = (int, slice, type(None), type(Ellipsis), np.integer)


def is_basic(key: Any) -> bool:
    """Whether a key makes a view."""
    if type(key) is tuple:
        return all(isinstance(part, _BASIC) and not isinstance(part, bool) for part in key)
    return isinstance(key, _BASIC) and not isinstance(key, bool)


def plain_key(key: Any) -> Any:
    """A key without constant handles: those that are 0-d integers become integers, masks and index arrays plain arrays."""
    if type(key) is tuple:
        return tuple(_plain_part(part) for part in key)
    return _plain_part(key)


def _plain_part(part: Any) -> Any:
    if isinstance(part, Handle):
        value = part._peek()
        if type(value) is Value:
            return value
        return int(value) if value.ndim == 0 and value.dtype.kind in "iu" else value
    if isinstance(part, slice):
        return slice(*(None if s is None else operator.index(s) for s in (part.start, part.stop, part.step)))
    if isinstance(part, np.integer):
        return int(part)
    if isinstance(part, (list, tuple)):
        array = np.asarray(value_of(part) if holds_handles(part) else part)
        return array.astype(np.intp) if array.size == 0 and array.dtype.kind == "f" else array
    return part


def getitem(self: Handle, key: Any) -> Any:
    """Read `self[key]`."""
    if type(key) is int:
        value = self._peek()
        if len(value.shape) == 1:
            return wrap(ops.index(value, path=((key,),)))
    key = plain_key(key)
    if is_basic(key):
        return _basic(self, key if type(key) is tuple else (key,))
    index = advanced(key, self.shape)
    return wrap(read_advanced(self._read(), index))


def _basic(self: Handle, key: tuple[Any, ...]) -> Any:
    if isinstance(self, Scalar):
        return _basic(Array(self._value), key)
    view = view_at(self, (key,))  # type: ignore[arg-type]  # a handle that is no Scalar is an Array
    value = view._read()
    if not value.shape and Ellipsis not in key:
        return wrap(value if type(value) is Value else value[()])
    return view


def setitem(self: Array, key: Any, new: Any) -> None:
    """Write `self[key] = new`."""
    if type(new) is View and _is_same_part(self, key, new):
        # `y[1:] += a` ends with this assignment of a view to itself.
        return
    key = plain_key(key)
    dtype = self.dtype
    part = dtype.type(new) if type(new) in PYTHON_NUMBERS and _fits(new, dtype) else converted(value_of(new), dtype)
    if is_basic(key):
        path = (key if type(key) is tuple else (key,),)
        self._write_part(_trimmed(part, self, path), path)
        return
    if isinstance(key, np.ndarray | Value) and key.dtype == bool and key.shape == self.shape and not part.shape:
        self._write(ops.select(key, part, self._read()))
        return
    write_advanced(self, advanced(key, self.shape), part)


def _fits(number: Any, dtype: np.dtype[Any]) -> bool:
    return dtype.kind == "c" or (dtype.kind == "f" and type(number) is not complex)


def _trimmed(part: Any, array: Array, path: tuple[Any, ...]) -> Any:
    """A written value without leading axes of length one that the region lacks."""
    if not part.shape:
        return part
    extra = len(part.shape) - len(ops.indexing.indexed_shape(array.shape, path))
    if extra > 0 and all(n == 1 for n in part.shape[:extra]):
        return ops.reshape(part, shape=part.shape[extra:])
    return part


def _is_same_part(array: Array, key: Any, view: View) -> bool:
    if type(view._step) is not IndexStep:
        return False
    base, path = (array._base, array._step.path) if type(array) is View and type(array._step) is IndexStep else (array, ())  # type: ignore[attr-defined]
    key = key if type(key) is tuple else (key,)
    return view._base is base and is_basic(key) and view._step.path == (*path, key)


class Advanced(NamedTuple):
    """An advanced key, taken apart.

    basic
        The basic key that comes first; index arrays have `slice(None)` there.
    axes
        The axes that are indexed by arrays, after the basic key.
    indices
        The index arrays, of one shape.
    position
        Where the axes of the index arrays stand in the result.
    """

    basic: tuple[Any, ...]
    axes: tuple[int, ...]
    indices: tuple[Any, ...]
    position: int


def advanced(key: Any, shape: tuple[int, ...]) -> Advanced:
    """Take an advanced key of an array of a shape apart."""
    parts = _expanded(list(key) if type(key) is tuple else [key], len(shape))
    basic: list[Any] = []
    axes: list[int] = []
    indices: list[Any] = []
    places: list[int] = []
    axis = 0
    for place, part in enumerate(parts):
        if part is None or isinstance(part, slice):
            basic.append(part)
            axis += 1
            continue
        if isinstance(part, int) and not isinstance(part, bool):
            part = np.asarray(part, np.intp)
        for index in _index_arrays(part, basic, shape, axis):
            axes.append(axis)
            indices.append(index)
            axis += 1
        places.append(place)
    together = places[-1] - places[0] == len(places) - 1
    return Advanced(tuple(basic), tuple(axes), _same_shape(indices), axes[0] if together else 0)


def _expanded(parts: list[Any], ndim: int) -> list[Any]:
    """The parts of a key with `...` written out and slices for the axes that it does not name."""
    named = sum(_axes_named(part) for part in parts)
    missing = ndim - named
    if missing < 0:
        raise IndexError(f"too many indices for array: array is {ndim}-dimensional, but {named} were indexed")
    ellipses = [k for k, part in enumerate(parts) if part is Ellipsis]
    if len(ellipses) > 1:
        raise IndexError("an index can only have a single ellipsis ('...')")
    if ellipses:
        k = ellipses[0]
        return [*parts[:k], *(slice(None),) * missing, *parts[k + 1 :]]
    return [*parts, *(slice(None),) * missing]


def _axes_named(part: Any) -> int:
    if part is None or part is Ellipsis or isinstance(part, (bool, np.bool_)):
        return 0
    if isinstance(part, (np.ndarray, Value)) and part.dtype == bool:
        return part.ndim
    return 1


def _index_arrays(part: Any, basic: list[Any], shape: tuple[int, ...], axis: int) -> list[Any]:
    """The index arrays that one part of a key stands for; `basic` gets the slices of the axes that they index."""
    if isinstance(part, (bool, np.bool_)):
        # A single truth value indexes a new axis of length one, or none of it.
        basic.append(None)
        return [np.zeros(int(part), np.intp)]
    if part.dtype == bool:
        mask = look(part)
        basic.extend([slice(None)] * mask.ndim)
        start = sum(p is not None for p in basic) - mask.ndim
        if mask.shape != shape[start : start + mask.ndim]:
            raise IndexError(
                f"boolean index did not match indexed array along axis {start}; the array has {shape[start:]}, "
                f"the index {mask.shape}"
            )
        return list(np.nonzero(mask))
    if part.dtype.kind not in "iu":
        raise IndexError("arrays used as indices must be of integer (or boolean) type")
    basic.append(slice(None))
    return [part if part.dtype == np.intp else converted(part, np.intp)]


def _same_shape(indices: list[Any]) -> tuple[Any, ...]:
    shape = np.broadcast_shapes(*(index.shape for index in indices))
    return tuple(index if index.shape == shape else ops.broadcast_to(index, shape=shape) for index in indices)


def read_advanced(x: Any, index: Advanced) -> Any:
    """The entries at an advanced index, in the order of axes that NumPy gives them."""
    x = _basic_part(x, index)
    order = _axes_first(x.ndim, index.axes)
    if order is not None:
        x = ops.transpose(x, axes=order)
    y = ops.gather(x, *index.indices)
    return _axes_moved(y, index.indices[0].ndim, index.position)


def write_advanced(array: Array, index: Advanced, part: Any) -> None:
    """Write a value at an advanced index."""
    x = array._read() if isinstance(array, View) else array._value
    donate = array._owned
    trivial = all(isinstance(step, slice) and step == slice(None) for step in index.basic)
    region = x if trivial else _basic_part(x, index)
    order = _axes_first(region.ndim, index.axes)
    count = index.indices[0].ndim
    shape = _result_shape(region.shape, index)
    if len(part.shape) > len(shape) and all(n == 1 for n in part.shape[: len(part.shape) - len(shape)]):
        part = ops.reshape(part, shape=part.shape[len(part.shape) - len(shape) :])
    if part.shape and index.position:
        part = part if part.shape == shape else ops.broadcast_to(part, shape=shape)
        front = tuple(range(index.position, index.position + count))
        part = ops.transpose(part, axes=(*front, *(a for a in range(part.ndim) if a not in front)))
    moved = region if order is None else ops.transpose(region, axes=order)
    written = ops.scatter(moved, part, *index.indices, donate=donate and trivial)
    if order is not None:
        written = ops.transpose(written, axes=tuple(int(a) for a in np.argsort(order)))
    if trivial:
        array._write(written)
    else:
        array._write_part(written, (index.basic,))


def _basic_part(x: Any, index: Advanced) -> Any:
    if all(isinstance(step, slice) and step == slice(None) for step in index.basic):
        return x
    return ops.index(x, path=(index.basic,))


def _axes_first(ndim: int, axes: tuple[int, ...]) -> tuple[int, ...] | None:
    """The order that brings axes to the front; None if they stand there."""
    if axes == tuple(range(len(axes))):
        return None
    return (*axes, *(axis for axis in range(ndim) if axis not in axes))


def _axes_moved(y: Any, count: int, position: int) -> Any:
    """The first `count` axes moved to where NumPy puts them."""
    if not position or not count:
        return y
    rest = list(range(count, y.ndim))
    return ops.transpose(y, axes=(*rest[:position], *range(count), *rest[position:]))


def _result_shape(region: tuple[int, ...], index: Advanced) -> tuple[int, ...]:
    rest = [n for axis, n in enumerate(region) if axis not in index.axes]
    return (*rest[: index.position], *index.indices[0].shape, *rest[index.position :])


# Not on Scalar: NumPy would take it for a sequence, and hide the error of a leak behind one about sequences.
Array.__getitem__ = getitem  # type: ignore[attr-defined]  # handles get their protocols from the modules that own them
Array.__setitem__ = setitem  # type: ignore[attr-defined]
