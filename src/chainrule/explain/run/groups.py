"""Which steps are drawn as one until they are opened: calls, loops and their iterations, and lines.

Every group is an interval of the run, so groups depend on each other in one direction only, as steps do.
"""

from __future__ import annotations

import dis
import functools
import linecache
import re
from dataclasses import dataclass, field
from types import CodeType
from typing import Any

from chainrule.explain.program import Group, Program
from chainrule.explain.run.recorded import Recorded
from chainrule.explain.run.steps import Step

# Where a step stands: calls, loops and iterations round it, from the outermost on.
_Key = tuple[Any, ...]


@dataclass(slots=True, eq=False)
class _Grown:
    """A group while it is made: its members are steps, by their places, and other groups, in order."""

    kind: str
    title: str
    members: list[Any] = field(default_factory=list)
    key: _Key = ()
    signature: int = -1


def groups_of(recorded: Recorded, found: list[Step], program: Program, max_nodes: int) -> list[Group]:
    """Groups such that at most `max_nodes` boxes are visible before one is opened; none if there are no more steps.

    The same holds inside of each group, if groups that are `like` another are drawn as one with it.
    """
    if len(found) <= max_nodes:
        return []
    root = _grown(recorded, found)
    _settle(root, found, program, max(2, max_nodes))
    return _listed(root)


def _grown(recorded: Recorded, found: list[Step]) -> _Grown:
    """The tree of calls, loops and iterations."""
    entry_keys, call_keys = _keys(recorded)
    root = _Grown("call", recorded.function)
    stack = [root]
    for step in found:
        keys: list[_Key] = []
        if step.entry is not None:
            call = step.frame
            keys = list(entry_keys[step.entry])
            while call is not None and recorded.calls[call].caller is not None:
                keys = [*call_keys[call], ("call", call), *keys]
                call = recorded.calls[call].caller
        depth = 0
        while depth < len(keys) and depth + 1 < len(stack) and stack[depth + 1].key == keys[depth]:
            depth += 1
        del stack[depth + 1 :]
        for key in keys[depth:]:
            group = _Grown(key[0], _title(recorded, key), key=key)
            stack[-1].members.append(group)
            stack.append(group)
        stack[-1].members.append(step.place)
    return root


def _keys(recorded: Recorded) -> tuple[list[list[_Key]], list[list[_Key]]]:
    """The loops and iterations, inside their own call, that each entry and each call stands in."""
    calls, entries = recorded.calls, recorded.entries
    events: list[tuple[int, bool, int, int | None, int]] = [
        (entry.moment, False, k, entry.call, entry.offset) for k, entry in enumerate(entries)
    ]
    events += [(call.moment, True, k, call.caller, call.offset) for k, call in enumerate(calls)]
    events.sort()
    entry_keys: list[list[_Key]] = [[] for _ in entries]
    call_keys: list[list[_Key]] = [[] for _ in calls]
    before: dict[int, int] = {}
    runs: dict[tuple[int, int], int] = {}
    iterations: dict[tuple[int, int], int] = {}
    for _, is_call, k, call, offset in events:
        if call is None:
            continue
        loops = _loops(calls[call].code)
        inside = [n for n, loop in enumerate(loops) if loop.start <= offset <= loop.end]
        last = before.get(call)
        common = [n for n in inside if last is not None and loops[n].start <= last <= loops[n].end]
        if common and last is not None and offset <= last:
            iterations[call, common[-1]] += 1
        for n in inside:
            if n not in common:
                runs[call, n] = runs.get((call, n), 0) + 1
                iterations[call, n] = 0
        before[call] = offset
        keys: list[_Key] = []
        for n in inside:
            keys.append(("loop", call, n, runs[call, n]))
            keys.append(("iteration", call, n, runs[call, n], iterations[call, n]))
        (call_keys if is_call else entry_keys)[k] = keys
    return entry_keys, call_keys


@dataclass(frozen=True, slots=True)
class _Loop:
    """The instructions of a loop, and the line of its head."""

    start: int
    end: int
    line: int


