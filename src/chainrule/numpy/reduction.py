"""Sums, means, products and extremes over axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import ops
from chainrule.numpy.axes import all_axes
from chainrule.numpy.operands import converted, value_of
from chainrule.numpy.table import implements
from chainrule.numpy.ufunc_arguments import store
from chainrule.ops.compositions import expanded

MISSING: Any = np._NoValue


@implements(np.sum)
def sum(  # noqa: A001  # the name is NumPy's
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: Any = MISSING,
    initial: Any = MISSING,
    where: Any = MISSING,
) -> Any:
    """Sum over axes."""
    x = value_of(a)
    if dtype is not None:
        x = converted(x, dtype)
    if where is not MISSING:
        x = ops.select(value_of(where), x, x.dtype.type(0))
    axes = all_axes(axis, x.ndim)
    y = ops.reduce_sum(x, axes=axes)
    if keepdims is not MISSING and keepdims:
        y = expanded(y, axes, x.shape)
    if initial is not MISSING:
        y = y + converted(value_of(initial), y.dtype)
    return store(y, out)
