"""One value of a computation and how it was made."""

from __future__ import annotations

import itertools
from typing import Any

from chainrule.graph.position import Position

_serials = itertools.count()


class Node:
    """One value of a computation: an op, its operands, and what the op's rule keeps of them.

    `operands` holds, slot by slot, the node that was used or the constant value. `inputs` holds the operands' values
    where the rule of the op reads them, and otherwise `operands` again, which know their shapes and dtypes. `output` is
    the value itself if the rule reads it. Nodes point to what they were made from and never forward, so an unused
    value takes its node with it.

    `shape` and `dtype` describe the value; both are tuples for an op with several results, whose node is followed by
    one projection node for each result that is used.
    """

    __slots__ = ("code", "dtype", "inputs", "offset", "op", "operands", "output", "params", "serial", "shape")

    def __init__(
        self,
        op: Any,
        operands: tuple[Any, ...],
        inputs: tuple[Any, ...],
        output: Any,
        params: dict[str, Any],
        shape: Any,
        dtype: Any,
        code: Any = None,
        offset: int = -1,
        next_serial: Any = _serials.__next__,
    ) -> None:
        self.op = op
        self.operands = operands
        self.inputs = inputs
        self.output = output
        self.params = params
        self.shape = shape
        self.dtype = dtype
        self.code = code
        self.offset = offset
        # A node is younger than its operands, so serial numbers are a topological order.
        self.serial = next_serial()

    @property
    def ndim(self) -> int:
        """The number of axes of the value."""
        return len(self.shape)

    @property
    def position(self) -> Position | None:
        """Where in the user's code the value was made, if that is known."""
        return None if self.code is None else Position(self.code, self.offset)

    def __repr__(self) -> str:
        name = "input" if self.op is None else self.op.name
        return f"<node {name} {self.dtype}{list(self.shape)}>"
