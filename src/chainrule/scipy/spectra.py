"""Functions of `scipy.linalg` that find eigenvalues and eigenvectors."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import linalg

import chainrule.numpy as namespace
from chainrule import ops
from chainrule.numpy import spectra
from chainrule.numpy.constants import traced_form
from chainrule.numpy.handle import look, wrap
from chainrule.numpy.matrices import floating, require_square, square_matrix
from chainrule.ops.matrix_parts import adjoint, hermitian, row
from chainrule.ops.paths import Diagonal
from chainrule.scipy.matrices import require_finite
from chainrule.transforms.reverse import missing_rule

# Typed as anything: it finds its names when they are asked for.
xp: Any = namespace


@traced_form(linalg.eig)
def eig(
    a: Any,
    b: Any = None,
    left: bool = False,
    right: bool = True,
    overwrite_a: bool = False,
    overwrite_b: bool = False,
    check_finite: bool = True,
    homogeneous_eigvals: bool = False,
) -> Any:
    """Eigenvalues, complex, and eigenvectors, which are real if those of a real operand all are."""
    if b is not None or homogeneous_eigvals:
        raise missing_rule("scipy.linalg.eig of two matrices, or with homogeneous_eigvals,")
    if left:
        raise missing_rule("scipy.linalg.eig with left=True (those on the right of the adjoint are differentiable)")
    if not right:
        return eigvals(a, check_finite=check_finite)
    value = square_matrix(a)
    require_finite(check_finite, value)
    w, v = xp.linalg.eig(wrap(value))
    return w.astype(np.result_type(w.dtype, np.complex64)), v


@traced_form(linalg.eigvals)
def eigvals(
    a: Any, b: Any = None, overwrite_a: bool = False, check_finite: bool = True, homogeneous_eigvals: bool = False
) -> Any:
    """Eigenvalues, complex."""
    if b is not None or homogeneous_eigvals:
        raise missing_rule("scipy.linalg.eigvals of two matrices, or with homogeneous_eigvals,")
    value = square_matrix(a)
    require_finite(check_finite, value)
    return wrap(spectra.eigvals(value))


@traced_form(linalg.eigh)
def eigh(
    a: Any,
    b: Any = None,
    *,
    lower: bool = True,
    eigvals_only: bool = False,
    overwrite_a: bool = False,
    overwrite_b: bool = False,
    type: int = 1,  # SciPy's name
    check_finite: bool = True,
    subset_by_index: Any = None,
    subset_by_value: Any = None,
    driver: Any = None,
) -> Any:
    """Ascending eigenvalues w and eigenvectors of Hermitian matrices, of which one triangle is read.

    Of two matrices, b positive definite, those of a v = b v w, or of a b v = v w or b a v = v w for the types 2 and 3.
    """
    if subset_by_index is not None and subset_by_value is not None:
        raise ValueError("Either index or value subset can be requested.")
    lower = bool(lower)
    driver = driver or "evr"
    if b is None:
        value = square_matrix(a)
        require_finite(check_finite, value)
        w, v = _spectrum(value, lower, driver, eigvals_only)
    else:
        value, metric = floating(a, b)
        require_finite(check_finite, value, metric)
        w, v = _generalized_spectrum(value, metric, lower, int(type), eigvals_only)
    part = _subset(w, subset_by_index, subset_by_value)
    if part is not None:
        w = ops.index(w, path=((..., part),))
        if v is not None and b is not None:
            raise missing_rule("scipy.linalg.eigh of two matrices, with some of the eigenvectors,")
        if v is not None:
            v = ops.index(v, path=((..., part),))
            alone = ops.some_eigenvectors(value, lower=lower, driver=driver, first=part.start, stop=part.stop)
            v = v * row(ops.aligning(v, alone))
    return wrap(w) if v is None else (wrap(w), wrap(v))


@traced_form(linalg.eigvalsh)
def eigvalsh(
    a: Any,
    b: Any = None,
    *,
    lower: bool = True,
    overwrite_a: bool = False,
    overwrite_b: bool = False,
    type: int = 1,  # SciPy's name
    check_finite: bool = True,
    subset_by_index: Any = None,
    subset_by_value: Any = None,
    driver: Any = None,
) -> Any:
    """Ascending eigenvalues of Hermitian matrices, of which one triangle is read."""
    return eigh(
        a,
        b,
        lower=lower,
        eigvals_only=True,
        type=type,
        check_finite=check_finite,
        subset_by_index=subset_by_index,
        subset_by_value=subset_by_value,
        driver=driver,
    )


@traced_form(linalg.eigh_tridiagonal)
def eigh_tridiagonal(
    d: Any,
    e: Any,
    eigvals_only: bool = False,
    select: Any = "a",
    select_range: Any = None,
    check_finite: bool = True,
    tol: float = 0.0,
    lapack_driver: str = "auto",
) -> Any:
    """Ascending eigenvalues and eigenvectors of the symmetric matrix with a diagonal and the one beside it."""
    d, e = floating(d, e)
    require_finite(check_finite, d, e)
    n = d.shape[-1]
    if d.ndim != 1 or e.shape != (n - 1,) or d.dtype.kind == "c":
        raise ValueError(f"d has one more real entry than e, and {d.shape} and {e.shape} have not")
    a = ops.place(d, path=(Diagonal(0, 0, 1),), shape=(n, n)) + ops.place(e, path=(Diagonal(-1, 0, 1),), shape=(n, n))
    w, v = _spectrum(a, True, "ev", eigvals_only)
    wanted = str(select).lower()
    if wanted not in ("a", "all", "0", "v", "value", "1", "i", "index", "2"):
        raise ValueError("invalid argument for select")
    by_index, by_value = (select_range if wanted[0] in letters else None for letters in ("i2", "v1"))
    part = _subset(w, by_index, by_value) or slice(0, n)
    w = ops.index(w, path=((part,),))
    if v is None:
        return wrap(w)
    v = ops.index(v, path=((..., part),))
    own = ops.tridiagonal_eigenvectors(d, e, first=part.start, stop=part.stop, driver=lapack_driver)
    return wrap(w), wrap(v * row(ops.aligning(v, own)))


@traced_form(linalg.eigvalsh_tridiagonal)
def eigvalsh_tridiagonal(
    d: Any,
    e: Any,
    select: Any = "a",
    select_range: Any = None,
    check_finite: bool = True,
    tol: float = 0.0,
    lapack_driver: str = "auto",
) -> Any:
    """Ascending eigenvalues of the symmetric matrix with a diagonal and the one beside it."""
    return eigh_tridiagonal(d, e, True, select, select_range, check_finite)


def _spectrum(a: Any, lower: bool, driver: str, eigvals_only: bool) -> tuple[Any, Any]:
    if eigvals_only:
        return spectra.eigvalsh(a, lower=lower), None
    return spectra.eigh(a, lower=lower, driver=driver)


def _generalized_spectrum(a: Any, b: Any, lower: bool, kind: int, eigvals_only: bool) -> tuple[Any, Any]:
    """With b = l lᴴ, the spectrum of l⁻¹ a l⁻ᴴ (type 1) or lᴴ a l, whose vectors are lᴴ v, or l⁻¹ v for the type 3."""
    if kind not in (1, 2, 3):
        raise ValueError('"type" keyword only accepts 1, 2, and 3.')
    require_square(a)
    require_square(b)
    factor = ops.cholesky(b if lower else adjoint(b), upper=False)
    whole = hermitian(a, lower=lower)
    if kind == 1:
        half = ops.solve_triangular(factor, whole, lower=True, unit_diagonal=False)
        turned = ops.solve_triangular(factor, adjoint(half), lower=True, unit_diagonal=False)
    else:
        turned = adjoint(factor) @ whole @ factor
    w, y = _spectrum(turned, lower, "evd", eigvals_only)
    if y is None:
        return w, None
    if kind == 3:
        return w, factor @ y
    return w, ops.solve_triangular(adjoint(factor), y, lower=False, unit_diagonal=False)


def _subset(w: Any, by_index: Any, by_value: Any) -> slice | None:
    """Which of ascending eigenvalues are asked for."""
    if by_index is not None:
        first, last = (int(k) for k in by_index)
        if not 0 <= first <= last < w.shape[-1]:
            raise ValueError(
                f"Requested eigenvalue indices are not valid: {first} to {last} of {w.shape[-1]} eigenvalues"
            )
        return slice(first, last + 1)
    if by_value is None:
        return None
    below, within = (int(look(ops.reduce_sum(w <= float(bound), axes=(0,)))) for bound in by_value)
    return slice(below, within)


__all__ = ["eig", "eigh", "eigh_tridiagonal", "eigvals", "eigvalsh", "eigvalsh_tridiagonal"]
