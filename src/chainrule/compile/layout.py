"""The layout: in which order the elements of each buffer stand in memory, decided once for a whole program.

NumPy's order is row by row: the last axis is the closest. Where that is short and written out, innermost loops run
along the axis before it, and go through an array of points in steps of three elements. Such a buffer may lie *by
components* instead: all first coordinates, then all second ones, and so on. The steps are of one element then.

The rule: count how often the innermost loops of all nests take steps of more than one element. A buffer in the
workspace lies by components if that makes the count smaller. Inputs and results are the caller's memory and lie row by
row; they are copied, from there or to there, if a copy that lies by components saves eight times as many such steps as
it has elements. Row by row lies what BLAS or NumPy read or make, what a guard compares, what index arrays lead into,
and what has views that would be views no more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from chainrule.compile.access import Index, is_routed
from chainrule.compile.gathering import is_gather, is_scatter
from chainrule.compile.loops import Loops
from chainrule.compile.memory import results_of
from chainrule.compile.nests import Nest, is_written_out
from chainrule.compile.schedule import Schedule
from chainrule.compile.views import View, whole
from chainrule.graph import Node
from chainrule.ops.paths import Path

# So many steps must each element save that is copied.
_WORTH_A_COPY = 8


def lay_out(schedule: Schedule) -> Schedule:
    """The same schedule, in which buffers lie by components where that is better."""
    candidates = _candidates(schedule)
    if candidates:
        chosen = _chosen(schedule, candidates)
        schedule.lay({node: by_components(node.shape) for node in schedule.memory if schedule.owner(node) in chosen})
        for node in schedule.program.graph.inputs:
            if node in chosen:
                schedule.copy_input(node, by_components(node.shape))
        for node in _results(schedule):
            if schedule.owner(node) in chosen:
                schedule.copy_result(node)
    return schedule


def by_components(shape: tuple[int, ...]) -> View:
    """The view of a buffer whose last axis is the farthest."""
    return whole((shape[-1], *shape[:-1])).transposed((*range(1, len(shape)), 0))


def _results(schedule: Schedule) -> list[Node]:
    """The results that are computed, each once."""
    program = schedule.program
    found = program.graph.outputs[: program.results]
    return list(dict.fromkeys(output for output in found if type(output) is Node and output.op is not None))


def _candidates(schedule: Schedule) -> set[Node]:
    """The owners of memory that has a short last axis and that only loops look at, at places that they know."""
    buffers = {*schedule.program.graph.inputs, *map(schedule.owner, schedule.memory - schedule.unkept)}
    found = {node for node in buffers if is_written_out(node.shape)}
    return found - set(map(schedule.owner, _fixed(schedule))) if found else found


def _fixed(schedule: Schedule) -> Iterator[Node]:
    """The nodes with memory that somebody else looks at."""
    program = schedule.program
    yield from (node for node in program.graph.outputs[program.results :] if type(node) is Node)
    operands: list[Any] = []
    for step in schedule.steps:
        if not isinstance(step, Nest):
            operands += step.node.operands
            yield from results_of(schedule, step.node)
            continue
        for root in step.roots:
            if is_scatter(root.node):
                yield root.node
            for node in (root.node, *(source for source, _ in schedule.expressions(root) if type(source) is Node)):
                if is_gather(node) or (schedule.is_movement(node) and not is_routed(node)):
                    operands.append(node.operands[0])
    yield from (known[0] for known in map(schedule.view, operands) if known is not None)


class _Access(NamedTuple):
    """Where a nest reads or writes: a place in the part at a path of a node that is found in memory."""

    nest: Nest
    flat: bool
    node: Node
    path: Path
    place: Index

    def long_steps(self, schedule: Schedule) -> int | None:
        """How many steps the innermost loop takes that are longer than one element; None if this is no view."""
        known = schedule.view(self.node)
        view = None if known is None else known[1].at(self.path)
        if view is None:
            return None
        if self.flat:
            return 0 if view.is_contiguous else self.nest.size
        innermost = len(self.nest.domain) - 1
        moves = zip(self.place, view.strides, strict=True)
        step = sum(affine.scale * stride for affine, stride in moves if affine.axis == innermost)
        return self.nest.size if abs(step) > 1 else 0


def _accesses(schedule: Schedule, candidates: set[Node]) -> Iterator[tuple[Node, _Access]]:
    """Where the candidates are looked at."""
    for nest in schedule.steps:
        if not isinstance(nest, Nest) or not nest.domain:
            continue
        flat = Loops(schedule, nest).flat
        for root in nest.roots:
            found = [(source, (), index) for source, index in schedule.expressions(root)]
            if root.kept:
                path = root.node.params["path"] if root.kind == "write" and not is_scatter(root.node) else ()
                found += [(root.node, path, variant.target) for variant in root.variants]
            for node, path, index in found:
                known = schedule.view(node)
                if known is not None and schedule.owner(known[0]) in candidates:
                    yield schedule.owner(known[0]), _Access(nest, flat, node, path, index)


def _chosen(schedule: Schedule, candidates: set[Node]) -> set[Node]:
    """The candidates that shall lie by components."""
    found = list(_accesses(schedule, candidates))
    before = [access.long_steps(schedule) for _, access in found]
    buffers = {*schedule.memory, *schedule.program.graph.inputs}
    schedule.lay({node: by_components(node.shape) for node in buffers if schedule.owner(node) in candidates})
    saved: Counter[Node] = Counter()
    lost = set()
    for (owner, access), steps in zip(found, before, strict=True):
        left = access.long_steps(schedule)
        if steps is None or left is None:
            lost.add(owner)
        else:
            saved[owner] += steps - left
    callers = {*schedule.program.graph.inputs, *map(schedule.owner, _results(schedule))}
    return {owner for owner in candidates - lost if _is_better(owner, saved[owner], owner in callers)}


def _is_better(owner: Node, saved: int, is_copied: bool) -> bool:
    """Whether it is worth it that a buffer lies by components, or has a copy that does."""
    return saved > (_WORTH_A_COPY * owner.size if is_copied else 0)
