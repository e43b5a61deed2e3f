"""Indexing of every kind, read and written.

A key is *basic* (integers, slices, `None`, `...`) and makes a view, or *advanced* (with index arrays or masks) and
makes a copy. An advanced key is taken apart into a basic one, a transpose that brings the indexed axes to the front,
and index arrays of one shape.
"""

from __future__ import annotations

import operator
from typing import Any, NamedTuple

import numpy as np

from chainrule import ops
from chainrule.numpy.handle import WHOLE, Argument, Array, Captured, Handle, Scalar, look, may_donate, wrap
from chainrule.numpy.operands import PYTHON_NUMBERS, converted, value_of
from chainrule.numpy.steps import PathStep, Step, part_read, path_step, view_at
from chainrule.numpy.views import View, make_view
from chainrule.ops.paths import Path, indexed_shape
from chainrule.trace import Value
from chainrule.transforms.looks import places_where

_PLAIN = frozenset((int, type(None), type(Ellipsis)))
_BOUNDS = frozenset((int, type(None)))
# By name, for a hot path: a look-up in `ops`, which loads on demand, takes longer.
_index = ops.index
_INTP = np.dtype(np.intp)


def basic_key(key: Any) -> tuple[Any, ...] | None:
    """A basic key as a tuple of integers, slices, `None` and `...`; None for an advanced one.

    >>> basic_key(np.int64(3))
    (3,)
    >>> basic_key([3]) is None
    True
    """
    kind = type(key)
    if kind is slice:
        return (_definite_slice(key),)
    basic = []
    for part in key if kind is tuple else (key,):
        kind = type(part)
        if kind in _PLAIN:
            basic.append(part)
        elif kind is slice:
            basic.append(_definite_slice(part))
        elif kind is Array or kind is Captured or kind is Argument:
            value = part._referent
            if type(value) is Value or value.ndim or value.dtype.kind not in "iu":
                return None
            basic.append(int(value))
        elif isinstance(part, (list, tuple, bool, np.bool_, Value)) or (isinstance(part, np.ndarray) and part.ndim):
            return None
        elif isinstance(part, Handle):
            value = part._peek()
            if type(value) is Value or value.ndim or value.dtype.kind not in "iu":
                return None
            basic.append(int(value))
        else:
            try:
                basic.append(operator.index(part))
            except TypeError:
                return None
    return tuple(basic)


def _definite_slice(part: slice) -> slice:
    """A slice with integers or None as its bounds."""
    start, stop, step = part.start, part.stop, part.step
    if type(start) in _BOUNDS and type(stop) in _BOUNDS and type(step) in _BOUNDS:
        return part
    return slice(*(None if bound is None else operator.index(bound) for bound in (start, stop, step)))


def getitem(self: Array, key: Any) -> Any:
    """Read `self[key]`."""
    kind = type(key)
    if type(self) is Array:
        value = self._referent
        if kind is int:
            if len(value.shape) == 1:
                if type(value) is Value:
                    return wrap(value.level.bind_with(ops.index, value, {"path": ((key,),)}))
                return wrap(ops.index(value, path=((key,),)))
        elif kind is slice and type(value) is Value and not self._owned and value.shape:
            # As in `part_at`, and written out, since most parts are slices.
            start, stop, step = key.start, key.stop, key.step
            if not (
                (start is None or type(start) is int)
                and (stop is None or type(stop) is int)
                and (step is None or type(step) is int)
            ):
                key = _definite_slice(key)
            params = {"path": ((key,),)}
            return part_read(self, value, value.level.bind_with(_index, value, params), params)
    basic = basic_key(key)
    if basic is not None:
        return part_at(self, basic)
    index = advanced(key, self.shape)
    if not index.indices[0].shape and type(index.indices[0]) is Value and self.ndim > len(index.axes):
        step = PickedStep(index)
        return make_view(self, step, step.of(self._layout()).shape)
    return wrap(read_advanced(self._read(), index))


