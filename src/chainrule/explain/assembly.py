"""Everything that an explanation knows, put together as a `Program` from a recorded run."""

from __future__ import annotations

import contextlib
import inspect
import linecache
import tokenize
from dataclasses import dataclass, replace
from types import CodeType
from typing import Any

import numpy as np

from chainrule.explain.health.findings import diagnose
from chainrule.explain.numbers import numbers
from chainrule.explain.program import SHOWN_ENTRIES, Edge, Frame, Jacobian, Node, Numbers, Path, Program, Site, Source
from chainrule.explain.run.accumulation import Accumulated, accumulate, connected
from chainrule.explain.run.checks import checked
from chainrule.explain.run.cost import enter_costs
from chainrule.explain.run.groups import groups_of
from chainrule.explain.run.local import edge_map, jacobian_of
from chainrule.explain.run.moduli import Moduli, moduli
from chainrule.explain.run.paths import Largest, counted, largest
from chainrule.explain.run.recorded import Recorded
from chainrule.explain.run.replay import replay_of
from chainrule.explain.run.steps import Step, steps
from chainrule.explain.wording import Wording
from chainrule.graph import Position
from chainrule.jacobians.zeros import ZERO, Placed, without_exclusions

# So many entries of arrays are kept in all, beside those of small ones.
_MOST_NUMBERS = 400_000
# The entries of Jacobians are computed beforehand in programs with at most so many edges.
_MOST_MATRICES = 2_000
# What is kept of an array of any program.
_FEW = 16


@dataclass(frozen=True, slots=True)
class Assembled:
    """A program, and what it was put together from."""

    program: Program
    recorded: Recorded
    steps: list[Step]
    accumulated: Accumulated
    largest: Largest


def assembled(
    recorded: Recorded, *, direction: Any, paths: int, jacobians: str, detail: str, group: str, max_nodes: int
) -> Assembled:
    """Group, accumulate, count, check and describe a recorded run."""
    found = steps(recorded, detail)
    keep = _Keeping(_most_kept(found))
    if recorded.failure is None:
        accumulated = accumulate(recorded, found, direction, keep)
        sums = moduli(recorded, accumulated)
        accumulated.absolute = sums.sums
        checks = checked(recorded, accumulated, sums.sums if sums.exact else None)
        best = largest(recorded, accumulated, paths)
    else:
        accumulated = connected(found, None)
        sums, checks, best = Moduli(None, False), {}, Largest([], True)
    program = _described(recorded, accumulated, keep, sums, checks, best, jacobians, group, max_nodes)
    recorded.backward = None
    return Assembled(program, recorded, found, accumulated, best)


def _described(
    recorded: Recorded,
    accumulated: Accumulated,
    keep: _Keeping,
    sums: Moduli,
    checks: dict[str, float],
    best: Largest,
    jacobians: str,
    group: str,
    max_nodes: int,
) -> Program:
    found = accumulated.steps
    places = _Places(recorded)
    wording = Wording(found, recorded, accumulated.result)
    nodes = [_node(recorded, step, accumulated, wording, places, keep) for step in found]
    count, through = counted(accumulated)
    uses = uses_of(accumulated)
    twins = _twins(accumulated)
    edges = [
        Edge(
            source=arc.source,
            target=arc.target,
            slot=arc.slot,
            jacobian=wording.named(_jacobian(recorded, accumulated, k, jacobians), arc.target, arc.slot),
            use=uses.get(k),
            contribution=keep.cotangent(arc.contribution, found[arc.source])
            if accumulated.adjoints[arc.target] is not ZERO
            else None,
            flow=arc.flow,
            paths=through[k],
            twin=None if k in uses else twins.get(k),
        )
        for k, arc in enumerate(accumulated.arcs)
    ]
    program = Program(
        function=recorded.function,
        title=wording.title,
        nodes=nodes,
        edges=edges,
        inputs=tuple(range(len(recorded.inputs))),
        result=accumulated.result,
        paths=[path_of(accumulated, path) for path in best.paths],
        path_count=count,
        absolute=() if sums.sums is None else tuple(numbers(total, most=keep.most) for total in sums.sums),
        absolute_is_bound=not sums.exact,
        paths_exact=best.exact,
        cancellation=cancellation(recorded, sums, count),
        direction=accumulated.direction,
        directional_derivative=accumulated.directional_derivative,
        sites=places.sites,
        frames=places.frames,
        sources=_sources(recorded),
        failure=None if recorded.failure is None else str(recorded.failure.error) or repr(recorded.failure.error),
        failed_operands=_failed_operands(recorded, found),
        failed_site=None if recorded.failure is None else places.site(recorded.failure.position),
        cost_measured=recorded.cost,
        checks=checks,
    )
    program.replay = replay_of(recorded, accumulated, places.site)
    enter_costs(recorded, found, program)
    diagnose(recorded, accumulated, program)
    if group != "none":
        program.groups = groups_of(recorded, found, program, max_nodes)
    return program


