"""Which write an element of an array was last written by.

Programs that fill an array element by element make a new value of the array for each write. Such values form a chain; a
table of its writes says at once what an element of any value of it is, however long the chain is.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

from chainrule import ops
from chainrule.compile.passes.parts import single_index
from chainrule.graph import Node
from chainrule.ops.paths import Path

Element = tuple[int, ...]


def element_of(shape: tuple[int, ...], path: Path) -> Element | None:
    """The single element that a path names, by non-negative integers; None for other parts."""
    key = single_index(path)
    if key is None or len(key) != len(shape):
        return None
    for part in key:
        if type(part) is not int:
            return None
    return tuple([part if part >= 0 else part + n for part, n in zip(key, shape, strict=True)])


class _Chain:
    """Values of an array, each made from the one before by a write to a single element."""

    __slots__ = ("length", "root", "table")

    def __init__(self, root: Any) -> None:
        self.root = root
        self.length = 0
        # For each element the numbers of the values that were made by writing it, in order, and these values.
        self.table: dict[Element, tuple[list[int], list[Node]]] = {}


class Writes:
    """The chains of a program."""

    __slots__ = ("_places",)

    def __init__(self) -> None:
        # Of each value the chain that it stands in, and its number there.
        self._places: dict[Node, tuple[_Chain, int]] = {}

    def note(self, node: Node) -> None:
        """Add a value to the chain of what it was made from, if it was made by writing a single element."""
        if node.op is not ops.update and node.op is not ops.accumulate:
            return
        element = element_of(node.shape, node.params["path"])
        if element is None:
            return
        before = node.operands[0]
        chain, number = self._places.get(before, (None, 0)) if type(before) is Node else (None, 0)
        if chain is None or number != chain.length:
            # A value that is written to twice begins a chain of its own, so that a chain never forks.
            chain = _Chain(before)
        chain.length += 1
        numbers, nodes = chain.table.setdefault(element, ([], []))
        numbers.append(chain.length)
        nodes.append(node)
        self._places[node] = chain, chain.length

    def last(self, node: Node, element: Element) -> tuple[Node | None, Any]:
        """The value that was made by the last write to an element up to this one, and the root of the chain.

        None, and the value itself, for one that stands in no chain.
        """
        chain, number = self._places.get(node, (None, 0))
        if chain is None:
            return None, node
        numbers, nodes = chain.table.get(element, ([], []))
        k = bisect_right(numbers, number)
        return (nodes[k - 1] if k else None), chain.root
