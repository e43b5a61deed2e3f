"""Functions of `scipy.linalg`: linear equations, inverses, determinants and norms.

Where NumPy has the same function, it is NumPy's with SciPy's arguments. `overwrite_a` and its kin permit to overwrite
an operand, which nobody has to.
"""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import Any

import numpy as np
from scipy import linalg

import chainrule.numpy as namespace
from chainrule import ops
from chainrule.numpy.constants import traced_form
from chainrule.numpy.handle import look, look_for, wrap
from chainrule.numpy.matrices import floating, matrix, require_square, square_matrix
from chainrule.numpy.operands import converted
from chainrule.ops.matrix_parts import adjoint, conjugate, hermitian, masked_matrix, of_dtype, real_part
from chainrule.scipy.known_numbers import total
from chainrule.scipy.structured_matrices import toeplitz
from chainrule.transforms.holding import held
from chainrule.transforms.reverse import missing_rule

# Typed as anything: it finds its names when they are asked for.
xp: Any = namespace


def require_finite(check: bool, *values: Any) -> None:
    """Raise SciPy's error for infinities and NaNs."""
    if check:
        for x in values:
            # A sum is finite only if all numbers are.
            if not isfinite(total(x)) and not look_for(ops.reduce_all, ops.isfinite(x)):
                raise ValueError("array must not contain infs or NaNs")


def as_columns(solve: Callable[[Any], Any], a: Any, b: Any) -> Any:
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
    require_finite(check_finite, a, b)
    kind = {"N": 0, "T": 1, "C": 2}.get(trans, trans)
    if kind not in (0, 1, 2):
        raise ValueError(f"trans must be 0, 1, 2, 'N', 'T' or 'C', and is {trans!r}")
    lower = bool(lower)
    require_square(a)
    if kind:
        a, lower = a.mT, not lower
    if kind == 2:
        a = conjugate(a)
    return as_columns(lambda side: ops.solve_triangular(a, side, lower=lower, unit_diagonal=bool(unit_diagonal)), a, b)


@traced_form(linalg.solve_sylvester)
def solve_sylvester(a: Any, b: Any, q: Any) -> Any:
    """The x with a x + x b = q."""
    a, b, q = floating(a, b, q)
    return wrap(ops.solve_sylvester(a, b, q))


@traced_form(linalg.solve_continuous_lyapunov, linalg.solve_lyapunov)
def solve_continuous_lyapunov(a: Any, q: Any) -> Any:
    """The x with a x + x aᴴ = q."""
    a, q = floating(a, q)
    return wrap(ops.solve_sylvester(a, adjoint(a), q))


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
    require_finite(check_finite, ab, b)
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


@traced_form(linalg.solveh_banded)
def solveh_banded(
    ab: Any,
    b: Any,
    overwrite_ab: bool = False,
    overwrite_b: bool = False,
    lower: bool = False,
    check_finite: bool = True,
) -> Any:
    """The x with a x = b for a positive definite banded a, given by its diagonals on one side."""
    ab, b = floating(ab, b)
    require_finite(check_finite, ab, b)
    width, n = ab.shape[-2] - 1, ab.shape[-1]
    if n != b.shape[0]:
        raise ValueError("shapes of ab and b are not compatible.")
    # Diagonal k of one side, from the main one on, without what its row has beside it; then that of the other side.
    own = [
        ops.index(ab, path=(((k, slice(0, n - k)) if lower else (width - k, slice(k, n))),)) for k in range(width + 1)
    ]
    main = of_dtype(real_part(own[0]), ab)
    filled = [ops.place(x, path=((slice(0, n - k + 1),),), shape=(n,)) for k, x in enumerate(own[1:], 2)]
    shifted = [ops.place(x, path=((slice(k, n),),), shape=(n,)) for k, x in enumerate(own[1:], 1)]
    below, above = (filled, list(map(conjugate, shifted))) if lower else (list(map(conjugate, filled)), shifted)
    bands = ops.stack(*reversed(above), main, *below, axis=0)
    return solve_banded((width, width), wrap(bands), wrap(b), check_finite=False)


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
    """The x with a x = b, or aᵀ x = b, for what is read of a matrix of the structure that is assumed."""
    a, b = floating(a, b)
    require_finite(check_finite, a, b)
    require_square(a)
    a = _as_read(a, assume_a, bool(lower))
    if transposed:
        a = a.mT
    return as_columns(lambda side: ops.solve(a, side), a, b)


