"""How cost grows: memory with the number of operations, time with the number of elements that are filled."""

from __future__ import annotations

import gc
import time
import tracemalloc
from typing import Any

import numpy as np

import chainrule as cr
from benchmarks import programs


def memory(quick: bool) -> dict[str, Any]:
    """Bytes for each node of a long recorded program, while it is held, at the peak of the pull, and afterwards."""
    operations = 20_000 if quick else 1_000_000
    cr.grad(programs.scalar_loop)(1.0, 100)
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    began = time.perf_counter()
    _, pull = cr.vjp(lambda x: programs.scalar_loop(x, operations), 1.0)
    recorded = time.perf_counter()
    held = tracemalloc.get_traced_memory()[0]
    (gradient,) = pull(1.0)
    pulled = time.perf_counter()
    peak = tracemalloc.get_traced_memory()[1]
    del pull
    # Before any collection: what reference cycles hold would still be there.
    left = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    # d/dx of x ↦ 0.999999 x + 1e-6, applied operations/2 times.
    expected = 0.999999 ** (operations // 2)
    return {
        "operations": operations,
        "bytes a node": (held - before) / operations,
        "bytes a node at the peak": (peak - before) / operations,
        "bytes left": left - before,
        "seconds to record": recorded - began,
        "seconds to pull": pulled - recorded,
        "difference": abs(float(gradient) - expected) / expected,
    }


def filling(quick: bool) -> dict[str, Any]:
    """Seconds for each element of an array that is filled one by one, for more and more elements."""
    sizes = [250, 500, 1000] if quick else [1000, 4000, 16000]
    gradient = cr.grad(programs.fill)
    gradient(np.ones(10), 10)
    each: dict[str, float] = {}
    difference = 0.0
    for size in sizes:
        x = np.ones(size)
        times = []
        for _ in range(3):
            gc.collect()
            began = time.perf_counter()
            found = gradient(x, size)
            times.append(time.perf_counter() - began)
        each[str(size)] = min(times) / size
        difference = max(difference, float(np.abs(found - 2.0).max()))
    return {
        "seconds an element": each,
        "growth": each[str(sizes[-1])] / each[str(sizes[0])],
        "difference": difference,
    }
