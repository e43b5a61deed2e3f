"""One value of a computation and how it was made."""

from __future__ import annotations

import itertools
import math
from types import CodeType
from typing import Any

from chainrule.graph.position import Position

next_serial = itertools.count().__next__


class Node:
    """One value of a computation: an op, its operands, and what the op's rule keeps of them.

    `operands` holds, slot by slot, the node that was used or the constant value. `inputs` holds the operands' values
    where the rule of the op reads them, and otherwise `operands` again, which know their shapes and dtypes. `output` is
    the value itself if the rule reads it. Nodes point to what they were made from and never forward, so an unused
    value takes its node with it.

    `shape` and `dtype` describe the value; both are tuples for an op with several results, whose node is followed by
    one projection node for each result that is used. `code` and `offset` are the position in the user's code. A node is
    younger than its operands, so serial numbers are a topological order.

    Made by `make_node`. There is no `__init__`, since a program of a million operations makes a million of them.
    """

    __slots__ = ("code", "dtype", "inputs", "offset", "op", "operands", "output", "params", "serial", "shape")

    op: Any
    operands: tuple[Any, ...]
    inputs: tuple[Any, ...]
    output: Any
    params: dict[str, Any]
    shape: Any
    dtype: Any
    code: CodeType | None
    offset: int
    serial: int

    @property
    def ndim(self) -> int:
        """The number of axes of the value."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of elements of the value."""
        return math.prod(self.shape)

    @property
    def position(self) -> Position | None:
        """Where in the user's code the value was made, if that is known."""
        return None if self.code is None else Position(self.code, self.offset)

    def __repr__(self) -> str:
        name = "input" if self.op is None else self.op.name
        return f"<node {name} {self.dtype}{list(self.shape)}>"


def make_node(
    op: Any,
    operands: tuple[Any, ...],
    inputs: tuple[Any, ...],
    output: Any,
    params: dict[str, Any],
    shape: Any,
    dtype: Any,
    code: CodeType | None = None,
    offset: int = -1,
) -> Node:
    """A new node, younger than all others."""
    node = Node()
    node.op = op
    node.operands = operands
    node.inputs = inputs
    node.output = output
    node.params = params
    node.shape = shape
    node.dtype = dtype
    node.code = code
    node.offset = offset
    node.serial = next_serial()
    return node


def input_node(like: Any) -> Node:
    """A node without operands, of the shape and dtype of an array, Value or node."""
    return make_node(None, (), (), None, {}, like.shape, like.dtype)