def part_at(array: Array, key: tuple[Any, ...]) -> Any:
    """The view at a basic key, or the number there."""
    value = array._referent
    plain = value.below if type(value) is Value else value
    if type(array) is not Array or type(plain) is not np.ndarray or plain.ndim != len(value.shape):
        # A view, or a value of several levels or with lanes.
        plain = array._layout()
    elif plain is not value and not array._owned:
        # Read at once: nearly every part is read, and reading it finds its shape, too. Of memory that is owned it would
        # be a copy that is read, which is made when it is asked for.
        params = {"path": (key,)}
        return part_read(array, value, value.level.bind_with(ops.index, value, params), params)
    # Found on the plain array first, so that an error is NumPy's own.
    part = plain[key]
    if type(part) is np.ndarray:
        if type(array) is View:
            return view_at(array, (key,), part.shape)
        return make_view(array, path_step((key,)), part.shape)
    base, path = array._place() if type(array) is View else (array, ())
    return wrap(ops.index(base._peek(), path=(*path, key)))


def number_getitem(self: Scalar, key: Any) -> Any:
    """Read `self[key]` of a number: itself for `()`, else an array, with new axes for `None` and truth values."""
    basic = basic_key(key)
    if basic is None:
        return getitem(Array(self._referent), key)
    if any(part is not None and part is not Ellipsis for part in basic):
        raise IndexError("invalid index to scalar variable.")
    return Array(ops.index(self._referent, path=(basic,))) if basic else self


def setitem(self: Array, key: Any, new: Any) -> None:
    """Write `self[key] = new`."""
    kind = type(new)
    dtype = self.dtype
    if kind is Scalar and new._referent.dtype is dtype:
        part = new._referent
    elif kind is View and _is_same_part(self, key, new):
        # `y[1:] += a` ends with this assignment of a view to itself.
        return
    elif kind in PYTHON_NUMBERS:
        part = _number(new, dtype)
    else:
        part = converted(value_of(new), dtype)
    if type(key) is int and not part.shape:
        self._write_part(part, ((key,),))
        return
    basic = basic_key(key)
    if basic is not None:
        part = _trimmed(part, self, basic) if part.shape else part
        self._write_part(part, WHOLE if basic == (Ellipsis,) else (basic,))
        return
    mask = key[0] if type(key) is tuple and len(key) == 1 else key
    if isinstance(mask, Handle):
        mask = mask._read()
    elif isinstance(mask, bool | np.bool_):
        mask = np.array(mask)
    if isinstance(mask, np.ndarray | Value) and mask.dtype == bool and mask.shape == self.shape:
        if not part.shape:
            self._write_part(ops.select(mask, part, self._read()), WHOLE)
            return
        if part.ndim > 1:
            raise TypeError(
                "NumPy boolean array indexing assignment requires a 0 or 1-dimensional input, "
                f"input has {part.ndim} dimensions"
            )
    write_advanced(self, advanced(key, self.shape), part)


def _number(new: Any, dtype: np.dtype[Any]) -> Any:
    """A Python number in a dtype, as NumPy stores it."""
    if dtype.kind == "c" or (dtype.kind == "f" and type(new) is not complex):
        return dtype.type(new)
    cell = np.empty((), dtype)
    cell[()] = new
    return cell[()]


def _trimmed(part: Any, array: Array, key: tuple[Any, ...]) -> Any:
    """A value that is written at a basic key, without leading axes of length one that the region lacks."""
    shape = indexed_shape(array.shape, (key,))
    if not shape and Ellipsis not in key:
        # Whether one number may be given as an array depends on NumPy's version, which speaks for itself.
        np.empty((), array.dtype)[()] = np.zeros(part.shape, array.dtype)
    extra = len(part.shape) - len(shape)
    if extra > 0 and all(n == 1 for n in part.shape[:extra]):
        return ops.reshape(part, shape=part.shape[extra:])
    return part


def _is_same_part(array: Array, key: Any, view: View) -> bool:
    """Whether a view is what `array[key]` gives."""
    basic = basic_key(key)
    if basic is None or type(view._step) is not PathStep:
        return False
    same = view_at(array, (basic,), view.shape)
    return same._base is view._base and same._step.path == view._step.path


class Advanced(NamedTuple):
    """An advanced key, taken apart.

    basic
        The basic key that comes first; index arrays have `slice(None)` there. None if it selects everything.
    axes
        The axes that are indexed by arrays, after the basic key.
    indices
        The index arrays, of one shape.
    position
        Where the axes of the index arrays stand in the result.
    """

    basic: tuple[Any, ...] | None
    axes: tuple[int, ...]
    indices: tuple[Any, ...]
    position: int


