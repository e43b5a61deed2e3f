"""Which boxes a program is drawn with: steps, inputs once per use, and groups that stay closed where there are many.

At most `MOST` boxes are drawn. Groups are opened from the outermost on while there is room; repetitions of the same
group beside each other are one box; and what is still too much without groups is cut into runs of steps.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from chainrule.explain.program import Program

MOST = 150


@dataclass(slots=True)
class Shown:
    """One box: the nodes in it.

    kind
        "input", "step" or "group".
    uses
        The edges whose uses of an input this is; none if the box stands for all uses.
    title, count
        Of a group: what it is called ("" if it is just a run of steps), and how often it repeats.
    """

    kind: str
    nodes: tuple[int, ...]
    uses: tuple[int, ...] = ()
    title: str = ""
    count: int = 1


@dataclass(slots=True)
class Boxes:
    """The boxes, and the lines between them: pairs of places, with the program's edges that each stands for."""

    shown: list[Shown]
    lines: dict[tuple[int, int, int], list[int]] = field(default_factory=dict)


def boxes(program: Program, *, merged: bool = False) -> Boxes:
    """What to draw. With `merged`, an input is one box however often it is used."""
    found = _closed(program)
    box_of = [0] * len(program.nodes)
    for k, each in enumerate(found):
        for node in each.nodes:
            box_of[node] = k
    inputs = set(program.inputs)
    # Every use by a step is a box, and all uses by a closed group are one.
    uses = {
        (edge.source, -1 - k if found[box_of[edge.target]].kind == "step" else box_of[edge.target])
        for k, edge in enumerate(program.edges)
        if edge.source in inputs and found[box_of[edge.source]].kind == "input"
    }
    split = not merged and len(found) + len(uses) <= MOST
    used = {source for source, _ in uses}
    shown: list[Shown] = []
    place: dict[int, int] = {}
    for k, each in enumerate(found):
        if split and each.kind == "input" and each.nodes[0] in used:
            continue
        place[k] = len(shown)
        shown.append(each)
    result = Boxes(shown)
    copies: dict[tuple[int, int], int] = {}
    for k, edge in enumerate(program.edges):
        target = box_of[edge.target]
        source = box_of[edge.source]
        if source == target:
            continue
        if split and found[source].kind == "input":
            key = (edge.source, -1 - k if found[target].kind == "step" else target)
            if key not in copies:
                copies[key] = len(shown)
                shown.append(Shown("input", (edge.source,)))
            start = copies[key]
            shown[start].uses += (k,)
        else:
            start = place[source]
        # Lines into a step stay apart, each with its local derivative; those into a group are one.
        slot = k if found[target].kind == "step" else -1
        result.lines.setdefault((start, place[target], slot), []).append(k)
    return result


def _closed(program: Program) -> list[Shown]:
    """Every node in one box, without cycles between the boxes."""
    inputs = set(program.inputs)
    single = [Shown("input" if k in inputs else "step", (k,)) for k in range(len(program.nodes))]
    if len(single) <= MOST:
        return single
    found = _acyclic(program, _opened(program, inputs))
    return found if len(found) <= MOST else _runs(program, found)


def _opened(program: Program, inputs: set[int]) -> list[Shown]:
    """The outermost groups, opened one after the other, the one with the fewest boxes in it first, while that fits."""
    grouped = {node for group in program.groups for node in group.nodes}
    loose = [k for k in range(len(program.nodes)) if k not in grouped]
    closed = _folded(program, [k for k, group in enumerate(program.groups) if group.parent is None])
    while True:
        room = MOST - len(loose) - len(closed)
        best, fewest = None, room + 1
        for run in closed:
            group = program.groups[run[0]]
            more = len(run) if len(run) > 1 else len(group.nodes) + len(_folded(program, list(group.groups)))
            # A repetition is opened into its members only if nothing else is left.
            cost = more - 1 + (MOST if len(run) > 1 else 0)
            if cost < fewest:
                best, fewest = run, cost
        if best is None:
            break
        closed.remove(best)
        loose += program.groups[best[0]].nodes
        closed += _folded(program, list(program.groups[best[0]].groups))
    shown = [Shown("input" if k in inputs else "step", (k,)) for k in sorted(loose)]
    for run in closed:
        nodes = sorted(node for group in run for node in _all_nodes(program, group))
        if nodes:
            group = program.groups[run[0]]
            # Many iterations together are the loop.
            if len(run) > 1 and group.kind == "iteration" and group.parent is not None:
                group = program.groups[group.parent]
            shown.append(Shown("group", tuple(nodes), title=group.title, count=len(run)))
    return shown


def _folded(program: Program, groups: list[int]) -> list[list[int]]:
    """Groups beside each other, those that repeat the one before together."""
    runs: list[list[int]] = []
    for k in groups:
        first = program.groups[k].like
        if runs and first is not None and first in (runs[-1][0], program.groups[runs[-1][0]].like):
            runs[-1].append(k)
        else:
            runs.append([k])
    return runs


def _all_nodes(program: Program, group: int) -> list[int]:
    nodes: list[int] = []
    stack = [group]
    while stack:
        each = program.groups[stack.pop()]
        nodes += each.nodes
        stack += each.groups
    return nodes


def _acyclic(program: Program, found: list[Shown]) -> list[Shown]:
    """Boxes that lead to each other are one: a group may use a value that was made from its own between its steps."""
    box_of = np.zeros(len(program.nodes), int)
    for k, shown in enumerate(found):
        box_of[list(shown.nodes)] = k
    if not program.edges:
        return found
    # Only here: SciPy takes long to import, and the command line imports this file.
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    sources = box_of[[edge.source for edge in program.edges]]
    targets = box_of[[edge.target for edge in program.edges]]
    shape = (len(found), len(found))
    graph = coo_array((np.ones(len(sources)), (sources, targets)), shape=shape)
    count, component = connected_components(graph, directed=True, connection="strong")
    members: list[list[Shown]] = [[] for _ in range(count)]
    for shown, k in zip(found, component, strict=True):
        members[k].append(shown)
    result = []
    for each in members:
        if len(each) == 1:
            result.append(each[0])
        else:
            nodes = tuple(sorted(node for shown in each for node in shown.nodes))
            title = next((shown.title for shown in each if shown.title), "")
            result.append(Shown("group", nodes, title=title))
    return sorted(result, key=lambda shown: shown.nodes[0])


def _runs(program: Program, found: list[Shown]) -> list[Shown]:
    """Boxes in the order of their last steps, cut into as many runs as there may be boxes."""
    ends = [(shown.nodes[-1], shown) for shown in found if shown.kind != "input"]
    ends.sort(key=lambda end: end[0])
    inputs = [shown for shown in found if shown.kind == "input"]
    if len(inputs) > MOST // 3:
        nodes = tuple(sorted(node for shown in inputs for node in shown.nodes))
        inputs = [Shown("group", nodes, title="")]
    room = MOST - len(inputs)
    most = -(-len(ends) // room)
    runs = [ends[k : k + most] for k in range(0, len(ends), most)]
    result = list(inputs)
    for run in runs:
        if len(run) == 1:
            result.append(run[0][1])
        else:
            result.append(Shown("group", tuple(sorted(node for _, shown in run for node in shown.nodes))))
    return _acyclic(program, result)
