"""Whether a graph is a program: every operand made before it is used, and every node of the shape it says it has."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from chainrule.graph.graph import Graph
from chainrule.graph.node import Node
from chainrule.graph.order import ancestors


class _Described(NamedTuple):
    """One result of an op with several, as `infer` takes it."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]


def verify(graph: Graph) -> None:
    """Raise unless a graph is well-formed.

    Checked are: every input and node stands there once; operands are inputs, constants or earlier nodes; every node
    leads to an output; every output is defined; shapes and dtypes are those that `infer` of the op gives.

    Raises
    ------
    AssertionError
        Something of this does not hold, which only a bug of chainrule brings about.

    Examples
    --------
    >>> verify(Graph([], []))
    """
    defined: set[Node] = set()
    for node in graph.inputs:
        _require(node.op is None, f"the input {node!r} is computed")
        _require(node not in defined, f"the input {node!r} is listed twice")
        defined.add(node)
    for node in graph.nodes:
        _require(node.op is not None, f"{node!r} is used, and is not listed as an input")
        _require(node not in defined, f"{node!r} is listed twice")
        for operand in node.operands:
            _require(type(operand) is not Node or operand in defined, f"{node!r} uses {operand!r} before that is made")
        _check_inferred(node)
        defined.add(node)
    outputs = [output for output in graph.outputs if type(output) is Node]
    for output in outputs:
        _require(output in defined, f"the output {output!r} is not made in the graph")
    leading_to_outputs = set(ancestors(outputs))
    for node in graph.nodes:
        _require(node in leading_to_outputs, f"{node!r} leads to no output")


def _check_inferred(node: Node) -> None:
    inferred = node.op.infer(*(_described(operand) for operand in node.operands), **node.params)
    several = isinstance(node.dtype, tuple)
    if several:
        expected = tuple((tuple(part.shape), part.dtype) for part in inferred)
        stated = tuple(zip(node.shape, node.dtype, strict=True))
    else:
        expected = (tuple(inferred.shape), inferred.dtype)
        stated = (tuple(node.shape), node.dtype)
    _require(expected == stated, f"{node!r} should have shape and dtype {expected} by the `infer` of its op")


def _described(operand: Any) -> Any:
    if type(operand) is Node and isinstance(operand.dtype, tuple):
        return tuple(_Described(shape, dtype) for shape, dtype in zip(operand.shape, operand.dtype, strict=True))
    return operand


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise AssertionError(f"malformed graph: {otherwise}")
