"""The map of one operand of a sum of products: matrix products, and whatever else einsum writes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.jacobians.maps.linear_map import Entries, LinearMap


class Contraction(LinearMap):
    """x ↦ einsum(others, x), where the other operands are held.

    Parameters
    ----------
    others : sequence of arrays
        The other operands.
    terms : sequence of str
        Their labels, none twice in a term.
    term, result : str
        The labels of x and of the result. Every label of the result is one of x or of the others.

    Examples
    --------
    The product A B as a map of A: its matrix is I ⊗ Bᵀ.

    >>> B = np.array([[1.0, 0.0], [2.0, 1.0], [0.0, 3.0]])
    >>> product = Contraction([B], ["jk"], "ij", "ik", (2, 3))
    >>> product.structure, product.stored, product.columns
    ('kronecker', 6, 6)
    >>> left, right = product.factors
    >>> bool(np.all(product.dense() == np.kron(left, right)))
    True
    """

    __slots__ = ("others", "result", "sizes", "structure", "term", "terms")

    def __init__(
        self,
        others: Sequence[Any],
        terms: Sequence[str],
        term: str,
        result: str,
        in_shape: tuple[int, ...],
        out_complex: bool = False,
        in_complex: bool = False,
    ) -> None:
        self.others = tuple(others)
        self.terms = tuple(terms)
        self.term = term
        self.result = result
        self.sizes = dict(zip(term, in_shape, strict=True))
        for labels, other in zip(terms, others, strict=True):
            self.sizes.update(zip(labels, other.shape, strict=True))
        super().__init__(self._shape(result), in_shape, out_complex, in_complex)
        self.structure = self._structure()

    def _shape(self, labels: str) -> tuple[int, ...]:
        return tuple(self.sizes[label] for label in labels)

    @property
    def stored(self) -> int:  # type: ignore[override]  # depends on the operands
        """The numbers of the other operands, or those of the matrix if they are fewer."""
        return min(sum(int(other.size) for other in self.others), self.rows * self.columns)

    @property
    def T(self) -> LinearMap:
        """The contraction of a result's cotangent with the same operands, where no label is summed alone."""
        if any(label not in self.result and not any(label in term for term in self.terms) for label in self.term):
            return super().T
        shape = self._shape(self.result)
        turned = Contraction(self.others, self.terms, self.result, self.term, shape, self.in_complex, self.out_complex)
        return turned.shaped(self.in_shape, self.out_shape)

    def _push(self, x_dot: Any) -> Any:
        return self._einsum(x_dot.reshape(self._shape(self.term)), self.term, self.result).reshape(-1)

    def _pull(self, y_bar: Any) -> Any:
        known = "".join(label for label in self.term if label in self.result or any(label in t for t in self.terms))
        x_bar = self._einsum(y_bar.reshape(self._shape(self.result)), self.result, known)
        x_bar = x_bar.reshape(tuple(self.sizes[label] if label in known else 1 for label in self.term))
        return np.broadcast_to(x_bar, self._shape(self.term)).reshape(-1)

    def _einsum(self, x: Any, term: str, result: str) -> Any:
        return np.einsum(f"{','.join((*self.terms, term))}->{result}", *self.others, x, optimize=True)

    def entries(self) -> Entries:
        """One entry for each combination of the labels of operand and result."""
        labels = self.result + "".join(label for label in self.term if label not in self.result)
        shape = self._shape(labels)
        known = "".join(label for label in labels if any(label in term for term in self.terms))
        values: Any = np.ones(())
        if self.others:
            values = np.einsum(f"{','.join(self.terms)}->{known}", *self.others)
        values = values.reshape(tuple(self.sizes[label] if label in known else 1 for label in labels))
        values = np.broadcast_to(values, shape).reshape(-1)
        rows, columns = self._numbers(self.result, labels), self._numbers(self.term, labels)
        return rows, columns, values.real if self.is_real else values

    def _numbers(self, term: str, labels: str) -> Any:
        """For each combination of labels, the place in a flattened array that has those of a term."""
        numbers = np.arange(math.prod(self._shape(term))).reshape(self._shape(term))
        order = [label for label in labels if label in term]
        numbers = numbers.transpose([term.index(label) for label in order])
        numbers = numbers.reshape(tuple(self.sizes[label] if label in term else 1 for label in labels))
        return np.broadcast_to(numbers, self._shape(labels)).reshape(-1)

    def _roles(self) -> tuple[str, str, str, str, str, str, str]:
        """The labels of operand and result, and those that are free, shared, contracted, summed alone, or others'.

        A label of length 1 plays no part.
        """
        told = {label for label, size in self.sizes.items() if size != 1}
        known = {label for term in self.terms for label in term}
        term = "".join(label for label in self.term if label in told)
        result = "".join(label for label in self.result if label in told)
        kept = "".join(label for label in term if label in result)
        free = "".join(label for label in kept if label not in known)
        shared = "".join(label for label in kept if label in known)
        contracted = "".join(label for label in term if label in known and label not in result)
        alone = "".join(label for label in term if label not in known and label not in result)
        own = "".join(label for label in result if label not in term)
        return term, result, free, shared, contracted, alone, own

    def _structure(self) -> str:
        term, result, free, shared, contracted, alone, own = self._roles()
        if not contracted and not own:
            if alone:
                return "weighted sum"
            return "diagonal" if term == result else "weighted permutation"
        if shared:
            return "block" if term.startswith(shared) and result.startswith(shared) else "permuted block"
        if not free or alone:
            return "dense"
        return "kronecker" if self._side(term, result, free) else "permuted kronecker"

    @staticmethod
    def _side(term: str, result: str, free: str) -> str:
        """On which side of the Kronecker product the identity stands; nothing if entries are permuted besides."""
        if term.startswith(free) and result.startswith(free):
            return "left"
        return "right" if term.endswith(free) and result.endswith(free) else ""

    @property
    def factors(self) -> tuple[Any, Any]:
        """The two matrices of a Kronecker product, of which one is an identity."""
        term, result, free, _, contracted, _, own = self._roles()
        size = math.prod(self._shape(free))
        whole = own + contracted
        dropped = {label for labels in self.terms for label in labels if self.sizes[label] == 1}
        terms = ["".join(label for label in labels if label not in dropped) for labels in self.terms]
        others = [other.reshape(self._shape(labels)) for labels, other in zip(terms, self.others, strict=True)]
        matrix = np.einsum(f"{','.join(terms)}->{whole}", *others)
        matrix = matrix.reshape(math.prod(self._shape(own)), math.prod(self._shape(contracted)))
        identity = np.eye(size, dtype=matrix.dtype)
        return (identity, matrix) if self._side(term, result, free) == "left" else (matrix, identity)
