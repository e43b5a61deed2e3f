"""Views: arrays that are read from a base and written through to it.

A view knows its base and the step that leads from the base to it; bases know nothing of their views. So a write through
a view of a view reaches the base and is seen by all its other views, as in NumPy, and there are no reference cycles.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.numpy.handle import WHOLE, Array, wrap
from chainrule.ops.paths import Path, Reshaped, Transposed, joined, region
from chainrule.trace import Level, Value


class View(Array):
    """A view: a base, and how the view is read from it and written back.

    Made by `make_view`. There is no `__init__` of its own, since every slice makes one.
    """

    __slots__ = ("_base", "_frozen", "_origin", "_seen", "_shape", "_step")

    _base: Array
    _step: Step
    _shape: tuple[int, ...]
    # The shape of the base for which the step was made; the base may be given another one later.
    _origin: tuple[int, ...]
    # The value of the base that the cached value of the view was read from.
    _seen: Any
    _frozen: bool

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of the axes."""
        return self._shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype."""
        return self._step.dtype(self._base.dtype)

    def _is_traced(self) -> bool:
        return self._base._is_traced()

    def _read(self) -> Any:
        base = self._base
        value = before = base._referent if type(base) is Array else base._peek()
        if self._seen is value:
            return self._referent
        if value.shape != self._origin:
            value = ops.reshape(value, shape=self._origin)
        part = self._step.read(value, base._owned)
        if type(part) is Value:
            # A plain array is written to in place, so what was read of it says nothing of what it holds later.
            self._referent = part
            self._seen = before
        return part

    def _peek(self) -> Any:
        return self._read()

    def _layout(self) -> Any:
        return self._step.of(self._in_shape_of_origin(self._base._layout()))

    def _in_shape_of_origin(self, value: Any) -> Any:
        return value if value.shape == self._origin else ops.reshape(value, shape=self._origin)

    def _place(self) -> tuple[Array, Path]:
        """The array that the view is a part of, and the path that leads there."""
        step = self._step
        if type(step) is not PathStep:
            return self, ()
        return self._base, step.path if self._base.shape == self._origin else (Reshaped(self._origin), *step.path)

    def _write(self, value: Any, owned: bool = False) -> None:
        """Write the whole view, and with it the base and every other view of it."""
        self._write_part(value, WHOLE)

    def _write_part(self, part: Any, path: Path) -> None:
        if self._frozen:
            raise ValueError("assignment destination is read-only")
        base, lead = self._place()
        if base is not self:
            base._write_part(part, lead if path == WHOLE and part.shape == self._shape else lead + path)
        elif self._base.shape == self._origin:
            self._step.write_part(self._base, part, path)
        else:
            reshaped = make_view(self._base, path_step((Reshaped(self._origin),)), self._origin)
            self._step.write_part(reshaped, part, path)

    def fall_back(self, level: Level) -> None:
        """Views hold nothing of their own."""
        self._seen = self._referent = None


_new = object.__new__


def make_view(base: Array, step: Step, shape: tuple[int, ...], *, frozen: bool = False) -> View:
    """A new view of a base, of which the shape is known."""
    view = _new(View)
    view._base = base
    view._step = step
    view._shape = shape
    # Not by the property, which costs a call.
    view._origin = base._referent.shape if type(base) is Array else base.shape
    view._seen = view._referent = None
    view._frozen = frozen
    view._owned = False
    return view


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


class Step:
    """How a view is read from its base, and written back."""

    __slots__ = ()

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
