"""Making a program anew in one walk, from its first operation to its last."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chainrule.compile.program import Program
from chainrule.graph import Graph, Node
from chainrule.graph.node import make_node

# What stands for a node of the new program, whose operands are of that program: the node itself, another or a constant.
Visit = Callable[[Node], Any]


def rebuilt(program: Program, visit: Visit) -> Program:
    """The program with every node replaced as `visit` says; itself if nothing is.

    The order of the operations stays, so none that may fail moves above a guard. Nodes before the first change are
    kept; those after it are made anew, since the serial numbers of nodes are their order.
    """
    graph = program.graph
    values: dict[Node, Any] = {}
    for node in graph.nodes:
        new = node
        if values:
            new = like(node, tuple([values.get(x, x) if type(x) is Node else x for x in node.operands]))
        result = visit(new)
        if result is not node:
            values[node] = result
    if not values:
        return program
    outputs = [values.get(x, x) if type(x) is Node else x for x in graph.outputs]
    return Program(Graph(graph.inputs, outputs), program.results, program.guards)


def like(node: Node, operands: tuple[Any, ...], params: dict[str, Any] | None = None) -> Node:
    """A new node of the same op, shape, dtype and position, of other operands or other parameters."""
    return make_node(
        node.op,
        operands,
        operands,
        None,
        node.params if params is None else params,
        node.shape,
        node.dtype,
        node.code,
        node.offset,
    )
