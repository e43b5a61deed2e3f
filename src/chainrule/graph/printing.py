"""A graph as text: one line for each node."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.graph.graph import Graph
from chainrule.graph.node import Node


def text(graph: Graph) -> str:
    """The program, one assignment a line, named a, b, ... in order.

    The header lists the inputs, the last line the outputs; arrays longer than one element print as shape and dtype.
    """
    names = {node: _name(k) for k, node in enumerate((*graph.inputs, *graph.nodes))}
    header = ", ".join(f"{names[node]}: {_type(node)}" for node in graph.inputs)
    lines = [f"inputs {header}"]
    for node in graph.nodes:
        arguments = [_operand(operand, names) for operand in node.operands]
        arguments += [f"{key}={value!r}" for key, value in node.params.items()]
        lines.append(f"  {names[node]}: {_type(node)} = {node.op.name}({', '.join(arguments)})")
    lines.append("return " + ", ".join(_operand(output, names) for output in graph.outputs))
    return "\n".join(lines)


def _name(k: int) -> str:
    letters = ""
    k += 1
    while k:
        k, letter = divmod(k - 1, 26)
        letters = chr(ord("a") + letter) + letters
    return letters


def _type(node: Node) -> str:
    if isinstance(node.dtype, tuple):
        return "(" + ", ".join(f"{d}{list(s)}" for s, d in zip(node.shape, node.dtype, strict=True)) + ")"
    return f"{node.dtype}{list(node.shape)}"


def _operand(operand: Any, names: dict[Node, str]) -> str:
    if type(operand) is Node:
        return names[operand]
    if isinstance(operand, (np.ndarray, np.generic)) and not operand.shape:
        return repr(operand.item())
    return f"<{operand.dtype}{list(operand.shape)}>" if hasattr(operand, "dtype") else repr(operand)
