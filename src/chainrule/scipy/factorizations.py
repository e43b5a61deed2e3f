"""Functions of `scipy.linalg` that factor a matrix, and solve with its factors."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import linalg

import chainrule.numpy as namespace
from chainrule import ops
from chainrule.numpy import spectra
from chainrule.numpy.constants import traced_form
from chainrule.numpy.handle import look, wrap
from chainrule.numpy.matrices import floating, matrix, square_matrix
from chainrule.numpy.operands import value_of
from chainrule.ops.complex_parts import real_dtype
from chainrule.ops.matrix_parts import adjoint, below_diagonal, column, of_dtype, row
from chainrule.scipy.matrices import as_columns, require_finite
from chainrule.transforms.reverse import missing_rule

# Typed as anything: it finds its names when they are asked for.
xp: Any = namespace


@traced_form(linalg.cholesky)
def cholesky(a: Any, lower: bool = False, overwrite_a: bool = False, check_finite: bool = True) -> Any:
    """The triangular factor of positive definite matrices, by default the upper one."""
    value = square_matrix(a)
    require_finite(check_finite, value)
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
    require_finite(check_finite, c, b)
    first, second = (c, adjoint(c)) if lower else (adjoint(c), c)

    def solve(side: Any) -> Any:
        half = ops.solve_triangular(first, side, lower=True, unit_diagonal=False)
        return ops.solve_triangular(second, half, lower=False, unit_diagonal=False)

    return as_columns(solve, c, b)


@traced_form(linalg.qr)
def qr(
    a: Any,
    overwrite_a: bool = False,
    lwork: Any = None,
    mode: str = "full",
    pivoting: bool = False,
    check_finite: bool = True,
) -> Any:
    """Orthonormal columns and an upper triangle, whose product is the operand with its columns in some order."""
    if mode not in ("full", "qr", "r", "economic", "raw"):
        raise ValueError("Mode argument should be one of ['full', 'r', 'economic', 'raw']")
    if mode == "raw":
        raise missing_rule("scipy.linalg.qr with mode='raw', the Householder vectors of LAPACK,")
    value = matrix(a)
    require_finite(check_finite, value)
    order: tuple[Any, ...] = ()
    if pivoting:
        order = (ops.column_pivots(value),)
        value = ops.permuted(value, ops.broadcast_to(row(order[0]), shape=value.shape), axis=value.ndim - 1)
    q, r = ops.qr(value, complete=mode != "economic")
    factors = (r,) if mode == "r" else (q, r)
    return tuple(map(wrap, (*factors, *order)))


@traced_form(linalg.lu)
def lu(
    a: Any, permute_l: bool = False, overwrite_a: bool = False, check_finite: bool = True, p_indices: bool = False
) -> Any:
    """A permutation, a lower triangle with ones on its diagonal and an upper one, whose product is the operand."""
    value = matrix(a)
    require_finite(check_finite, value)
    packed, order, _ = ops.lu(value)
    m, n = value.shape[-2:]
    k = min(m, n)
    lower, upper = _triangles(packed, k)
    place = ops.argsort(order, axis=order.ndim - 1, kind=None)
    if permute_l:
        rows = ops.broadcast_to(column(place), shape=lower.shape)
        return wrap(ops.permuted(lower, rows, axis=lower.ndim - 2)), wrap(upper)
    if p_indices:
        return wrap(place), wrap(lower), wrap(upper)
    permutation = ops.convert(column(place) == np.arange(m), dtype=real_dtype(value.dtype))
    return wrap(permutation), wrap(lower), wrap(upper)


@traced_form(linalg.lu_factor)
def lu_factor(a: Any, overwrite_a: bool = False, check_finite: bool = True) -> Any:
    """Both triangular factors in one matrix, and the row that each step of the elimination exchanged for its own."""
    value = matrix(a)
    require_finite(check_finite, value)
    packed, _, pivots = ops.lu(value)
    return wrap(packed), wrap(pivots)


@traced_form(linalg.lu_solve)
def lu_solve(lu_and_piv: Any, b: Any, trans: int = 0, overwrite_b: bool = False, check_finite: bool = True) -> Any:
    """The x with a x = b, aᵀ x = b (`trans` 1) or aᴴ x = b (2) for the a that was factored by `lu_factor`."""
    packed, pivots = lu_and_piv
    packed, b = floating(packed, b)
    require_finite(check_finite, packed, b)
    if trans not in (0, 1, 2):
        raise ValueError("illegal value in argument `trans`: it is 0, 1 or 2")
    lower, upper = _triangles(packed, packed.shape[-1])
    order = ops.row_order(value_of(pivots), rows=packed.shape[-1])

    def arranged(side: Any, order: Any) -> Any:
        stack = np.broadcast_shapes(order.shape[:-1], side.shape[:-2])
        side = ops.broadcast_to(side, shape=(*stack, *side.shape[-2:]))
        return ops.permuted(side, ops.broadcast_to(column(order), shape=side.shape), axis=side.ndim - 2)

    def solve(side: Any) -> Any:
        if not trans:
            return _solve_both(lower, upper, arranged(side, order))
        first, second = (upper.mT, lower.mT) if trans == 1 else (adjoint(upper), adjoint(lower))
        return arranged(_solve_both(first, second, side), ops.argsort(order, axis=order.ndim - 1, kind=None))

    return as_columns(solve, packed, b)


def _solve_both(lower: Any, upper: Any, b: Any) -> Any:
    """The x with l u x = b."""
    half = ops.solve_triangular(lower, b, lower=True, unit_diagonal=False)
    return ops.solve_triangular(upper, half, lower=False, unit_diagonal=False)


def _triangles(packed: Any, k: int) -> tuple[Any, Any]:
    """The factors that are kept in one matrix."""
    below = below_diagonal(packed)
    lower = ops.index(below, path=((..., slice(0, k)),)) + np.eye(packed.shape[-2], k, dtype=packed.dtype)
    return lower, ops.index(packed - below, path=((..., slice(0, k), slice(None)),))


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


@traced_form(linalg.polar)
def polar(a: Any, side: str = "right") -> Any:
    """A unitary matrix u and a Hermitian one p that is not negative, with a = u p, or a = p u for the side "left"."""
    if side not in ("right", "left"):
        raise ValueError("`side` must be either 'right' or 'left'")
    value = matrix(a)
    w, s, vh = spectra.svd(value, full=False)
    scale = of_dtype(s, value)
    p = (adjoint(vh) * row(scale)) @ vh if side == "right" else (w * row(scale)) @ adjoint(w)
    return wrap(w @ vh), wrap(p)


@traced_form(linalg.orth)
def orth(A: Any, rcond: Any = None) -> Any:
    """An orthonormal basis of the space of the columns: the left singular vectors of values that are not round-off."""
    value = matrix(A)
    u, s, _ = spectra.svd(value, full=False)
    return wrap(ops.index(u, path=((..., slice(0, _rank(s, value, rcond, "orth"))),)))


@traced_form(linalg.null_space)
def null_space(
    A: Any,
    rcond: Any = None,
    *,
    overwrite_a: bool = False,
    check_finite: bool = True,
    lapack_driver: str = "gesdd",
) -> Any:
    """An orthonormal basis of the vectors that the matrix maps to 0."""
    value = matrix(A)
    require_finite(check_finite, value)
    _, s, vh = spectra.svd(value, full=True)
    return wrap(adjoint(ops.index(vh, path=((..., slice(_rank(s, value, rcond, "null_space"), None), slice(None)),))))


def _rank(s: Any, a: Any, rcond: Any, name: str) -> int:
    """How many singular values are more than a part of the greatest."""
    if s.ndim > 1:
        raise missing_rule(f"scipy.linalg.{name} of stacks of matrices")
    if not s.shape[-1]:
        return 0
    limit = np.finfo(s.dtype).eps * max(a.shape[-2:]) if rcond is None else float(rcond)
    greatest = ops.reduce_max(s, axes=(s.ndim - 1,))
    return int(look(ops.reduce_sum(s > greatest * s.dtype.type(limit), axes=(s.ndim - 1,))))
