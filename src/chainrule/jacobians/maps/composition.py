"""One map after another, as the most structured map that is known for it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from chainrule.errors import ShapeError
from chainrule.jacobians.maps.dense import Dense
from chainrule.jacobians.maps.diagonal import Diagonal, Identity, Scalar, Zero
from chainrule.jacobians.maps.linear_map import Entries, LinearMap
from chainrule.jacobians.maps.matrices import complex_entries, found_to_have_matrix, multiplied
from chainrule.jacobians.maps.selection import Selection, Summation, picked
from chainrule.jacobians.maps.structure import found_word, product_word

# Up to this many entries a matrix is looked at in order to say what structure it has.
LOOKED_AT = 1 << 16
# Up to this many rows and columns if there are no more entries than those.
LOOKED_AT_SPARSE = 1 << 20
# Up to this many entries products and sums of matrices are computed at once.
COMPUTED = 1 << 20


def composed(outer: LinearMap, inner: LinearMap) -> LinearMap:
    """The map that applies `inner` first.

    Raises
    ------
    ShapeError
        The result of `inner` is not shaped like the operand of `outer`.
    """
    if outer.in_shape != inner.out_shape:
        raise ShapeError(f"a map of {outer.in_shape} cannot follow one to {inner.out_shape}")
    factors = [*factors_of(outer)]
    for factor in factors_of(inner):
        while factors:
            joined = _joined(factors[-1], factor)
            if joined is None:
                break
            factors.pop()
            factor = joined
        factors.append(factor)
    return in_a_row(factors).shaped(outer.out_shape, inner.in_shape)


def in_a_row(maps: Sequence[LinearMap]) -> LinearMap:
    """Maps that cannot be joined, the outermost first, as one."""
    return maps[0] if len(maps) == 1 else Composed(maps)


def factors_of(of: LinearMap) -> tuple[LinearMap, ...]:
    """The maps that a map is a product of, the outermost first."""
    return of.maps if type(of) is Composed else (of,)


def _joined(outer: LinearMap, inner: LinearMap) -> LinearMap | None:
    """Two maps as one of a known kind; None if there is no such kind."""
    kinds = (inner.out_complex, inner.in_complex)
    if type(outer) is Scalar and type(inner) is Scalar and outer.is_real and inner.is_real:
        return Scalar(outer.value * inner.value)
    if type(outer) is Zero or type(inner) is Zero:
        return Zero(outer.out_shape, inner.in_shape, outer.out_complex, inner.in_complex)
    # Between real and complex arrays a real part is taken, so nothing is left out or put together there.
    if not outer.out_complex == outer.in_complex == inner.out_complex == inner.in_complex:
        return None
    if type(outer) is Identity:
        return inner.shaped(outer.out_shape, inner.in_shape)
    if type(inner) is Identity:
        return outer.shaped(outer.out_shape, inner.in_shape)
    if type(outer) is Scalar and type(inner) is Scalar:
        return Scalar(outer.value * inner.value, *kinds)
    if type(outer) is Diagonal and type(inner) is Diagonal:
        return _diagonals(outer, inner)
    if type(outer) is Selection and type(inner) is Selection:
        return _selections(outer, inner)
    if type(outer) is Summation and type(inner) is Summation:
        return _summations(outer, inner)
    if type(outer) is Dense and type(inner) is Dense and _pays(outer, inner):
        with np.errstate(all="ignore"):
            product = outer.matrix @ inner.matrix
        return Dense(product, outer.out_shape, inner.in_shape, "dense", *kinds)
    return None


def _diagonals(outer: Diagonal, inner: Diagonal) -> Diagonal:
    ours, theirs = outer.partial, inner.partial
    taken = inner.taken
    if outer.shape != inner.shape:
        # The same entries in another shape.
        ours, theirs = (ours if ours.size == 1 else outer.values()), (theirs if theirs.size == 1 else inner.values())
        ours, theirs = (x if x.size == 1 else x.reshape(outer.shape) for x in (ours, theirs))
        ours, theirs = (x.reshape(()) if x.size == 1 else x for x in (ours, theirs))
        taken = None if inner.taken is None else np.asarray(inner.takes()).reshape(outer.shape)
    if outer.taken is not None:
        taken = outer.taken if taken is None else np.logical_and(outer.taken, taken)
    with np.errstate(all="ignore"):
        partial = ours * theirs
    product = Diagonal(partial, outer.shape, taken, outer.out_complex, inner.in_complex)
    return product.shaped(outer.out_shape, inner.in_shape)


def _selections(outer: Selection, inner: Selection) -> Selection:
    def places() -> Any:
        ours = outer.places()
        return np.where(ours < 0, -1, picked(inner.places() + 1, ours) - 1)

    word = product_word([outer.structure, inner.structure]) or "selection"
    return Selection(places, outer.out_shape, inner.in_shape, word, outer.out_complex, inner.in_complex)


def _summations(outer: Summation, inner: Summation) -> Summation:
    def places() -> Any:
        ours = inner.places()
        return np.where(ours < 0, -1, picked(outer.places() + 1, ours) - 1)

    word = "ones" if outer.structure == inner.structure == "ones" else "sum"
    if outer.rows == 1 and {outer.structure, inner.structure} <= {"ones", "sum"} and outer.structure == "ones":
        word = "ones" if _sums_all(inner) else "sum"
    return Summation(places, outer.out_shape, inner.in_shape, word, outer.out_complex, inner.in_complex)


def _sums_all(inner: Summation) -> bool:
    return bool(np.all(inner.places() >= 0))


def _pays(outer: Dense, inner: Dense) -> bool:
    """Whether a product of two matrices is no larger than the larger of them, and loses no zeros of the structure."""
    size = outer.rows * inner.columns
    return size <= COMPUTED and size <= max(outer.stored, inner.stored)


class Composed(LinearMap):
    """Maps one after another, the last first, which are no one map of a known kind.

    Parameters
    ----------
    maps : sequence of LinearMap
        The outermost first, as in a product of matrices.
    """

    def __init__(self, maps: Sequence[LinearMap]) -> None:
        first, last = maps[-1], maps[0]
        super().__init__(last.out_shape, first.in_shape, last.out_complex, first.in_complex)
        self.maps = tuple(maps)

    @cached_property
    def structure(self) -> str:  # type: ignore[override]  # found when it is asked for
        """What follows from the factors; for a small matrix what its entries show."""
        words = [factor.structure for factor in self.maps]
        word = product_word(words)
        if word is not None:
            return word
        if 2 * self.rank <= min(self.rows, self.columns):
            return "low rank"
        if set(words) <= {"low rank + diagonal", "diagonal", "identity"} and words.count("low rank + diagonal") == 1:
            return "low rank + diagonal"
        return looked_at(self)

    @cached_property
    def stored(self) -> int:  # type: ignore[override]  # depends on the factors
        """The numbers of all factors, or those of the matrix if they are fewer."""
        return min(sum(factor.stored for factor in self.maps), self.rows * self.columns)

    @cached_property
    def sparse(self) -> bool:  # type: ignore[override]  # depends on the factors
        """Whether all factors are, and no repetition meets a sum, which makes as many entries as both together."""
        if not all(factor.sparse for factor in self.maps):
            return False
        word = product_word([factor.structure for factor in self.maps])
        return word is not None and not word.startswith("permuted")

    @cached_property
    def has_matrix(self) -> bool:  # type: ignore[override]  # depends on the factors
        """Whether all factors have, and no imaginary part is lost on the way; otherwise it is tried."""
        if all(factor.has_matrix for factor in self.maps) and all(factor.out_complex for factor in self.maps[1:]):
            return True
        return found_to_have_matrix(self)

    @cached_property
    def rank(self) -> int:
        """What the rank does not exceed: that of any factor."""
        return min(factor.rank for factor in self.maps)

    def _push(self, x_dot: Any) -> Any:
        for factor in reversed(self.maps):
            x_dot = factor._push(x_dot)
            x_dot = x_dot if factor.out_complex else x_dot.real
        return x_dot

    def _pull(self, y_bar: Any) -> Any:
        for factor in self.maps:
            y_bar = factor._pull(y_bar)
            y_bar = y_bar if factor.in_complex else y_bar.real
        return y_bar

    def real_entries(self) -> Entries:
        """Those of the product of the matrices."""
        return self._multiplied

    @cached_property
    def _multiplied(self) -> Entries:
        return multiplied(self.maps)

    def entries(self) -> Entries:
        """Those of the product of the matrices."""
        return complex_entries(self, "several operations in a row")


def looked_at(of: LinearMap) -> str:
    """The word for what the entries of a small or sparse map show."""
    small = of.rows * of.columns <= LOOKED_AT or (of.sparse and of.rows + of.columns <= LOOKED_AT_SPARSE)
    if not small or not of.has_matrix:
        return "dense"
    rows, columns = of.pattern()
    return found_word(rows, columns, (of.rows, of.columns))