@functools.lru_cache(maxsize=4096)
def _loops(code: CodeType) -> tuple[_Loop, ...]:
    """The loops of a function, from its jumps backwards, outer ones before those inside."""
    ends: dict[int, tuple[int, int]] = {}
    lines: dict[int, int] = {}
    heads: set[int] = set()
    for instruction in dis.get_instructions(code):
        line = (instruction.positions and instruction.positions.lineno) or code.co_firstlineno
        lines[instruction.offset] = line
        if instruction.opname == "FOR_ITER":
            heads.add(instruction.offset)
        backwards = "BACKWARD" in instruction.opname and "NO_INTERRUPT" not in instruction.opname
        if backwards and instruction.argval <= instruction.offset:
            ends[instruction.argval] = (instruction.offset, line)
    loops = [
        _Loop(start, end, lines[start] if start in heads else jump_line) for start, (end, jump_line) in ends.items()
    ]
    return tuple(sorted(loops, key=lambda loop: (loop.start, -loop.end)))


_HEAD = re.compile(r"\s*(async\s+for|for|while)\b")


def _title(recorded: Recorded, key: _Key) -> str:
    kind, call = key[0], key[1]
    record = recorded.calls[call]
    if kind == "call":
        caller = None if record.caller is None else recorded.calls[record.caller].code
        return _call_title(record.code, caller, record.offset)
    loop = _loops(record.code)[key[2]]
    return _loop_title(record.code.co_filename, loop.line) if kind == "loop" else f"iteration {key[4] + 1}"