@traced_form(linalg.inv)
def inv(
    a: Any, overwrite_a: bool = False, check_finite: bool = True, *, assume_a: Any = None, lower: bool = False
) -> Any:
    """The inverse of square matrices, of what is read of them by the structure that is assumed."""
    value = square_matrix(a)
    require_finite(check_finite, value)
    return wrap(ops.inv(_as_read(value, assume_a, bool(lower))))


def _as_read(a: Any, structure: Any, lower: bool) -> Any:
    """The matrix that SciPy reads: of a symmetric one a triangle, of a diagonal one the diagonal."""
    n = a.shape[-1]
    if structure in _MIRRORED:
        mirrored = a.mT if structure in ("sym", "symmetric") else adjoint(a)
        return ops.select(np.tri(n, dtype=bool) if lower else np.tri(n, dtype=bool).T, a, mirrored)
    if structure in _READ:
        below, above = _READ[structure]
        return masked_matrix(
            a,
            np.tri(n, k=n if above is None else above, dtype=bool)
            & np.tri(n, k=n if below is None else below, dtype=bool).T,
        )
    if structure in _WHOLE:
        return a
    raise ValueError(f"{structure} is not a recognized matrix structure")


# Structures of which a triangle is mirrored, how many diagonals are read below and above (None for all), or all is.
_MIRRORED = frozenset(("sym", "symmetric", "her", "hermitian", "pos", "positive definite"))
_READ: dict[Any, tuple[int | None, int | None]] = {
    "diagonal": (0, 0),
    "tridiagonal": (1, 1),
    "upper triangular": (0, None),
    "lower triangular": (None, 0),
}
_WHOLE = frozenset((None, "gen", "general", "banded"))


@traced_form(linalg.pinv)
def pinv(a: Any, *, atol: Any = None, rtol: Any = None, return_rank: bool = False, check_finite: bool = True) -> Any:
    """The pseudoinverse: singular values of at most `atol` plus `rtol` times the greatest count as 0."""
    value = matrix(a)
    require_finite(check_finite, value)
    return _pseudoinverse(value, ops.svdvals(value), atol, rtol, return_rank, hermitian=False)


@traced_form(linalg.pinvh)
def pinvh(
    a: Any,
    atol: Any = None,
    rtol: Any = None,
    lower: bool = True,
    return_rank: bool = False,
    check_finite: bool = True,
) -> Any:
    """The pseudoinverse of Hermitian matrices, of which one triangle is read."""
    value = square_matrix(a)
    require_finite(check_finite, value)
    value = hermitian(value, lower=bool(lower))
    return _pseudoinverse(value, ops.absolute(ops.eigvalsh(value, lower=True)), atol, rtol, return_rank, hermitian=True)


def _pseudoinverse(a: Any, sizes: Any, atol: Any, rtol: Any, return_rank: bool, *, hermitian: bool) -> Any:
    eps = float(np.finfo(a.dtype).eps) * max(a.shape[-2:], default=0)
    rtol = eps if rtol is None else float(rtol)
    atol = 0.0 if atol is None else float(atol)
    if atol < 0.0 or rtol < 0.0:
        raise ValueError("atol and rtol values must be positive.")
    sizes = held(ops.convert(sizes, dtype=np.dtype(np.float64)))
    greatest = ops.reduce_max(sizes, axes=(sizes.ndim - 1,)) if sizes.shape[-1] else np.zeros(sizes.shape[:-1])
    # The limit as a part of the greatest, which is what the op takes.
    limit = np.asarray(rtol) if not atol else rtol + atol / ops.select(greatest == 0, np.float64(1), greatest)
    truncates = bool(atol) or rtol > 10 * eps
    y = wrap(ops.pinv(a, limit, hermitian=hermitian, truncates=truncates))
    if not return_rank:
        return y
    cut = atol + rtol * ops.reshape(greatest, shape=(*greatest.shape, 1))
    return y, wrap(ops.reduce_sum(sizes > cut, axes=(sizes.ndim - 1,)))


