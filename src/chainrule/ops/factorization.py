"""Factorizations and spectra, of the matrices in the last two axes."""

from typing import Any

import numpy as np

from chainrule.ops.complex_parts import complex_dtype, real_dtype
from chainrule.trace import Abstract, Op, ParameterOp


def _cholesky_evaluate(a: Any, /, *, upper: bool) -> Any:
    return np.linalg.cholesky(a, upper=upper)


def _cholesky_infer(a: Any, *, upper: bool) -> Abstract:
    return Abstract(a.shape, a.dtype)


def _qr_evaluate(a: Any, /, *, complete: bool) -> Any:
    return tuple(np.linalg.qr(a, "complete" if complete else "reduced"))


def _qr_infer(a: Any, *, complete: bool) -> tuple[Abstract, Abstract]:
    *stack, m, n = a.shape
    k = m if complete else min(m, n)
    return Abstract((*stack, m, k), a.dtype), Abstract((*stack, k, n), a.dtype)


def _eigh_evaluate(a: Any, /, *, lower: bool) -> Any:
    return tuple(np.linalg.eigh(a, "L" if lower else "U"))


def _eigh_infer(a: Any, *, lower: bool) -> tuple[Abstract, Abstract]:
    return Abstract(a.shape[:-1], real_dtype(a.dtype)), Abstract(a.shape, a.dtype)


def _eigvalsh_evaluate(a: Any, /, *, lower: bool) -> Any:
    return np.linalg.eigvalsh(a, "L" if lower else "U")


def _eigvalsh_infer(a: Any, *, lower: bool) -> Abstract:
    return Abstract(a.shape[:-1], real_dtype(a.dtype))


def _eig_evaluate(a: Any, /) -> Any:
    w, v = np.linalg.eig(a)
    dtype = complex_dtype(a.dtype)
    return w.astype(dtype, copy=False), v.astype(dtype, copy=False)


def _eig_infer(a: Any) -> tuple[Abstract, Abstract]:
    dtype = complex_dtype(a.dtype)
    return Abstract(a.shape[:-1], dtype), Abstract(a.shape, dtype)


def _eigvals_evaluate(a: Any, /) -> Any:
    return np.linalg.eigvals(a).astype(complex_dtype(a.dtype), copy=False)


def _eigvals_infer(a: Any) -> Abstract:
    return Abstract(a.shape[:-1], complex_dtype(a.dtype))


def _svd_evaluate(a: Any, /, *, full: bool) -> Any:
    return tuple(np.linalg.svd(a, full_matrices=full))


def _svd_infer(a: Any, *, full: bool) -> tuple[Abstract, Abstract, Abstract]:
    *stack, m, n = a.shape
    k = min(m, n)
    u, vh = (Abstract((*stack, m, m if full else k), a.dtype), Abstract((*stack, n if full else k, n), a.dtype))
    return u, Abstract((*stack, k), real_dtype(a.dtype)), vh


def _svdvals_evaluate(a: Any, /) -> Any:
    return np.linalg.svd(a, compute_uv=False)


def _svdvals_infer(a: Any) -> Abstract:
    return Abstract((*a.shape[:-2], min(a.shape[-2:])), real_dtype(a.dtype))


def _pairing_evaluate(w: Any, z: Any, /) -> Any:
    distance = np.abs(w[..., :, None] - z[..., None, :])
    order = distance.argmin(-1) if distance.size else np.zeros(distance.shape[:-1], np.intp)
    for k in np.ndindex(order.shape[:-1]):
        if len(set(order[k])) == w.shape[-1]:
            continue
        left = distance[k].copy()
        for _ in range(len(left)):
            i, j = np.unravel_index(np.argmin(left), left.shape)
            order[(*k, i)] = j
            left[i, :] = left[:, j] = np.inf
    return order


def _pairing_infer(w: Any, z: Any) -> Abstract:
    return Abstract((*np.broadcast_shapes(w.shape[:-1], z.shape[:-1]), w.shape[-1]), np.dtype(np.intp))


def _leading_component_evaluate(v: Any, /) -> Any:
    # LAPACK turns eigenvectors so that their greatest component is real: of equal ones it is the one that was made so.
    size = np.where(v.imag == 0, np.abs(v), -1.0)
    size = np.where((size < 0).all(-2, keepdims=True), np.abs(v), size)
    leads = np.zeros(v.shape, bool)
    if v.size:
        np.put_along_axis(leads, size.argmax(-2)[..., None, :], True, -2)
    return leads


def _leading_component_infer(v: Any) -> Abstract:
    return Abstract(v.shape, np.dtype(bool))


# l with a = l lᴴ, or u with a = uᴴ u; only that triangle of a is read.
cholesky = ParameterOp("cholesky", _cholesky_evaluate, _cholesky_infer, core=(2,), may_fail=True)
# q with orthonormal columns, as many as a has (or as rows, if complete), and upper triangular r, with a = q r.
qr = Op("qr", _qr_evaluate, _qr_infer, core=(2,), may_fail=True)
# Ascending eigenvalues and orthonormal eigenvectors of a Hermitian matrix, of which one triangle is read.
eigh = Op("eigh", _eigh_evaluate, _eigh_infer, core=(2,), may_fail=True)
eigvalsh = Op("eigvalsh", _eigvalsh_evaluate, _eigvalsh_infer, core=(2,), may_fail=True)
# Eigenvalues and eigenvectors of length 1, complex also where all are real.
eig = Op("eig", _eig_evaluate, _eig_infer, core=(2,), may_fail=True)
eigvals = Op("eigvals", _eigvals_evaluate, _eigvals_infer, core=(2,), may_fail=True)
# u, descending s, and vᴴ, with a = u diag(s) vᴴ; u and v are square if full.
svd = Op("svd", _svd_evaluate, _svd_infer, core=(2,), may_fail=True)
svdvals = Op("svdvals", _svdvals_evaluate, _svdvals_infer, core=(2,), may_fail=True)
# For each number of one list the place of the nearest in another that holds nearly the same in another order.
pairing = Op("pairing", _pairing_evaluate, _pairing_infer, core=(1, 1), discrete=True)
# Which component of each column is its greatest.
leading_component = Op(
    "leading_component", _leading_component_evaluate, _leading_component_infer, core=(2,), discrete=True
)
