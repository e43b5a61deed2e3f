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
from benchmarks.compiled.peers import PEERS, OutOfScopeError
from benchmarks.compiled.turns import clock, shortest
from benchmarks.compiled.work import Work


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
    value = cr.jit(work.program)
    value(*work.arguments)
    others, firsts = _others(work, notes)
    result = jitted(*given)
    differences = {name: difference(result, compute()) for name, compute in others.items()}
    clocks = {name: clock(compute) for name, compute in others.items()}
    clocks |= {"chainrule": clock(lambda: jitted(*given)), "value": clock(lambda: value(*work.arguments))}
    if "C" in others:
        clocks |= {"kernel": ours.kernel(jitted, given), "value's kernel": ours.kernel(value, work.arguments)}
    seconds = shortest(clocks, effort.rounds, effort.seconds)
    return {
        "title": work.title,
        "seconds": seconds,
        "differences": differences,
        "agrees": all(apart <= work.tolerance for apart in differences.values()),
        "first call": {"chainrule": first, **firsts},
        "compiling": compiling,
        "aim": work.aim,
        **_ratios(seconds),
    }


def _ratios(seconds: dict[str, float]) -> dict[str, Any]:
    """What our time is a multiple of; with the native code alone in place of the call where that is known."""
    found: dict[str, Any] = {}
    peers = {name: seconds[name] for name in PEERS if name in seconds}
    if peers:
        found["best peer"] = min(peers, key=lambda name: peers[name])
        found["over the best peer"] = seconds["chainrule"] / min(peers.values())
    if "C" in seconds:
        fastest = min(seconds[name] for name in seconds if name.startswith("C"))
        found["over C"] = seconds["chainrule"] / fastest
        found["kernel over C"] = seconds["kernel"] / fastest
        found["derivative over value"] = seconds["kernel"] / seconds["value's kernel"]
    else:
        found["derivative over value"] = seconds["chainrule"] / seconds["value"]
    return found


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
        except OutOfScopeError:
            continue
        except (ImportError, OSError) as error:  # OSError: a library that it is linked with is missing
            notes[name] = f"it cannot be imported ({error})"
            continue
        began = time.perf_counter()
        compute()
        firsts[name] = time.perf_counter() - began
        others[name] = compute
    return others, firsts


def difference(x: Any, y: Any) -> float:
    """How far two results are apart, relative to the largest entry of each array."""
    apart = 0.0
    for a, b in zip(optree.tree_leaves(x), optree.tree_leaves(y), strict=True):
        if np.shape(a) != np.shape(b):
            return float("inf")
        greatest = float(np.max(np.abs(b), initial=0.0))
        apart = max(apart, float(np.max(np.abs(a - b), initial=0.0)) / (greatest or 1.0))
    return apart
