"""Shortest times of contenders that take turns: many short rounds, so that some of them fall into quiet moments."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

# As many times what all of its rounds should take a contender may take.
_PATIENCE = 20
# Runs so many calls, and returns the seconds that one took.
Clock = Callable[[int], float]


def clock(compute: Callable[[], Any]) -> Clock:
    """A clock of calls from Python."""

    def seconds(calls: int) -> float:
        began = time.perf_counter()
        for _ in range(calls):
            compute()
        return (time.perf_counter() - began) / calls

    return seconds


def shortest(clocks: Mapping[str, Clock], rounds: int, long: float) -> dict[str, float]:
    """The shortest time of a call by each clock, among rounds of about so many seconds, but of at least one call.

    Who takes much longer for one call gets fewer rounds.
    """
    found = {name: min(seconds(1), seconds(1)) for name, seconds in clocks.items()}
    calls = dict.fromkeys(clocks, 1)
    spent = dict.fromkeys(clocks, 0.0)
    for _ in range(rounds):
        for name, seconds in clocks.items():
            if spent[name] > _PATIENCE * rounds * long:
                continue
            # A first call may be slow, and say little of how many fit.
            calls[name] = min(max(1, round(long / max(found[name], 1e-9))), 16 * calls[name])
            taken = seconds(calls[name])
            found[name] = min(found[name], taken)
            spent[name] += taken * calls[name]
    return found
