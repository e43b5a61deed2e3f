"""Maps that keep every entry in its place: zero, identity, a single number, a diagonal, the complex conjugate."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chainrule.jacobians.maps.linear_map import Entries, LinearMap, Shape, not_complex_linear


class Zero(LinearMap):
    """The map to zeros: nothing takes part."""

    __slots__ = ()
    structure = "zero"
    sparse = True

    @property
    def rank(self) -> int:
        """None."""
        return 0

    def _push(self, x_dot: Any) -> Any:
        return np.zeros(self.rows, x_dot.dtype)

    def _pull(self, y_bar: Any) -> Any:
        return np.zeros(self.columns, y_bar.dtype)

    def entries(self) -> Entries:
        """None."""
        none = np.zeros(0, np.intp)
        return none, none, np.zeros(0)


class Identity(LinearMap):
    """The same entries, possibly in another shape."""

    __slots__ = ()
    structure = "identity"
    sparse = True

    def _push(self, x_dot: Any) -> Any:
        return x_dot

    def _pull(self, y_bar: Any) -> Any:
        return y_bar

    def entries(self) -> Entries:
        """Ones on the diagonal."""
        places = np.arange(self.rows)
        return places, places, np.ones(self.rows)


class Scalar(LinearMap):
    """A number times a number, both of shape ()."""

    __slots__ = ("value",)
    structure = "scalar"
    stored = 1
    sparse = True

    def __init__(self, value: Any, out_complex: bool = False, in_complex: bool = False) -> None:
        self.out_shape = ()
        self.in_shape = ()
        self.out_complex = out_complex
        self.in_complex = in_complex
        self.value = value

    def _push(self, x_dot: Any) -> Any:
        return self.value * x_dot

    def _pull(self, y_bar: Any) -> Any:
        return self.value * y_bar

    def entries(self) -> Entries:
        """The number."""
        place = np.zeros(1, np.intp)
        return place, place, np.array([self.value])


class Diagonal(LinearMap):
    """Each entry times a number of its own: what an elementwise operation does.

    Parameters
    ----------
    partial : array
        The numbers; it broadcasts to `shape`.
    shape : tuple of int
        The shape of operand and result.
    taken : array of bool, optional
        Which entries take part; it broadcasts to `shape`. The others are zeros of the structure, whatever their number
        is: a branch that was not taken.
    """

    __slots__ = ("partial", "shape", "taken")
    structure = "diagonal"
    sparse = True

    def __init__(
        self, partial: Any, shape: Shape, taken: Any = None, out_complex: bool = False, in_complex: bool = False
    ) -> None:
        super().__init__(shape, shape, out_complex, in_complex)
        self.shape = shape
        self.partial = np.asarray(partial)
        self.taken = taken

    @property
    def stored(self) -> int:  # type: ignore[override]  # depends on the numbers
        """One number for each entry, or a single one for all."""
        return self.partial.size

    def values(self) -> Any:
        """The numbers as a flat array with one for each entry; zeros where an entry does not take part."""
        values = np.broadcast_to(self.partial, self.shape)
        if self.taken is not None:
            values = np.where(self.taken, values, values.dtype.type(0))
        return values.reshape(-1)

    def takes(self) -> Any:
        """Which entries take part, as a flat array; None if all do."""
        return None if self.taken is None else np.broadcast_to(self.taken, self.shape).reshape(-1)

    def _push(self, x_dot: Any) -> Any:
        if self.taken is None:
            return (self.partial if self.partial.size == 1 else self.values()).reshape(-1) * x_dot
        return np.where(self.takes(), self.values() * x_dot, 0)

    def _pull(self, y_bar: Any) -> Any:
        return self._push(y_bar)

    def entries(self) -> Entries:
        """The numbers on the diagonal that take part."""
        values, takes = self.values(), self.takes()
        places = np.arange(math.prod(self.shape)) if takes is None else np.flatnonzero(takes)
        values = values if takes is None else values[places]
        return places, places, values.real if self.is_real else values


class Conjugation(LinearMap):
    """The complex conjugate of every entry: linear over the real numbers alone."""

    __slots__ = ()
    structure = "diagonal"
    sparse = True
    has_matrix = False

    def _push(self, x_dot: Any) -> Any:
        return np.conj(x_dot)

    def _pull(self, y_bar: Any) -> Any:
        return np.conj(y_bar)

    def entries(self) -> Entries:
        """There are none."""
        raise not_complex_linear("a complex conjugate")

    def real_entries(self) -> Entries:
        """1 for real parts and -1 for imaginary ones."""
        places = np.arange(2 * self.rows)
        return places, places, np.where(places < self.rows, 1.0, -1.0)

    def pattern(self) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        """The diagonal."""
        places = np.arange(self.rows)
        return places, places
