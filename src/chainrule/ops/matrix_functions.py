"""Functions of square matrices, and the linear equations with structured matrices, of the last two axes.

SciPy evaluates them, and is imported when the first is.
"""

from collections.abc import Callable
from functools import cache, lru_cache
from importlib import import_module
from typing import Any

import numpy as np

from chainrule.ops.declaration import like_operand
from chainrule.trace import Abstract, Op, ParameterOp


def matrix_by_matrix(function: Callable[..., Any], *operands: Any) -> Any:
    """A function of single matrices, on stacks that broadcast."""
    if all(x.ndim == 2 for x in operands):
        return function(*operands)
    stack = np.broadcast_shapes(*(x.shape[:-2] for x in operands))
    operands = tuple(np.broadcast_to(x, (*stack, *x.shape[-2:])) for x in operands)
    made = [function(*(x[place] for x in operands)) for place in np.ndindex(stack)]
    if not made:
        return np.zeros((*stack, *operands[-1].shape[-2:]), np.result_type(*operands))
    return np.reshape(np.stack(made), (*stack, *made[0].shape))


@cache
def _function(name: str) -> Any:
    return getattr(import_module("scipy.linalg"), name)


@cache
def _lapack(name: str, dtype: Any) -> Any:
    """A routine of LAPACK for matrices of a dtype."""
    return _function("get_lapack_funcs")((name,), dtype=dtype)[0]


def _matrix_function(name: str) -> Op:
    def evaluate(a: Any, /) -> Any:
        if not a.size:
            return np.array(a)
        return np.asarray(matrix_by_matrix(_function(name), a), a.dtype)

    return ParameterOp(name, evaluate, like_operand, core=(2,), may_fail=True)


# e to a matrix, its square root and its logarithm; the result of a real matrix has to be real.
expm = _matrix_function("expm")
sqrtm = _matrix_function("sqrtm")
logm = _matrix_function("logm")


def _sylvester_evaluate(a: Any, b: Any, q: Any, /) -> Any:
    if not q.shape[-1] or not q.shape[-2]:
        return np.zeros((*np.broadcast_shapes(*(x.shape[:-2] for x in (a, b, q))), *q.shape[-2:]), q.dtype)
    if a.ndim == b.ndim == q.ndim == 2:
        return _sylvester_solution(a, b, q)
    return matrix_by_matrix(_sylvester_solution, a, b, q)


def _sylvester_solution(a: Any, b: Any, q: Any) -> Any:
    """By the Schur forms of a and bᴴ, as in SciPy, which asks more of what it is given; of one matrix by its own."""
    r, u = _schur(a)
    s, v = (r, u) if a is b else _schur(b.T if b.dtype.kind == "f" else b.conj().T)
    turned = u.T if u.dtype.kind == "f" else u.conj().T
    back = turned if a is b else v.T if v.dtype.kind == "f" else v.conj().T
    y, scale, info = _lapack("trsyl", q.dtype)(r, s, turned @ q @ v, tranb="N" if a is b else "C")
    assert info >= 0
    return u @ (y * scale) @ back


def _schur(a: Any) -> tuple[Any, Any]:
    """The Schur form of a matrix, which is real for a real one, and the basis in which it has it."""
    if not np.logical_and.reduce(np.isfinite(a), None):
        raise ValueError("array must not contain infs or NaNs")
    result = _lapack("gees", a.dtype)(_unsorted, a, lwork=_schur_workspace(a.shape[0], a.dtype))
    if result[-1]:
        raise np.linalg.LinAlgError("Schur form not found. Possibly ill-conditioned.")
    return result[0], result[-3]


def _unsorted(*_eigenvalues: Any) -> None:
    """Eigenvalues are taken as they come."""


@lru_cache(maxsize=256)
def _schur_workspace(n: int, dtype: Any) -> int:
    """How much memory LAPACK asks for."""
    return int(_lapack("gees", dtype)(_unsorted, np.eye(n, dtype=dtype), lwork=-1)[-2][0].real)


def _sylvester_infer(a: Any, b: Any, q: Any) -> Abstract:
    stack = np.broadcast_shapes(a.shape[:-2], b.shape[:-2], q.shape[:-2])
    return Abstract((*stack, *q.shape[-2:]), q.dtype)


# The x with a x + x b = q:  (…, m, m) (…, n, n) (…, m, n) -> (…, m, n).
solve_sylvester = Op("solve_sylvester", _sylvester_evaluate, _sylvester_infer, core=(2, 2, 2), may_fail=True)


def _triangular_evaluate(a: Any, b: Any, /, *, lower: bool, unit_diagonal: bool) -> Any:
    if not b.shape[-1] or not b.shape[-2]:
        return np.zeros((*np.broadcast_shapes(a.shape[:-2], b.shape[:-2]), *b.shape[-2:]), b.dtype)

    def solve(a: Any, b: Any) -> Any:
        return _triangular_solution(a, b, lower, unit_diagonal)

    return solve(a, b) if a.ndim == b.ndim == 2 else matrix_by_matrix(solve, a, b)


def _triangular_solution(a: Any, b: Any, lower: bool, unit_diagonal: bool) -> Any:
    """What SciPy's function gives, which takes ten times as long to ask what it is given as to solve small systems."""
    # LAPACK reads columns. A matrix that lies in memory by rows is transposed to it, and solved for transposed.
    by_rows = not a.flags.f_contiguous
    solve = _lapack("trtrs", b.dtype)
    x, info = solve(a.T if by_rows else a, b, lower != by_rows, by_rows, unit_diagonal)
    if info:
        raise np.linalg.LinAlgError(f"singular matrix: resolution failed at diagonal {info - 1}")
    return x


def _triangular_infer(a: Any, b: Any, *, lower: bool, unit_diagonal: bool) -> Abstract:
    return Abstract((*np.broadcast_shapes(a.shape[:-2], b.shape[:-2]), *b.shape[-2:]), b.dtype)


# The x with a x = b, where one triangle of a is read, and its diagonal taken for ones if `unit_diagonal`.
solve_triangular = Op("solve_triangular", _triangular_evaluate, _triangular_infer, core=(2, 2), may_fail=True)


def _banded_evaluate(bands: Any, b: Any, /, *, below: int, above: int) -> Any:
    if not b.shape[-1] or not b.shape[-2]:
        return np.zeros((*np.broadcast_shapes(bands.shape[:-2], b.shape[:-2]), *b.shape[-2:]), b.dtype)

    def solve(bands: Any, b: Any) -> Any:
        return _function("solve_banded")((below, above), bands, b, check_finite=False)

    return np.asarray(matrix_by_matrix(solve, bands, b), b.dtype)


def _banded_infer(bands: Any, b: Any, *, below: int, above: int) -> Abstract:
    return Abstract((*np.broadcast_shapes(bands.shape[:-2], b.shape[:-2]), *b.shape[-2:]), b.dtype)


# The x with a x = b, where a[i, j] is bands[above + i - j, j]:  (…, below + 1 + above, n) (…, n, k) -> (…, n, k).
solve_banded = Op("solve_banded", _banded_evaluate, _banded_infer, core=(2, 2), may_fail=True)
