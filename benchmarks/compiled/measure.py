"""One work measured: every contender that is there, whether they agree, and what compiling and deriving cost."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import optree

import chainrule as cr
from benchmarks.compiled import native, ours
from benchmarks.compiled.peers import PEERS
from benchmarks.compiled.work import Work
from benchmarks.timing import timed


@dataclass(frozen=True)
class Effort:
    """How many rounds of how many seconds each contender gets, and how many first calls there are."""

    rounds: int
    seconds: float
    first_calls: int


def measured(work: Work, effort: Effort, notes: dict[str, str]) -> dict[str, Any]:
    """The numbers of a work, in seconds. Whoever cannot take part is left out, and noted with the reason."""
    given = ours.arguments(work)
    jitted, first, compiling = ours.first_call(work, effort.first_calls)
    others, firsts = _others(work, notes)
    result = jitted(*given)
    differences = {name: difference(result, compute()) for name, compute in others.items()}
    contenders: dict[str, Callable[[], Any]] = {"chainrule": lambda: jitted(*given), **others}
    times = timed(contenders, effort.rounds, effort.seconds)
    seconds = {name: min(each.wall) for name, each in times.items()}
    threads = {name: min(c / w for c, w in zip(each.cpu, each.wall, strict=True)) for name, each in times.items()}
    peers = {name: seconds[name] for name in PEERS if name in seconds}
    found: dict[str, Any] = {
        "title": work.title,
        "seconds": seconds,
        "differences": differences,
        "agrees": all(apart <= work.tolerance for apart in differences.values()),
        "more than one thread": [name for name, used in threads.items() if used > 1.2],
        "first call": {"chainrule": first, **firsts},
        "compiling": compiling,
        "aim": work.aim,
    }
    if peers:
        found["best peer"] = min(peers, key=lambda name: peers[name])
        found["over the best peer"] = seconds["chainrule"] / min(peers.values())
    return found | _kernels(work, jitted, effort, seconds)


def _others(work: Work, notes: dict[str, str]) -> tuple[dict[str, Callable[[], Any]], dict[str, float]]:
    """The other contenders, and how long their first calls took."""
    others: dict[str, Callable[[], Any]] = {}
    firsts: dict[str, float] = {}
    try:
        others |= native.derivatives(work)
    except native.NoCompilerError as error:
        notes["C"] = str(error)
    for name, made in PEERS.items():
        try:
            compute = made(work)
        except (ImportError, OSError) as error:  # OSError: a library that it is linked with is missing
            notes[name] = f"it cannot be imported ({error})"
            continue
        began = time.perf_counter()
        compute()
        firsts[name] = time.perf_counter() - began
        others[name] = compute
    return others, firsts


def _kernels(work: Work, jitted: Any, effort: Effort, seconds: dict[str, float]) -> dict[str, Any]:
    """The native code of the derivative and of the function, without Python; and what the derivative costs over it."""
    value = cr.jit(work.program)
    value(*work.arguments)
    of_derivative = ours.kernel(jitted, ours.arguments(work))
    of_value = ours.kernel(value, work.arguments)
    if of_derivative is None or of_value is None:
        return {}
    kernel = ours.shortest(of_derivative, effort.rounds, effort.seconds)
    valued = ours.shortest(of_value, effort.rounds, effort.seconds)
    return {
        "kernel": kernel,
        "value kernel": valued,
        "derivative over value": kernel / valued,
        "over C": seconds["chainrule"] / seconds["C"],
        "kernel over C": kernel / seconds["C"],
    }


def difference(x: Any, y: Any) -> float:
    """How far two results are apart, relative to the largest entry of each array."""
    apart = 0.0
    for a, b in zip(optree.tree_leaves(x), optree.tree_leaves(y), strict=True):
        if np.shape(a) != np.shape(b):
            return float("inf")
        greatest = float(np.max(np.abs(b), initial=0.0))
        apart = max(apart, float(np.max(np.abs(a - b), initial=0.0)) / (greatest or 1.0))
    return apart
