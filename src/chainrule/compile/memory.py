"""The memory plan: one place for each buffer, decided before the program runs.

Results go straight to the caller's memory. All other buffers share one workspace, in which two have the same place if
they are never alive at the same step.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from chainrule.compile.machine_code import ALIGNMENT
from chainrule.compile.nests import Nest
from chainrule.compile.schedule import Schedule
from chainrule.graph import Node


class Place(NamedTuple):
    """Where a buffer is: an input or a result of a number, or at so many bytes in the workspace."""

    kind: str
    position: int


class MemoryPlan:
    """Where each node with memory lives.

    places
        By the node that owns the memory.
    lives
        For each node in the workspace, the first and the last step at which it is needed.
    workspace_bytes
        The size of the workspace.
    copied
        Results that have to be copied at the end: (number of the result, what it is).
    """

    def __init__(self, schedule: Schedule) -> None:
        self.schedule = schedule
        self.places: dict[Node, Place] = {}
        self.lives: dict[Node, tuple[int, int]] = {}
        self.copied: list[tuple[int, Any]] = []
        self.workspace_bytes = 0
        program = schedule.program
        for k, node in enumerate(program.graph.inputs):
            self.places[node] = Place("input", k)
        for k, output in enumerate(program.graph.outputs[: program.results]):
            if type(output) is Node:
                output = schedule.results.get(output, output)
            owner = schedule.owner(output) if type(output) is Node else None
            if owner is None or owner in self.places:
                self.copied.append((k, output))
            else:
                self.places[owner] = Place("result", k)
        self._fill_workspace()

    def _fill_workspace(self) -> None:
        free = _FreeList()
        self.lives = self._lives()
        ends: dict[int, list[tuple[int, int]]] = {}
        for owner, (first, last) in sorted(self.lives.items(), key=lambda item: item[1][0]):
            for step in sorted(k for k in ends if k < first):
                for offset, size in ends.pop(step):
                    free.give(offset, size)
            size = rounded(math.prod(owner.shape) * owner.dtype.itemsize)
            offset = free.take(size)
            self.places[owner] = Place("workspace", offset)
            ends.setdefault(last, []).append((offset, size))
        self.workspace_bytes = free.most

    def _lives(self) -> dict[Node, tuple[int, int]]:
        """For each buffer in the workspace, the first and the last step at which it is alive."""
        lives: dict[Node, tuple[int, int]] = {}

        def touch(node: Any, step: int) -> None:
            owner = self.schedule.owner(node)
            if owner not in self.places:
                first, _ = lives.get(owner, (step, step))
                lives[owner] = (first, step)

        for k, step in enumerate(self.schedule.steps):
            if isinstance(step, Nest):
                for root in step.roots:
                    if root.kept:
                        touch(root.node, k)
                    for node, _ in self.schedule.reads(root):
                        if self._has_memory(node):
                            touch(node, k)
                continue
            for x in step.node.operands:
                known = self.schedule.view(x)
                if known is not None:
                    touch(known[0], k)
            for node in results_of(self.schedule, step.node):
                touch(node, k)
        outputs = self.schedule.program.graph.outputs
        for output in outputs:
            if type(output) is Node and output.op is not None:
                touch(output, len(self.schedule.steps))
        return lives

    def _has_memory(self, node: Node) -> bool:
        return node.op is None or node not in self.schedule.unkept


class _FreeList:
    """The free places of the workspace."""

    def __init__(self) -> None:
        self.most = 0
        self._free: list[tuple[int, int]] = []

    def take(self, size: int) -> int:
        """The offset of a free place of a size: the smallest that is large enough."""
        fitting = [place for place in self._free if place[1] >= size]
        if fitting:
            offset, room = min(fitting, key=lambda place: place[1])
            self._free.remove((offset, room))
            if room > size:
                self._free.append((offset + size, room - size))
            return offset
        offset = self.most
        self.most += size
        return offset

    def give(self, offset: int, size: int) -> None:
        """Let a place be free again, together with its neighbours."""
        for place in list(self._free):
            begin, room = place
            if begin + room == offset:
                self._free.remove(place)
                offset, size = begin, size + room
            elif offset + size == begin:
                self._free.remove(place)
                size += room
        self._free.append((offset, size))


def rounded(size: int) -> int:
    """A size in bytes, such that what comes after it is aligned."""
    return -(-max(size, 1) // ALIGNMENT) * ALIGNMENT


def results_of(schedule: Schedule, node: Node) -> list[Node]:
    """The nodes with memory that one op makes: itself, or those of its results that are used."""
    if not isinstance(node.dtype, tuple):
        return [node]
    return schedule.projections(node)
