"""Products of arrays: dot, tensordot, outer and their kin."""

from __future__ import annotations

import operator
import warnings
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from chainrule import ops
from chainrule.numpy.axes import one_axis
from chainrule.numpy.constants import traced_form
from chainrule.numpy.generalized_ufuncs import matmul, vecdot
from chainrule.numpy.handle import fresh, wrap
from chainrule.numpy.operands import common_dtype, value_of
from chainrule.numpy.reduction import sum as sum_over
from chainrule.numpy.table import FUNCTIONS, implements
from chainrule.numpy.ufunc_arguments import store
from chainrule.ops.compositions import moved
from chainrule.ops.paths import diagonal_step
from chainrule.ops.tensor_products import subscripts_of_tensordot
from chainrule.trace import Level, Value


@implements(np.dot)
def dot(a: Any, b: Any, out: Any = None) -> Any:
    """The dot product: the sum over the last axis of a and the second-last of b."""
    x, y = value_of(a), value_of(b)
    if x.dtype is not y.dtype:
        x, y = common_dtype([x, y])
    z = dot_values(x, y)
    return wrap(z) if out is None else store(z, out)


def dot_values(x: Any, y: Any) -> Any:
    """The dot product of values of one dtype; of a number and an array, their product."""
    axis = max(y.ndim - 2, 0)
    if x.ndim and y.ndim and x.shape[-1] != y.shape[axis]:
        raise ValueError(
            f"shapes {x.shape} and {y.shape} not aligned: "
            f"{x.shape[-1]} (dim {x.ndim - 1}) != {y.shape[axis]} (dim {axis})"
        )
    return ops.dot(x, y)


@implements(np.inner)
def inner(a: Any, b: Any, /) -> Any:
    """The inner product: the sum over the last axes of both."""
    x, y = common_dtype([value_of(a), value_of(b)])
    return wrap(dot_values(x, y.mT if x.ndim and y.ndim > 1 else y))


@implements(np.vdot)
def vdot(a: Any, b: Any, /) -> Any:
    """The dot product of the conjugate of a with b, both read as vectors."""
    x, y = common_dtype([value_of(a), value_of(b)])
    x, y = (ops.reshape(v, shape=(v.size,)) for v in (x, y))
    if x.shape != y.shape:
        raise ValueError("vectors have different lengths")
    return wrap(ops.vecdot(x, y) if x.dtype.kind == "c" else ops.dot(x, y))


@traced_form(np.outer)
def outer(a: Any, b: Any, out: Any = None) -> Any:
    """The product of every element of a with every element of b."""
    x, y = value_of(a), value_of(b)
    if x.dtype is not y.dtype:
        x, y = common_dtype([x, y])
    if len(y.shape) != 1:
        y = ops.reshape(y, shape=(y.size,))
    z = ops.multiply(ops.reshape(x, shape=(x.size, 1)), y)
    return wrap(z) if out is None else store(z, out)


@traced_form(np.linalg.outer)
def outer_of_vectors(x1: Any, x2: Any, /) -> Any:
    """The outer product of two vectors."""
    x1, x2 = value_of(x1), value_of(x2)
    if x1.ndim != 1 or x2.ndim != 1:
        raise ValueError(
            f"Input arrays must be one-dimensional, but they are x1.ndim={x1.ndim!r} and x2.ndim={x2.ndim!r}."
        )
    return outer(wrap(x1), wrap(x2))


@traced_form(np.tensordot)
def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    """The sum over pairs of axes: an integer names the last axes of a and the first of b, a pair of lists any."""
    x, y = value_of(a), value_of(b)
    if x.dtype is not y.dtype:
        x, y = common_dtype([x, y])
    if type(axes) is int and 0 <= axes <= min(x.ndim, y.ndim):
        summed_x, summed_y = tuple(range(x.ndim - axes, x.ndim)), tuple(range(axes))
    else:
        try:
            axes_x, axes_y = axes
        except TypeError:
            axes_x, axes_y = range(-axes, 0), range(axes)
        summed_x, summed_y = _definite_axes(axes_x, x.ndim), _definite_axes(axes_y, y.ndim)
    if [x.shape[k] for k in summed_x] != [y.shape[k] for k in summed_y]:
        raise ValueError("shape-mismatch for sum")
    return fresh(ops.tensordot(x, y, subscripts=subscripts_of_tensordot(x.ndim, y.ndim, summed_x, summed_y)))


