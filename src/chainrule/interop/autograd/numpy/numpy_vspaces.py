"""The vector spaces of numbers and arrays."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import chainrule.interop.autograd.numpy.numpy_wrapper as anp
from chainrule.api.bridging import HANDLES
from chainrule.interop.autograd.builtins import NamedTupleVSpace
from chainrule.interop.autograd.core import VSpace


class ArrayVSpace(VSpace):
    """The real arrays of a shape and dtype."""

    def __init__(self, value: Any) -> None:
        value = value if hasattr(value, "dtype") else np.asarray(value)
        self.shape = tuple(value.shape)
        self.dtype = value.dtype

    @property
    def size(self) -> Any:
        """The dimension as a real vector space."""
        return math.prod(self.shape)

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    def zeros(self) -> Any:
        """The zero vector."""
        return np.zeros(self.shape, dtype=self.dtype)

    def ones(self) -> Any:
        """The sum of the standard basis."""
        return np.ones(self.shape, dtype=self.dtype)

    def standard_basis(self) -> Iterator[Any]:
        """The arrays with one entry 1, and the others 0."""
        for index in np.ndindex(*self.shape):
            vector = np.zeros(self.shape, dtype=self.dtype)
            vector[index] = 1
            yield vector

    def randn(self) -> Any:
        """Normally distributed entries."""
        return np.array(np.random.randn(*self.shape)).astype(self.dtype)

    def _inner_prod(self, x: Any, y: Any) -> Any:
        return anp.dot(anp.ravel(x), anp.ravel(y))


class ComplexArrayVSpace(ArrayVSpace):
    """The complex arrays of a shape and dtype, as a real vector space."""

    iscomplex = True

    @property
    def size(self) -> Any:
        """The dimension as a real vector space."""
        return 2 * math.prod(self.shape)

    def ones(self) -> Any:
        """The sum of the standard basis."""
        return np.full(self.shape, 1 + 1j, dtype=self.dtype)

    def standard_basis(self) -> Iterator[Any]:
        """The arrays with one entry 1 or i, and the others 0."""
        for index in np.ndindex(*self.shape):
            for unit in (1.0, 1.0j):
                vector = np.zeros(self.shape, dtype=self.dtype)
                vector[index] = unit
                yield vector

    def randn(self) -> Any:
        """Normally distributed real and imaginary parts."""
        return super().randn() + 1.0j * super().randn()

    def _inner_prod(self, x: Any, y: Any) -> Any:
        return anp.real(anp.dot(anp.conj(anp.ravel(x)), anp.ravel(y)))

    def _covector(self, x: Any) -> Any:
        return anp.conj(x)


def _space_of_array(x: Any) -> ArrayVSpace:
    return ComplexArrayVSpace(x) if x.dtype.kind == "c" else ArrayVSpace(x)


def _register(kind: type, space_of: Callable[[Any], Any]) -> None:
    """Enter the space of a type, unless the program entered another one before this file was loaded."""
    if kind not in VSpace.mappings:
        VSpace.register(kind, space_of)


for _kind in (np.ndarray, *HANDLES):
    _register(_kind, _space_of_array)
_REAL: tuple[type, ...] = (float, np.longdouble, np.float64, np.float32, np.float16)
_COMPLEX: tuple[type, ...] = (complex, np.clongdouble, np.complex64, np.complex128)


def _shared(space: ArrayVSpace) -> Callable[[Any], ArrayVSpace]:
    return lambda x: space


# All numbers of a type are of one space.
for _kind in _REAL:
    _register(_kind, _shared(ArrayVSpace(_kind(0))))
for _kind in _COMPLEX:
    _register(_kind, _shared(ComplexArrayVSpace(_kind(0))))


class EigResultVSpace(NamedTupleVSpace):
    """The space of what `numpy.linalg.eig` returns."""

    seq_type = type(np.linalg.eig(np.eye(1)))


class EighResultVSpace(NamedTupleVSpace):
    """The space of what `numpy.linalg.eigh` returns."""

    seq_type = type(np.linalg.eigh(np.eye(1)))


class QRResultVSpace(NamedTupleVSpace):
    """The space of what `numpy.linalg.qr` returns."""

    seq_type = type(np.linalg.qr(np.eye(1)))


class SlogdetResultVSpace(NamedTupleVSpace):
    """The space of what `numpy.linalg.slogdet` returns."""

    seq_type = type(np.linalg.slogdet(np.eye(1)))


class SVDResultVSpace(NamedTupleVSpace):
    """The space of what `numpy.linalg.svd` returns."""

    seq_type = type(np.linalg.svd(np.eye(1)))


for _space in (EigResultVSpace, EighResultVSpace, QRResultVSpace, SlogdetResultVSpace, SVDResultVSpace):
    _register(_space.seq_type, _space)
