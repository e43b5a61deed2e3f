"""Logarithms of sums of powers over axes: log_b Σ bˣ for the base b = e or 2."""

from typing import Any

import numpy as np

from chainrule.ops.reduction import reduced_shape
from chainrule.trace import Abstract, Op, ParameterOp


def _reduce_logaddexp_evaluate(x: Any, /, *, axes: tuple[int, ...], base: float) -> Any:
    return (np.logaddexp2 if base == 2 else np.logaddexp).reduce(x, axis=axes)


def _reduce_logaddexp_infer(x: Any, *, axes: tuple[int, ...], base: float) -> Abstract:
    return Abstract(reduced_shape(x.shape, axes), x.dtype)


def _greatest_evaluate(x: Any, /, *, axes: tuple[int, ...]) -> Any:
    return np.maximum.reduce(x, axis=axes, keepdims=True, initial=-np.inf)


def _greatest_infer(x: Any, *, axes: tuple[int, ...]) -> Abstract:
    return Abstract(tuple(1 if axis in axes else n for axis, n in enumerate(x.shape)), x.dtype)


reduce_logaddexp = ParameterOp("reduce_logaddexp", _reduce_logaddexp_evaluate, _reduce_logaddexp_infer)
# The maximum over axes, which stay as ones. It is held: for shifts of which the result does not depend.
greatest = Op("greatest", _greatest_evaluate, _greatest_infer, discrete=True)
