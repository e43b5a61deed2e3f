"""What is computed twice, computed once.

before  a = index(x, path=p)    b = sin(a)    c = index(x, path=p)    d = multiply(b, c)
after   a = index(x, path=p)    b = sin(a)    d = multiply(b, a)

Two operations are the same if they have the same op and parameters and the same operands; constants are compared bit by
bit. Sums and products of real numbers are the same in either order.
"""

from __future__ import annotations

from typing import Any

from chainrule.compile.passes.numbering import Numbering
from chainrule.compile.passes.rebuilding import like, rebuilt
from chainrule.compile.program import Program
from chainrule.graph import Node


def merge_common_subexpressions(program: Program) -> Program:
    """The program with one operation for all that are the same, and one constant for all that are equal."""
    numbering = Numbering()
    merged = numbering.constants.merged

    def visit(node: Node) -> Any:
        operands = node.operands
        key = numbering.key(node.op, operands, node.params)
        known = numbering.find(key)
        if known is not None:
            return known
        same = tuple([x if type(x) is Node else merged(x) for x in operands])
        if any(a is not b for a, b in zip(same, operands, strict=True)):
            node = like(node, same)
        numbering.enter(key, node, node)
        return node

    return rebuilt(program, visit)
