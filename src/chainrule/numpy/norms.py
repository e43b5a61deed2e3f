"""NumPy's norms of vectors and matrices, condition numbers and ranks."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple
from numpy.linalg import LinAlgError

from chainrule import ops
from chainrule.numpy.constants import traced_form
from chainrule.numpy.factorizations import svd
from chainrule.numpy.handle import fresh, look, wrap
from chainrule.numpy.matrices import square_matrix
from chainrule.numpy.operands import common_dtype, converted, value_of
from chainrule.numpy.spectra import svdvals_with_own
from chainrule.ops.complex_parts import real_dtype
from chainrule.ops.compositions import expanded, size_of
from chainrule.ops.degeneracy import has_zeros
from chainrule.ops.matrix_parts import column
from chainrule.trace import Value
from chainrule.transforms.holding import held
from chainrule.transforms.looks import decide


@traced_form(np.linalg.norm)
def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """A norm of vectors along an axis, of matrices along two axes, or of all that there is."""
    value = value_of(x)
    if value.dtype.kind not in "fc":
        value = converted(value, np.float64)
    if axis is None and _is_flat(ord, value.ndim):
        y = ops.euclidean_norm(value, axes=None)
        return fresh(ops.reshape(y, shape=(1,) * value.ndim)) if keepdims else wrap(y)
    axes = _axes_of(axis, value.ndim)
    if len(axes) == 1:
        y = _norm_of_vectors(value, ord, axes[0])
    elif len(axes) == 2:
        y = _norm_of_matrices(value, ord, *axes)
    else:
        raise ValueError("Improper number of dimensions to norm.")
    return wrap(expanded(y, axes, value.shape) if keepdims else y)


def _is_flat(order: Any, ndim: int) -> bool:
    """Whether NumPy reads the whole array as one vector."""
    return order is None or (order in ("f", "fro") and ndim == 2) or (order == 2 and ndim == 1)


def _axes_of(axis: Any, ndim: int) -> tuple[int, ...]:
    if axis is None:
        return tuple(range(ndim))
    if not isinstance(axis, tuple):
        try:
            axis = (int(axis),)
        except Exception as error:
            raise TypeError("'axis' must be None, an integer or a tuple of integers") from error
    axes = tuple(normalize_axis_index(part, ndim) for part in axis)
    if len(set(axes)) < len(axes):
        raise ValueError("Duplicate axes given.")
    return axes


def _norm_of_vectors(x: Any, order: Any, axis: int) -> Any:
    if order is None or order == 2:
        return ops.euclidean_norm(x, axes=(axis,))
    if isinstance(order, str):
        raise ValueError(f"Invalid norm order '{order}' for vectors")
    if order == math.inf:
        return _greatest(_size(x), axis)
    if order == -math.inf:
        return ops.reduce_min(_size(x), axes=(axis,))
    if order == 0:
        return ops.reduce_sum(ops.convert(x != 0, dtype=real_dtype(x.dtype)), axes=(axis,))
    if order == 1:
        return ops.reduce_sum(_size(x), axes=(axis,))
    return ops.power_norm(x, axis=axis, order=float(order))


def _norm_of_matrices(x: Any, order: Any, row_axis: int, column_axis: int) -> Any:
    if order in (None, "fro", "f"):
        return ops.euclidean_norm(x, axes=tuple(sorted((row_axis, column_axis))))
    if order in (2, -2, "nuc"):
        s = _positive_singular_values(_moved_last(x, row_axis, column_axis))
        if order == "nuc":
            return ops.reduce_sum(s, axes=(s.ndim - 1,))
        return _greatest(s, s.ndim - 1) if order == 2 else ops.reduce_min(s, axes=(s.ndim - 1,))
    if isinstance(order, str) or abs(order) not in (1, math.inf):
        raise ValueError("Invalid norm order for matrices.")
    summed, left = (row_axis, column_axis) if abs(order) == 1 else (column_axis, row_axis)
    sums = ops.reduce_sum(_size(x), axes=(summed,))
    left -= left > summed
    return _greatest(sums, left) if order > 0 else ops.reduce_min(sums, axes=(left,))


def _positive_singular_values(x: Any) -> Any:
    """Singular values, of which those that are 0, or round-off, do not take part in a derivative (kinks)."""
    s, values = svdvals_with_own(x)
    if type(x) is not Value or not decide(has_zeros, values):
        return s
    total = ops.reduce_sum(values, axes=(s.ndim - 1,))
    vanishes = values <= column(total) * (4 * np.finfo(s.dtype).eps)
    # What round-off leaves stays in the value.
    return ops.select(vanishes, held(values), s)


def _size(x: Any) -> Any:
    return ops.modulus(x) if x.dtype.kind == "c" else ops.absolute(x)


def _greatest(x: Any, axis: int) -> Any:
    """The maximum of numbers that are not negative, 0 of none."""
    if x.shape[axis]:
        return ops.reduce_max(x, axes=(axis,))
    return np.zeros((*x.shape[:axis], *x.shape[axis + 1 :]), x.dtype)[()]


def _moved_last(x: Any, row_axis: int, column_axis: int) -> Any:
    others = (axis for axis in range(x.ndim) if axis not in (row_axis, column_axis))
    order = (*others, row_axis, column_axis)
    return x if order == tuple(range(x.ndim)) else ops.transpose(x, axes=order)


@traced_form(np.linalg.vector_norm)
def vector_norm(x: Any, /, *, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> Any:
    """A norm of vectors, along an axis, or of several axes read as one."""
    value = value_of(x)
    shape = value.shape
    if axis is None:
        value, along = ops.reshape(value, shape=(value.size,)), 0
    elif isinstance(axis, tuple):
        chosen = normalize_axis_tuple(axis, value.ndim)
        others = tuple(k for k in range(value.ndim) if k not in chosen)
        value = ops.transpose(value, axes=(*chosen, *others))
        length = size_of(tuple(shape[k] for k in chosen))
        value, along = ops.reshape(value, shape=(length, *(shape[k] for k in others))), 0
    else:
        along = axis
    y = norm(wrap(value), ord, along)
    if not keepdims:
        return y
    gone = normalize_axis_tuple(range(len(shape)) if axis is None else axis, len(shape))
    return wrap(ops.reshape(value_of(y), shape=tuple(1 if k in gone else n for k, n in enumerate(shape))))


@traced_form(np.linalg.matrix_norm)
def matrix_norm(x: Any, /, *, keepdims: bool = False, ord: Any = "fro") -> Any:
    """A norm of the matrices in the last two axes."""
    return norm(x, ord, (-2, -1), keepdims)


@traced_form(np.linalg.cond)
def cond(x: Any, p: Any = None) -> Any:
    """The condition number: |x| |x⁻¹| in a norm, by default the quotient of the greatest and least singular value."""
    value = value_of(x)
    if value.size == 0 and 0 in value.shape[-2:]:
        raise LinAlgError("cond is not defined on empty arrays")
    with np.errstate(all="ignore"):
        if p is None or p in (2, -2):
            s = value_of(svd(wrap(value), compute_uv=False))
            first, last = (ops.index(s, path=((..., k),)) for k in (0, -1))
            y = last / first if p == -2 else first / last
        else:
            a = square_matrix(wrap(value))
            # NumPy multiplies in double precision.
            wide = converted(a, np.result_type(a.dtype, np.float64))
            sizes = [value_of(norm(wrap(x), p, (-2, -1))) for x in (a, ops.inverse_or_nan(wide))]
            y = converted(ops.multiply(*common_dtype(sizes)), real_dtype(a.dtype))
    axes = (value.ndim - 2, value.ndim - 1)
    known = ops.logical_not(ops.reduce_any(ops.isnan(value), axes=axes)) if value.dtype.kind in "fc" else np.True_
    singular = ops.logical_and(ops.isnan(y), known)
    return wrap(ops.select(singular, y.dtype.type(np.inf), y))


@traced_form(np.linalg.matrix_rank)
def matrix_rank(A: Any, tol: Any = None, hermitian: bool = False, *, rtol: Any = None) -> Any:
    """How many singular values are greater than `tol`, or than `rtol` times the greatest: a step function."""
    if rtol is not None and tol is not None:
        raise ValueError("`tol` and `rtol` can't be both set.")
    value = value_of(A)
    if value.ndim < 2:
        return int(bool(look(ops.reduce_any(value != 0, axes=tuple(range(value.ndim))))))
    s = value_of(svd(wrap(value), compute_uv=False, hermitian=hermitian))
    if tol is None:
        share = max(value.shape[-2:]) * np.finfo(s.dtype).eps if rtol is None else _with_last_axis(rtol)
        limit = ops.multiply(*common_dtype([_with_last_axis(_greatest(s, s.ndim - 1)), value_of(share)]))
    else:
        limit = _with_last_axis(tol)
    s, limit = common_dtype([s, limit])
    return wrap(ops.reduce_sum(s > limit, axes=(s.ndim - 1,)))


def _with_last_axis(x: Any) -> Any:
    value = value_of(x)
    return ops.reshape(value, shape=(*value.shape, 1))


__all__ = ["cond", "matrix_norm", "matrix_rank", "norm", "vector_norm"]
