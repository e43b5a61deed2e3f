"""Reductions over axes. `axes` is a sorted tuple of non-negative integers; the result drops them."""

from typing import Any

import numpy as np

from chainrule.ops.declaration import BOOL
from chainrule.trace import Abstract, Op


def reduced_shape(shape: tuple[int, ...], axes: tuple[int, ...]) -> tuple[int, ...]:
    """The shape that is left when axes are taken away."""
    return tuple(n for axis, n in enumerate(shape) if axis not in axes)


def _sum_evaluate(x: Any, /, *, axes: tuple[int, ...]) -> Any:
    return np.add.reduce(x, axis=axes)


def _sum_infer(x: Any, *, axes: tuple[int, ...]) -> Abstract:
    return Abstract(reduced_shape(x.shape, axes), np.add.reduce(np.zeros(0, x.dtype)).dtype)


def _max_evaluate(x: Any, /, *, axes: tuple[int, ...]) -> Any:
    return np.maximum.reduce(x, axis=axes)


def _min_evaluate(x: Any, /, *, axes: tuple[int, ...]) -> Any:
    return np.minimum.reduce(x, axis=axes)


def _same_dtype_infer(x: Any, *, axes: tuple[int, ...]) -> Abstract:
    return Abstract(reduced_shape(x.shape, axes), x.dtype)


def _all_evaluate(x: Any, /, *, axes: tuple[int, ...]) -> Any:
    return np.logical_and.reduce(x, axis=axes)


def _any_evaluate(x: Any, /, *, axes: tuple[int, ...]) -> Any:
    return np.logical_or.reduce(x, axis=axes)


def _truth_infer(x: Any, *, axes: tuple[int, ...]) -> Abstract:
    return Abstract(reduced_shape(x.shape, axes), BOOL)


reduce_sum = Op("reduce_sum", _sum_evaluate, _sum_infer)
reduce_max = Op("reduce_max", _max_evaluate, _same_dtype_infer, may_fail=True)
reduce_min = Op("reduce_min", _min_evaluate, _same_dtype_infer, may_fail=True)
reduce_all = Op("reduce_all", _all_evaluate, _truth_infer, discrete=True)
reduce_any = Op("reduce_any", _any_evaluate, _truth_infer, discrete=True)