def advanced(key: Any, shape: tuple[int, ...]) -> Advanced:
    """Take an advanced key of an array of a shape apart."""
    parts = [_definite(part) for part in (key if type(key) is tuple else (key,))]
    indices: list[Any] = []
    if _are_for_first_axes(parts, len(shape)):
        # The commonest of such keys.
        for part in parts:
            indices.extend(_index_arrays(part, shape[len(indices) :], len(indices)))
        return Advanced(None, tuple(range(len(indices))), _same_shape(indices), 0)
    parts, apart = _expanded(parts, len(shape))
    basic: list[Any] = []
    axes: list[int] = []
    places: list[int] = []
    named = 0
    for place, part in enumerate(parts):
        if part is None or type(part) is slice:
            basic.append(part)
            named += part is not None
            continue
        found = _index_arrays(part, shape[named:], named)
        axes.extend(range(len(basic), len(basic) + len(found)))
        indices.extend(found)
        # A single truth value indexes a new axis of length one, or none of it.
        basic.extend([None] if type(part) is bool else [_ALL] * len(found))
        named += 0 if type(part) is bool else len(found)
        places.append(place)
    together = not apart and places[-1] - places[0] == len(places) - 1
    plain = all(type(step) is slice and step == _ALL for step in basic)
    return Advanced(None if plain else tuple(basic), tuple(axes), _same_shape(indices), axes[0] if together else 0)


def _are_for_first_axes(parts: list[Any], ndim: int) -> bool:
    """Whether the parts of a key are plain index arrays and masks, one after the other, for no more axes than are."""
    named = 0
    for part in parts:
        if type(part) is not np.ndarray:
            return False
        named += part.ndim if part.dtype.kind == "b" else 1
    return named <= ndim


_ALL = slice(None)


def _definite(part: Any) -> Any:
    """A part of a key as None, `...`, a slice, a truth value, or an array of indices or truth values."""
    kind = type(part)
    if part is None or part is Ellipsis or kind is bool:
        return part
    if kind is slice:
        return _definite_slice(part)
    if isinstance(part, np.bool_):
        return bool(part)
    if isinstance(part, (list, tuple)):
        part = value_of(part)
        if not part.size and type(part) is np.ndarray:
            part = part.astype(np.intp)
    else:
        # Read, since the index is kept for the pull: a later write to the index array must not reach it.
        part = value_of(part)
    kind = part.dtype.kind
    if kind == "b":
        return bool(look(part)) if not part.shape else part
    if kind not in "iu":
        raise IndexError(
            "only integers, slices (`:`), ellipsis (`...`), numpy.newaxis (`None`) and integer or boolean arrays are "
            "valid indices"
        )
    return np.asarray(part) if isinstance(part, np.generic) else part


def _expanded(parts: list[Any], ndim: int) -> tuple[list[Any], bool]:
    """The parts of a key with `...` written out and slices for the axes that it does not name.

    Also whether a `...` that stands for no axis is between index arrays, which sets them apart all the same.
    """
    named = sum(_axes_named(part) for part in parts)
    missing = ndim - named
    if missing < 0:
        raise IndexError(f"too many indices for array: array is {ndim}-dimensional, but {named} were indexed")
    ellipses = [k for k, part in enumerate(parts) if part is Ellipsis]
    if len(ellipses) > 1:
        raise IndexError("an index can only have a single ellipsis ('...')")
    if not ellipses:
        return [*parts, *(_ALL,) * missing], False
    k = ellipses[0]
    before, after = parts[:k], parts[k + 1 :]
    apart = any(map(_is_array, before)) and any(map(_is_array, after))
    return [*before, *(_ALL,) * missing, *after], apart


def _is_array(part: Any) -> bool:
    return part is not None and type(part) is not slice


def _axes_named(part: Any) -> int:
    if part is None or part is Ellipsis or type(part) is bool:
        return 0
    return part.ndim if type(part) is not slice and part.dtype == bool else 1


