"""Running a recorded program again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from chainrule.graph.graph import Graph
from chainrule.graph.node import Node


def replay(graph: Graph, inputs: Sequence[Any]) -> list[Any]:
    """The outputs of a graph for other inputs: arrays, or Values, on which the ops are then handled by their levels.

    A value is let go after its last use, so that no more is alive at a time than the program needs.
    """
    values: dict[Any, Any] = dict(zip(graph.inputs, inputs, strict=True))
    outputs = [output for output in graph.outputs if type(output) is Node]
    for node, finished in zip(graph.nodes, _finished(graph.nodes, outputs), strict=True):
        operands = [values[x] if type(x) is Node else x for x in node.operands]
        values[node] = node.op(*operands, **_params(node))
        for operand in finished:
            del values[operand]
        del operands
    return [values[output] if type(output) is Node else output for output in graph.outputs]


def _params(node: Node) -> dict[str, Any]:
    """The parameters of a node; memory that the graph or its caller holds is not overwritten."""
    params = node.params
    if params.get("donate"):
        written = node.operands[0]
        if type(written) is not Node or written.op is None:
            return {**params, "donate": False}
    return params


def _finished(nodes: Sequence[Node], outputs: Iterable[Node]) -> Iterator[list[Node]]:
    """For each node, which values nobody uses after it."""
    last: dict[Node, int] = {}
    for k, node in enumerate(nodes):
        last[node] = k
        for operand in node.operands:
            if type(operand) is Node:
                last[operand] = k
    for output in outputs:
        last[output] = len(nodes)
    finished: list[list[Node]] = [[] for _ in range(len(nodes) + 1)]
    for node, k in last.items():
        finished[k].append(node)
    return iter(finished[:-1])
