"""Timing: the contenders take turns, so that whatever else the machine does falls on all of them alike."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping
from typing import Any

from benchmarks.case import Times


def timed(contenders: Mapping[str, Callable[[], Any]], rounds: int, seconds: float) -> dict[str, Times]:
    """Time each contender in every round, each for about so many seconds."""
    calls = {name: _calls_in(compute, seconds) for name, compute in contenders.items()}
    times = {name: Times() for name in contenders}
    for _ in range(rounds):
        for name, compute in contenders.items():
            gc.collect()
            wall, cpu = _seconds(compute, calls[name])
            times[name].wall.append(wall / calls[name])
            times[name].cpu.append(cpu / calls[name])
    return times


def _calls_in(compute: Callable[[], Any], seconds: float) -> int:
    """How many calls take about so long; at least one."""
    compute()
    calls = 1
    while True:
        wall, _ = _seconds(compute, calls)
        if wall >= seconds / 2 or calls >= 1_000_000:
            return max(1, round(calls * seconds / wall)) if wall > 0 else calls
        calls *= 4


def _seconds(compute: Callable[[], Any], calls: int) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(calls):
        compute()
    return time.perf_counter() - wall, time.process_time() - cpu
