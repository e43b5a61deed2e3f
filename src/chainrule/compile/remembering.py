"""Answers about the nodes of a program that are asked for often."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from chainrule.compile.program import Program
from chainrule.graph import Node


class Remembered:
    """A question about nodes that is asked often, with its answers."""

    __slots__ = ("_answers", "_ask")

    def __init__(self, ask: Callable[[Node], bool]) -> None:
        self._ask = ask
        self._answers: dict[Node, bool] = {}

    def __call__(self, node: Node) -> bool:
        """The answer for a node."""
        known = self._answers.get(node)
        if known is None:
            known = self._answers[node] = self._ask(node)
        return known


def users(program: Program) -> dict[Node, list[Node]]:
    """For each node, those that have it as an operand."""
    found: dict[Node, list[Node]] = defaultdict(list)
    for node in program.graph.nodes:
        for x in {x for x in node.operands if type(x) is Node}:
            found[x].append(node)
    return found
