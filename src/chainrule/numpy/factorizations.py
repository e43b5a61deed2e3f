"""NumPy's factorizations and spectra of matrices."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.linalg import LinAlgError

from chainrule import ops
from chainrule.errors import NoRuleError
from chainrule.graph.position import describe, here
from chainrule.numpy import spectra
from chainrule.numpy.constants import traced_form
from chainrule.numpy.handle import look, wrap
from chainrule.numpy.matrices import is_lower, matrix, square_matrix
from chainrule.numpy.operands import plain
from chainrule.ops.matrix_parts import adjoint, row
from chainrule.trace import Value

_ONE = np.eye(1)
# The named tuples that NumPy returns, which it does not export by name.
QRResult: Any = type(np.linalg.qr(_ONE))
EigResult: Any = type(np.linalg.eig(_ONE))
EighResult: Any = type(np.linalg.eigh(_ONE))
SVDResult: Any = type(np.linalg.svd(_ONE))


@traced_form(np.linalg.cholesky)
def cholesky(a: Any, /, *, upper: bool = False) -> Any:
    """The triangular factor of positive definite matrices, of which that triangle is read."""
    return wrap(ops.cholesky(square_matrix(a), upper=bool(upper)))


@traced_form(np.linalg.qr)
def qr(a: Any, mode: str = "reduced") -> Any:
    """Orthonormal columns and an upper triangular matrix whose product is the operand."""
    if mode in ("f", "full"):
        warnings.warn(
            "The 'full' option is deprecated in favor of 'reduced'.\nFor backward compatibility let mode default.",
            DeprecationWarning,
            stacklevel=2,
        )
        mode = "reduced"
    if mode in ("raw", "e", "economic"):
        return _householder_form(a, mode)
    if mode not in ("reduced", "complete", "r"):
        raise ValueError(f"Unrecognized mode '{mode}'")
    q, r = ops.qr(matrix(a), complete=mode == "complete")
    return wrap(r) if mode == "r" else QRResult(wrap(q), wrap(r))


def _householder_form(a: Any, mode: str) -> Any:
    if type(matrix(a)) is Value:
        raise NoRuleError(
            f"`np.linalg.qr(..., mode={mode!r})` has no derivative rule.{describe(here())}\n"
            "  It returns the Householder vectors of LAPACK. Evaluation works; only the derivative is missing.\n"
            "  The factors themselves are differentiable: modes 'reduced', 'complete' and 'r'."
        )
    return wrap(np.linalg.qr(plain(a), mode))  # type: ignore[call-overload]  # one of NumPy's words


@traced_form(np.linalg.eigh)
def eigh(a: Any, UPLO: Any = "L") -> Any:
    """Ascending eigenvalues and orthonormal eigenvectors of Hermitian matrices, of which one triangle is read."""
    w, v = spectra.eigh(square_matrix(a), lower=is_lower(UPLO))
    return EighResult(wrap(w), wrap(v))


@traced_form(np.linalg.eigvalsh)
def eigvalsh(a: Any, UPLO: Any = "L") -> Any:
    """Ascending eigenvalues of Hermitian matrices, of which one triangle is read."""
    return wrap(spectra.eigvalsh(square_matrix(a), lower=is_lower(UPLO)))


@traced_form(np.linalg.eig)
def eig(a: Any) -> Any:
    """Eigenvalues and eigenvectors; real, if those of a real operand all are."""
    x = square_matrix(a)
    _require_finite(x)
    w, v = spectra.eig(x)
    if _all_real(x, w):
        w, v = ops.real(w), ops.real(v)
    return EigResult(wrap(w), wrap(v))


@traced_form(np.linalg.eigvals)
def eigvals(a: Any) -> Any:
    """Eigenvalues; real, if those of a real operand all are."""
    x = square_matrix(a)
    _require_finite(x)
    w = spectra.eigvals(x)
    return wrap(ops.real(w) if _all_real(x, w) else w)


def _require_finite(x: Any) -> None:
    if not look(ops.reduce_all(ops.isfinite(x), axes=tuple(range(x.ndim)))):
        raise LinAlgError("Array must not contain infs or NaNs")


def _all_real(x: Any, w: Any) -> bool:
    """Whether the eigenvalues of a real matrix are real: NumPy looks at all of a stack."""
    return x.dtype.kind != "c" and bool(look(ops.reduce_all(ops.imag(w) == 0, axes=tuple(range(w.ndim)))))


@traced_form(np.linalg.svd)
def svd(a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False) -> Any:
    """Singular vectors on the left, descending singular values, and the adjoint of singular vectors on the right."""
    if hermitian:
        return _svd_of_hermitian(square_matrix(a), compute_uv)
    x = matrix(a)
    if not compute_uv:
        return wrap(spectra.svdvals(x))
    u, s, vh = spectra.svd(x, full=bool(full_matrices))
    return SVDResult(wrap(u), wrap(s), wrap(vh))


def _svd_of_hermitian(x: Any, compute_uv: bool) -> Any:
    """Singular values of a Hermitian matrix are the absolute values of its eigenvalues."""
    if not compute_uv:
        s = ops.absolute(spectra.eigvalsh(x, lower=True))
        order = ops.argsort(s, axis=s.ndim - 1, kind=None)
        return wrap(ops.flip(ops.permuted(s, order, axis=s.ndim - 1), axes=(s.ndim - 1,)))
    w, u = spectra.eigh(x, lower=True)
    axis = w.ndim - 1
    sign = ops.copysign(w.dtype.type(1), w)
    s = ops.absolute(w)
    order = ops.flip(ops.argsort(s, axis=axis, kind=None), axes=(axis,))
    sign, s = (ops.permuted(values, order, axis=axis) for values in (sign, s))
    u = ops.permuted(u, ops.broadcast_to(row(order), shape=u.shape), axis=axis + 1)
    vh = adjoint(u * row(sign if sign.dtype == u.dtype else ops.convert(sign, dtype=u.dtype)))
    return SVDResult(wrap(u), wrap(s), wrap(vh))


@traced_form(np.linalg.svdvals)
def svdvals(x: Any, /) -> Any:
    """Descending singular values."""
    return svd(x, compute_uv=False)


__all__ = ["cholesky", "eig", "eigh", "eigvals", "eigvalsh", "qr", "svd", "svdvals"]
