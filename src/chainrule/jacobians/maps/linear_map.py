"""What every linear map between arrays can do: push, pull, say which of its entries can be non-zero, write itself out.

A map takes arrays of one shape to arrays of another. Its matrix is the one between the flattened arrays, row by row.
Whether the arrays on either side are complex is part of the map: with a complex matrix J the push into real numbers is
Re(J ẋ), and the pull to a real operand is Re(Jᵀ ȳ). Transposes are never conjugated, as everywhere in the library.
"""

from __future__ import annotations

import copy
import math
from typing import Any, Self

import numpy as np

from chainrule.errors import DTypeError, ShapeError

Shape = tuple[int, ...]
# The places (row, column) and the values of the entries that can be non-zero, each place once.
Entries = tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], np.ndarray[Any, Any]]


class LinearMap:
    """A linear map from arrays of `in_shape` to arrays of `out_shape`.

    in_complex, out_complex
        Whether the arrays there are complex.
    structure
        In a word or two what is known of its matrix, as `STRUCTURES` explains.
    stored
        How many numbers describe it. Zeros and ones that follow from the structure need none.
    sparse
        Whether the number of its non-zero entries is at most that of its rows and columns together.
    has_matrix
        Whether there is a matrix J with ẏ = J ẋ, or with ẏ = Re(J ẋ) for a real result. Only a map between complex
        arrays may have none: the complex conjugate, say, which is linear over the real numbers alone.

    Examples
    --------
    >>> from chainrule.jacobians.maps import Diagonal, Selection
    >>> chosen = Selection(np.array([2, 0]), (2,), (3,), "selection")
    >>> scaled = Diagonal(np.array([5.0, 7.0]), (2,)) @ chosen
    >>> scaled.structure, scaled.stored
    ('weighted selection', 2)
    >>> scaled.dense()
    array([[0., 0., 5.],
           [7., 0., 0.]])
    >>> scaled.push(np.array([1.0, 10.0, 100.0]))
    array([500.,   7.])
    """

    __slots__ = ("in_complex", "in_shape", "out_complex", "out_shape")

    structure: str = "dense"
    stored: int = 0
    sparse = False
    has_matrix = True

    def __init__(self, out_shape: Shape, in_shape: Shape, out_complex: bool = False, in_complex: bool = False) -> None:
        self.out_shape = out_shape
        self.in_shape = in_shape
        self.out_complex = out_complex
        self.in_complex = in_complex

    @property
    def rows(self) -> int:
        """How many entries a result has."""
        return math.prod(self.out_shape)

    @property
    def columns(self) -> int:
        """How many entries an operand has."""
        return math.prod(self.in_shape)

    @property
    def rank(self) -> int:
        """What the rank of the matrix does not exceed."""
        return min(self.rows, self.columns)

    @property
    def is_real(self) -> bool:
        """Whether neither side is complex."""
        return not self.in_complex and not self.out_complex

    def push(self, x_dot: Any) -> Any:
        """The map applied to an array of `in_shape`.

        Raises
        ------
        ShapeError
            The array has another shape.
        """
        x_dot = np.asarray(x_dot)
        if x_dot.shape != self.in_shape:
            raise ShapeError(f"the push of a map of {self.in_shape} to {self.out_shape} was given {x_dot.shape}")
        with np.errstate(all="ignore"):
            y_dot = self._push(x_dot.reshape(-1))
        return (y_dot if self.out_complex else y_dot.real).reshape(self.out_shape)

    def pull(self, y_bar: Any) -> Any:
        """The transposed map applied to an array of `out_shape`.

        Raises
        ------
        ShapeError
            The array has another shape.
        """
        y_bar = np.asarray(y_bar)
        if y_bar.shape != self.out_shape:
            raise ShapeError(f"the pull of a map of {self.in_shape} to {self.out_shape} was given {y_bar.shape}")
        with np.errstate(all="ignore"):
            x_bar = self._pull(y_bar.reshape(-1))
        return (x_bar if self.in_complex else x_bar.real).reshape(self.in_shape)

    def _push(self, x_dot: Any) -> Any:
        """The push between flattened arrays; the real part is taken by the caller."""
        raise NotImplementedError

    def _pull(self, y_bar: Any) -> Any:
        """The pull between flattened arrays; the real part is taken by the caller."""
        raise NotImplementedError

    def entries(self) -> Entries:
        """The rows, columns and values of the entries that can be non-zero, none of them twice.

        Raises
        ------
        DTypeError
            No matrix describes the map.
        """
        raise NotImplementedError

    def real_entries(self) -> Entries:
        """The entries of the matrix between real and imaginary parts: first all real parts, then all imaginary ones."""
        rows, columns, values = self.entries()
        if self.is_real:
            return rows, columns, values
        parts = [(rows, columns, values.real)]
        if self.out_complex:
            parts.append((rows + self.rows, columns, values.imag))
        if self.in_complex:
            parts.append((rows, columns + self.columns, -values.imag))
        if self.out_complex and self.in_complex:
            parts.append((rows + self.rows, columns + self.columns, values.real))
        rows, columns, values = (np.concatenate(each) for each in zip(*parts, strict=True))
        return rows, columns, values

    def pattern(self) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        """The rows and columns of the entries that can be non-zero, none of them twice.

        It follows from the structure of the program, not from computed numbers: an entry that is 0 by chance is listed.
        """
        rows, columns, _ = self.entries()
        return rows, columns

    def dense(self) -> np.ndarray[Any, Any]:
        """The matrix, with a row for each entry of the result and a column for each entry of the operand.

        Raises
        ------
        DTypeError
            No matrix describes the map.
        """
        rows, columns, values = self.entries()
        matrix = np.zeros((self.rows, self.columns), values.dtype)
        matrix[rows, columns] = values
        return matrix

    @property
    def T(self) -> LinearMap:
        """The transposed map, without conjugation."""
        return Transposed(self)

    def shaped(self, out_shape: Shape, in_shape: Shape) -> Self:
        """The same matrix between arrays of other shapes with as many entries."""
        if out_shape == self.out_shape and in_shape == self.in_shape:
            return self
        other = copy.copy(self)
        other.out_shape = out_shape
        other.in_shape = in_shape
        return other

    def __matmul__(self, other: LinearMap) -> LinearMap:
        """The map that applies `other` first."""
        from chainrule.jacobians.maps.composition import composed

        return composed(self, other)

    def __add__(self, other: LinearMap) -> LinearMap:
        """The sum of two maps of the same operand."""
        from chainrule.jacobians.maps.addition import added

        return added(self, other)

    def __repr__(self) -> str:
        return f"<{self.structure} map of {self.in_shape} to {self.out_shape}>"


