"""Arrays repeated: whole, element by element, or to fill a shape."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from chainrule import ops
from chainrule.numpy.handle import Array, Handle, fresh, look
from chainrule.numpy.indexing import Advanced, read_advanced
from chainrule.numpy.operands import plain, value_of
from chainrule.numpy.table import implements
from chainrule.trace import Value


def copied(value: Any) -> Array:
    """A value as an array in memory of its own."""
    return fresh(value if type(value) is Value else np.array(value))


def picked(x: Any, numbers: Any, axis: int) -> Any:
    """The slices of a value with these numbers along an axis, in the place of that axis."""
    return read_advanced(x, Advanced(None, (axis,), (numbers,), axis))


@implements(np.tile)
def tile(A: Any, reps: Any) -> Any:
    """The array repeated whole along each axis."""
    x = value_of(A)
    counts = tuple(map(operator.index, reps)) if np.iterable(reps) else (operator.index(reps),)
    ndim = max(len(x.shape), len(counts))
    counts = (1,) * (ndim - len(counts)) + counts
    shape = (1,) * (ndim - len(x.shape)) + x.shape
    if all(count == 1 for count in counts):
        return copied(ops.index(ops.reshape(x, shape=shape), path=((...,),), copy=True))
    # Each axis n becomes (count, n), of which the first is repeated.
    paired = tuple(m for n in shape for m in (1, n))
    repeated = tuple(m for count, n in zip(counts, shape, strict=True) for m in (count, n))
    spread = ops.broadcast_to(ops.reshape(x, shape=paired), shape=repeated)
    return Array(ops.reshape(spread, shape=tuple(count * n for count, n in zip(counts, shape, strict=True))))


@implements(np.repeat)
def repeat(a: Any, repeats: Any, axis: Any = None) -> Any:
    """The elements repeated, each as often as is said for it, along an axis or of the flattened array."""
    x = value_of(a)
    if axis is None:
        if len(x.shape) != 1:
            x = ops.reshape(x, shape=(x.size,))
        axis = 0
    axis = int(normalize_axis_index(operator.index(axis), x.ndim))
    if type(repeats) is int and repeats > 0:
        # All as often: an axis of the repetitions is put behind that of the elements, and joined with it.
        before, n, after = x.shape[:axis], x.shape[axis], x.shape[axis + 1 :]
        spread = ops.broadcast_to(ops.reshape(x, shape=(*before, n, 1, *after)), shape=(*before, n, repeats, *after))
        return Array(ops.reshape(spread, shape=(*before, n * repeats, *after)))
    counts = look(repeats._read()) if isinstance(repeats, Handle) else plain(repeats)
    # NumPy repeats the numbers of the elements, and says what is wrong with the counts.
    numbers = np.repeat(np.arange(x.shape[axis]), counts)
    return Array(picked(x, numbers, axis))


@implements(np.resize)
def resize(a: Any, new_shape: Any) -> Any:
    """The elements row by row in another shape, beginning again when there are no more of them."""
    x = value_of(a)
    shape = tuple(map(operator.index, new_shape)) if np.iterable(new_shape) else (operator.index(new_shape),)
    # NumPy resizes the numbers of the elements, and says what is wrong with the shape.
    numbers = np.resize(np.arange(x.size), shape)
    if not x.size:
        return fresh(np.zeros(shape, x.dtype))
    return Array(ops.gather(ops.reshape(x, shape=(x.size,)), numbers))
