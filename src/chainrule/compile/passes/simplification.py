"""Algebraic simplification: the equations of `rewrites/`, applied until none applies.

before  a = multiply(x, 1.0)      b = select(c, 0.0, a)      d = select(c, 0.0, b)
after   b = select(c, 0.0, x)

Every equation holds bit by bit, NaNs, infinities and signed zeros included, unless its sentence says that round-off may
differ.
"""

from __future__ import annotations

from itertools import chain
from typing import Any

import numpy as np

from chainrule.compile.passes import rewrites
from chainrule.compile.passes.rebuilding import rebuilt
from chainrule.compile.passes.rewriting import Simplifier
from chainrule.compile.program import Program
from chainrule.graph import Node

assert rewrites.FAMILIES, "importing a family enters its equations into the table"


def simplify(program: Program) -> Program:
    """The program with each expression in its simplest form."""
    graph = program.graph
    uses = dict.fromkeys(graph.nodes, 0)
    for operand in chain(*(node.operands for node in graph.nodes), graph.outputs):
        if type(operand) is Node and operand in uses:
            uses[operand] += 1
    counts = iter(uses.values())
    simplifier = Simplifier()

    def visit(node: Node) -> Any:
        simplifier.place = node
        simplest = simplifier.simplest(node)
        if type(simplest) is Node:
            simplifier.uses[simplest] = simplifier.uses.get(simplest, 0) + next(counts)
        else:
            next(counts)
        return simplest

    with np.errstate(all="ignore"):
        return rebuilt(program, visit)
