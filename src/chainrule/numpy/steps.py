"""Steps: how a view is read from its base, and written back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.numpy.handle import WHOLE, Array, wrap
from chainrule.numpy.views import View, make_view
from chainrule.ops.paths import Path, Reshaped, Transposed, joined, region
from chainrule.trace import Value

_new = object.__new__


class Step:
    """How a view is read from its base, and written back."""

    __slots__ = ()

    # The path that the step goes, if it goes one.
    path: Any = None

    def read(self, value: Any, owned: bool) -> Any:
        """The view of a value; in memory of its own if the base may be overwritten in place."""
        raise NotImplementedError

    def of(self, array: Any) -> Any:
        """The same view of a plain array, for its strides."""
        raise NotImplementedError

    def dtype(self, dtype: np.dtype[Any]) -> np.dtype[Any]:
        """The dtype of the view of a base of a dtype."""
        return dtype

    def write_part(self, base: Array, part: Any, path: Path) -> None:
        """Write a part of the view to the base."""
        raise NotImplementedError


class PathStep(Step):
    """The view that a path leads to: parts, transposes, diagonals, and reshapes that need no copy.

    Made by `path_step`.
    """

    __slots__ = ("params", "path")

    path: Path
    # Those of the op `index`; None for a movement of all entries, which is the op of that name.
    params: dict[str, Any] | None

    def read(self, value: Any, owned: bool) -> Any:
        """The part, or all entries moved."""
        path = self.path
        if self.params is not None:
            return ops.index(value, path=path, copy=owned)
        kind = type(path[0])
        return _MOVEMENTS[kind](ops.index(value, path=WHOLE, copy=True) if owned else value, path[0])

    def of(self, array: Any) -> Any:
        """The part of a plain array."""
        return region(array, self.path)

    def write_part(self, base: Array, part: Any, path: Path) -> None:
        """Write below the path."""
        base._write_part(part, self.path + path)


def path_step(path: Path) -> PathStep:
    """The step along a path."""
    step = PathStep()
    step.path = path
    kind = type(path[0])
    step.params = {"path": path} if kind is tuple or len(path) > 1 or kind not in _MOVEMENTS else None
    return step


_MOVEMENTS: dict[type, Callable[[Any, Any], Any]] = {
    Transposed: lambda value, step: ops.transpose(value, axes=step.axes),
    Reshaped: lambda value, step: ops.reshape(value, shape=step.shape),
}


def part_read(base: Array, value: Value, part: Any, params: dict[str, Any]) -> Any:
    """The view, or the number, that was read already of a value that a base holds; `params` are those of the op."""
    if type(part) is not Value or not (part.shape or type(part.below) is np.ndarray):
        if type(part) is not np.ndarray:
            return wrap(part)
        # The level is that of a recorded program, and has ended.
        return make_view(base, path_step(params["path"]), part.shape)
    step = _new(PathStep)
    step.path = params["path"]
    step.params = params
    view = _new(View)
    view._base = base
    view._step = step
    view._shape = part.shape
    view._origin = value.shape
    view._seen = value
    view._referent = part
    view._frozen = view._owned = False
    return view


class PartStep(Step):
    """The real or the imaginary part of a complex array."""

    __slots__ = ("imaginary",)

    def __init__(self, imaginary: bool) -> None:
        self.imaginary = imaginary

    def read(self, value: Any, owned: bool) -> Any:
        """The real or the imaginary part."""
        return ops.imag(value) if self.imaginary else ops.real(value)

    def of(self, array: Any) -> Any:
        """The same part of a plain array."""
        return array.imag if self.imaginary else array.real

    def dtype(self, dtype: np.dtype[Any]) -> np.dtype[Any]:
        """The dtype of the parts of a complex number."""
        return np.empty((), dtype).real.dtype

    def write_part(self, base: Array, part: Any, path: Path) -> None:
        """Write one part, and the other as it was."""
        before = ops.index(base._peek(), path=path, copy=True)
        if self.imaginary:
            after = ops.complex_of(ops.real(before), part)
        else:
            after = ops.complex_of(part, ops.imag(before))
        base._write_part(after, path)


class BroadcastStep(Step):
    """An array repeated along new axes and axes of length one, read-only as in NumPy."""

    __slots__ = ("shape",)

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape

    def read(self, value: Any, owned: bool) -> Any:
        """The array, repeated."""
        return ops.broadcast_to(ops.index(value, path=WHOLE, copy=True) if owned else value, shape=self.shape)

    def of(self, array: Any) -> Any:
        """The plain array, repeated without memory of its own."""
        return np.broadcast_to(array, self.shape)


class MovedStep(Step):
    """The view that a map of all entries makes, with its inverse."""

    __slots__ = ("_dtype", "back", "forth")

    def __init__(self, forth: Callable[[Any], Any], back: Callable[[Any], Any], dtype: Any = None) -> None:
        self.forth = forth
        self.back = back
        self._dtype = dtype

    def read(self, value: Any, owned: bool) -> Any:
        """The map applied to the base."""
        return self.forth(ops.index(value, path=WHOLE, copy=True) if owned else value)

    def of(self, array: Any) -> Any:
        """The map applied to a plain array."""
        return self.forth(array)

    def dtype(self, dtype: np.dtype[Any]) -> np.dtype[Any]:
        """The dtype that the map gives."""
        return self._dtype or dtype

    def write_part(self, base: Array, part: Any, path: Path) -> None:
        """Write to the mapped base, and map that back."""
        value = ops.update(self.read(base._peek(), base._owned), part, path=path, donate=False)
        base._write(self.back(value))


def reshaped_view(base: Array, shape: tuple[int, ...]) -> View:
    """The view of a base in another shape."""
    return make_view(base, path_step((Reshaped(shape),)), shape)


def moved_view(a: Any, forth: Callable[[Any], Any], back: Callable[[Any], Any]) -> Any:
    """A map of all entries of an array: a view where it is a handle, so that writes reach the base."""
    if isinstance(a, Array):
        return make_view(a, MovedStep(forth, back), forth(a._layout()).shape)
    return wrap(forth(a))


def view_at(array: Array, path: Path, shape: tuple[int, ...], *, frozen: bool = False) -> View:
    """The view at a path, whose shape is known; of a view at a path, the view at the longer path."""
    base: Array = array
    if type(array) is View:
        frozen = frozen or array._frozen
        base, lead = array._place()
        path = joined(base.shape, lead, path)
    return make_view(base, path_step(path), shape, frozen=frozen)
