"""What is computed twice, computed once.

before  a = index(x, path=p)    b = sin(a)    c = index(x, path=p)    d = multiply(b, c)
after   a = index(x, path=p)    b = sin(a)    d = multiply(b, a)

Two operations are the same if they have the same op and parameters and the same operands; constants are compared bit by
bit. Sums and products of real numbers are the same in either order.
"""

from __future__ import annotations

from typing import Any

from chainrule.compile.passes.numbering import Numbering
from chainrule.compile.passes.rebuilding import rebuilt
from chainrule.compile.program import Program
from chainrule.graph import Node


def merge_common_subexpressions(program: Program) -> Program:
    """The program with one operation for all that are the same, and one constant for all that are equal."""
    numbering = Numbering()

    def visit(node: Node) -> Any:
        node, key = numbering.normal(node)
        known = numbering.find(key)
        return numbering.enter(key, node, node) if known is None else known

    return rebuilt(program, visit)
