"""Greatest and least entries over axes, and their places. `axes` is as in `reduction`."""

from typing import Any

import numpy as np

from chainrule.ops.declaration import AxesOp
from chainrule.ops.reduction import reduced_shape
from chainrule.trace import Abstract, ParameterOp


def _max_evaluate(x: Any, /, *, axes: tuple[int, ...]) -> Any:
    return np.maximum.reduce(x, axis=axes)


def _min_evaluate(x: Any, /, *, axes: tuple[int, ...]) -> Any:
    return np.minimum.reduce(x, axis=axes)


def _fmax_evaluate(x: Any, /, *, axes: tuple[int, ...]) -> Any:
    return np.fmax.reduce(x, axis=axes)


def _fmin_evaluate(x: Any, /, *, axes: tuple[int, ...]) -> Any:
    return np.fmin.reduce(x, axis=axes)


def _same_dtype_infer(x: Any, *, axes: tuple[int, ...]) -> Abstract:
    return Abstract(reduced_shape(x.shape, axes), x.dtype)


def _argmax_evaluate(x: Any, /, *, axis: int) -> Any:
    return np.argmax(x, axis=axis)


def _argmin_evaluate(x: Any, /, *, axis: int) -> Any:
    return np.argmin(x, axis=axis)


def _place_infer(x: Any, *, axis: int) -> Abstract:
    return Abstract(reduced_shape(x.shape, (axis,)), np.dtype(np.intp))


reduce_max = AxesOp("reduce_max", _max_evaluate, _same_dtype_infer, may_fail=True)
reduce_min = AxesOp("reduce_min", _min_evaluate, _same_dtype_infer, may_fail=True)
# The greatest and the least of those that are no NaN.
reduce_fmax = AxesOp("reduce_fmax", _fmax_evaluate, _same_dtype_infer, may_fail=True)
reduce_fmin = AxesOp("reduce_fmin", _fmin_evaluate, _same_dtype_infer, may_fail=True)
# The place of the first greatest and of the first least entry along one axis.
argmax = ParameterOp("argmax", _argmax_evaluate, _place_infer, discrete=True, may_fail=True)
argmin = ParameterOp("argmin", _argmin_evaluate, _place_infer, discrete=True, may_fail=True)
