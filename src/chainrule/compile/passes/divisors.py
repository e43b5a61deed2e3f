"""Several quotients by one square root become products with its reciprocal.

before  b = sqrt(a)        c = divide(1.0, b)        d = divide(x, b)
after   b = sqrt(a)        c = reciprocal(b)         d = multiply(x, c)

A division takes as long as ten products. The product with a rounded reciprocal is within 1.5 ulp of the quotient,
unless the reciprocal overflows or loses digits, and that of a square root does neither: it lies between 2⁻⁵¹² and 2⁵³⁷,
or is 0 or infinite, where quotient and product are the same.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.compile.passes.rebuilding import rebuilt
from chainrule.compile.program import Program
from chainrule.graph import Node
from chainrule.graph.node import make_node
from chainrule.trace import Op

_ROOTS = (ops.sqrt, ops.root_of_squares)


def share_divisors(program: Program) -> Program:
    """The program with one division by each square root that several quotients have as their divisor."""
    divisors = Counter(node.operands[1] for node in program.graph.nodes if _divides_by_root(node))
    if not any(count > 1 for count in divisors.values()):
        return program
    before = iter(program.graph.nodes)
    reciprocals: dict[Node, Node] = {}

    def visit(node: Node) -> Any:
        old = next(before)
        if not _divides_by_root(old) or divisors[old.operands[1]] < 2:
            return node
        x, root = node.operands
        reciprocal = reciprocals.get(root)
        if reciprocal is None:
            reciprocal = reciprocals[root] = _made(ops.reciprocal, (root,), root.shape, node)
        if type(x) is not Node and np.ndim(x) == 0 and x == 1 and root.shape == node.shape:
            return reciprocal
        return _made(ops.multiply, (x, reciprocal), node.shape, node)

    return rebuilt(program, visit)


def _divides_by_root(node: Node) -> bool:
    if node.op is not ops.divide or node.dtype.kind != "f":
        return False
    divisor = node.operands[1]
    return type(divisor) is Node and divisor.op in _ROOTS


def _made(op: Op, operands: tuple[Any, ...], shape: tuple[int, ...], place: Node) -> Node:
    """A new node at the position of another."""
    return make_node(op, operands, operands, None, {}, shape, place.dtype, place.code, place.offset)
