"""The sum of maps of one operand, as the most structured map that is known for it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, reduce
from typing import Any

import numpy as np

from chainrule.errors import ShapeError
from chainrule.jacobians.maps.composition import factors_of, in_a_row, looked_at
from chainrule.jacobians.maps.dense import Dense
from chainrule.jacobians.maps.diagonal import Diagonal, Identity, Scalar, Zero
from chainrule.jacobians.maps.linear_map import Entries, LinearMap
from chainrule.jacobians.maps.matrices import added_up, complex_entries, found_to_have_matrix


def added(one: LinearMap, other: LinearMap) -> LinearMap:
    """The map x ↦ one(x) + other(x).

    Raises
    ------
    ShapeError
        They are not between arrays of the same shapes.
    """
    if (one.out_shape, one.in_shape) != (other.out_shape, other.in_shape):
        shapes = f"{one.in_shape} to {one.out_shape} and of {other.in_shape} to {other.out_shape}"
        raise ShapeError(f"maps of {shapes} have no sum")
    terms: list[LinearMap] = []
    for term in (*_terms(one), *_terms(other)):
        for k, before in enumerate(terms):
            joined = _joined(before, term) or _shared(before, term)
            if joined is not None:
                terms[k] = joined
                break
        else:
            terms.append(term)
    return terms[0] if len(terms) == 1 else Summed(terms)


def _terms(of: LinearMap) -> tuple[LinearMap, ...]:
    return of.terms if type(of) is Summed else (of,)


def _joined(one: LinearMap, other: LinearMap) -> LinearMap | None:
    """The sum of two maps as one of a known kind; None if there is no such kind."""
    if type(other) is Zero:
        return one
    if type(one) is Zero:
        return other
    kinds = (one.out_complex, one.in_complex)
    with np.errstate(all="ignore"):
        if type(one) is Scalar and type(other) is Scalar:
            return Scalar(one.value + other.value, *kinds)
        if type(one) is Dense and type(other) is Dense:
            return Dense(one.matrix + other.matrix, one.out_shape, one.in_shape, "dense", *kinds)
        if type(one) in (Identity, Diagonal) and type(other) in (Identity, Diagonal):
            return _diagonals(one, other)
    return None


def _diagonals(one: LinearMap, other: LinearMap) -> LinearMap:
    """The sum of diagonals: an entry takes part if it does in either."""
    kinds = (one.out_complex, one.in_complex)
    shape = next((m.shape for m in (one, other) if isinstance(m, Diagonal)), one.out_shape)
    partials: list[Any] = []
    takes: list[Any] = []
    for diagonal in (one, other):
        partial: Any = np.ones(())
        taken: Any = None
        if isinstance(diagonal, Diagonal):
            partial = diagonal.partial
            if partial.size == 1:
                partial = partial.reshape(())
            if diagonal.taken is not None or diagonal.shape != shape:
                partial = (
                    diagonal.values().reshape(shape) if partial.size > 1 or diagonal.taken is not None else partial
                )
            taken = None if diagonal.taken is None else np.asarray(diagonal.takes()).reshape(shape)
        partials.append(partial)
        takes.append(taken)
    taken = None if takes[0] is None or takes[1] is None else np.logical_or(*takes)
    return Diagonal(partials[0] + partials[1], shape, taken, *kinds).shaped(one.out_shape, one.in_shape)


def _shared(one: LinearMap, other: LinearMap) -> LinearMap | None:
    """The sum of two products that begin with the same maps: those are applied once. None if there are no such."""
    ours, theirs = factors_of(one), factors_of(other)
    count = 0
    while count < min(len(ours), len(theirs)) and ours[-1 - count] is theirs[-1 - count]:
        count += 1
    if not count or count == len(ours) == len(theirs):
        return None
    first = in_a_row(ours[len(ours) - count :])
    kinds = (first.out_complex, first.out_complex)
    rests = [
        in_a_row(factors[:-count]) if len(factors) > count else Identity(one.out_shape, first.out_shape, *kinds)
        for factors in (ours, theirs)
    ]
    rests = [rest.shaped(one.out_shape, first.out_shape) for rest in rests]
    return (rests[0] + rests[1]) @ first.shaped(first.out_shape, one.in_shape)


class Summed(LinearMap):
    """A sum of maps which is no one map of a known kind."""

    def __init__(self, terms: Sequence[LinearMap]) -> None:
        first = terms[0]
        super().__init__(first.out_shape, first.in_shape, first.out_complex, first.in_complex)
        self.terms = tuple(terms)

    @cached_property
    def structure(self) -> str:  # type: ignore[override]  # found when it is asked for
        """What follows from the terms; for a small matrix what its entries show."""
        rest = [term for term in self.terms if term.structure not in ("identity", "diagonal")]
        if rest and 2 * sum(term.rank for term in rest) <= min(self.rows, self.columns):
            return "low rank" if len(rest) == len(self.terms) else "low rank + diagonal"
        return looked_at(self)

    @cached_property
    def stored(self) -> int:  # type: ignore[override]  # depends on the terms
        """The numbers of all terms, or those of the matrix if they are fewer."""
        return min(sum(term.stored for term in self.terms), self.rows * self.columns)

    @cached_property
    def sparse(self) -> bool:  # type: ignore[override]  # depends on the terms
        """Whether all terms are: a few lists of entries."""
        return all(term.sparse for term in self.terms)

    @cached_property
    def has_matrix(self) -> bool:  # type: ignore[override]  # depends on the terms
        """Whether all terms have; otherwise it is tried."""
        return all(term.has_matrix for term in self.terms) or found_to_have_matrix(self)

    @cached_property
    def rank(self) -> int:
        """What the rank does not exceed: the sum of the terms' ranks."""
        return min(self.rows, self.columns, sum(term.rank for term in self.terms))

    def _push(self, x_dot: Any) -> Any:
        return reduce(np.add, [term._push(x_dot) for term in self.terms])

    def _pull(self, y_bar: Any) -> Any:
        return reduce(np.add, [term._pull(y_bar) for term in self.terms])

    def real_entries(self) -> Entries:
        """Those of all terms, added up."""
        return self._added_up

    @cached_property
    def _added_up(self) -> Entries:
        return added_up(self.terms)

    def entries(self) -> Entries:
        """Those of all terms, added up."""
        return complex_entries(self, "a sum of operations")
