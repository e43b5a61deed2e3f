"""The pull of one operation on plain numbers, without a run to record it in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.graph import Node
from chainrule.jacobians.zeros import values_of
from chainrule.ops.compositions import sum_to
from chainrule.trace import Op

_FLOAT64 = np.dtype(np.float64)
_NUMBER_TYPE = np.float64


def elementwise_op(function: Any) -> Op | None:
    """The op that one of our universal functions applies, if it is one alone; else None."""
    op = getattr(function, "direct", None)
    return op if isinstance(op, Op) and op.keeps is not None else None


def pulled_through(op: Op, argnums: Sequence[int], y_bar: Any, y: Any, xs: Sequence[Any]) -> tuple[Any, ...] | None:
    """x̄ = ∂y/∂x · ȳ for some of the arguments of an elementwise op.

    None if that is not to be had directly: unless all are numbers or arrays of float64 and ȳ is of the shape of y, or
    if entries of ȳ are zero, which do not take part in the derivative.
    """
    kind = type(y_bar)
    if kind is _NUMBER_TYPE and type(y) is _NUMBER_TYPE and len(xs) == 1 and type(xs[0]) is _NUMBER_TYPE and y_bar != 0:
        # The commonest, without ado.
        return op.pull(y_bar, (xs[0],), y, _NONE, _ONE_NUMBER)  # type: ignore[misc]  # it has a rule
    if kind is np.ndarray:
        if y_bar.dtype is not _FLOAT64 or np.count_nonzero(y_bar) != y_bar.size:
            return None
    elif kind is float or kind is np.float64:
        if y_bar == 0:
            return None
        y_bar = np.float64(y_bar)
    else:
        return None
    if type(y) is not np.float64 and not (type(y) is np.ndarray and y.dtype is _FLOAT64):
        return None
    if y_bar.shape != y.shape:
        # One number that stands for all entries.
        return None
    pull: Any = op.pull
    values: list[Any] = []
    operands: list[Any] = []
    for k, x in enumerate(xs):
        kind = type(x)
        if kind is float or (kind is int and k not in argnums):
            x = np.float64(x)
        elif kind is not np.float64 and not (kind is np.ndarray and x.dtype is _FLOAT64):
            return None
        values.append(x)
        operands.append(x if k not in argnums else _placeholder(x.shape) if x.shape else _NUMBER)
    x_bars = pull(y_bar, tuple(values), y, _NONE, tuple(operands))
    found = []
    for k in argnums:
        x, x_bar = values[k], x_bars[k]
        if type(x_bar) is not np.float64 and type(x_bar) is not np.ndarray:
            x_bar = values_of(x_bar, x)
        found.append(x_bar if x_bar.shape == x.shape else sum_to(x_bar, x.shape))
    return tuple(found)


def _placeholder(shape: tuple[int, ...]) -> Node:
    """A node of a shape, which tells a rule that the cotangent of an operand is asked for."""
    node = Node()
    node.op = node.output = node.code = None
    node.operands = node.inputs = ()
    node.shape, node.dtype = shape, _FLOAT64
    return node


_NUMBER = _placeholder(())
_ONE_NUMBER = (_NUMBER,)
# The parameters of an op that has none.
_NONE: dict[str, Any] = {}
