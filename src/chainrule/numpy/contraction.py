"""Products of arrays: dot, matmul and their kin."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import ops
from chainrule.numpy.handle import wrap
from chainrule.numpy.operands import common_dtype, value_of
from chainrule.numpy.table import implements
from chainrule.numpy.ufunc_arguments import store


def matmul_values(x: Any, y: Any) -> Any:
    """x @ y for values of one or more axes: a 1-D operand is a row on the left and a column on the right."""
    x, y = common_dtype([x, y])
    if not x.ndim or not y.ndim:
        raise ValueError("matmul: Input operand does not have enough dimensions (has 0, gufunc core requires 1)")
    row, column = x.ndim == 1, y.ndim == 1
    if row:
        x = ops.reshape(x, shape=(1, *x.shape))
    if column:
        y = ops.reshape(y, shape=(*y.shape, 1))
    if x.shape[-1] != y.shape[-2]:
        raise ValueError(f"matmul: inner sizes differ: {x.shape[-1]} and {y.shape[-2]}")
    z = ops.matmul(x, y)
    if row or column:
        shape = z.shape[:-2] + (() if row else z.shape[-2:-1]) + (() if column else z.shape[-1:])
        z = ops.reshape(z, shape=shape)
        if not shape and type(z) is np.ndarray:
            z = z[()]
    return z


@implements(np.matmul)
def matmul(x1: Any, x2: Any, /, out: Any = None, *, dtype: Any = None, **ignored: Any) -> Any:
    """The matrix product x1 @ x2, with NumPy's rules for 1-D operands and stacks."""
    z = matmul_values(value_of(x1), value_of(x2))
    return store(z, out[0] if type(out) is tuple else out)


@implements(np.dot)
def dot(a: Any, b: Any, out: Any = None) -> Any:
    """The dot product: the sum over the last axis of a and the second-last of b."""
    x, y = common_dtype([value_of(a), value_of(b)])
    if not x.ndim or not y.ndim:
        return store(ops.multiply(x, y), out)
    if y.ndim <= 2 and x.ndim <= 2:
        return store(matmul_values(x, y), out)
    order = (*range(y.ndim - 2), y.ndim - 1)
    columns = y if y.ndim == 1 else ops.transpose(y, axes=(y.ndim - 2, *order))
    flat_x = ops.reshape(x, shape=(x.size // max(x.shape[-1], 1), x.shape[-1]))
    flat_y = ops.reshape(columns, shape=(columns.shape[0], columns.size // max(columns.shape[0], 1)))
    return store(ops.reshape(ops.matmul(flat_x, flat_y), shape=(*x.shape[:-1], *columns.shape[1:])), out)


__all__ = ["dot", "matmul", "matmul_values", "wrap"]
