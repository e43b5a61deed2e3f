"""What a run and its derivative cost: time, memory and floating-point operations, by line or by operation."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.explain.program import Node, Program
from chainrule.explain.run.flops import flops_of
from chainrule.explain.run.recorded import Recorded
from chainrule.explain.run.steps import Step

# What is worth to be computed again: so much memory, at so few operations for each number that is not kept.
_WORTH_BYTES = 2**20
_CHEAP = 20


def kept_bytes(recorded: Recorded, steps: Sequence[Step]) -> list[int]:
    """For each step the bytes of what it made, or brought in, that is kept for the backward pass.

    Kept is what the rules of the operations read: operands and results, each memory counted once, at the step that made
    it. A constant array counts at the first step that uses it.
    """
    made_by: dict[int, int] = {}
    for step in steps:
        for node in step.nodes:
            value = recorded.values.get(node)
            for part in value if type(value) is tuple else (value,):
                if part is not None:
                    made_by.setdefault(id(_owner(part)), step.place)
    found = [0] * len(steps)
    counted: dict[int, Any] = {}
    for step in steps:
        for node in step.nodes:
            outputs = node.output if type(node.output) is tuple else (node.output,)
            for x in (*node.inputs, *outputs):
                if not isinstance(x, (np.ndarray, np.generic)):
                    continue
                owner = _owner(x)
                if id(owner) not in counted:
                    counted[id(owner)] = owner
                    found[made_by.get(id(owner), step.place)] += owner.nbytes
    return found


def enter_costs(recorded: Recorded, steps: Sequence[Step], program: Program) -> None:
    """Enter into a program what its steps keep, and how many operations they take."""
    for step, kept in zip(steps, kept_bytes(recorded, steps), strict=True):
        node = program.nodes[step.place]
        node.kept_bytes, node.flops = kept, flops_of(step.nodes)


def _owner(x: Any) -> Any:
    """The array that the memory of an array belongs to."""
    while isinstance(x, np.ndarray) and isinstance(x.base, np.ndarray):
        x = x.base
    return x


@dataclass(frozen=True, slots=True)
class CostRow:
    """What one line, or one operation, costs.

    label
        The line, or the name of the operation.
    place
        File and line number, empty for an operation.
    count
        How many steps it made.
    seconds, pull_seconds
        The time of the run, and of the products with the transposed Jacobians; None unless it was measured.
    kept_bytes
        What it made that waits in memory for the backward pass.
    peak_bytes
        The most memory that is held while one of its steps runs, forward or backward: what is kept by then, the
        cotangents under way, and the result itself.
    flops
        Floating-point operations of the run.
    share
        Its part of the time, of the operations if time was not measured.
    advice
        What could be computed again instead of being kept; empty if nothing is worth it.
    """

    label: str
    place: str
    count: int
    seconds: float | None
    pull_seconds: float | None
    kept_bytes: int
    peak_bytes: int
    flops: int
    share: float
    advice: str = ""

    def __str__(self) -> str:
        return "  ".join(_cells(self))


class CostTable(Sequence[CostRow]):
    """The rows, the most expensive first, and their `total`; it prints as a table."""

    def __init__(self, rows: Sequence[CostRow], total: CostRow) -> None:
        self.rows = list(rows)
        self.total = total

    def __getitem__(self, k: Any) -> Any:
        return self.rows[k]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[CostRow]:
        return iter(self.rows)

    def __str__(self) -> str:
        head = ("", "steps", "time", "backward", "kept", "peak", "flops", "share")
        lines = [head, *map(_cells, self.rows), _cells(self.total)]
        widths = [max(len(line[k]) for line in lines) for k in range(len(head))]
        text = []
        for line in lines:
            cells = [
                line[0].ljust(widths[0]),
                *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)),
            ]
            text.append("  ".join(cells).rstrip())
        rule = "-" * max(map(len, text))
        text = [text[0], rule, *text[1:-1], rule, text[-1]]
        advice = [f"{row.label}: {row.advice}" for row in self.rows if row.advice]
        return "\n".join([*text, *(["", *advice] if advice else [])])

    def __repr__(self) -> str:
        return f"<costs of {len(self.rows)} rows>"


def cost_table(program: Program, by: str = "line") -> CostTable:
    """The costs of a program, by line or by op.

    Parameters
    ----------
    program : Program
        A run that was explained; its times are there if it was explained with `cost=True`.
    by : {"line", "op"}
        What is added up in a row.

    Returns
    -------
    CostTable
        Rows with the largest share first; seconds, bytes and operations add up to those of `total`, and the largest
        peak is its peak.

    Raises
    ------
    ValueError
        `by` is something else.
    """
    if by not in ("line", "op"):
        raise ValueError(f"`by={by!r}`: it is 'line' or 'op'.")
    steps = [k for k, node in enumerate(program.nodes) if node.op is not None]
    peaks = _peaks(program)
    groups: dict[Any, list[int]] = {}
    for k in steps:
        node = program.nodes[k]
        groups.setdefault(node.op if by == "op" else node.site, []).append(k)
    inputs = [k for k, node in enumerate(program.nodes) if node.op is None and node.kept_bytes]
    if inputs:
        groups["inputs"] = inputs
    whole = _row(program, [*steps, *inputs], peaks, "total", "", None)
    rows = []
    for key, places in groups.items():
        label, place = _label(program, key, by)
        rows.append(_row(program, places, peaks, label, place, whole))
    rows.sort(key=lambda row: (-row.share, -row.kept_bytes))
    return CostTable(rows, whole)


def _label(program: Program, key: Any, by: str) -> tuple[str, str]:
    if key == "inputs":
        return "inputs", ""
    if by == "op":
        return str(key), ""
    if key is None:
        return "elsewhere", ""
    site = program.sites[key]
    return site.text or f"line {site.line}", f"{site.file}:{site.line}"


def _row(
    program: Program, places: list[int], peaks: list[int], label: str, place: str, whole: CostRow | None
) -> CostRow:
    nodes = [program.nodes[k] for k in places]
    measured = program.cost_measured
    seconds = sum(node.seconds or 0.0 for node in nodes) if measured else None
    pull_seconds = sum(node.pull_seconds or 0.0 for node in nodes) if measured else None
    flops = sum(node.flops for node in nodes)
    if whole is None:
        share = 1.0
    elif measured:
        every = (whole.seconds or 0.0) + (whole.pull_seconds or 0.0)
        share = ((seconds or 0.0) + (pull_seconds or 0.0)) / every if every else 0.0
    else:
        share = flops / whole.flops if whole.flops else 0.0
    return CostRow(
        label=label,
        place=place,
        count=sum(node.op is not None for node in nodes),
        seconds=seconds,
        pull_seconds=pull_seconds,
        kept_bytes=sum(node.kept_bytes for node in nodes),
        peak_bytes=max((peaks[k] for k in places), default=0),
        flops=flops,
        share=share,
        advice="" if whole is None else _advice(nodes),
    )


def _advice(nodes: list[Node]) -> str:
    """What could be computed again: what is cheap for what it keeps."""
    cheap = [node for node in nodes if node.op is not None and node.flops <= _CHEAP * math.prod(node.value.shape)]
    saved = sum(node.kept_bytes for node in cheap)
    if saved < _WORTH_BYTES:
        return ""
    return (
        f"inside a function wrapped with `cr.checkpoint` it is not kept but computed again: saves "
        f"{_bytes(saved)} for {_count(sum(node.flops for node in cheap))} operations"
    )


def _peaks(program: Program) -> list[int]:
    """By node the memory that is held while its step runs: the larger of forward and backward."""
    nodes, outgoing = program.nodes, program.outgoing()
    sizes = [math.prod(node.value.shape) * np.dtype(node.value.dtype).itemsize for node in nodes]
    kept, held = [], 0
    for node in nodes:
        held += node.kept_bytes
        kept.append(held)
    # What is kept of a result is in `kept` already.
    peaks = [kept[k] + max(0, sizes[k] - node.kept_bytes) for k, node in enumerate(nodes)]
    if program.result is None:
        return peaks
    # A cotangent is there from the last step that uses the value on, until it has been pulled; of an input to the end.
    last = [max((program.edges[e].target for e in edges), default=-1) for edges in outgoing]
    changes = [0] * (len(nodes) + 1)
    for k, node in enumerate(nodes):
        if node.adjoint is None:
            continue
        start = program.result if k == program.result else last[k]
        end = 0 if node.op is None else k
        if start >= end:
            changes[start] += sizes[k]
            if end:
                changes[end - 1] -= sizes[k]
    under_way = 0
    for k in reversed(range(len(nodes))):
        under_way += changes[k]
        peaks[k] = max(peaks[k], kept[k] + under_way)
    return peaks


def _cells(row: CostRow) -> tuple[str, ...]:
    label = row.label if len(row.label) <= _LONGEST else f"{row.label[: _LONGEST - 3]}..."
    return (
        label,
        str(row.count),
        _seconds(row.seconds),
        _seconds(row.pull_seconds),
        _bytes(row.kept_bytes),
        _bytes(row.peak_bytes),
        _count(row.flops),
        f"{100 * row.share:.1f} %",
    )


_LONGEST = 48


def _seconds(seconds: float | None) -> str:
    if seconds is None:
        return "-"
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= scale:
            return f"{seconds / scale:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def _bytes(count: int) -> str:
    return _scaled(count, 1024, ("B", "KiB", "MiB", "GiB", "TiB"))


def _count(count: int) -> str:
    return _scaled(count, 1000, ("", "k", "M", "G", "T")).rstrip()


def _scaled(count: int, base: int, units: tuple[str, ...]) -> str:
    size, k = float(count), 0
    while size >= base and k + 1 < len(units):
        size, k = size / base, k + 1
    return f"{size:.0f} {units[k]}" if k == 0 else f"{size:.3g} {units[k]}"
