"""Guards that say something.

A guard on a constant that is what it was holds always, and one that is asked twice need be asked once.
"""

from __future__ import annotations

from typing import Any

from chainrule.compile.interpreted import same_bits
from chainrule.compile.passes.constants import content
from chainrule.compile.program import Guard, Program
from chainrule.graph import Graph, Node


def drop_idle_guards(program: Program) -> Program:
    """The program without guards that cannot fail, or that stand there already."""
    graph = program.graph
    kept: list[tuple[Any, Guard]] = []
    asked: set[Any] = set()
    for node, guard in zip(graph.outputs[program.results :], program.guards, strict=True):
        if type(node) is not Node and same_bits(node, guard.value):
            continue
        question = (node, content(guard.value)) if type(node) is Node else len(asked)
        if question not in asked:
            asked.add(question)
            kept.append((node, guard))
    if len(kept) == len(program.guards):
        return program
    outputs = (*graph.outputs[: program.results], *(node for node, _ in kept))
    return Program(Graph(graph.inputs, outputs), program.results, [guard for _, guard in kept])