def _index_arrays(part: Any, shape: tuple[int, ...], axis: int) -> list[Any]:
    """The index arrays that one part of a key stands for, of an array whose remaining axes have these lengths."""
    if type(part) is bool:
        return [np.zeros(int(part), np.intp)]
    if part.dtype.kind != "b":
        if not part.shape and type(part) is not Value and not -shape[0] <= part < shape[0]:
            # NumPy says so even where other index arrays are empty.
            raise IndexError(f"index {int(part)} is out of bounds for axis {axis} with size {shape[0]}")
        return [converted(part, _INTP)]
    for k, (length, n) in enumerate(zip(part.shape, shape, strict=False)):
        if length != n:
            raise IndexError(
                f"boolean index did not match indexed array along axis {axis + k}; size of axis is {n} but size of "
                f"corresponding boolean axis is {length}"
            )
    return list(places_where(part))


def _same_shape(indices: list[Any]) -> tuple[Any, ...]:
    shape = indices[0].shape
    for index in indices:
        if index.shape != shape:
            break
    else:
        return tuple(indices)
    try:
        shape = np.broadcast_shapes(*(index.shape for index in indices))
    except ValueError:
        shapes = " ".join(str(index.shape).replace(" ", "") for index in indices)
        raise IndexError(
            f"shape mismatch: indexing arrays could not be broadcast together with shapes {shapes}"
        ) from None
    return tuple(index if index.shape == shape else ops.broadcast_to(index, shape=shape) for index in indices)


def read_advanced(x: Any, index: Advanced) -> Any:
    """The entries at an advanced index, in the order of axes that NumPy gives them."""
    if index.basic is not None:
        x = ops.index(x, path=(index.basic,))
    order = _axes_first(x.ndim, index.axes)
    if order is not None:
        x = ops.transpose(x, axes=order)
    y = ops.gather(x, *index.indices)
    return _axes_moved(y, index.indices[0].ndim, index.position)


def write_advanced(array: Array, index: Advanced, part: Any) -> None:
    """Write a value at an advanced index."""
    x = array._peek()
    whole = index.basic is None
    region = x if whole else ops.index(x, path=(index.basic,))
    order = _axes_first(region.ndim, index.axes)
    moved = region if order is None else ops.transpose(region, axes=order)
    part = _indexed_axes_first(part, _result_shape(region.shape, index), index)
    # A part of the array is written back to it below, so only the array itself may be overwritten here.
    donate = whole and array._owned and all(may_donate(x, other) for other in (part, *index.indices))
    written = ops.scatter(moved, part, *index.indices, donate=donate)
    if order is not None:
        written = ops.transpose(written, axes=tuple(int(axis) for axis in np.argsort(order)))
    if whole:
        array._write(written, True)
    else:
        array._write_part(written, (index.basic,))


def _indexed_axes_first(part: Any, shape: tuple[int, ...], index: Advanced) -> Any:
    """A value that is written at an advanced index of a shape, with the axes of the index arrays in front."""
    extra = len(part.shape) - len(shape)
    if extra > 0 and all(n == 1 for n in part.shape[:extra]):
        part = ops.reshape(part, shape=part.shape[extra:])
    if not part.shape or not index.position:
        return part
    try:
        fits = np.broadcast_shapes(part.shape, shape) == shape
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(
            f"shape mismatch: value array of shape {part.shape} could not be broadcast to indexing result of "
            f"shape {shape}"
        )
    if part.shape != shape:
        part = ops.broadcast_to(part, shape=shape)
    front = range(index.position, index.position + index.indices[0].ndim)
    return ops.transpose(part, axes=(*front, *(axis for axis in range(part.ndim) if axis not in front)))


class PickedStep(Step):
    """The view at integers that differ from lane to lane: in NumPy a view, since they are single integers."""

    __slots__ = ("index",)

    def __init__(self, index: Advanced) -> None:
        self.index = index

    def read(self, value: Any, owned: bool) -> Any:
        """The entries at the integers."""
        return read_advanced(value, self.index)

    def of(self, array: Any) -> Any:
        """The entries that every lane might have, of a plain array."""
        key = [0 if axis in self.index.axes else _ALL for axis in range(array.ndim)]
        return (array if self.index.basic is None else array[self.index.basic])[tuple(key)]

    def write_part(self, base: Array, part: Any, path: Path) -> None:
        """Write to the entries at the integers."""
        part = part if path == WHOLE else ops.update(self.read(base._peek(), False), part, path=path, donate=False)
        write_advanced(base, self.index, part)


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
Array.__getitem__ = getitem
Array.__setitem__ = setitem
Scalar.__getitem__ = number_getitem