@traced_form(linalg.lstsq)
def lstsq(
    a: Any,
    b: Any,
    cond: Any = None,
    overwrite_a: bool = False,
    overwrite_b: bool = False,
    check_finite: bool = True,
    lapack_driver: Any = None,
) -> Any:
    """The x with the least |b - a x|, of these the least; the squares of that; the rank; the singular values.

    Squares are given only where a has more rows than columns and full rank. The driver "gelsy" gives neither them nor
    singular values.
    """
    a, b = floating(a, b)
    require_finite(check_finite, a, b)
    if a.ndim != 2 or b.ndim not in (1, 2):
        raise missing_rule("scipy.linalg.lstsq of stacks of matrices")
    m, n = a.shape
    if b.shape[0] != m:
        raise ValueError(f"Shape mismatch: a and b should have the same number of rows ({m} != {b.shape[0]}).")
    vector = b.ndim == 1
    eps = float(np.finfo(a.dtype).eps)
    limit = eps if cond is None else float(cond)
    side = ops.reshape(b, shape=(m, 1)) if vector else b
    x, residuals, rank, values = ops.lstsq(a, side, rcond=limit, truncates=limit > max(m, n) * eps * 10)
    if vector:
        x, residuals = ops.reshape(x, shape=(n,)), ops.reshape(residuals, shape=())
    if m <= n or lapack_driver == "gelsy" or look(rank) != n:
        residuals = np.array([], a.dtype)
    return wrap(x), wrap(residuals), wrap(rank), None if lapack_driver == "gelsy" else wrap(values)


@traced_form(linalg.solve_toeplitz)
def solve_toeplitz(c_or_cr: Any, b: Any, check_finite: bool = True) -> Any:
    """The x with t x = b for the Toeplitz matrix t of a first column, or of a column and a row."""
    c, r = c_or_cr if isinstance(c_or_cr, tuple) else (c_or_cr, None)
    return solve(toeplitz(c, r), b, check_finite=check_finite)


@traced_form(linalg.solve_discrete_lyapunov)
def solve_discrete_lyapunov(a: Any, q: Any, method: Any = None) -> Any:
    """The x with a x aᴴ - x + q = 0, by one system of linear equations, whatever the method is called."""
    a, q = floating(a, q)
    n = a.shape[-1]
    product = ops.reshape(a, shape=(n, 1, n, 1)) * ops.reshape(conjugate(a), shape=(1, n, 1, n))
    system = np.eye(n * n, dtype=a.dtype) - ops.reshape(product, shape=(n * n, n * n))
    return wrap(ops.reshape(ops.solve(system, ops.reshape(q, shape=(n * n, 1))), shape=(n, n)))


@traced_form(linalg.det)
def det(a: Any, overwrite_a: bool = False, check_finite: bool = True) -> Any:
    """The determinant of square matrices, in double precision."""
    value = square_matrix(a)
    require_finite(check_finite, value)
    value = converted(value, np.result_type(value.dtype, np.float64))
    return wrap(ops.det(value))


@traced_form(linalg.norm)
def norm(a: Any, ord: Any = None, axis: Any = None, keepdims: bool = False, check_finite: bool = True) -> Any:
    """The norm of vectors or matrices."""
    return xp.linalg.norm(a, ord=ord, axis=axis, keepdims=keepdims)
