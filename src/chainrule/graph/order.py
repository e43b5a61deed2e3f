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
    stack = list(dict.fromkeys(outputs))
    seen = set(stack)
    found = list(stack)
    while stack:
        for operand in stack.pop().operands:
            if type(operand) is Node and operand not in seen:
                seen.add(operand)
                found.append(operand)
                stack.append(operand)
    found.sort(key=_serial)
    return found
