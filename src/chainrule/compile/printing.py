"""Schedules as text, for reviews: loops with what they compute, calls of BLAS and NumPy, and where everything lives.

The loops are those of the code that is emitted, cut at the same places, and look at the same elements; they are nearly
Python. Arrays are named by letters. An element that is computed once and used several times has a name (t1, t2, ...),
as has what a reduction adds up (s1, s2, ...). Where an assertion fails, a guard has missed.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.compile.access import Index
from chainrule.compile.gathering import index_arrays, index_elements, is_gather, is_scatter
from chainrule.compile.kinds import REDUCTIONS, SCANS, terms
from chainrule.compile.loops import BLOCK, Loops
from chainrule.compile.memory import MemoryPlan, results_of
from chainrule.compile.nests import Multiplication, Nest, Root, Variant
from chainrule.compile.program import Guard
from chainrule.compile.schedule import Schedule
from chainrule.compile.spelling import commented, described, expression, names, number
from chainrule.compile.views import View, whole
from chainrule.graph import Node, Position

# What the counters of loops are called, outermost first.
_COUNTERS = "ijklmn"
# An expression that is longer gets a name.
_LONG = 60
# Constants of at most so many elements are printed.
_FEW = 8

_TOGETHER = {
    "add": "{0} + {1}",
    "multiply": "{0} * {1}",
    "maximum": "max({0}, {1})",
    "minimum": "min({0}, {1})",
    "or": "{0} | {1}",
    "and": "{0} & {1}",
}
_NEUTRAL = {"add": "0", "multiply": "1", "maximum": "-np.inf", "minimum": "np.inf", "or": "False", "and": "True"}


def text(schedule: Schedule) -> str:
    """The steps of a schedule, one after the other, below what is given and what memory they need."""
    return "\n".join(_ScheduleText(schedule).lines())


class _Names:
    """What arrays and constants are called."""

    def __init__(self, schedule: Schedule) -> None:
        self.schedule = schedule
        self._fresh = names(taken=_COUNTERS)
        self._arrays: dict[Node, str] = {node: next(self._fresh) for node in schedule.program.graph.inputs}
        self.constants: dict[int, tuple[str, Any]] = {}

    def array(self, node: Node) -> str:
        """The name of the memory that a node has."""
        owner = self.schedule.owner(node)
        known = self._arrays.get(owner)
        if known is None:
            known = self._arrays[owner] = next(self._fresh)
        return known

    def constant(self, array: Any) -> str:
        """The name of a constant array; a number is itself."""
        if array.size == 1:
            return number(array.reshape(()).item())
        return self.constants.setdefault(id(array), (f"C{len(self.constants) + 1}", array))[0]

    def operand(self, x: Any) -> str:
        """A whole array, that has memory or is a view of what has."""
        if type(x) is not Node:
            return self.constant(x)
        if x.op is None or x in self.schedule.memory:
            return self.array(x)
        return expression(x, [self.operand(y) for y in x.operands])


class _ScheduleText:
    """The text of one schedule."""

    def __init__(self, schedule: Schedule) -> None:
        self.schedule = schedule
        self.plan = MemoryPlan(schedule)
        self.names = _Names(schedule)

    def lines(self) -> list[str]:
        """All lines."""
        steps: list[str] = []
        for k, step in enumerate(self.schedule.steps):
            if isinstance(step, Nest):
                steps += ["", f"nest.{k}:", *_NestText(self.schedule, self.names, step).lines()]
            elif isinstance(step, Multiplication):
                node = step.node
                sizes = " @ ".join(described(x) for x in node.operands)
                steps += ["", commented(f"{self.names.array(node)} = {self._call(node)}", f"BLAS: {sizes}", 0)]
            else:
                results = ", ".join(map(self.names.array, results_of(self.schedule, step.node)))
                where = "" if step.node.position is None else f", {_place(step.node.position)}"
                steps += ["", commented(f"{results} = {self._call(step.node)}", f"NumPy{where}", 0)]
        ending = [*self._guards(), *self._copies()]
        constants = [f"constant {name}: {_described_constant(x)}" for name, x in self.names.constants.values()]
        return [*self._memory(), *constants, *steps, *([""] if ending else []), *ending]

    def _call(self, node: Node) -> str:
        return expression(node, [self.names.operand(x) for x in node.operands])

    def _memory(self) -> list[str]:
        found: dict[str, list[tuple[int, Node]]] = {"input": [], "result": [], "workspace": []}
        for owner, place in self.plan.places.items():
            found[place.kind].append((place.position, owner))
        lines = []
        for kind in ("input", "result"):
            for k, owner in sorted(found[kind], key=lambda pair: pair[0]):
                lines.append(f"{kind} {k}: {self.names.array(owner)} {described(owner)}")
        lines.append(f"workspace: {self.plan.workspace_bytes} bytes")
        for at, owner in found["workspace"]:
            how = "" if self.schedule.lies(owner)[1].is_contiguous else ", by components"
            lines.append(f"  at {at}: {self.names.array(owner)} {described(owner)}{how}")
        return lines

    def _guards(self) -> list[str]:
        program = self.schedule.program
        guarded = zip(program.graph.outputs[program.results :], program.guards, strict=True)
        return [self._guard(output, guard) for output, guard in guarded if type(output) is Node]

    def _guard(self, output: Node, guard: Guard) -> str:
        seen = number(guard.value.item()) if guard.value.size == 1 else self.names.constant(guard.value)
        where = "" if guard.position is None else _place(guard.position)
        return commented(f"assert {self.names.array(output)} == {seen}", where, 0)

    def _copies(self) -> list[str]:
        copied = self.plan.copied
        return [f"result {k}: copy of {self.names.operand(output)}" for k, output in copied]


def _described_constant(x: Any) -> str:
    return described(x) if x.size > _FEW else f"{described(x)} = {x.tolist()}"


def _place(position: Position) -> str:
    return f"{Path(position.file).name}:{position.line}"


class _NestText:
    """The text of one nest; it goes through the loops as the emitter does."""

    def __init__(self, schedule: Schedule, given: _Names, nest: Nest) -> None:
        self.schedule = schedule
        self.names = given
        self.nest = nest
        self.loops = Loops(schedule, nest)
        self.found: list[str] = []
        self.depth = 1
        self.ranges: list[tuple[int, int]] = []
        self.sums: dict[tuple[Node, Index], str] = {}
        self.values: dict[tuple[Any, Index], str] = {}
        self.uses: Counter[tuple[Any, Index]] = Counter()
        self.named = 0

    def lines(self) -> list[str]:
        """All lines."""
        for root in self.nest.roots:
            if root.kind == "reduce" and self.loops.domain and not self.loops.is_suffix(root):
                self._line(f"{self.names.array(root.node)}[...] = {_NEUTRAL[root.combine]}")
        self._axis(0)
        return self.found

    def _line(self, line: str) -> None:
        self.found.append("    " * self.depth + line)

    def _axis(self, axis: int) -> None:
        if axis == len(self.loops.domain):
            self._body()
            return
        starting = [root for root in self.loops.suffixes if self.loops.first_axis(root) == axis]
        totals = [(root, variant.target) for root in starting for variant in root.variants]
        for root, target in totals:
            total = self.sums[root.node, target] = f"s{len(self.sums) + 1}"
            self._line(f"{total} = {_NEUTRAL[root.combine]}")
        for low, high in zip(self.loops.cuts[axis], self.loops.cuts[axis][1:], strict=False):
            self.ranges.append((low, high))
            if high - low == 1:
                self._axis(axis + 1)
            else:
                blocks = f"  # in blocks of {BLOCK}" if self.loops.is_blocked(axis, high - low) else ""
                self._line(f"for {_counter(axis)} in range({f'{low}, ' if low else ''}{high}):{blocks}")
                self.depth += 1
                self._axis(axis + 1)
                self.depth -= 1
            self.ranges.pop()
        for root, target in totals:
            self._line(f"{self._target(root, target)} = {self.sums[root.node, target]}")

    # What one turn does.

    def _body(self) -> None:
        self.values = {}
        self.named = 0
        self._count_uses()
        for root in self.nest.roots:
            for variant in root.variants:
                self._variant(root, variant)

    def _variant(self, root: Root, variant: Variant) -> None:
        """The lines for one element that a root makes."""
        sources, target = variant
        if root.kind == "store":
            (pair,) = sources
            key = root.node, target
            value = self._computed(*key) if pair[0] is root.node else self._element(*pair)
            self.values[key] = value if _is_short(value) or not self.uses[key] else self._name(value)
            if root.kept:
                self._line(f"{self._target(root, target)} = {self.values[key]}")
        elif root.kind == "write":
            sign = "+=" if root.node.op in (ops.accumulate, ops.scatter_add) else "="
            self._line(f"{self._written(root, target)} {sign} {self._element(*sources[0])}")
        elif root.kind == "scan":
            self._line(f"{self._target(root, target)} = {self._scanned(root, sources, target)}")
        else:
            value = self._product(sources, root.combine)
            if not root.reduced:
                self._line(f"{self._target(root, target)} = {value}")
                return
            total = self.sums[root.node, target] if self.loops.is_suffix(root) else self._target(root, target)
            if root.combine in ("add", "multiply"):
                self._line(f"{total} {'+' if root.combine == 'add' else '*'}= {value}")
            else:
                self._line(f"{total} = {_TOGETHER[root.combine].format(total, value)}")

    def _scanned(self, root: Root, sources: Sequence[tuple[Any, Index]], target: Index) -> str:
        """An element of a running op, from those of the operands and the one before it."""
        axis = root.node.params["axis"]
        *factors, value = (self._element(*pair) for pair in sources)
        if not self.ranges[axis][0]:
            return value
        before = self._target(root, (*target[:axis], target[axis].stepped(-1, 1), *target[axis + 1 :]))
        sign = "*" if SCANS[root.node.op] == "multiply" else "+"
        return f"{' * '.join([*map(_enclosed, factors), before])} {sign} {_enclosed(value)}"

    def _count_uses(self) -> None:
        """How often each element is used that is computed in this turn."""
        self.uses = Counter()
        made = [(root, variant) for root in self.nest.roots for variant in root.variants]
        stored = {(root.node, variant.target) for root, variant in made if root.kind == "store"}
        seen = set()
        stack: list[tuple[Any, Index]] = []
        for root, variant in made:
            for pair in variant.sources:
                if pair[0] is root.node and root.kind == "store":
                    seen.add(pair)
                    stack.extend(self._parts(*pair))
                else:
                    stack.append(pair)
        while stack:
            pair = stack.pop()
            if type(pair[0]) is not Node:
                continue
            self.uses[pair] += 1
            if pair not in seen and pair not in stored and self.schedule.view(pair[0]) is None:
                seen.add(pair)
                stack.extend(self._parts(*pair))

    def _parts(self, node: Node, index: Index) -> list[tuple[Any, Index]]:
        if self.schedule.is_movement(node) and self.schedule.moved_view(node) is not None:
            return []
        return list(self.loops.sources(node, index, tuple(self.ranges)))

    def _element(self, source: Any, index: Index) -> str:
        """The element of a node or constant at an index."""
        stack = [(source, index)]
        while stack:
            pair = stack[-1]
            if _key(*pair) in self.values:
                stack.pop()
                continue
            known = self.schedule.view(pair[0])
            if type(pair[0]) is not Node:
                x = np.asarray(pair[0])
                value = self.names.constant(x) if x.size == 1 else self._at(pair[0], whole(x.shape), pair[1])
            elif known is not None:
                value = self._at(known[0], known[1], pair[1])
            else:
                missing = [part for part in self._parts(*pair) if _key(*part) not in self.values]
                if missing:
                    stack.extend(missing)
                    continue
                value = self._computed(*pair)
                if len(value) > _LONG or (self.uses[pair] > 1 and not _is_short(value)):
                    value = self._name(value)
            self.values[_key(*pair)] = value
        return self.values[_key(source, index)]

    def _name(self, value: str) -> str:
        self.named += 1
        self._line(f"t{self.named} = {value}")
        return f"t{self.named}"

    def _computed(self, node: Node, index: Index) -> str:
        """The element of a node from those of its operands."""
        if self.schedule.is_movement(node):
            moved = self.schedule.moved_view(node)
            if moved is not None:
                return self._at(*moved, index)
        if self.schedule.is_short(node):
            combine = REDUCTIONS.get(node.op, "add")
            together = _TOGETHER[combine]
            total, *rest = [self._product(factors, combine) for factors in terms(node, index)]
            for value in rest:
                total = together.format(total, value)
            return total
        if is_gather(node):
            return self._at_indices(node, _enclosed(self.names.operand(node.operands[0])), index)
        values = [self._element(*pair) for pair in self._parts(node, index)]
        if self.schedule.is_elementwise(node):
            # Arguments of a call need no parentheses.
            is_call = _is_atomic(form := expression(node, ["x"] * len(values))) and not form.startswith("x")
            return expression(node, values if is_call else list(map(_enclosed, values)))
        if not values:
            return "0"
        return values[0] if len(values) == 1 else " + ".join(map(_enclosed, values))

    def _product(self, factors: Any, combine: str) -> str:
        """What a reduction combines: the product of its factors, or the truth of its one factor."""
        values = [self._element(*factor) for factor in factors]
        if combine in ("or", "and"):
            return _enclosed(values[0]) if factors[0][0].dtype.kind == "b" else f"({_enclosed(values[0])} != 0)"
        return values[0] if len(values) == 1 else " * ".join(map(_enclosed, values))

    # Where elements stand.

    def _target(self, root: Root, target: Index) -> str:
        return self._at(root.node, self.schedule.lies(root.node)[1], target)

    def _written(self, root: Root, target: Index) -> str:
        if is_scatter(root.node):
            return self._at_indices(root.node, self.names.array(root.node), target)
        view = self.schedule.lies(root.node)[1].at(root.node.params["path"])
        assert view is not None
        return self._at(root.node, view, target)

    def _at_indices(self, node: Node, name: str, index: Index) -> str:
        """An element of an array where index arrays, and the rest of an index, lead to."""
        places = [self._element(*pair) for pair in index_elements(node, index)]
        for axis, scale, offset in index[index_arrays(node)[0].ndim :]:
            low, high = self.ranges[axis] if scale else (0, 1)
            fixed, factors = (offset + scale * low, {}) if high - low == 1 else (offset, {axis: scale})
            places.append(_linear(fixed, factors))
        return f"{name}[{', '.join(places)}]"

    def _at(self, x: Any, view: View, index: Index) -> str:
        """An element of an array, at the index of a view of it."""
        name = self.names.array(x) if type(x) is Node else self.names.constant(x)
        if not x.shape:
            return name
        fixed, moving = view.offset, dict[int, int]()
        if self.loops.flat:
            moving = {0: 1} if math.prod(view.shape) != 1 else {}
        else:
            for affine, stride in zip(index, view.strides, strict=True):
                fixed += affine.offset * stride
                if affine.scale and stride:
                    moving[affine.axis] = moving.get(affine.axis, 0) + affine.scale * stride
        for axis, factor in list(moving.items()):
            low, high = self.ranges[axis]
            if high - low == 1:
                fixed += low * moving.pop(axis) if factor else 0
        by_components = type(x) is Node and not self.schedule.lies(x)[1].is_contiguous
        places = self._places((x.shape[-1], *x.shape[:-1]) if by_components else x.shape, fixed, moving)
        if places is None:
            row = f"np.moveaxis({name}, -1, 0)" if by_components else name
            return f"{row}.flat[{_linear(fixed, moving)}]"
        if by_components:
            places = [*places[1:], places[0]]
        return f"{name}[{', '.join(_linear(*place) for place in places)}]"

    def _places(self, shape: tuple[int, ...], fixed: int, moving: dict[int, int]) -> Any:
        """The place along each axis, fixed + Σ factor · counter, for a place in a row; None if there are no such."""
        # The first turn along each loop, or the last where it goes backwards, comes first in the row.
        first = {axis: self.ranges[axis][0] if f > 0 else self.ranges[axis][1] - 1 for axis, f in moving.items()}
        begin = fixed + sum(factor * first[axis] for axis, factor in moving.items())
        if begin < 0:
            return None
        places: list[tuple[int, dict[int, int]]] = [(place, {}) for place in _along_axes(shape, begin)]
        for axis, factor in moving.items():
            for k, part in enumerate(_along_axes(shape, abs(factor))):
                if part:
                    place, factors = places[k]
                    factors[axis] = part if factor > 0 else -part
                    places[k] = place - factors[axis] * first[axis], factors
        for n, (place, factors) in zip(shape, places, strict=True):
            ends = [(f * self.ranges[axis][0], f * (self.ranges[axis][1] - 1)) for axis, f in factors.items()]
            low, high = place + sum(map(min, ends)), place + sum(map(max, ends))
            if not 0 <= low <= high < n:
                return None
        return places


def _along_axes(shape: tuple[int, ...], distance: int) -> list[int]:
    """So many elements further in a row, as steps along each axis; those along the first axis may be too many."""
    steps = []
    for k in range(len(shape)):
        stride = math.prod(shape[k + 1 :])
        step, distance = divmod(distance, stride) if shape[k] != 1 else (0, distance)
        steps.append(step)
    return steps


def _counter(axis: int) -> str:
    return _COUNTERS[axis] if axis < len(_COUNTERS) else f"i{axis}"


def _linear(fixed: int, factors: dict[int, int]) -> str:
    """fixed + Σ factor · counter."""
    total = ""
    for axis, factor in sorted(factors.items()):
        term = _counter(axis) if abs(factor) == 1 else f"{abs(factor)} * {_counter(axis)}"
        sign = "-" if factor < 0 else "+"
        total = f"{total} {sign} {term}" if total else term if factor > 0 else f"-{term}"
    if not total:
        return str(fixed)
    if total.startswith("-") and len(factors) == 1:
        return f"{fixed} - {total[1:]}"
    return total if not fixed else f"{total} {'-' if fixed < 0 else '+'} {abs(fixed)}"


def _key(source: Any, index: Index) -> tuple[Any, Index]:
    return (source if type(source) is Node else id(source)), index


def _is_short(value: str) -> bool:
    """Whether an expression is a name, a number, or one element of an array."""
    return _is_atomic(value) and "(" not in value


def _is_atomic(value: str) -> bool:
    """Whether an expression can stand as an operand without parentheses."""
    depth = 0
    for letter in value:
        depth += (letter in "([") - (letter in ")]")
        if letter == " " and not depth:
            return False
    return not value.startswith(("-", "~")) or value[1:2].isdigit()


def _enclosed(value: str) -> str:
    return value if _is_atomic(value) else f"({value})"
