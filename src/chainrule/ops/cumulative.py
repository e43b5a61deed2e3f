"""Running sums, products and recurrences along an axis, which is a non-negative integer."""

from typing import Any

import numpy as np

from chainrule.ops.declaration import like_operand
from chainrule.trace import Abstract, Op

# Below this number of independent recurrences, Python's own numbers are faster than rows of arrays.
_FEW = 16


def _cumsum_evaluate(x: Any, /, *, axis: int) -> Any:
    return np.add.accumulate(x, axis=axis)


def _cumsum_infer(x: Any, *, axis: int) -> Abstract:
    return Abstract(x.shape, np.add.accumulate(np.zeros(0, x.dtype)).dtype)


def _cumprod_evaluate(x: Any, /, *, axis: int) -> Any:
    return np.multiply.accumulate(x, axis=axis)


def _cumprod_infer(x: Any, *, axis: int) -> Abstract:
    return Abstract(x.shape, np.multiply.accumulate(np.zeros(0, x.dtype)).dtype)


def _recurrence_evaluate(a: Any, b: Any, /, *, axis: int) -> Any:
    h = np.empty(b.shape, b.dtype)
    factors, terms, states = (np.moveaxis(x, axis, 0) for x in (a, b, h))
    length = len(states)
    if not h.size:
        return h
    if h.size // length < _FEW:
        for place in np.ndindex(states.shape[1:]):
            column = (slice(None), *place)
            states[column] = _states(factors[column].tolist(), terms[column].tolist())
        return h
    states[0] = terms[0]
    for k in range(1, length):
        np.multiply(factors[k], states[k - 1], out=states[k])
        states[k] += terms[k]
    return h


def _states(factors: list[Any], terms: list[Any]) -> list[Any]:
    state = terms[0]
    states = [state]
    for factor, term in zip(factors[1:], terms[1:], strict=True):
        state = factor * state + term
        states.append(state)
    return states


# yₖ = x₀ + ... + xₖ.
cumsum = Op("cumsum", _cumsum_evaluate, _cumsum_infer)
# yₖ = x₀ ... xₖ.
cumprod = Op("cumprod", _cumprod_evaluate, _cumprod_infer)
# h₀ = b₀, hₖ = aₖ hₖ₋₁ + bₖ, in the order of k: a and b have one shape.
recurrence = Op("recurrence", _recurrence_evaluate, lambda a, b, *, axis: like_operand(b))