@functools.lru_cache(maxsize=4096)
def _call_title(code: CodeType, caller: CodeType | None, offset: int) -> str:
    """A call as it is written, if it is written on one line."""
    name = code.co_name
    if caller is not None:
        positions = list(caller.co_positions())
        if 0 <= offset // 2 < len(positions):
            line, end_line, column, end_column = positions[offset // 2]
            if line is not None and line == end_line:
                text = linecache.getline(caller.co_filename, line).encode()[column:end_column].decode(errors="replace")
                if 0 < len(text) <= _LONGEST and text.endswith((")", "]")):
                    return text
    return f"{name}(...)"


_LONGEST = 60


@functools.lru_cache(maxsize=4096)
def _loop_title(file: str, line: int) -> str:
    """The head of the loop that a line belongs to."""
    for number in range(line, max(0, line - 200), -1):
        text = linecache.getline(file, number)
        if _HEAD.match(text):
            return text.split("#")[0].strip().rstrip(":")[:_LONGEST]
        if number == line and re.search(r"\bfor\b.+\bin\b", text):
            found = re.search(r"\bfor\b.+\bin\b[^\])}]*", text)
            return found[0].strip()[:_LONGEST] if found else text.strip()[:_LONGEST]
    return "loop"


def _settle(root: _Grown, found: list[Step], program: Program, most: int) -> None:
    """Number alike groups alike, innermost first, and put members together where there are too many."""
    signatures: dict[Any, int] = {}
    order: list[_Grown] = []
    stack = [root]
    while stack:
        group = stack.pop()
        order.append(group)
        stack.extend(member for member in group.members if isinstance(member, _Grown))
    for group in reversed(order):
        _dissolve(group)
        content = tuple(
            member.signature if isinstance(member, _Grown) else _node_signature(found[member], signatures)
            for member in group.members
        )
        group.signature = _number(signatures, (group.kind, *group.key[2:3], content))
    while order:
        group = order.pop()
        if group.kind != "line" and _visible(group) > most:
            group.members = _by_line(group.members, found, program, signatures)
        while _visible(group) > most:
            group.members = _chunked(group.members, found, program, signatures, most)
        # Also those that were made just now.
        order.extend(member for member in group.members if isinstance(member, _Grown) and member.kind == "line")


def _dissolve(group: _Grown) -> None:
    """Take away what holds one thing only: a call of one step, the call round a comprehension, a loop of one turn."""
    members: list[Any] = []
    for member in group.members:
        if not isinstance(member, _Grown) or len(member.members) > 1 or member.kind == "iteration":
            members.append(member)
            continue
        (alone,) = member.members
        turn = member.kind == "loop" and isinstance(alone, _Grown) and alone.kind == "iteration"
        members.extend(alone.members if turn else [alone])
    group.members = members


def _visible(group: _Grown) -> int:
    """How many boxes a group shows when it is opened: those that are alike count once."""
    seen = set()
    steps = 0
    for member in group.members:
        if isinstance(member, _Grown):
            seen.add(member.signature)
        else:
            steps += 1
    return steps + len(seen)


def _number(signatures: dict[Any, int], signature: Any) -> int:
    return signatures.setdefault(signature, len(signatures))


def _node_signature(step: Step, signatures: dict[Any, int]) -> int:
    position = step.position
    where = None if position is None else (position.code, position.offset)
    return _number(signatures, (step.op, where, step.result.shape, tuple(slot for slot, _ in step.operands)))


def _by_line(members: list[Any], found: list[Step], program: Program, signatures: dict[Any, int]) -> list[Any]:
    """Steps of one line that follow each other, together."""
    result: list[Any] = []
    run: list[int] = []
    line: Any = None

    def close() -> None:
        if len(run) > 1:
            site = program.nodes[run[0]].site
            title = "" if site is None else program.sites[site].text
            content = tuple(_node_signature(found[k], signatures) for k in run)
            result.append(
                _Grown("line", title[:_LONGEST] or "line", list(run), signature=_number(signatures, ("line", content)))
            )
        else:
            result.extend(run)
        run.clear()

    for member in members:
        here: Any = None
        if not isinstance(member, _Grown):
            here = (found[member].frame, program.nodes[member].site)
        if here is None or here != line or found[member].is_input:
            close()
        line = here
        if here is None:
            result.append(member)
        else:
            run.append(member)
    close()
    return result


def _chunked(
    members: list[Any], found: list[Step], program: Program, signatures: dict[Any, int], most: int
) -> list[Any]:
    """Neighbours together, so many at a time that there are few enough."""
    size = max(2, -(-len(members) // most)) if len(members) <= most * most else most
    result: list[Any] = []
    for k in range(0, len(members), size):
        chunk = members[k : k + size]
        if len(chunk) == 1:
            result.extend(chunk)
            continue
        content = tuple(
            member.signature if isinstance(member, _Grown) else _node_signature(found[member], signatures)
            for member in chunk
        )
        signature = _number(signatures, ("chunk", content))
        result.append(_Grown("line", _lines_of(chunk, program), chunk, signature=signature))
    return result


def _lines_of(members: list[Any], program: Program) -> str:
    """Which lines a few members cover."""
    lines: set[int] = set()
    count = 0
    stack = list(members)
    while stack:
        member = stack.pop()
        if isinstance(member, _Grown):
            stack.extend(member.members)
            continue
        count += 1
        site = program.nodes[member].site
        if site is not None:
            lines.add(program.sites[site].line)
        elif member in program.inputs:
            return "inputs"
    if not lines:
        return f"{count} steps"
    least, greatest = min(lines), max(lines)
    return f"line {least}" if least == greatest else f"lines {least} to {greatest}"


def _listed(root: _Grown) -> list[Group]:
    """The groups as an explanation holds them: parents before what is in them."""
    order: list[tuple[_Grown, int | None]] = []
    places: dict[int, int] = {}
    waiting: list[tuple[_Grown, int | None]] = [
        (member, None) for member in reversed(root.members) if isinstance(member, _Grown)
    ]
    while waiting:
        group, parent = waiting.pop()
        place = places[id(group)] = len(order)
        order.append((group, parent))
        waiting.extend((member, place) for member in reversed(group.members) if isinstance(member, _Grown))
    first: dict[int, int] = {}
    listed = []
    for place, (group, parent) in enumerate(order):
        like = first.setdefault(group.signature, place)
        listed.append(
            Group(
                kind=group.kind,
                title=group.title,
                parent=parent,
                nodes=tuple(member for member in group.members if not isinstance(member, _Grown)),
                groups=tuple(places[id(member)] for member in group.members if isinstance(member, _Grown)),
                like=None if like == place else like,
            )
        )
    return listed
