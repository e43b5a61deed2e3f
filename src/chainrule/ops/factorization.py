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


def _eigh_evaluate(a: Any, /, *, lower: bool, driver: str | None = None) -> Any:
    if driver is None or not a.size:
        return tuple(np.linalg.eigh(a, "L" if lower else "U"))
    from scipy.linalg import eigh

    return tuple(eigh(a, lower=lower, driver=driver, check_finite=False))


def _eigh_infer(a: Any, *, lower: bool, driver: str | None = None) -> tuple[Abstract, Abstract]:
    return Abstract(a.shape[:-1], real_dtype(a.dtype)), Abstract(a.shape, a.dtype)


def _column_pivots_evaluate(a: Any, /) -> Any:
    from scipy.linalg import qr

    if not a.size:
        return np.broadcast_to(np.arange(a.shape[-1], dtype=np.intp), (*a.shape[:-2], a.shape[-1]))
    return qr(a, mode="r", pivoting=True, check_finite=False)[1].astype(np.intp)


def _column_pivots_infer(a: Any) -> Abstract:
    return Abstract((*a.shape[:-2], a.shape[-1]), np.dtype(np.intp))


def _lu_evaluate(a: Any, /) -> Any:
    packed = np.array(a)
    m, n = a.shape[-2:]
    pivots = np.zeros((*a.shape[:-2], min(m, n)), np.intc)
    if a.size:
        from scipy.linalg import get_lapack_funcs

        (factor,) = get_lapack_funcs(("getrf",), (a,))
        for place in np.ndindex(a.shape[:-2]):
            packed[place], pivots[place], _ = factor(a[place])
    return packed, _row_order_evaluate(pivots, rows=m), pivots


def _lu_infer(a: Any) -> tuple[Abstract, ...]:
    *stack, m, n = a.shape
    return (
        Abstract(a.shape, a.dtype),
        Abstract((*stack, m), np.dtype(np.intp)),
        Abstract((*stack, min(m, n)), np.dtype(np.intc)),
    )


def _row_order_evaluate(pivots: Any, /, *, rows: int) -> Any:
    order = np.array(np.broadcast_to(np.arange(rows), (*pivots.shape[:-1], rows)))
    for place in np.ndindex(pivots.shape[:-1]):
        for k, pivot in enumerate(pivots[place]):
            order[(*place, [k, pivot])] = order[(*place, [pivot, k])]
    return order


def _row_order_infer(pivots: Any, *, rows: int) -> Abstract:
    return Abstract((*pivots.shape[:-1], rows), np.dtype(np.intp))


def _eigenvectors_evaluate(a: Any, /, *, lower: bool, driver: str, first: int, stop: int) -> Any:
    if first >= stop or not a.size:
        return np.zeros((*a.shape[:-1], max(stop - first, 0)), a.dtype)
    from scipy.linalg import eigh

    return eigh(a, lower=lower, driver=driver, subset_by_index=[first, stop - 1], check_finite=False)[1]


def _eigenvectors_infer(a: Any, *, lower: bool, driver: str, first: int, stop: int) -> Abstract:
    return Abstract((*a.shape[:-1], max(stop - first, 0)), a.dtype)


def _tridiagonal_evaluate(d: Any, e: Any, /, *, first: int, stop: int, driver: str) -> Any:
    from scipy.linalg import eigh_tridiagonal

    n = d.shape[-1]
    stack = np.broadcast_shapes(d.shape[:-1], e.shape[:-1])
    v = np.empty((*stack, n, stop - first), d.dtype)
    if not v.size:
        return v
    some = {} if (first, stop) == (0, n) else {"select": "i", "select_range": (first, stop - 1)}
    diagonals, beside = np.broadcast_to(d, (*stack, n)), np.broadcast_to(e, (*stack, n - 1))
    for place in np.ndindex(stack):
        v[place] = eigh_tridiagonal(diagonals[place], beside[place], lapack_driver=driver, **some)[1]
    return v


def _tridiagonal_infer(d: Any, e: Any, *, first: int, stop: int, driver: str) -> Abstract:
    stack = np.broadcast_shapes(d.shape[:-1], e.shape[:-1])
    return Abstract((*stack, d.shape[-1], stop - first), d.dtype)


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
# The order in which a factorization with pivots takes the columns: the longest that is left comes next.
column_pivots = Op("column_pivots", _column_pivots_evaluate, _column_pivots_infer, core=(2,), discrete=True)
# The rows of a in some order are l u: u and what stands below the diagonal of l in one matrix, the order, and the row
# that each step exchanged for its own.
lu = Op("lu", _lu_evaluate, _lu_infer, core=(2,))
# The order into which such exchanges bring rows.
row_order = Op("row_order", _row_order_evaluate, _row_order_infer, core=(1,), discrete=True)
# Ascending eigenvalues and orthonormal eigenvectors of a Hermitian matrix, of which one triangle is read. Other drivers
# of LAPACK than NumPy's, by the names that SciPy has for them, turn some vectors around.
eigh = Op("eigh", _eigh_evaluate, _eigh_infer, core=(2,), may_fail=True)
# Some of the eigenvectors, as a driver finds them when it is asked for no others: up to their factors the same.
some_eigenvectors = Op(
    "some_eigenvectors", _eigenvectors_evaluate, _eigenvectors_infer, core=(2,), discrete=True, may_fail=True
)
# The same of a symmetric matrix with a diagonal and the one beside it, as LAPACK's functions for these find them.
tridiagonal_eigenvectors = Op(
    "tridiagonal_eigenvectors", _tridiagonal_evaluate, _tridiagonal_infer, core=(1, 1), discrete=True, may_fail=True
)
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
