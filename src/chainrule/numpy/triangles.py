"""Diagonals and triangles of matrices."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from chainrule import ops
from chainrule.numpy.handle import Array, fresh
from chainrule.numpy.operands import array_of, converted, plain, value_of
from chainrule.numpy.steps import view_at
from chainrule.numpy.table import implements
from chainrule.ops.paths import diagonal_step


@implements(np.diagonal)
def diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The diagonals of two axes, as the last axis: a read-only view."""
    x = array_of(a)
    ndim = len(x.shape)
    if ndim < 2:
        raise ValueError("diag requires an array of at least two dimensions")
    first, second = int(normalize_axis_index(axis1, ndim)), int(normalize_axis_index(axis2, ndim))
    if first == second:
        raise ValueError("axis1 and axis2 cannot be the same")
    shape = x._layout().diagonal(offset, first, second).shape
    return view_at(x, (diagonal_step(int(offset), first, second),), shape, frozen=True)


@implements(np.linalg.diagonal)
def diagonal_of_matrices(x: Any, /, *, offset: int = 0) -> Any:
    """The diagonals of the last two axes: a read-only view."""
    return diagonal(x, offset, -2, -1)


@implements(np.diag)
def diag(v: Any, k: int = 0) -> Any:
    """The diagonal of a matrix (a read-only view), or the matrix with a vector as its diagonal."""
    x = array_of(v)
    ndim = len(x.shape)
    if ndim == 1:
        n = x.size + abs(k)
        return fresh(ops.place(x._read(), path=(diagonal_step(int(k), 0, 1),), shape=(n, n)))
    if ndim == 2:
        return diagonal(x, k)
    raise ValueError("Input must be 1- or 2-d.")


@implements(np.diagflat)
def diagflat(v: Any, k: int = 0) -> Any:
    """The matrix with all elements of an array as its diagonal."""
    x = value_of(v)
    return diag(Array(ops.reshape(x, shape=(x.size,))), k)


@implements(np.tril)
def tril(m: Any, k: int = 0) -> Any:
    """The lower triangles of the last two axes, with zeros above the k-th diagonal."""
    x = _of_two_axes(value_of(m))
    return Array(ops.select(np.tri(x.shape[-2], x.shape[-1], k, bool), x, x.dtype.type(0)))


@implements(np.triu)
def triu(m: Any, k: int = 0) -> Any:
    """The upper triangles of the last two axes, with zeros below the k-th diagonal."""
    x = _of_two_axes(value_of(m))
    return Array(ops.select(np.tri(x.shape[-2], x.shape[-1], k - 1, bool), x.dtype.type(0), x))


def _of_two_axes(x: Any) -> Any:
    """A vector as rows of a square matrix, as NumPy's triangles take it."""
    if not x.shape:
        raise ValueError("m must have at least one axis")
    return ops.broadcast_to(x, shape=(*x.shape, *x.shape)) if len(x.shape) == 1 else x


@implements(np.vander)
def vander(x: Any, N: Any = None, increasing: bool = False) -> Any:
    """The matrix whose columns are powers of a vector, the highest first unless `increasing`."""
    vector = value_of(x)
    if len(vector.shape) != 1:
        raise ValueError("x must be a one-dimensional array or sequence.")
    count = vector.size if N is None else int(N)
    dtype = np.promote_types(vector.dtype, int)
    vector = converted(vector, dtype)
    columns = [np.ones(vector.shape, dtype)]
    while len(columns) < count:
        columns.append(ops.multiply(columns[-1], vector) if len(columns) > 1 else vector)
    columns = columns[:count]
    if not columns:
        return fresh(np.empty((vector.size, 0), dtype))
    return Array(ops.stack(*(columns if increasing else columns[::-1]), axis=1))


@implements(np.mask_indices)
def mask_indices(n: int, mask_func: Callable[..., Any], k: Any = 0) -> Any:
    """Where a function of a matrix leaves something."""
    left = mask_func(fresh(np.ones((n, n), int)), k)
    return tuple(map(fresh, np.nonzero(array_of(left)._plain("np.mask_indices"))))


def _constant(original: Any, taken: Callable[[Any], Any]) -> None:
    @implements(original)
    @functools.wraps(original)
    def indices(*args: Any, **kwargs: Any) -> Any:
        return tuple(map(fresh, original(*map(taken, args), **{name: taken(arg) for name, arg in kwargs.items()})))


def _shape_alone(arg: Any) -> Any:
    """An array of the shape of an argument, without its numbers."""
    return array_of(arg)._layout() if isinstance(arg, Array) else plain(arg)


_OF_SHAPES: tuple[Any, ...] = (np.diag_indices, np.tril_indices, np.triu_indices)
_OF_ARRAYS: tuple[Any, ...] = (np.diag_indices_from, np.tril_indices_from, np.triu_indices_from)
for _original in _OF_SHAPES:
    _constant(_original, plain)
for _original in _OF_ARRAYS:
    _constant(_original, _shape_alone)
