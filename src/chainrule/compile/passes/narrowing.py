"""Constants of equal rows or equal numbers, written once.

before  b: float64[5] = multiply(a, <float64[5]>)      every entry is 2.0
after   b: float64[5] = multiply(a, 2.0)

A recorded derivative is full of such arrays, from the seed of a sum above all. Elementwise operations broadcast, so
they take the number. For another operation a large array is made when the program runs.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import ops
from chainrule.compile.passes.constants import narrowed
from chainrule.compile.passes.rebuilding import like, rebuilt
from chainrule.compile.program import Program
from chainrule.graph import Node
from chainrule.graph.node import make_node

# Up to this number of entries a constant costs less than an operation that makes it.
LARGE = 1024


def narrow(program: Program) -> Program:
    """The program with each constant no larger than what it says."""
    # By identity, with the array itself, so that its identity is not given to another.
    known: dict[int, tuple[Any, Any]] = {}

    def narrowest(x: Any) -> Any:
        if type(x) is Node or not x.shape:
            return x
        found = known.get(id(x))
        if found is None:
            found = known[id(x)] = (x, narrowed(x))
        return found[1]

    def visit(node: Node) -> Node:
        operands = node.operands
        if all(type(x) is Node or not x.shape for x in operands):
            return node
        if node.op.elementwise and type(node.dtype) is not tuple:
            return _of_narrow(node, tuple(map(narrowest, operands)))
        if node.op is ops.broadcast_to:
            return node
        made = tuple(_made(x, narrowest(x)) if type(x) is not Node and x.size > LARGE else x for x in operands)
        return node if all(a is b for a, b in zip(made, operands, strict=True)) else like(node, made)

    return rebuilt(program, visit)


def _of_narrow(node: Node, fewer: tuple[Any, ...]) -> Node:
    """An elementwise operation on narrow constants; its result is broadcast if nothing else has its shape."""
    if all(a is b for a, b in zip(fewer, node.operands, strict=True)):
        return node
    shape = np.broadcast_shapes(*(x.shape for x in fewer))
    narrow = make_node(node.op, fewer, fewer, None, node.params, shape, node.dtype, node.code, node.offset)
    return narrow if shape == node.shape else _made(node, narrow)


def _made(x: Any, narrow: Any) -> Any:
    """An operation that makes an array of the shape of x from a narrow one."""
    if narrow.shape == x.shape:
        return x
    operands = (narrow,)
    return make_node(ops.broadcast_to, operands, operands, None, {"shape": x.shape}, x.shape, x.dtype)
