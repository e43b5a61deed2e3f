"""Views: arrays that are read from a base and written through to it.

A view knows its base and the step that leads from the base to it; bases know nothing of their views. So a write through
a view of a view reaches the base and is seen by all its other views, as in NumPy, and there are no reference cycles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule import ops
from chainrule.numpy.handle import WHOLE, Array
from chainrule.trace import Level, Value

if TYPE_CHECKING:
    from chainrule.numpy.steps import Step
    from chainrule.ops.paths import Path


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
        path = self._step.path
        if path is None:
            return self, ()
        if self._base.shape != self._origin:
            from chainrule.ops.paths import Reshaped

            path = (Reshaped(self._origin), *path)
        return self._base, path

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
            from chainrule.numpy.steps import reshaped_view

            self._step.write_part(reshaped_view(self._base, self._origin), part, path)

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
