"""How a nest runs: over which counters, where their loops are cut, and which buffers it needs.

Loops are cut where an op takes its elements from elsewhere, so that no loop asks where it is. A nest that looks at
each element only where it computes it runs over all of them as if they stood in one row.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chainrule.compile.access import Index, identity, is_routed, pieces
from chainrule.compile.gathering import index_elements, is_gather
from chainrule.compile.nests import Nest, Root
from chainrule.compile.schedule import Schedule
from chainrule.graph import Node

# So many elements are added up before their sum is added, with compensation, to that of the others.
BLOCK = 256


class Loops:
    """The loops of one nest.

    flat
        Whether one loop runs over all elements.
    domain
        How often each loop runs, outermost first.
    buffers
        The nodes whose memory is read or written.
    cuts
        For each axis, where its loop begins, is cut, and ends.
    """

    def __init__(self, schedule: Schedule, nest: Nest) -> None:
        self.schedule = schedule
        self.nest = nest
        self.flat = len(nest.domain) > 1 and nest.size > 1 and self._is_flat()
        self.domain = (nest.size,) if self.flat else nest.domain
        self.buffers = self._buffers()
        self.cuts = self._cuts()

    def _buffers(self) -> list[Node]:
        found: dict[Node, None] = {}
        for root in self.nest.roots:
            if root.kept:
                found[self.schedule.owner(root.node)] = None
            for node, _ in self.schedule.reads(root):
                if node not in self.schedule.unkept:
                    found[self.schedule.owner(node)] = None
        return list(found)

    def _is_flat(self) -> bool:
        """Whether the nest can run over all elements as if they stood in one row."""
        domain, all_axes = self.nest.domain, tuple(range(len(self.nest.domain)))
        here = identity(domain)
        for root in self.nest.roots:
            if root.kind in ("write", "scan") or (root.kind == "reduce" and root.reduced != all_axes):
                return False
            if len(root.variants) > 1:
                return False
            itself = root.variants[0].sources[0][0] is root.node
            if root.kind == "store" and itself and not self._is_plain(root.node, here):
                return False
            for source, index in self.schedule.expressions(root):
                if source.size == 1:
                    continue
                if source.shape != domain or index != here:
                    return False
                known = self.schedule.view(source)
                if known is not None:
                    if not known[1].is_contiguous:
                        return False
                elif type(source) is Node and not self._is_plain(source, here):
                    return False
        return True

    def _is_plain(self, node: Node, here: Index) -> bool:
        if self.schedule.is_elementwise(node):
            return True
        if self.schedule.is_short(node) or is_gather(node):
            return False
        if self.schedule.is_movement(node):
            moved = self.schedule.moved_view(node)
            if moved is not None:
                return moved[1].is_contiguous
            if not is_routed(node):
                return False
        found = pieces(node, here)
        return len(found) == 1 and all(x.size == 1 or x.shape == self.nest.domain for x in node.operands)

    def _cuts(self) -> list[list[int]]:
        """For each axis, where its loop is cut."""
        cuts: list[set[int]] = [{0, n} for n in self.domain]
        if self.domain and not self.flat:
            for root in self.nest.roots:
                if root.kind == "scan" and root.node.size:
                    # The first element has none before it.
                    cuts[root.node.params["axis"]].add(1)
                pairs = list(self.schedule.expressions(root))
                if root.kind == "store":
                    pairs += [pair for v in root.variants for pair in v.sources if pair[0] is root.node]
                for source, index in pairs:
                    if type(source) is not Node or (self.schedule.view(source) is not None and source is not root.node):
                        continue
                    if (
                        self.schedule.is_elementwise(source)
                        or self.schedule.is_movement(source)
                        or self.schedule.is_short(source)
                        or is_gather(source)
                    ):
                        continue
                    for piece in pieces(source, index):
                        for bound in piece.bounds:
                            if bound.place.scale:
                                cuts[bound.place.axis].update(bound.cuts())
        return [sorted(c for c in axis if 0 <= c <= n) for axis, n in zip(cuts, self.domain, strict=True)]

    def is_suffix(self, root: Root) -> bool:
        """Whether a reduction takes away the innermost axes, so that its result is ready when their loops end."""
        if self.flat:
            return True
        n = len(self.domain)
        return root.reduced == tuple(range(n - len(root.reduced), n))

    def first_axis(self, root: Root) -> int:
        """The outermost axis that a reduction takes away."""
        return 0 if self.flat else len(self.domain) - len(root.reduced)

    @property
    def suffixes(self) -> list[Root]:
        """The reductions whose results are ready when the innermost loops end."""
        return [root for root in self.nest.roots if root.kind == "reduce" and root.reduced and self.is_suffix(root)]

    def is_blocked(self, axis: int, count: int) -> bool:
        """Whether a loop of so many turns runs in blocks, since it adds up many elements."""
        innermost = axis == len(self.domain) - 1
        return innermost and count >= 2 * BLOCK and any(root.combine == "add" for root in self.suffixes)

    def sources(self, node: Node, index: Index, ranges: tuple[tuple[int, int], ...]) -> Sequence[tuple[Any, Index]]:
        """The elements that an element of a node is computed from, while the counters are in ranges between cuts."""
        if self.schedule.is_elementwise(node) or self.schedule.is_short(node):
            return self.schedule.parts(node, index)
        if is_gather(node):
            return index_elements(node, index)
        for piece in pieces(node, index):
            if all(bound.holds(ranges) for bound in piece.bounds):
                return piece.sources
        raise AssertionError(f"no piece of {node!r} holds at {index}")
