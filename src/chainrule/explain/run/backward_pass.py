"""The backward pass of a recorded run, witnessed: what reached each node, and what it gave to each of its operands.

It is the pass that the gradient comes from. Everything that is said of cotangents is read off it, and none is pulled
through an operation again to be looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chainrule.api.gradient import one_of
from chainrule.graph import Node
from chainrule.jacobians.zeros import ZERO, sum_tangent_to
from chainrule.transforms import Tape


class BackwardPass:
    """What one backward pass brought, from a single number on.

    cotangents
        By node ∂result/∂node, with its exclusions; a list for a node with several results. Nodes that nothing reached
        are missing.
    contributions
        By node what each of its operands got from it, shaped like the operand; None where that is not a node.
    seeds
        The cotangents of the outputs: the number 1.
    gradient
        What the inputs got in all.
    """

    __slots__ = ("contributions", "cotangents", "gradient", "seeds")

    def __init__(self, tape: Tape) -> None:
        self.cotangents: dict[Node, Any] = {}
        self.contributions: dict[Node, Sequence[Any]] = {}
        (output,) = tape.outputs
        self.seeds = [ZERO if output is None else one_of(output.dtype)]
        if output is not None and output.op is None:
            (self.cotangents[output],) = self.seeds
        self.gradient = tape.pull(self.seeds, self._noted)

    def _noted(self, node: Node, y_bar: Any, x_bars: Sequence[Any]) -> Sequence[Any]:
        self.cotangents[node] = y_bar
        self.contributions[node] = x_bars = shaped(node, x_bars)
        return x_bars

    def contribution(self, node: Node, slot: int) -> Any:
        """What a node gave to its operand in a slot; `ZERO` for nothing."""
        x_bars = self.contributions.get(node)
        x_bar = None if x_bars is None else x_bars[slot]
        return ZERO if x_bar is None else x_bar


def shaped(node: Node, x_bars: Sequence[Any]) -> Sequence[Any]:
    """The cotangents of a node's operands, each shaped like it: broadcasting ends with a sum."""
    if node.op.core is None:
        return x_bars
    shape = node.shape
    for operand in node.operands:
        if type(operand) is Node and operand.shape != shape:
            break
    else:
        return x_bars
    return [
        sum_tangent_to(x_bar, operand.shape)
        if type(operand) is Node and x_bar is not None and x_bar is not ZERO and x_bar.shape != operand.shape
        else x_bar
        for operand, x_bar in zip(node.operands, x_bars, strict=True)
    ]
