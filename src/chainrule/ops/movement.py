"""Movement: the same elements in another arrangement. All of these are linear, with a matrix of zeros and ones."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy import empty

from chainrule.ops.declaration import AxesOp, ShapeOp
from chainrule.trace import Abstract, Op, ParameterOp


def _reshape_evaluate(x: Any, /, *, shape: tuple[int, ...]) -> Any:
    return x.reshape(shape)


def _reshape_infer(x: Any, *, shape: tuple[int, ...]) -> Abstract:
    return Abstract(shape, x.dtype)


def _transpose_evaluate(x: Any, /, *, axes: tuple[int, ...]) -> Any:
    return x.transpose(axes)


def _transpose_infer(x: Any, *, axes: tuple[int, ...]) -> Abstract:
    return Abstract(tuple(x.shape[axis] for axis in axes), x.dtype)


# Up to this many elements a copy is made faster than a view without strides, ten times so for a few.
_COPIED_BELOW = 1024


def _broadcast_evaluate(x: Any, /, *, shape: tuple[int, ...]) -> Any:
    if math.prod(shape) > _COPIED_BELOW:
        return np.broadcast_to(x, shape)
    y = empty(shape, x.dtype)
    y[...] = x
    return y


def _concatenate_evaluate(*operands: Any, axis: int) -> Any:
    return np.concatenate(operands, axis=axis)


def _concatenate_infer(*operands: Any, axis: int) -> Abstract:
    shape: Sequence[int] = operands[0].shape
    total = sum(x.shape[axis] for x in operands)
    return Abstract((*shape[:axis], total, *shape[axis + 1 :]), np.result_type(*(x.dtype for x in operands)))


def _stack_evaluate(*operands: Any, axis: int) -> Any:
    if not operands[0].shape:
        return np.array(operands)
    # What np.stack does, which spends more on asking what it is given.
    place = (*(slice(None),) * axis, None)
    return np.concatenate([x[place] for x in operands], axis)


def _stack_infer(*operands: Any, axis: int) -> Abstract:
    shape: Sequence[int] = operands[0].shape
    return Abstract((*shape[:axis], len(operands), *shape[axis:]), operands[0].dtype)


def _flip_evaluate(x: Any, /, *, axes: tuple[int, ...]) -> Any:
    places = [slice(None)] * x.ndim
    for axis in axes:
        places[axis] = slice(None, None, -1)
    return x[tuple(places)]


def _flip_infer(x: Any, *, axes: tuple[int, ...]) -> Abstract:
    return Abstract(x.shape, x.dtype)


def _roll_evaluate(x: Any, /, *, shifts: tuple[int, ...], axes: tuple[int, ...]) -> Any:
    for shift, axis in zip(shifts, axes, strict=True):
        before = (slice(None),) * axis
        x = np.concatenate((x[(*before, slice(-shift, None))], x[(*before, slice(0, -shift))]), axis)
    return x


def _roll_infer(x: Any, *, shifts: tuple[int, ...], axes: tuple[int, ...]) -> Abstract:
    return Abstract(x.shape, x.dtype)


reshape = ShapeOp("reshape", _reshape_evaluate, _reshape_infer)
transpose = AxesOp("transpose", _transpose_evaluate, _transpose_infer)
broadcast_to = ShapeOp("broadcast_to", _broadcast_evaluate, _reshape_infer)
concatenate = Op("concatenate", _concatenate_evaluate, _concatenate_infer)
stack = Op("stack", _stack_evaluate, _stack_infer)
flip = AxesOp("flip", _flip_evaluate, _flip_infer)
# Each shift is at least 1 and less than the length of its axis: so many entries leave at the end and enter in front.
roll = ParameterOp("roll", _roll_evaluate, _roll_infer)
