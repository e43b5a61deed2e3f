"""Running sums, products and recurrences along an axis, which is a non-negative integer."""

from typing import Any

import numpy as np

from chainrule.ops.declaration import like_operand
from chainrule.trace import Abstract, Op, ParameterOp

# From this number of independent recurrences on, rows of arrays are faster than one recurrence after the other.
_MANY = 16


def _cumsum_evaluate(x: Any, /, *, axis: int) -> Any:
    return np.add.accumulate(x, axis=axis)


def _cumsum_infer(x: Any, *, axis: int) -> Abstract:
    return Abstract(x.shape, np.add.accumulate(np.zeros(0, x.dtype)).dtype)


def _cumprod_evaluate(x: Any, /, *, axis: int) -> Any:
    return np.multiply.accumulate(x, axis=axis)


def _cumprod_infer(x: Any, *, axis: int) -> Abstract:
    return Abstract(x.shape, np.multiply.accumulate(np.zeros(0, x.dtype)).dtype)


def _recurrence_evaluate(a: Any, b: Any, /, *, axis: int) -> Any:
    if b.ndim == 1 or not b.size:
        return _states(a, b)
    h = np.empty(b.shape, b.dtype)
    factors, terms, states = (np.moveaxis(x, axis, 0) for x in (a, b, h))
    length = len(states)
    if h.size // length < _MANY:
        for place in np.ndindex(states.shape[1:]):
            column = (slice(None), *place)
            states[column] = _states(factors[column], terms[column])
        return h
    states[0] = terms[0]
    for k in range(1, length):
        np.multiply(factors[k], states[k - 1], out=states[k])
        states[k] += terms[k]
    return h


def _states(a: Any, b: Any) -> Any:
    """One recurrence, by BLAS, which solves (I - S) h = b for S with a below its diagonal, step by step."""
    if b.size < 2:
        return b.copy()
    if not np.isfinite(a).all():
        return _states_of_any_factors(a, b)
    from scipy.linalg.blas import get_blas_funcs

    band = np.zeros((2, b.size), b.dtype, order="F")
    np.negative(a[1:], out=band[1, :-1])
    return get_blas_funcs("tbsv", (band,))(1, band, b, lower=1, diag=1)


def _states_of_any_factors(a: Any, b: Any) -> Any:
    # BLAS leaves out products with 0, and 0·∞ is NaN.
    states = b.copy()
    for k in range(1, b.size):
        states[k] = a[k] * states[k - 1] + b[k]
    return states


# yₖ = x₀ + ... + xₖ.
cumsum = ParameterOp("cumsum", _cumsum_evaluate, _cumsum_infer)
# yₖ = x₀ ... xₖ.
cumprod = ParameterOp("cumprod", _cumprod_evaluate, _cumprod_infer)
# h₀ = b₀, hₖ = aₖ hₖ₋₁ + bₖ, in the order of k: a and b have one shape.
recurrence = Op("recurrence", _recurrence_evaluate, lambda a, b, *, axis: like_operand(b))
