"""Grids, and numbers of places in them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.errors import NoRuleError
from chainrule.graph.position import describe, here
from chainrule.numpy.creation import copied
from chainrule.numpy.handle import Array, fresh, look, wrap
from chainrule.numpy.joining import concatenate
from chainrule.numpy.movement import broadcast
from chainrule.numpy.operands import array_of, converted, is_traced, plain, value_of
from chainrule.numpy.table import FUNCTIONS, implements
from chainrule.trace import Value
from chainrule.transforms.looks import places_where


@implements(np.meshgrid)
def meshgrid(*xi: Any, copy: bool = True, sparse: bool = False, indexing: str = "xy") -> Any:
    """The coordinates of the points of a grid, from those along each axis."""
    if indexing not in ("xy", "ij"):
        raise ValueError("Valid values for `indexing` are 'xy' and 'ij'.")
    count = len(xi)
    shapes = [[1] * k + [-1] + [1] * (count - k - 1) for k in range(count)]
    if indexing == "xy" and count > 1:
        shapes[0][:2], shapes[1][:2] = [1, -1], [-1, 1]
    axes = [array_of(x).reshape(shape) for x, shape in zip(xi, shapes, strict=True)]  # type: ignore[attr-defined]
    if not sparse:
        shape = np.broadcast_shapes(*(axis.shape for axis in axes)) if axes else ()
        axes = [broadcast(axis, shape) for axis in axes]
    if copy:
        return tuple(copied(axis, "C") for axis in axes)
    return axes if sparse else tuple(axes)


@implements(np.ix_)
def ix_(*args: Any) -> Any:
    """Index arrays that select the crossings of some rows, columns, ..., from their numbers or truth values."""
    found = []
    for k, arg in enumerate(args):
        array = array_of(arg)
        if array.ndim != 1:
            raise ValueError("Cross index must be 1 dimensional")
        if not array.size:
            array = fresh(np.zeros(0, np.intp))
        if array.dtype == bool:
            array = Array(places_where(array._read())[0])
        found.append(array.reshape((1,) * k + (array.size,) + (1,) * (len(args) - k - 1)))  # type: ignore[attr-defined]
    return tuple(found)


@implements(np.unravel_index)
def unravel_index(indices: Any, shape: Any, order: Any = "C") -> Any:
    """The indices of elements, from their numbers in the flattened array."""
    numbers = value_of(indices)
    if type(numbers) is not Value:
        return tuple(map(wrap, np.unravel_index(numbers, plain(shape), order)))
    shape = tuple(plain(shape)) if np.iterable(shape) else (plain(shape),)
    found = []
    for length in shape if order == "F" else reversed(shape):
        found.append(wrap(ops.remainder(numbers, np.intp(length))))
        numbers = ops.floor_divide(numbers, np.intp(length))
    return tuple(found if order == "F" else reversed(found))


@implements(np.ravel_multi_index)
def ravel_multi_index(multi_index: Any, dims: Any, mode: Any = "raise", order: Any = "C") -> Any:
    """The numbers of elements in the flattened array, from their indices."""
    if not is_traced(multi_index):
        return wrap(np.ravel_multi_index(plain(tuple(multi_index)), plain(dims), mode, order))
    dims = tuple(plain(dims))
    modes = mode if isinstance(mode, tuple) else (mode,) * len(dims)
    number: Any = 0
    pairs = list(zip(multi_index, dims, modes, strict=True))
    for index, length, how in pairs if order == "C" else reversed(pairs):
        index = FUNCTIONS[np.take](fresh(np.arange(length)), index, mode=how)
        number = number * length + index
    return number


# How many elements are not zero, and where, is a look: it has no derivative.


@implements(np.nonzero)
def nonzero(a: Any) -> Any:
    """The indices of the elements that are not zero, one array for each axis."""
    return wrap(places_where(value_of(a)))


@implements(np.flatnonzero)
def flatnonzero(a: Any) -> Any:
    """The numbers of the elements that are not zero, in the flattened array."""
    x = value_of(a)
    return wrap(places_where(x if x.ndim == 1 else ops.reshape(x, shape=(x.size,)))[0])


@implements(np.argwhere)
def argwhere(a: Any) -> Any:
    """The indices of the elements that are not zero, a row for each."""
    x = value_of(a)
    if type(x) is not Value or not x.ndim:
        return wrap(np.argwhere(look(x)))
    return wrap(ops.stack(*places_where(x), axis=1))


class Grid:
    """`np.mgrid` and `np.ogrid`: the coordinates that slices stand for, dense or one axis each."""

    __slots__ = ("original", "sparse")

    def __init__(self, original: Any, *, sparse: bool) -> None:
        self.original = original
        self.sparse = sparse

    def __getitem__(self, key: Any) -> Any:
        slices = key if isinstance(key, tuple) else (key,)
        if not any(map(_is_traced_slice, slices)):
            return wrap(self.original[_plain_slices(key)])
        if not isinstance(key, tuple):
            return _points(key)
        bounds = [bound for part in slices for bound in (part.start, part.stop, part.step) if bound is not None]
        dtype = np.result_type(0, *(_abstract(abs(bound) if isinstance(bound, complex) else bound) for bound in bounds))
        axes = [_evenly_spaced(part, dtype) for part in slices]
        grid = meshgrid(*axes, sparse=self.sparse, indexing="ij")
        return grid if self.sparse else FUNCTIONS[np.stack](grid)


def _abstract(bound: Any) -> Any:
    """What a bound counts as for promotion: a Python number gives way."""
    return bound if type(bound) in (int, float) else value_of(bound).dtype


def _is_traced_slice(part: Any) -> bool:
    return isinstance(part, slice) and any(map(is_traced, (part.start, part.stop, part.step)))


def _plain_slices(key: Any) -> Any:
    if isinstance(key, tuple):
        return tuple(map(_plain_slices, key))
    return slice(*plain((key.start, key.stop, key.step))) if isinstance(key, slice) else plain(key)


def _evenly_spaced(part: slice, dtype: Any) -> Any:
    """The points of a slice: a step apart, or with a complex step that many from end to end."""
    start = 0 if part.start is None else part.start
    step = 1 if part.step is None else part.step
    if isinstance(step, complex):
        count = int(abs(step))
        step = (part.stop - start) / float(count - 1) if count != 1 else count
    else:
        count = math.ceil(look(value_of((part.stop - start) / step)))
    return fresh(np.arange(count, dtype=dtype)) * step + start


def _points(part: slice) -> Any:
    """The points of one slice by itself."""
    start = 0 if part.start is None else part.start
    if isinstance(part.step, complex):
        dtype = np.result_type(_abstract(start), _abstract(part.stop), abs(part.step))
        return _evenly_spaced(slice(start, part.stop, part.step), dtype)
    return FUNCTIONS[np.arange](start, part.stop, 1 if part.step is None else part.step)


def _joined_points(part: slice) -> Any:
    """The points of a slice among those that `np.r_` joins."""
    if isinstance(part.step, complex):
        return FUNCTIONS[np.linspace](0 if part.start is None else part.start, part.stop, int(abs(part.step)))
    return _points(part)


class Concatenator:
    """`np.r_` and `np.c_`: arrays and numbers joined by writing them as an index."""

    __slots__ = ("defaults", "original")

    def __init__(self, original: Any, *, axis: int, ndmin: int, trans1d: int) -> None:
        self.original = original
        self.defaults = (axis, ndmin, trans1d)

    def __getitem__(self, key: Any) -> Any:
        items = key if isinstance(key, tuple) else (key,)
        if not any(is_traced(item) or _is_traced_slice(item) for item in items):
            return wrap(self.original[_plain_slices(key)])
        axis, ndmin, trans1d = self.defaults
        if isinstance(items[0], str):
            if items[0] in ("r", "c"):
                raise NoRuleError(
                    f"`np.r_['{items[0]}', ...]` makes a matrix, which chainrule does not support.{describe(here())}\n"
                    "  Use `np.concatenate`, and `x[np.newaxis]` for a row or `x[:, np.newaxis]` for a column."
                )
            numbers = [int(number) for number in items[0].split(",")]
            axis, ndmin, trans1d = (*numbers, *self.defaults[len(numbers) :])
            items = items[1:]
        return concatenate(_in_common_dtype([self._item(item, ndmin, trans1d) for item in items]), axis)

    @staticmethod
    def _item(item: Any, ndmin: int, trans1d: int) -> tuple[Any, Any]:
        """One item with at least `ndmin` axes, and what it counts as for promotion."""
        if isinstance(item, str):
            raise ValueError("special directives must be the first entry.")
        number = type(item) if type(item) in (int, float, complex, bool) else None
        array = _joined_points(item) if isinstance(item, slice) else array_of(item)
        missing = ndmin - array.ndim
        if missing > 0:
            # An item of fewer axes is placed so that its axes end where `trans1d` says.
            order = list(range(ndmin))
            place = trans1d if trans1d >= 0 else trans1d + missing + 1
            own = order[missing:]
            rest = order[:missing]
            array = array[(None,) * missing]
            array = FUNCTIONS[np.transpose](array, rest[:place] + own + rest[place:])
        return array, number


def _in_common_dtype(items: list[tuple[Any, Any]]) -> list[Array]:
    """Arrays in the dtype that they are promoted to; Python numbers among them give way."""
    dtype = np.result_type(*(array.dtype if number is None else number(0) for array, number in items))
    return [Array(converted(array._read(), dtype)) for array, _ in items]


class Broadcast:
    """What `np.broadcast` is of traced arrays: the shape that they have together, and their elements side by side."""

    __slots__ = ("_arrays", "_plain")

    def __init__(self, arrays: list[Array]) -> None:
        # Of the layouts only shapes are asked, and how far the iteration is; the elements come from the arrays.
        self._plain = np.broadcast(*(array._layout() for array in arrays))
        self._arrays = FUNCTIONS[np.broadcast_arrays](*arrays)

    def __getattr__(self, name: str) -> Any:
        if name not in ("index", "nd", "ndim", "numiter", "reset", "shape", "size"):
            raise AttributeError(f"'numpy.broadcast' object of traced arrays has no attribute '{name}'")
        return getattr(self._plain, name)

    def __iter__(self) -> Broadcast:
        return self

    def __next__(self) -> tuple[Any, ...]:
        number = self._plain.index
        next(self._plain)
        place = np.unravel_index(number, self._plain.shape)
        return tuple(array[place] for array in self._arrays)


@implements(np.broadcast)
def broadcast_object(*args: Any) -> Any:
    """What arrays broadcast to: an iterator over their elements, which knows their common shape."""
    return Broadcast([array_of(arg) for arg in args]) if any(map(is_traced, args)) else np.broadcast(*map(plain, args))


FUNCTIONS[np.mgrid] = Grid(np.mgrid, sparse=False)  # type: ignore[assignment]  # an object that is indexed
FUNCTIONS[np.ogrid] = Grid(np.ogrid, sparse=True)  # type: ignore[assignment]  # an object that is indexed
FUNCTIONS[np.r_] = Concatenator(np.r_, axis=0, ndmin=1, trans1d=-1)  # type: ignore[assignment]  # as above
FUNCTIONS[np.c_] = Concatenator(np.c_, axis=-1, ndmin=2, trans1d=0)  # type: ignore[assignment]  # as above

__all__ = ["ix_", "meshgrid"]
