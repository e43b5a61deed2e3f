"""A recorded program: inputs, nodes in order, outputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chainrule.graph.node import Node
from chainrule.graph.order import ancestors


class Graph:
    """A program as the nodes between its inputs and its outputs.

    `nodes` holds them in topological order without the inputs; what does not lead to an output is left out. An output
    that is no node is a constant.
    """

    __slots__ = ("inputs", "nodes", "outputs")

    def __init__(self, inputs: Sequence[Node], outputs: Sequence[Any]) -> None:
        self.inputs = tuple(inputs)
        self.outputs = tuple(outputs)
        sources = set(self.inputs)
        reached = ancestors(output for output in outputs if type(output) is Node)
        self.nodes = tuple(node for node in reached if node not in sources)

    def __len__(self) -> int:
        return len(self.nodes)

    def __repr__(self) -> str:
        return f"<Graph of {len(self.nodes)} nodes, {len(self.inputs)} inputs, {len(self.outputs)} outputs>"

    def __str__(self) -> str:
        from chainrule.graph.printing import text

        return text(self)
