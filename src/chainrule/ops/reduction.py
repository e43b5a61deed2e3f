"""Sums and truth over axes. `axes` is a sorted tuple of non-negative integers; the result drops them."""

from typing import Any

import numpy as np

from chainrule.ops.declaration import BOOL, AxesOp
from chainrule.trace import Abstract

# Not looked up at each call: a look-up and a keyword are a fifth of the time of a short sum.
sum_of = np.add.reduce


def reduced_shape(shape: tuple[int, ...], axes: tuple[int, ...]) -> tuple[int, ...]:
    """The shape that is left when axes are taken away."""
    return tuple(n for axis, n in enumerate(shape) if axis not in axes)


def _sum_evaluate(x: Any, /, *, axes: tuple[int, ...]) -> Any:
    return sum_of(x, axes)


def _sum_infer(x: Any, *, axes: tuple[int, ...]) -> Abstract:
    return Abstract(reduced_shape(x.shape, axes), np.add.reduce(np.zeros(0, x.dtype)).dtype)


def _all_evaluate(x: Any, /, *, axes: tuple[int, ...]) -> Any:
    return np.logical_and.reduce(x, axis=axes)


def _any_evaluate(x: Any, /, *, axes: tuple[int, ...]) -> Any:
    return np.logical_or.reduce(x, axis=axes)


def _truth_infer(x: Any, *, axes: tuple[int, ...]) -> Abstract:
    return Abstract(reduced_shape(x.shape, axes), BOOL)


reduce_sum = AxesOp("reduce_sum", _sum_evaluate, _sum_infer)
reduce_all = AxesOp("reduce_all", _all_evaluate, _truth_infer, discrete=True)
reduce_any = AxesOp("reduce_any", _any_evaluate, _truth_infer, discrete=True)
