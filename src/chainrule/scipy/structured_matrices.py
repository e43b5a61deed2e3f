"""Functions of `scipy.linalg` that fill a matrix with the entries of vectors, or with blocks."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import linalg

import chainrule.numpy as namespace
from chainrule.numpy.constants import traced_form
from chainrule.transforms.reverse import missing_rule

# Typed as anything: it finds its names when they are asked for.
xp: Any = namespace


@traced_form(linalg.block_diag)
def block_diag(*arrs: Any) -> Any:
    """A matrix with the operands on its diagonal."""
    blocks = [xp.atleast_2d(block) for block in arrs] or [xp.zeros((1, 0))]
    if any(block.ndim != 2 for block in blocks):
        raise missing_rule("scipy.linalg.block_diag of stacks of matrices")
    rows = []
    width = sum(block.shape[1] for block in blocks)
    before = 0
    for block in blocks:
        after = width - before - block.shape[1]
        rows.append(xp.pad(block, ((0, 0), (before, after))))
        before += block.shape[1]
    return xp.concatenate(rows, axis=0)


def _places(rows: int, columns: int) -> tuple[Any, Any]:
    """The numbers of the rows and columns of a matrix."""
    return np.arange(rows)[:, None], np.arange(columns)


@traced_form(linalg.toeplitz)
def toeplitz(c: Any, r: Any = None) -> Any:
    """The matrix that is constant along its diagonals, with a first column and a first row."""
    c = xp.atleast_1d(c)
    r = xp.conj(c) if r is None else xp.atleast_1d(r)
    m, n = c.shape[-1], r.shape[-1]
    if c.shape[:-1] != r.shape[:-1]:
        raise missing_rule("scipy.linalg.toeplitz of stacks of columns and rows that broadcast")
    i, j = _places(m, n)
    return xp.concatenate((c, r), axis=-1)[..., np.where(i >= j, i - j, m + j - i)]


@traced_form(linalg.hankel)
def hankel(c: Any, r: Any = None) -> Any:
    """The matrix that is constant along its antidiagonals, with a first column and a last row."""
    c = xp.ravel(c)
    r = xp.zeros_like(c) if r is None else xp.ravel(r)
    i, j = _places(c.shape[0], r.shape[0])
    return xp.concatenate((c, r[1:]))[i + j]


@traced_form(linalg.circulant)
def circulant(c: Any) -> Any:
    """The matrix each of whose columns is the one before it turned by one place."""
    c = xp.atleast_1d(c)
    i, j = _places(c.shape[-1], c.shape[-1])
    return c[..., (i - j) % max(c.shape[-1], 1)]


@traced_form(linalg.companion)
def companion(a: Any) -> Any:
    """The matrix whose eigenvalues are the roots of a polynomial."""
    a = xp.atleast_1d(a)
    n = a.shape[-1]
    if n < 2:
        raise ValueError("The length of `a` along the last axis must be at least 2.")
    if xp.any(a[..., 0] == 0):
        raise ValueError("The first coefficient(s) of `a` (i.e. elements of `a[..., 0]`) must not be zero.")
    first = -a[..., 1:] / (1.0 * a[..., 0:1])
    shifted = np.broadcast_to(np.eye(n - 2, n - 1), (*a.shape[:-1], n - 2, n - 1))
    return xp.concatenate((first[..., None, :], shifted.astype(first.dtype)), axis=-2)


@traced_form(linalg.leslie)
def leslie(f: Any, s: Any) -> Any:
    """The matrix of a population with these rates of birth and of survival."""
    f, s = xp.atleast_1d(f), xp.atleast_1d(s)
    if f.shape[-1] != s.shape[-1] + 1:
        raise ValueError(
            "Incorrect lengths for f and s. The length of s along the last axis must be one less than the length of f."
        )
    if not s.shape[-1]:
        raise ValueError("The length of s must be at least 1.")
    survivors = s[..., :, None] * np.eye(s.shape[-1], f.shape[-1], dtype=s.dtype)
    return xp.concatenate((f[..., None, :], survivors), axis=-2)


@traced_form(linalg.fiedler)
def fiedler(a: Any) -> Any:
    """The matrix of the distances of numbers from each other."""
    a = xp.atleast_1d(a)
    return xp.abs(a[..., :, None] - a[..., None, :]) if a.size else a * 0.0


@traced_form(linalg.convolution_matrix)
def convolution_matrix(a: Any, n: Any, mode: str = "full") -> Any:
    """The matrix that convolves with `a` a vector of n entries."""
    if n <= 0:
        raise ValueError("n must be a positive integer.")
    if mode not in ("full", "valid", "same"):
        raise ValueError("'mode' argument must be one of ('full', 'valid', 'same')")
    a = xp.asarray(a)
    m = a.shape[-1]
    if not a.size:
        raise ValueError("len(a) must be at least 1.")
    cut = 0 if mode == "full" else min(n, m) - 1
    start = cut // 2 if mode == "same" else cut
    i, j = _places(m + n - 1 - (cut if mode == "same" else 2 * cut), n)
    entry = i + start - j
    inside = (entry >= 0) & (entry < m)
    return xp.where(inside, a[..., np.where(inside, entry, 0)], a.dtype.type(0))


@traced_form(linalg.khatri_rao)
def khatri_rao(a: Any, b: Any) -> Any:
    """The Kronecker products of the columns of two matrices, as columns."""
    a, b = xp.asarray(a), xp.asarray(b)
    if a.ndim != 2 or b.ndim != 2:
        raise ValueError("The both arrays should be 2-dimensional.")
    if a.shape[1] != b.shape[1]:
        raise ValueError("The number of columns for both arrays should be equal.")
    return xp.reshape(a[:, None, :] * b[None, :, :], (a.shape[0] * b.shape[0], a.shape[1]))


@traced_form(linalg.matmul_toeplitz)
def matmul_toeplitz(c_or_cr: Any, x: Any, check_finite: bool = False, workers: Any = None) -> Any:
    """The product of a Toeplitz matrix, given by a column or a column and a row, with vectors or a matrix."""
    c, r = c_or_cr if isinstance(c_or_cr, tuple) else (c_or_cr, None)
    matrix = toeplitz(c, r)
    # SciPy multiplies in double precision.
    return matrix.astype(np.result_type(matrix.dtype, np.float64)) @ x
