"""Functions of `scipy.linalg`: linear equations, factorizations and functions of matrices.

Where NumPy has the same function, it is NumPy's with SciPy's arguments. `overwrite_a` and its kin permit to overwrite
an operand, which nobody has to.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import linalg

import chainrule.numpy as namespace
from chainrule import ops
from chainrule.numpy.constants import traced_form
from chainrule.numpy.handle import look_for, wrap
from chainrule.numpy.matrices import floating, require_square, square_matrix
from chainrule.numpy.operands import converted
from chainrule.ops.matrix_parts import conjugate
from chainrule.transforms.recording import decide
from chainrule.transforms.reverse import missing_rule

# Typed as anything: it finds its names when they are asked for.
xp: Any = namespace


def _finite(check: bool, *values: Any) -> None:
    """Raise SciPy's error for infinities and NaNs."""
    if check:
        for x in values:
            if not look_for(ops.reduce_all, ops.isfinite(x)):
                raise ValueError("array must not contain infs or NaNs")


def _as_columns(solve: Callable[[Any], Any], a: Any, b: Any) -> Any:
    """The solution for a vector or a matrix of right sides."""
    require_square(a)
    vector = b.ndim == 1
    if b.shape[0 if vector else -2] != a.shape[-1]:
        raise ValueError(f"shapes of a {a.shape} and b {b.shape} are incompatible")
    if not vector:
        return wrap(solve(b))
    x = solve(ops.reshape(b, shape=(*b.shape, 1)))
    return wrap(ops.reshape(x, shape=x.shape[:-1]))


@traced_form(linalg.solve_triangular)
def solve_triangular(
    a: Any,
    b: Any,
    trans: Any = 0,
    lower: bool = False,
    unit_diagonal: bool = False,
    overwrite_b: bool = False,
    check_finite: bool = True,
) -> Any:
    """The x with a x = b for a triangular a, its transpose (`trans` "T") or its adjoint ("C")."""
    a, b = floating(a, b)
    _finite(check_finite, a, b)
    kind = {"N": 0, "T": 1, "C": 2}.get(trans, trans)
    if kind not in (0, 1, 2):
        raise ValueError(f"trans must be 0, 1, 2, 'N', 'T' or 'C', and is {trans!r}")
    lower = bool(lower)
    require_square(a)
    if kind:
        a, lower = a.mT, not lower
    if kind == 2:
        a = conjugate(a)
    return _as_columns(lambda side: ops.solve_triangular(a, side, lower=lower, unit_diagonal=bool(unit_diagonal)), a, b)


@traced_form(linalg.solve_sylvester)
def solve_sylvester(a: Any, b: Any, q: Any) -> Any:
    """The x with a x + x b = q."""
    a, b, q = floating(a, b, q)
    return wrap(ops.solve_sylvester(a, b, q))


@traced_form(linalg.solve_continuous_lyapunov, linalg.solve_lyapunov)
def solve_continuous_lyapunov(a: Any, q: Any) -> Any:
    """The x with a x + x aᴴ = q."""
    a, q = floating(a, q)
    return wrap(ops.solve_sylvester(a, conjugate(a).mT, q))


@traced_form(linalg.solve_banded)
def solve_banded(
    l_and_u: Any,
    ab: Any,
    b: Any,
    overwrite_ab: bool = False,
    overwrite_b: bool = False,
    check_finite: bool = True,
) -> Any:
    """The x with a x = b for a banded a, given by its diagonals."""
    ab, b = floating(ab, b)
    _finite(check_finite, ab, b)
    below, above = (int(count) for count in l_and_u)
    if below + above + 1 != ab.shape[-2]:
        raise ValueError(
            f"invalid values for the number of lower and upper diagonals: l+u+1 ({below + above + 1}) does not equal "
            f"ab.shape[0] ({ab.shape[-2]})"
        )
    vector = b.ndim == 1
    if b.shape[0 if vector else -2] != ab.shape[-1]:
        raise ValueError("shapes of ab and b are not compatible.")
    side = ops.reshape(b, shape=(*b.shape, 1)) if vector else b
    x = ops.solve_banded(ab, side, below=below, above=above)
    return wrap(ops.reshape(x, shape=x.shape[:-1]) if vector else x)


@traced_form(linalg.expm)
def expm(A: Any) -> Any:
    """The exponential of square matrices."""
    return wrap(ops.expm(square_matrix(A)))


def _root_is_complex(a: Any) -> Any:
    return a.size and np.iscomplexobj(linalg.sqrtm(a))


def _logarithm_is_complex(a: Any) -> Any:
    return a.size and np.iscomplexobj(linalg.logm(a))


def _complex_if(test: Callable[[Any], Any], a: Any) -> Any:
    value = square_matrix(a)
    if value.dtype.kind == "f" and value.size and decide(test, value):
        return converted(value, np.result_type(value.dtype, np.complex64))
    return value


@traced_form(linalg.sqrtm)
def sqrtm(A: Any, disp: Any = True, blocksize: Any = 64) -> Any:
    """The principal square root of square matrices."""
    if disp is False:
        raise missing_rule("scipy.linalg.sqrtm with disp=False")
    return wrap(ops.sqrtm(_complex_if(_root_is_complex, A)))


