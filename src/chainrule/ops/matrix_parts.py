"""Parts of matrices that rules share: adjoints, diagonals, triangles, and what one triangle says of a Hermitian matrix.

All are functions of ops, linear in the matrix over the real numbers.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.ops.paths import Diagonal


def conjugate(x: Any) -> Any:
    """The complex conjugate; a real number is its own."""
    return ops.conj(x) if x.dtype.kind == "c" else x


def real_part(x: Any) -> Any:
    """The real part; a real number is its own."""
    return ops.real(x) if x.dtype.kind == "c" else x


def of_dtype(x: Any, like: Any) -> Any:
    """A real array in the dtype of another, which may be complex."""
    return x if x.dtype == like.dtype else ops.convert(x, dtype=like.dtype)


def adjoint(x: Any) -> Any:
    """The conjugate transpose of the last two axes."""
    return conjugate(x.mT)


def diagonal(x: Any) -> Any:
    """The diagonal of the last two axes."""
    return ops.index(x, path=(Diagonal(0, x.ndim - 2, x.ndim - 1),))


def row(x: Any) -> Any:
    """The last axis as that of the columns of a matrix with one row."""
    return ops.reshape(x, shape=(*x.shape[:-1], 1, x.shape[-1]))


def column(x: Any) -> Any:
    """The last axis as that of the rows of a matrix with one column."""
    return ops.reshape(x, shape=(*x.shape, 1))


def masked_matrix(x: Any, mask: Any) -> Any:
    """The entries that a mask of the last two axes selects, and 0 elsewhere, whatever stands there."""
    return ops.select(mask, x, x.dtype.type(0))


def below_diagonal(x: Any) -> Any:
    """The entries below the diagonal."""
    return masked_matrix(x, np.tri(x.shape[-2], x.shape[-1], -1, dtype=bool))


def on_diagonal(x: Any) -> Any:
    """The entries on the diagonal, in a matrix."""
    return masked_matrix(x, np.eye(x.shape[-2], x.shape[-1], dtype=bool))


def lower_triangle(x: Any) -> Any:
    """The entries on and below the diagonal of square matrices."""
    return masked_matrix(x, lower_mask(x.shape[-1]))


def hermitian(x: Any, *, lower: bool = True) -> Any:
    """The Hermitian matrix of which one triangle, and the real part of the diagonal, are those of x."""
    # The other triangle is not read, whatever stands there.
    half = split_diagonal(lower_triangle(x if lower else adjoint(x)))
    return half + adjoint(half)


def hermitian_part(x: Any) -> Any:
    """(x + xᴴ) / 2."""
    return (x + adjoint(x)) * x.dtype.type(0.5)


def skew_part(x: Any) -> Any:
    """(x - xᴴ) / 2."""
    return (x - adjoint(x)) * x.dtype.type(0.5)


def split_diagonal(x: Any) -> Any:
    """The entries below the diagonal and half of those on it: what a Hermitian matrix is, plus its adjoint."""
    return x * _split_weights(x.shape[-1], x.dtype)


@functools.lru_cache(maxsize=256)
def lower_mask(n: int) -> Any:
    """The places on and below the diagonal of square matrices."""
    return np.tri(n, dtype=bool)


@functools.lru_cache(maxsize=256)
def _split_weights(n: int, dtype: Any) -> Any:
    return (np.tri(n) - np.eye(n) / 2).astype(dtype)