def _failed_operands(recorded: Recorded, found: list[Step]) -> tuple[int, ...]:
    """The steps whose values the failing op took."""
    failure = recorded.failure
    if failure is None:
        return ()
    by_node = {node: step.place for step in found for node in step.nodes}
    return tuple(dict.fromkeys(by_node[x] for x in failure.operands if x in by_node and not isinstance(x, np.ndarray)))


def _most_kept(found: list[Step]) -> int:
    """How large an array may be for its entries to be kept."""
    sizes = [step.result.size for step in found if not isinstance(step.result.dtype, tuple)]
    sizes = [size for size in sizes if size > _FEW]
    edges = [size for step in found for _, operand in step.operands if (size := operand.result.size) > _FEW]
    for most in (SHOWN_ENTRIES, 1024, 256, 64):
        if (
            3 * sum(size for size in sizes if size <= most) + sum(size for size in edges if size <= most)
            <= _MOST_NUMBERS
        ):
            return most
    return _FEW


def _node(
    recorded: Recorded, step: Step, accumulated: Accumulated, wording: Wording, places: _Places, keep: _Keeping
) -> Node:
    place = step.place
    adjoint = accumulated.adjoints[place]
    tangent = accumulated.tangents[place] if accumulated.tangents else None
    expression, latex = wording.expression(place)
    return Node(
        name=wording.names[place],
        op=step.op,
        expression=expression,
        latex=latex,
        value=_numbers(recorded.values[step.result], keep.most),
        adjoint=None if adjoint is ZERO else keep.cotangent(adjoint, step),
        tangent=None if tangent is None else keep(tangent, step),
        site=places.site(step.position),
        frame=places.frame(step.frame),
        iteration=step.iteration,
        seconds=sum(recorded.seconds.get(node, 0.0) for node in step.nodes) if recorded.cost else None,
        pull_seconds=accumulated.pull_seconds[place] if recorded.cost and accumulated.pull_seconds else None,
    )


def _numbers(value: Any, most: int) -> Numbers:
    if type(value) is tuple:
        value = value[0]
    return numbers(value, most=most)


class _Keeping:
    """Turns tangents and cotangents into numbers."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._known: dict[int, Numbers] = {}

    def __call__(self, t: Any, step: Step) -> Numbers:
        return t if type(t) is Numbers else _kept(t, step, self.most)

    def cotangent(self, t: Any, step: Step) -> Numbers:
        """A cotangent, which is held as long as this is; each once, since a contribution may be all of an adjoint."""
        if t is ZERO:
            return self(t, step)
        known = self._known.get(id(t))
        if known is None:
            known = self._known[id(t)] = self(t, step)
        return known


def _kept(t: Any, step: Step, most: int) -> Numbers:
    """A tangent or cotangent as numbers; one that lies in a small part of a large array is not spread out."""
    if type(t) is Placed and step.result.size > most:
        part = numbers(without_exclusions(t.values, t.values), most=0)
        size = step.result.size
        part_size = int(np.prod(part.shape, dtype=int))
        least, greatest = part.least, part.greatest
        if part_size < size:
            least, greatest = min(0.0, least or 0.0), max(0.0, greatest or 0.0)
        return replace(
            part,
            shape=step.result.shape,
            least=least,
            greatest=greatest,
            zeros=part.zeros + max(0, size - part_size),
        )
    return numbers(without_exclusions(t, step.result), most=most)


def uses_of(accumulated: Accumulated) -> dict[int, int]:
    """By edge which use of its input it is, for inputs that are used several times.

    Counted in the order in which one reads the result's expression: depth first from the result, slots in order.
    """
    arcs, steps = accumulated.arcs, accumulated.steps
    order: list[int] = []
    seen: set[int] = set()
    roots = [accumulated.result] if accumulated.result is not None else []
    for root in [*roots, *reversed(range(len(steps)))]:
        stack = [] if root in seen else [iter(accumulated.incoming[root])]
        seen.add(root)
        while stack:
            edge = next(stack[-1], None)
            if edge is None:
                stack.pop()
                continue
            source = arcs[edge].source
            if steps[source].is_input:
                order.append(edge)
            elif source not in seen:
                seen.add(source)
                stack.append(iter(accumulated.incoming[source]))
    count: dict[int, int] = {}
    uses: dict[int, int] = {}
    for edge in order:
        source = arcs[edge].source
        uses[edge] = count[source] = count.get(source, 0) + 1
    return {edge: use for edge, use in uses.items() if count[arcs[edge].source] > 1}


def _twins(accumulated: Accumulated) -> dict[int, int]:
    """By edge which of several slots it is in which a step takes the same value."""
    twins: dict[int, int] = {}
    for incoming in accumulated.incoming:
        if len(incoming) < 2:
            continue
        by_source: dict[int, list[int]] = {}
        for edge in incoming:
            by_source.setdefault(accumulated.arcs[edge].source, []).append(edge)
        for edges in by_source.values():
            if len(edges) > 1:
                twins.update({edge: k + 1 for k, edge in enumerate(edges)})
    return twins


def path_of(accumulated: Accumulated, path: Any) -> Path:
    """A path that was found, as an explanation shows it."""
    step = accumulated.steps[path.source]
    return Path(path.edges, _kept(path.contribution, step, SHOWN_ENTRIES))


@np.errstate(all="ignore")
def cancellation(recorded: Recorded, sums: Moduli, count: int) -> float | None:
    """Σ|path| / |Σ path|, the greatest over the inputs' entries; ∞ where all cancels."""
    if count == 0 or sums.sums is None:
        return None
    from chainrule.api.trees import flatten

    worst = 1.0
    for total, gradient in zip(sums.sums, flatten(recorded.gradient)[0], strict=True):
        size = np.abs(np.asarray(gradient))
        ratio = np.where(total > 0, total / size, 1.0)
        ratio = ratio[np.isfinite(total) & ~np.isnan(ratio)]
        worst = max(worst, float(np.max(ratio, initial=1.0)))
    return worst


