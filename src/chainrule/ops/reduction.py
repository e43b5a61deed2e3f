"""Reductions over axes. `axes` is a sorted tuple of non-negative integers; the result drops them."""

from typing import Any

import numpy as np

from chainrule.ops.declaration import BOOL, AxesOp
from chainrule.trace import Abstract, Op, ParameterOp

# Not looked up at each call: a look-up and a keyword are a fifth of the time of a short sum.
sum_of = np.add.reduce


def reduced_shape(shape: tuple[int, ...], axes: tuple[int, ...]) -> tuple[int, ...]:
    """The shape that is left when axes are taken away."""
    return tuple(n for axis, n in enumerate(shape) if axis not in axes)


def _sum_evaluate(x: Any, /, *, axes: tuple[int, ...]) -> Any:
    return sum_of(x, axes)


def _sum_infer(x: Any, *, axes: tuple[int, ...]) -> Abstract:
    return Abstract(reduced_shape(x.shape, axes), np.add.reduce(np.zeros(0, x.dtype)).dtype)


def _prod_evaluate(x: Any, /, *, axes: tuple[int, ...]) -> Any:
    return np.multiply.reduce(x, axis=axes)


def _prod_infer(x: Any, *, axes: tuple[int, ...]) -> Abstract:
    return Abstract(reduced_shape(x.shape, axes), np.multiply.reduce(np.zeros(0, x.dtype)).dtype)


def _sum_from_evaluate(x: Any, initial: Any, where: Any, /, *, axes: tuple[int, ...]) -> Any:
    return np.add.reduce(x, axis=axes, initial=initial, where=where)


def _sum_from_infer(x: Any, _initial: Any, _where: Any, *, axes: tuple[int, ...]) -> Abstract:
    return _sum_infer(x, axes=axes)


def _prod_from_evaluate(x: Any, initial: Any, where: Any, /, *, axes: tuple[int, ...]) -> Any:
    return np.multiply.reduce(x, axis=axes, initial=initial, where=where)


def _prod_from_infer(x: Any, _initial: Any, _where: Any, *, axes: tuple[int, ...]) -> Abstract:
    return _prod_infer(x, axes=axes)


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


def _variance_evaluate(x: Any, /, *, axes: tuple[int, ...], ddof: float) -> Any:
    return x.var(axis=axes, ddof=ddof)


def _variance_infer(x: Any, *, axes: tuple[int, ...], ddof: float) -> Abstract:
    return Abstract(reduced_shape(x.shape, axes), x.dtype)


def _all_evaluate(x: Any, /, *, axes: tuple[int, ...]) -> Any:
    return np.logical_and.reduce(x, axis=axes)


def _any_evaluate(x: Any, /, *, axes: tuple[int, ...]) -> Any:
    return np.logical_or.reduce(x, axis=axes)


def _truth_infer(x: Any, *, axes: tuple[int, ...]) -> Abstract:
    return Abstract(reduced_shape(x.shape, axes), BOOL)


def _argmax_evaluate(x: Any, /, *, axis: int) -> Any:
    return np.argmax(x, axis=axis)


def _argmin_evaluate(x: Any, /, *, axis: int) -> Any:
    return np.argmin(x, axis=axis)


def _place_infer(x: Any, *, axis: int) -> Abstract:
    return Abstract(reduced_shape(x.shape, (axis,)), np.dtype(np.intp))


reduce_sum = AxesOp("reduce_sum", _sum_evaluate, _sum_infer)
reduce_prod = AxesOp("reduce_prod", _prod_evaluate, _prod_infer)
# The sum and the product of those x for which `where` holds, which broadcasts against x, begun at a 0-d `initial`; in
# NumPy's order of rounding.
reduce_sum_from = Op("reduce_sum_from", _sum_from_evaluate, _sum_from_infer)
reduce_prod_from = Op("reduce_prod_from", _prod_from_evaluate, _prod_from_infer)
reduce_max = AxesOp("reduce_max", _max_evaluate, _same_dtype_infer, may_fail=True)
reduce_min = AxesOp("reduce_min", _min_evaluate, _same_dtype_infer, may_fail=True)
# The greatest and the least of those that are no NaN.
reduce_fmax = AxesOp("reduce_fmax", _fmax_evaluate, _same_dtype_infer, may_fail=True)
reduce_fmin = AxesOp("reduce_fmin", _fmin_evaluate, _same_dtype_infer, may_fail=True)
# The squared distances of real numbers from their mean, added up and divided by their number less `ddof`.
variance = ParameterOp("variance", _variance_evaluate, _variance_infer)
reduce_all = AxesOp("reduce_all", _all_evaluate, _truth_infer, discrete=True)
reduce_any = AxesOp("reduce_any", _any_evaluate, _truth_infer, discrete=True)
# The place of the first greatest and of the first least entry along one axis.
argmax = ParameterOp("argmax", _argmax_evaluate, _place_infer, discrete=True, may_fail=True)
argmin = ParameterOp("argmin", _argmin_evaluate, _place_infer, discrete=True, may_fail=True)