@traced_form(linalg.logm)
def logm(A: Any, disp: Any = True) -> Any:
    """The principal logarithm of square matrices."""
    if disp is False:
        raise missing_rule("scipy.linalg.logm with disp=False")
    return wrap(ops.logm(_complex_if(_logarithm_is_complex, A)))


@traced_form(linalg.cholesky)
def cholesky(a: Any, lower: bool = False, overwrite_a: bool = False, check_finite: bool = True) -> Any:
    """The triangular factor of positive definite matrices, by default the upper one."""
    value = square_matrix(a)
    _finite(check_finite, value)
    return wrap(ops.cholesky(value, upper=not lower))


@traced_form(linalg.cho_factor)
def cho_factor(a: Any, lower: bool = False, overwrite_a: bool = False, check_finite: bool = True) -> Any:
    """The triangular factor for `cho_solve`, and whether it is the lower one; the other triangle is 0."""
    return cholesky(a, lower, overwrite_a, check_finite), bool(lower)


@traced_form(linalg.cho_solve)
def cho_solve(c_and_lower: Any, b: Any, overwrite_b: bool = False, check_finite: bool = True) -> Any:
    """The x with a x = b for the a that was factored by `cho_factor`."""
    c, lower = c_and_lower
    c, b = floating(c, b)
    _finite(check_finite, c, b)
    adjoint = conjugate(c).mT

    def solve(side: Any) -> Any:
        first, second = (c, adjoint) if lower else (adjoint, c)
        half = ops.solve_triangular(first, side, lower=True, unit_diagonal=False)
        return ops.solve_triangular(second, half, lower=False, unit_diagonal=False)

    return _as_columns(solve, c, b)


@traced_form(linalg.solve)
def solve(
    a: Any,
    b: Any,
    lower: bool = False,
    overwrite_a: bool = False,
    overwrite_b: bool = False,
    check_finite: bool = True,
    assume_a: Any = None,
    transposed: bool = False,
) -> Any:
    """The x with a x = b, or aᵀ x = b; of a symmetric or Hermitian a one triangle is read."""
    a, b = floating(a, b)
    _finite(check_finite, a, b)
    require_square(a)
    structure = {None: "gen", "general": "gen", "symmetric": "sym", "hermitian": "her", "positive definite": "pos"}
    kind = structure.get(assume_a, assume_a)
    if kind in ("sym", "her", "pos"):
        triangle = np.tri(a.shape[-1], dtype=bool) if lower else np.tri(a.shape[-1], dtype=bool).T
        mirrored = a.mT if kind == "sym" else conjugate(a).mT
        a = ops.select(triangle, a, mirrored)
    elif kind != "gen":
        raise missing_rule(f"scipy.linalg.solve with assume_a={assume_a!r}")
    if transposed:
        a = a.mT
    return _as_columns(lambda side: ops.solve(a, side), a, b)


@traced_form(linalg.inv)
def inv(
    a: Any, overwrite_a: bool = False, check_finite: bool = True, *, assume_a: Any = None, lower: bool = False
) -> Any:
    """The inverse of square matrices."""
    if assume_a not in (None, "gen", "general"):
        raise missing_rule(f"scipy.linalg.inv with assume_a={assume_a!r}")
    value = square_matrix(a)
    _finite(check_finite, value)
    return wrap(ops.inv(value))


@traced_form(linalg.det)
def det(a: Any, overwrite_a: bool = False, check_finite: bool = True) -> Any:
    """The determinant of square matrices, in double precision."""
    value = square_matrix(a)
    _finite(check_finite, value)
    value = converted(value, np.result_type(value.dtype, np.float64))
    return wrap(ops.det(value))


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
    """Ascending eigenvalues and orthonormal eigenvectors of Hermitian matrices, of which one triangle is read."""
    if b is not None or subset_by_index is not None or subset_by_value is not None:
        raise missing_rule("scipy.linalg.eigh of two matrices, or of some eigenvalues,")
    w, v = xp.linalg.eigh(a, UPLO="L" if lower else "U")
    return w if eigvals_only else (w, v)


@traced_form(linalg.svd)
def svd(
    a: Any,
    full_matrices: bool = True,
    compute_uv: bool = True,
    overwrite_a: bool = False,
    check_finite: bool = True,
    lapack_driver: str = "gesdd",
) -> Any:
    """Singular vectors on the left, descending singular values, and the adjoint of singular vectors on the right."""
    found = xp.linalg.svd(a, full_matrices=full_matrices, compute_uv=compute_uv)
    return tuple(found) if compute_uv else found


@traced_form(linalg.svdvals)
def svdvals(a: Any, overwrite_a: bool = False, check_finite: bool = True) -> Any:
    """Descending singular values."""
    return xp.linalg.svd(a, compute_uv=False)


@traced_form(linalg.norm)
def norm(a: Any, ord: Any = None, axis: Any = None, keepdims: bool = False, check_finite: bool = True) -> Any:
    """The norm of vectors or matrices."""
    return xp.linalg.norm(a, ord=ord, axis=axis, keepdims=keepdims)


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
