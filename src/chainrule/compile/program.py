"""What is compiled: a recorded graph, and what Python saw of it while it was recorded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np

from chainrule.graph import Graph, Node, Position


class Guard(NamedTuple):
    """What Python looked at: the recording holds for other inputs only if they give the same value, bit by bit.

    value
        What the node's value was, a plain array.
    position
        Where in the user's code the look stands.
    """

    value: np.ndarray[Any, Any]
    position: Position | None


class Program:
    """A recorded run, pruned to what its results and guards need.

    graph
        The recorded graph. Its outputs are the results, and after them one node for each guard, in the order in which
        Python looked. An output that is no node is a constant. Constant operands of nodes are plain arrays and NumPy
        scalars, which nobody writes to.
    results
        How many outputs are results.
    guards
        What the other outputs have to be.
    """

    __slots__ = ("graph", "guards", "results")

    def __init__(self, graph: Graph, results: int, guards: Sequence[Guard] = ()) -> None:
        assert len(graph.outputs) == results + len(guards), "one output for each result and each guard"
        self.graph = graph
        self.results = results
        self.guards = tuple(guards)

    @classmethod
    def recorded(cls, inputs: Sequence[Node], results: Sequence[Any], looks: Sequence[tuple[Node, Guard]]) -> Program:
        """The program from some inputs to some results, with the looks that were taken on the way."""
        graph = Graph(inputs, (*results, *(node for node, _ in looks)))
        return cls(graph, len(results), [guard for _, guard in looks])

    def __str__(self) -> str:
        return str(self.graph)


class Executable(Protocol):
    """A program that can be run."""

    @property
    def program(self) -> Program:
        """What is run: the recorded program, optimised."""
        ...

    def __call__(self, inputs: Sequence[Any]) -> Sequence[Any] | None:
        """The results for other inputs, or None if a guard does not hold for them.

        Inputs are C-contiguous, aligned arrays of the shapes and dtypes that were recorded; results are arrays (NumPy
        scalars where they have no axes) with memory of their own. Raises nothing: where an operation fails, the guards
        count as missed, and the ordinary run raises the true error.
        """
        ...

    def report(self) -> list[str]:
        """What is run, and how: lines for a person."""
        ...