def _definite_axes(axes: Any, ndim: int) -> tuple[int, ...]:
    definite = tuple([normalize_axis_index(axis, ndim) for axis in (axes if np.iterable(axes) else [axes])])
    # Counted from either end, as 0 and -2 are of a matrix.
    if len(set(definite)) != len(definite):
        raise ValueError("duplicate axes are not allowed in tensordot")
    return definite


@traced_form(np.kron)
def kron(a: Any, b: Any) -> Any:
    """The Kronecker product: every element of a times the whole of b, as blocks."""
    x, y = common_dtype([value_of(a), value_of(b)])
    if not x.ndim or not y.ndim:
        return wrap(ops.multiply(x, y))
    ndim = max(x.ndim, y.ndim)
    blocks, block = ((1,) * (ndim - v.ndim) + v.shape for v in (x, y))
    x = ops.reshape(x, shape=tuple(n for size in blocks for n in (size, 1)))
    y = ops.reshape(y, shape=tuple(n for size in block for n in (1, size)))
    shape = tuple(m * n for m, n in zip(blocks, block, strict=True))
    return wrap(ops.reshape(ops.multiply(x, y), shape=shape))


@traced_form(np.cross)
def cross(a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Any:
    """The cross product of vectors with 2 or 3 components; a missing third component is 0."""
    if axis is not None:
        axisa = axisb = axisc = axis
    x, y = value_of(a), value_of(b)
    if x.dtype is not y.dtype:
        x, y = common_dtype([x, y])
    if not x.shape or not y.shape:
        raise ValueError("At least one array has zero dimension")
    x, y = _along_last(x, axisa, "axisa"), _along_last(y, axisb, "axisb")
    if x.shape[-1] == y.shape[-1] == 3:
        z = ops.cross(x, y)
        return wrap(z if axisc == -1 else moved(z, z.ndim - 1, normalize_axis_index(axisc, z.ndim, "axisc")))
    if x.shape[-1] not in (2, 3) or y.shape[-1] not in (2, 3):
        raise ValueError("incompatible dimensions for cross product\n(dimension must be 2 or 3)")
    warnings.warn(
        "Arrays of 2-dimensional vectors are deprecated. Use arrays of 3-dimensional vectors instead. "
        "(deprecated in NumPy 2.0)",
        DeprecationWarning,
        stacklevel=2,
    )
    xs, ys = _components(x), _components(y)
    third = _minors(xs, ys, 0, 1)
    if x.shape[-1] == y.shape[-1] == 2:
        return fresh(third if type(third) is Value else np.asarray(third))
    ndim = third.ndim + 1
    axisc = normalize_axis_index(axisc, ndim, msg_prefix="axisc")
    components = (_minors(xs, ys, 1, 2), _minors(xs, ys, 2, 0), third)
    z = ops.concatenate(*(ops.reshape(z, shape=(*z.shape, 1)) for z in components), axis=ndim - 1)
    return wrap(moved(z, ndim - 1, axisc))


def _along_last(x: Any, axis: int, name: str) -> Any:
    """An array with an axis as its last."""
    return x if axis == -1 else moved(x, normalize_axis_index(axis, x.ndim, name), x.ndim - 1)


def _components(x: Any) -> list[Any]:
    """The components of vectors along the last axis, of which the third may be missing."""
    parts = [ops.index(x, path=((..., k),)) for k in range(x.shape[-1])]
    return parts if len(parts) == 3 else [*parts, None]


def _minors(xs: list[Any], ys: list[Any], i: int, j: int) -> Any:
    """xᵢ yⱼ - xⱼ yᵢ, without the products that a missing component makes 0."""
    if ys[j] is None or xs[i] is None:
        return -(ops.multiply(xs[j], ys[i]))
    positive = ops.multiply(xs[i], ys[j])
    return positive if xs[j] is None or ys[i] is None else positive - ops.multiply(xs[j], ys[i])


@traced_form(np.linalg.cross)
def cross_of_spatial_vectors(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    """The cross product of vectors with 3 components."""
    x1, x2 = value_of(x1), value_of(x2)
    if x1.shape[axis] != 3 or x2.shape[axis] != 3:
        raise ValueError(
            "Both input arrays must be (arrays of) 3-dimensional vectors, "
            f"but they are {x1.shape[axis]} and {x2.shape[axis]} dimensional instead."
        )
    return cross(wrap(x1), wrap(x2), axis=axis)


@implements(np.linalg.matmul)
def matmul_of_arrays(x1: Any, x2: Any, /) -> Any:
    """The matrix product."""
    return matmul(x1, x2)


@traced_form(np.linalg.vecdot)
def vecdot_along(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    """The dot product of the conjugate of x1 with x2, along an axis."""
    return vecdot(x1, x2, axis=axis)


@traced_form(np.linalg.tensordot)
def tensordot_of_arrays(x1: Any, x2: Any, /, *, axes: Any = 2) -> Any:
    """The sum over pairs of axes."""
    return tensordot(x1, x2, axes)


@traced_form(np.linalg.multi_dot)
def multi_dot(arrays: Any, *, out: Any = None) -> Any:
    """The product of several matrices, in the order that needs the fewest multiplications.

    The first and the last may be vectors. Source: Cormen et al., Introduction to Algorithms, matrix-chain order.
    """
    values = list(map(value_of, arrays))
    if len(values) < 2:
        raise ValueError("Expecting at least two arrays.")
    if len(values) == 2:
        return dot(wrap(values[0]), wrap(values[1]), out=out)
    row, column = values[0].ndim == 1, values[-1].ndim == 1
    if row:
        values[0] = ops.reshape(values[0], shape=(1, values[0].size))
    if column:
        values[-1] = ops.reshape(values[-1], shape=(values[-1].size, 1))
    for x in values:
        if x.ndim != 2:
            raise np.linalg.LinAlgError(f"{x.ndim}-dimensional array given. Array must be two-dimensional")
    z = _chained(values, _chain_order(values), 0, len(values) - 1)
    if row or column:
        z = ops.reshape(z, shape=() if row and column else (z.size,))
        z = z[()] if row and column and type(z) is np.ndarray else z
    return store(z, out)


def _chain_order(values: list[Any]) -> dict[tuple[int, int], int]:
    """After which factor each stretch of factors is best divided; at equal costs as early as possible."""
    sizes = [x.shape[0] for x in values] + [values[-1].shape[1]]
    costs = {(i, i): 0 for i in range(len(values))}
    order: dict[tuple[int, int], int] = {}
    for length in range(1, len(values)):
        for i in range(len(values) - length):
            j = i + length
            by_place = {k: costs[i, k] + costs[k + 1, j] + sizes[i] * sizes[k + 1] * sizes[j + 1] for k in range(i, j)}
            order[i, j] = min(by_place, key=lambda k: by_place[k])
            costs[i, j] = by_place[order[i, j]]
    return order


def _chained(values: list[Any], order: dict[tuple[int, int], int], i: int, j: int) -> Any:
    if i == j:
        return values[i]
    k = order[i, j]
    return dot_values(*common_dtype([_chained(values, order, i, k), _chained(values, order, k + 1, j)]))


_MAIN_DIAGONAL = {"path": (diagonal_step(0, 0, 1),)}


def _trace_of_matrix(level: Level, x: Value) -> Any:
    if len(x.shape) != 2:
        return value_of(trace(wrap(x), 0))
    return ops.reduce_sum(level.bind_with(ops.index, x, _MAIN_DIAGONAL), axes=(0,))


@traced_form(np.trace, of_one=_trace_of_matrix)
def trace(a: Any, offset: Any = 0, axis1: Any = 0, axis2: Any = 1, dtype: Any = None, out: Any = None) -> Any:
    """The sum of the diagonal of two axes."""
    x = value_of(a)
    ndim = len(x.shape)
    if ndim < 2:
        raise ValueError("diag requires an array of at least two dimensions")
    first, second = one_axis(axis1, ndim), one_axis(axis2, ndim)
    if first == second:
        raise ValueError("axis1 and axis2 cannot be the same")
    diagonal = ops.index(x, path=(diagonal_step(operator.index(offset), first, second),))
    if dtype is None and out is None:
        return wrap(ops.reduce_sum(diagonal, axes=(ndim - 2,)))
    return sum_over(wrap(diagonal), axis=-1, dtype=dtype, out=out)


@traced_form(np.linalg.trace)
def trace_of_matrices(x: Any, /, *, offset: Any = 0, dtype: Any = None) -> Any:
    """The sum of the diagonal of the last two axes."""
    return trace(x, offset, -2, -1, dtype)


@implements(np.linalg.matrix_transpose)
def matrix_transpose(x: Any, /) -> Any:
    """The last two axes exchanged: a view."""
    return FUNCTIONS[np.matrix_transpose](x)


__all__ = ["cross", "dot", "inner", "kron", "matmul", "multi_dot", "outer", "tensordot", "trace", "vdot"]