def _jacobian(recorded: Recorded, accumulated: Accumulated, edge: int, jacobians: str) -> Jacobian:
    arc = accumulated.arcs[edge]
    if arc.partial is not None:
        known = arc.partial is not ZERO
        partial = np.asarray(arc.partial if known else 0.0).reshape(1, 1)
        return Jacobian("scalar" if known else "zero", (), (), "", "", int(known), partial)
    step, source = accumulated.steps[arc.target], accumulated.steps[arc.source]
    if isinstance(step.result.dtype, tuple):
        return Jacobian("dense", (), source.result.shape, "", "", 0)
    with np.errstate(all="ignore"):
        local = edge_map(step, arc.slot, recorded)
        few = len(accumulated.arcs) <= _MOST_MATRICES or local.rows * local.columns <= _FEW
        return jacobian_of(local, entries=jacobians != "none" and few)


class _Places:
    """The lines and the calls that are referred to, each once."""

    def __init__(self, recorded: Recorded) -> None:
        self.sites: list[Site] = []
        self._known: dict[tuple[str, int, str], int] = {}
        self._by_position: dict[Position, int] = {}
        self.frames: list[Frame] = []
        for call in recorded.calls:
            code = call.code
            caller = None if call.caller is None else recorded.calls[call.caller]
            site = None if caller is None else self.site(Position(caller.code, call.offset))
            self.frames.append(
                Frame(
                    code.co_qualname,
                    code.co_filename,
                    0 if site is None else self.sites[site].line,
                    call.caller,
                    site,
                )
            )

    def site(self, position: Position | None) -> int | None:
        """The place of a line."""
        if position is None or not position.file:
            return None
        known = self._by_position.get(position)
        if known is not None:
            return known
        key = (position.file, position.line, position.function)
        if key not in self._known:
            self._known[key] = len(self.sites)
            self.sites.append(Site(*key, position.text))
        self._by_position[position] = self._known[key]
        return self._known[key]

    def frame(self, call: int | None) -> int | None:
        """The place of a call."""
        return call


def _sources(recorded: Recorded) -> list[Source]:
    """The text of every function that the run went through; of what lies in or overlaps another one, once."""
    ranges: dict[str, list[tuple[int, int]]] = {}
    for code in dict.fromkeys(call.code for call in recorded.calls):
        lines = linecache.getlines(code.co_filename)
        first = code.co_firstlineno
        if not 0 < first <= len(lines):
            continue
        last = min(_last_line(code, lines), len(lines))
        apart = []
        for other in ranges.get(code.co_filename, ()):
            if other[0] <= last and first <= other[1]:
                first, last = min(first, other[0]), max(last, other[1])
            else:
                apart.append(other)
        ranges[code.co_filename] = [*apart, (first, last)]
    return [
        Source(file, first, tuple(line.rstrip("\n") for line in linecache.getlines(file)[first - 1 : last]))
        for file, several in ranges.items()
        for first, last in several
    ]


def _last_line(code: CodeType, lines: list[str]) -> int:
    """Where a function ends: a lambda or a comprehension with its instructions, others with their block."""
    first = code.co_firstlineno
    if not code.co_name.startswith("<"):
        with contextlib.suppress(SyntaxError, tokenize.TokenError):
            return first + len(inspect.getblock(lines[first - 1 :])) - 1
    return max((end or line or first for line, end, _, _ in code.co_positions()), default=first)
