"""Paths: how a part of an array is reached, step by step, as a view of a view is.

A step is a basic index (a tuple of integers, slices, `None` and `...`) or one of the rearrangements below. Each step is
applied to the result of the one before, and each selects entries by their places alone, never by the layout of memory.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np


class _Rearrangement:
    """A step that is no index; equal to another one of its kind with the same numbers."""

    __slots__: tuple[str, ...] = ()

    def _numbers(self) -> tuple[Any, ...]:
        return tuple([getattr(self, name) for name in self.__slots__])

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._numbers() == other._numbers()

    def __hash__(self) -> int:
        return hash((type(self), self._numbers()))

    def __repr__(self) -> str:
        numbers = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__slots__)
        return f"{type(self).__name__}({numbers})"


class Transposed(_Rearrangement):
    """The step to the same entries with the axes in another order."""

    __slots__ = ("axes",)

    def __init__(self, axes: tuple[int, ...]) -> None:
        self.axes = axes

    def of(self, x: Any) -> Any:
        """The view of an array."""
        return x.transpose(self.axes)

    def below_batch(self, size: int) -> Transposed:
        """The same step below a leading batch axis."""
        return Transposed((0, *(axis + 1 for axis in self.axes)))


class Reshaped(_Rearrangement):
    """The step to the same entries, read row by row, in another shape."""

    __slots__ = ("shape",)

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape

    def of(self, x: Any) -> Any:
        """The view of an array, or a copy where the memory does not permit one."""
        return x.reshape(self.shape)

    def below_batch(self, size: int) -> Reshaped:
        """The same step below a leading batch axis."""
        return Reshaped((size, *self.shape))


class Diagonal(_Rearrangement):
    """The step to the diagonal of two axes, which becomes the last axis."""

    __slots__ = ("first", "offset", "second")

    def __init__(self, offset: int, first: int, second: int) -> None:
        self.offset = offset
        self.first = first
        self.second = second

    def of(self, x: Any) -> Any:
        """The view of an array."""
        view = x.diagonal(self.offset, self.first, self.second)
        if x.flags.writeable:
            # NumPy hands diagonals out as read-only; an op that writes to its own buffer may write to this one.
            view.flags.writeable = True
        return view

    def below_batch(self, size: int) -> Diagonal:
        """The same step below a leading batch axis."""
        return Diagonal(self.offset, self.first + 1, self.second + 1)


@lru_cache(maxsize=1024)
def diagonal_step(offset: int, first: int, second: int) -> Diagonal:
    """The same as `Diagonal(...)`, made once: a frozen object is made slowly, and programs read the same diagonals."""
    return Diagonal(offset, first, second)


Path = tuple[Any, ...]

_BATCH_AXIS = slice(None)


def region(x: Any, path: Path) -> Any:
    """The part of a plain array at a path: a view of it, or a copy where a reshape permits no view."""
    for step in path:
        x = x[step] if type(step) is tuple else step.of(x)
    return x


def indexed_shape(shape: tuple[int, ...], path: Path) -> tuple[int, ...]:
    """The shape that a path selects, found on an array without memory."""
    if len(path) == 1 and not path[0]:
        return shape
    # One byte for all entries; a reshape of it may need as many bytes as there are entries, and no more.
    x = np.broadcast_to(np.empty((), bool), shape)
    return region(x, path).shape  # type: ignore[no-any-return]  # the shape of an array


def below_batch(path: Path, size: int) -> Path:
    """The same path below a leading batch axis."""
    return tuple((_BATCH_AXIS, *step) if type(step) is tuple else step.below_batch(size) for step in path)


def joined(shape: tuple[int, ...], path: Path, more: Path) -> Path:
    """A path below an array of a shape, continued; two basic indices in a row become one where that can be."""
    for step in more:
        last = path[-1] if path else None
        if type(step) is tuple and type(last) is tuple:
            key = composed(indexed_shape(shape, path[:-1]), last, step)
            path = (*path[:-1], key) if key is not None else (*path, step)
        elif type(step) is Transposed and type(last) is Transposed:
            path = (*path[:-1], Transposed(tuple(last.axes[axis] for axis in step.axes)))
        elif type(step) is Reshaped and type(last) is Reshaped:
            path = (*path[:-1], step)
        else:
            path = (*path, step)
    return path


def composed(shape: tuple[int, ...], first: tuple[Any, ...], second: tuple[Any, ...]) -> tuple[Any, ...] | None:
    """One basic index that does what two do, one after the other; None where there is no such index."""
    key: list[Any] = []
    inner = _written_out(second, sum(not isinstance(part, int) for part in _written_out(first, len(shape))))
    lengths = iter(shape)
    for part in _written_out(first, len(shape)):
        if isinstance(part, int):
            next(lengths)
            key.append(part)
            continue
        # New axes of the second index come before the axis that its next part is for.
        while inner and inner[0] is None:
            key.append(inner.pop(0))
        chosen = inner.pop(0)
        if part is None:
            if chosen != slice(None) and chosen not in (0, -1):
                return None
            if isinstance(chosen, slice):
                key.append(None)
            continue
        places = range(next(lengths))[part]
        key.append(places[chosen] if isinstance(chosen, int) else _as_slice(places[chosen]))
    return (*key, *inner)


def _written_out(key: tuple[Any, ...], ndim: int) -> list[Any]:
    """The parts of a basic index of an array with `ndim` axes, with a slice for every axis that is not named."""
    missing = ndim - sum(part is not None and part is not Ellipsis for part in key)
    if Ellipsis in key:
        k = key.index(Ellipsis)
        return [*key[:k], *(slice(None),) * missing, *key[k + 1 :]]
    return [*key, *(slice(None),) * missing]


def _as_slice(places: range) -> slice:
    """The slice that selects the places of a range that begins at 0 or later."""
    stop = places.start + places.step * len(places)
    return slice(places.start, stop if stop >= 0 else None, places.step) if len(places) else slice(0, 0)
