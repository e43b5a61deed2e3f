"""Guards for indices that are computed.

before  b = gather(a, i)
after   b = gather(a, i), and a guard: not any(i < -n or i >= n)

NumPy raises an error for an index out of bounds. A compiled program misses a guard then, and the ordinary run that
follows says what is wrong. That is the last pass, for native code alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.compile.gathering import constant_of, index_arrays, is_gather, is_scatter
from chainrule.compile.program import Guard, Program
from chainrule.graph import Graph, Node
from chainrule.graph.node import make_node

_TRUTH = np.dtype(bool)


def guard_indices(program: Program) -> Program:
    """The program with a guard for each array of computed indices and the axis that it indexes."""
    asked: dict[tuple[Node, int], Node] = {}
    for node in program.graph.nodes:
        if not (is_gather(node) or is_scatter(node)):
            continue
        for i, n in zip(index_arrays(node), node.operands[0].shape, strict=False):
            if type(i) is Node and constant_of(i) is None and not _is_order(i, n):
                asked.setdefault((i, n), node)
    guards = [(strays, node) for (i, n), node in asked.items() if (strays := _strays(i, n, node)) is not None]
    if not guards:
        return program
    outputs = (*program.graph.outputs, *(strays for strays, _ in guards))
    added = [Guard(np.array(False), node.position) for _, node in guards]
    return Program(Graph(program.graph.inputs, outputs), program.results, [*program.guards, *added])


def _is_order(i: Node, n: int) -> bool:
    """Whether indices are an order of no more than n elements, and so lie within these."""
    return i.op is ops.argsort and i.shape[i.params["axis"]] <= n


def _strays(i: Node, n: int, node: Node) -> Node | None:
    """Whether any index does not lie within an axis of n elements; None if that cannot be."""
    found: Node | None = None
    for condition in _conditions(i, n, node):
        found = condition if found is None else _made(ops.logical_or, (found, condition), i.shape, node)
    if found is None or not i.shape:
        return found
    return _made(ops.reduce_any, (found,), (), node, {"axes": tuple(range(i.ndim))})


def _conditions(i: Node, n: int, node: Node) -> Iterator[Node]:
    limits = np.iinfo(i.dtype)
    if limits.min < -n:
        yield _made(ops.less, (i, i.dtype.type(-n)), i.shape, node)
    if limits.max >= n:
        yield _made(ops.greater_equal, (i, i.dtype.type(n)), i.shape, node)


def _made(
    op: Any, operands: tuple[Any, ...], shape: tuple[int, ...], node: Node, params: dict[str, Any] | None = None
) -> Node:
    return make_node(op, operands, operands, None, params or {}, shape, _TRUTH, node.code, node.offset)
