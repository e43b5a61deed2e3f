"""Values as code without the swap holds them: handles of what carries a derivative, and plain arrays, side by side."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.api.lasting import living
from chainrule.api.results import value_of_leaf
from chainrule.graph.position import describe, here
from chainrule.jacobians.zeros import ZERO, seeded
from chainrule.numpy.handle import Argument, Array, Captured, Frozen, Handle, Scalar, lanes, wrap
from chainrule.numpy.operands import converted
from chainrule.numpy.views import View
from chainrule.trace import Value

# The types of what a function holds while a derivative is taken.
HANDLES = frozenset((Array, Argument, Captured, Frozen, Scalar, View))


def is_traced(x: Any) -> bool:
    """Whether something is a handle that carries a derivative."""
    return isinstance(x, Handle) and type(x._peek()) is Value


def plain_of(x: Any) -> Any:
    """The plain array or NumPy number behind a handle, with every level taken away; anything else as it is."""
    return lanes(x._peek()) if isinstance(x, Handle) else x


def level_below(x: Handle) -> Any:
    """What a handle holds, one level down: a handle again, or a plain array or NumPy number."""
    value = x._peek()
    return as_held(value.below) if type(value) is Value else value


def level_of(x: Handle) -> Any:
    """The number of the level of a handle; -1 for a constant."""
    value = x._peek()
    return value.level.number if type(value) is Value else -1


def node_of(x: Handle) -> Any:
    """What the level of a handle has attached to it; None for a constant."""
    value = x._peek()
    return value.attached if type(value) is Value else None


def as_held(value: Any) -> Any:
    """A value as code without the swap holds it: a handle if it carries a derivative, else the plain array."""
    return wrap(value) if type(value) is Value else value


def without_constants(x: Any) -> Any:
    """A handle that carries no derivative as a plain array of its own; anything else as it is."""
    if isinstance(x, Handle):
        value = x._peek()
        if type(value) is not Value:
            return np.array(value) if type(value) is np.ndarray else value
    return x


def fitted(value: Any, like: Any) -> Any:
    """A derivative in the dtype and shape of its primal; None if it is of another size and does not broadcast to it."""
    if value.dtype != like.dtype:
        value = _in_dtype(value, like.dtype)
    shape = tuple(like.shape)
    if value.shape == shape:
        return value
    if value.size == like.size:
        return _plain_or_traced(np.reshape, value, shape)
    try:
        fits = np.broadcast_shapes(value.shape, shape) == shape
    except ValueError:
        fits = False
    return _plain_or_traced(np.broadcast_to, value, shape) if fits else None


def _in_dtype(value: Any, dtype: Any) -> Any:
    """A value in a dtype; the real part of a complex one where that is real."""
    if value.dtype.kind == "c" and dtype.kind != "c":
        value = _plain_or_traced(np.real, value)
    return converted(value, dtype) if value.dtype != dtype else value


def _plain_or_traced(function: Any, value: Any, *args: Any) -> Any:
    """A function of NumPy applied to a value."""
    result = function(wrap(value), *args)
    return result._read() if isinstance(result, Handle) else result


def seed_for(leaf: Any, like: Any) -> Any:
    """A cotangent or tangent in the shape and dtype of its primal; one number stands for all of its entries."""
    if not hasattr(like, "dtype") or like.dtype.kind not in "fc":
        return ZERO
    if type(leaf) is np.ndarray and leaf.dtype is like.dtype and leaf.shape == like.shape:
        return seeded(leaf.copy())
    given = living(value_of_leaf(leaf))
    value = fitted(given, like)
    if value is None:
        from chainrule.errors import ShapeError

        raise ShapeError(
            f"a cotangent or tangent has shape {given.shape}, and its primal {tuple(like.shape)}.{describe(here())}"
        )
    if isinstance(value, np.ndarray):
        value = np.array(value)
    return seeded(value)
