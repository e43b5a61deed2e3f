"""Functions of square matrices, and the linear equations with structured matrices, of the last two axes.

SciPy evaluates them, and is imported when the first is.
"""

from collections.abc import Callable
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


def _function(name: str) -> Any:
    return getattr(import_module("scipy.linalg"), name)


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
    return np.asarray(matrix_by_matrix(_function("solve_sylvester"), a, b, q), q.dtype)


def _sylvester_infer(a: Any, b: Any, q: Any) -> Abstract:
    stack = np.broadcast_shapes(a.shape[:-2], b.shape[:-2], q.shape[:-2])
    return Abstract((*stack, *q.shape[-2:]), q.dtype)


# The x with a x + x b = q:  (…, m, m) (…, n, n) (…, m, n) -> (…, m, n).
solve_sylvester = Op("solve_sylvester", _sylvester_evaluate, _sylvester_infer, core=(2, 2, 2), may_fail=True)


def _triangular_evaluate(a: Any, b: Any, /, *, lower: bool, unit_diagonal: bool) -> Any:
    if not b.shape[-1] or not b.shape[-2]:
        return np.zeros((*np.broadcast_shapes(a.shape[:-2], b.shape[:-2]), *b.shape[-2:]), b.dtype)

    def solve(a: Any, b: Any) -> Any:
        return _function("solve_triangular")(a, b, lower=lower, unit_diagonal=unit_diagonal, check_finite=False)

    return np.asarray(matrix_by_matrix(solve, a, b), b.dtype)


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


# The x with a x = b, where a[i, j] stands in bands[above + i - j, j]:  (…, below + 1 + above, n) (…, n, k) -> (…, n, k).
solve_banded = Op("solve_banded", _banded_evaluate, _banded_infer, core=(2, 2), may_fail=True)
