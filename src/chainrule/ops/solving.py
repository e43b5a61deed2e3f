"""Linear systems and inverses, of the matrices in the last two axes."""

from typing import Any

import numpy as np

from chainrule.ops.complex_parts import real_dtype
from chainrule.ops.declaration import like_operand
from chainrule.trace import Abstract, BinaryOp, Op, ParameterOp

_RANK = np.dtype(np.intc)


def _solve_infer(a: Any, b: Any) -> Abstract:
    stack = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    return Abstract((*stack, *b.shape[-2:]), np.result_type(a.dtype, b.dtype))


def evaluate_inverse_or_nan(a: Any, /) -> Any:
    """The inverse of each matrix, NaN where it is singular."""
    try:
        return np.linalg.inv(a)
    except np.linalg.LinAlgError:
        if a.ndim == 2:
            return np.full_like(a, np.nan)
        return np.stack([evaluate_inverse_or_nan(matrix) for matrix in a])


def _pinv_evaluate(a: Any, rcond: Any, /, *, hermitian: bool, truncates: bool) -> Any:
    return np.linalg.pinv(a, rcond, hermitian)


def _pinv_infer(a: Any, rcond: Any, *, hermitian: bool, truncates: bool) -> Abstract:
    stack = np.broadcast_shapes(a.shape[:-2], rcond.shape)
    return Abstract((*stack, a.shape[-1], a.shape[-2]), a.dtype)


def _lstsq_evaluate(a: Any, b: Any, /, *, rcond: float, truncates: bool) -> Any:
    x, residuals, rank, values = np.linalg.lstsq(a, b, rcond)
    if residuals.shape != b.shape[-1:]:
        # NumPy leaves them out of some results.
        residuals = np.sum(np.abs(b - a @ x) ** 2, axis=0, dtype=values.dtype)
    return x, residuals, rank, values


def _lstsq_infer(a: Any, b: Any, *, rcond: float, truncates: bool) -> tuple[Abstract, ...]:
    real = real_dtype(a.dtype)
    m, n = a.shape
    return (
        Abstract((n, b.shape[-1]), a.dtype),
        Abstract(b.shape[-1:], real),
        Abstract((), _RANK),
        Abstract((min(m, n),), real),
    )


# x with a x = b:  (…, n, n) (…, n, k) -> (…, n, k).
solve = BinaryOp("solve", np.linalg.solve, _solve_infer, core=(2, 2), may_fail=True)
inv = ParameterOp("inv", np.linalg.inv, like_operand, core=(2,), may_fail=True)
# The same, and NaN for a singular matrix: derivatives do not raise.
inverse_or_nan = ParameterOp("inverse_or_nan", evaluate_inverse_or_nan, like_operand, core=(2,))
# The pseudoinverse: singular values of at most `rcond` times the greatest count as 0. `truncates` says that these may
# be more than round-off.
pinv = Op("pinv", _pinv_evaluate, _pinv_infer, core=(2, 0), may_fail=True)
# The least x with the least |b - a x|, the squares of |b - a x| for each column, the rank, and the singular values.
lstsq = Op("lstsq", _lstsq_evaluate, _lstsq_infer, may_fail=True)
