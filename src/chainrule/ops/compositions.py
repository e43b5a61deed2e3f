"""Small functions of ops that rules share."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.ops.movement import broadcast_to
from chainrule.trace import Value


def mT(x: Any) -> Any:
    """The last two axes exchanged, for arrays and Values alike."""
    return x.mT


def moved(x: Any, source: int, destination: int) -> Any:
    """One axis moved to another place."""
    axes = [axis for axis in range(x.ndim) if axis != source]
    axes.insert(destination, source)
    return ops.transpose(x, axes=tuple(axes))


def shifted(x: Any, axis: int, first: complex) -> Any:
    """The entries moved on by one along an axis, after a first one that is given; the last is left out."""
    length = x.shape[axis]
    if not length:
        return x
    start = np.full((*x.shape[:axis], 1, *x.shape[axis + 1 :]), first, x.dtype)
    rest = ops.index(x, path=((*(slice(None),) * axis, slice(0, length - 1)),))
    return ops.concatenate(start, rest, axis=axis)


def expanded(x: Any, axes: tuple[int, ...], shape: tuple[int, ...]) -> Any:
    """The result of a reduction of `shape` over `axes`, with those axes put back as ones."""
    lengths = list(shape)
    for axis in axes:
        lengths[axis] = 1
    return ops.reshape(x, shape=tuple(lengths))


def beside(x: Any, axes: tuple[int, ...]) -> Any:
    """The result of a reduction over `axes`, with those axes put back as ones where a broadcast would not do so."""
    if not axes or axes[-1] < len(axes):
        return x
    lengths = list(x.shape)
    for axis in axes:
        lengths.insert(axis, 1)
    return ops.reshape(x, shape=tuple(lengths))


def spread(x: Any, axes: tuple[int, ...], shape: tuple[int, ...]) -> Any:
    """The result of a reduction of `shape` over `axes`, broadcast back to `shape`."""
    x = beside(x, axes)
    # Of plain arrays not by the op, which would look whether they are traced.
    broadcast = broadcast_to if type(x) is Value else broadcast_to.evaluate
    return broadcast(x, shape=shape)


def sum_to(x: Any, shape: tuple[int, ...]) -> Any:
    """The transpose of a broadcast from `shape`: the sum over every axis that the broadcast made or stretched."""
    return reduced_to(ops.reduce_sum, x, shape)


def reduced_to(reduce: Callable[..., Any], x: Any, shape: tuple[int, ...]) -> Any:
    """A reduction over every axis that a broadcast from `shape` made or stretched."""
    lengths = x.shape
    made = len(lengths) - len(shape)
    axes = tuple(range(made))
    if 1 in shape:
        axes += tuple([made + axis for axis, n in enumerate(shape) if n == 1 and lengths[made + axis] != 1])
    if axes:
        x = reduce(x, axes=axes)
    return x if x.shape == shape else ops.reshape(x, shape=shape)


def filled_like(x: Any, number: complex) -> Any:
    """A 0-d constant of the dtype of x, for ops whose operands broadcast."""
    return x.dtype.type(number)


def size_of(shape: tuple[int, ...]) -> int:
    """The number of elements of a shape."""
    return math.prod(shape)


def quarter_turn(x: Any) -> Any:
    """i x of a complex x, with the signs of zeros."""
    return ops.complex_of(-ops.imag(x), ops.real(x))
