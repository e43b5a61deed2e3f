"""Moments over axes. `axes` is as in `reduction`."""

from typing import Any

from chainrule.ops.reduction import reduced_shape
from chainrule.trace import Abstract, ParameterOp


def _variance_evaluate(x: Any, /, *, axes: tuple[int, ...], ddof: float) -> Any:
    return x.var(axis=axes, ddof=ddof)


def _variance_infer(x: Any, *, axes: tuple[int, ...], ddof: float) -> Abstract:
    return Abstract(reduced_shape(x.shape, axes), x.dtype)


# The squared distances of real numbers from their mean, added up and divided by their number less `ddof`.
variance = ParameterOp("variance", _variance_evaluate, _variance_infer)
