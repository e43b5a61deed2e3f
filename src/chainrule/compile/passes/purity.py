"""Values that are never overwritten.

before  b = update(a, v, path=p, donate=True)       c = index(b, path=q, copy=True)
after   b = update(a, v, path=p, donate=False)      c = index(b, path=q)

A recorded write may take the memory of what it writes to, and a recorded read copies what a later write could reach:
that is how the ordinary run saves memory. Passes merge and move values, so from here on every operation makes a new
one. What memory it takes is planned at the end, for the program as it is then.
"""

from __future__ import annotations

from chainrule.compile.passes.rebuilding import like, rebuilt
from chainrule.compile.program import Program
from chainrule.graph import Node


def pure(program: Program) -> Program:
    """The program without hints about memory."""

    def visit(node: Node) -> Node:
        params = node.params
        if params.get("donate"):
            return like(node, node.operands, {**params, "donate": False})
        if params.get("copy"):
            return like(node, node.operands, {key: value for key, value in params.items() if key != "copy"})
        return node

    return rebuilt(program, visit)