class Transposed(LinearMap):
    """The transpose of a map."""

    __slots__ = ("of",)

    def __init__(self, of: LinearMap) -> None:
        super().__init__(of.in_shape, of.out_shape, of.in_complex, of.out_complex)
        self.of = of

    @property
    def structure(self) -> str:  # type: ignore[override]  # depends on the map
        """A repetition becomes a sum, and the other way round; everything else keeps its word."""
        weighted, _, word = self.of.structure.rpartition("weighted ")
        turned = {"sum": "broadcast", "ones": "broadcast", "broadcast": "sum", "selection": "sum"}.get(word, word)
        return "weighted " * bool(weighted or word != self.of.structure) + turned

    @property
    def stored(self) -> int:  # type: ignore[override]  # depends on the map
        """As many as for the map."""
        return self.of.stored

    @property
    def sparse(self) -> bool:  # type: ignore[override]  # depends on the map
        """As the map is."""
        return self.of.sparse

    @property
    def has_matrix(self) -> bool:  # type: ignore[override]  # depends on the map
        """As the map has."""
        return self.of.has_matrix

    @property
    def rank(self) -> int:
        """As of the map."""
        return self.of.rank

    @property
    def T(self) -> LinearMap:
        """The map itself."""
        return self.of.shaped(self.in_shape, self.out_shape)

    def _push(self, x_dot: Any) -> Any:
        return self.of._pull(x_dot)

    def _pull(self, y_bar: Any) -> Any:
        return self.of._push(y_bar)

    def entries(self) -> Entries:
        """Those of the map, with rows and columns exchanged."""
        rows, columns, values = self.of.entries()
        return columns, rows, values

    def real_entries(self) -> Entries:
        """Those of the map, exchanged. Pairs are multiplied as complex numbers: imaginary parts count negatively."""
        rows, columns, values = self.of.real_entries()
        crosses = (rows >= self.of.rows) != (columns >= self.of.columns)
        return columns, rows, np.where(crosses, -values, values)


def not_complex_linear(what: str) -> DTypeError:
    """The error for a matrix that does not exist."""
    return DTypeError(
        f"the local derivative of {what} is linear over the real numbers alone, so no complex matrix describes it.\n"
        "  Its push and its pull work; take real and imaginary parts as separate inputs to see a matrix."
    )
