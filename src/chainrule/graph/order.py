"""The order in which nodes are visited."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter

from chainrule.graph.node import Node

_serial = attrgetter("serial")


def ancestors(outputs: Iterable[Node]) -> list[Node]:
    """Every node that the outputs were made from, the outputs included, operands before users.

    Iterative, so the length of a chain is limited by memory alone.
    """
    seen = set(outputs)
    stack = list(seen)
    pop, push, note = stack.pop, stack.append, seen.add
    while stack:
        for operand in pop().operands:
            if type(operand) is Node and operand not in seen:
                note(operand)
                push(operand)
    return sorted(seen, key=_serial)
