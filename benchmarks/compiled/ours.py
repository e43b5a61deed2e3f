"""Our own contender: the compiled derivative, the compiled function, and the native code alone."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import optree

import chainrule as cr
from benchmarks.compiled import native
from benchmarks.compiled.turns import Clock
from benchmarks.compiled.work import Work


def derivative(work: Work) -> Any:
    """The derivative of a work, to be compiled; the same as a user writes it."""
    return (cr.grad if work.direction is None else cr.hvp)(work.program)


def arguments(work: Work) -> tuple[Any, ...]:
    """What the derivative is called with."""
    return work.arguments if work.direction is None else (*work.arguments, work.direction)


def first_call(work: Work, times: int) -> tuple[Any, float, float]:
    """A compiled derivative, and the shortest seconds of its first call, and of compilation in it."""
    given = arguments(work)
    shortest = compiling = float("inf")
    for _ in range(times):
        jitted = cr.jit(derivative(work))
        began = time.perf_counter()
        jitted(*given)
        shortest = min(shortest, time.perf_counter() - began)
        compiling = min(compiling, sum(each.executable.seconds for each in jitted.specialisations))
    return jitted, shortest, compiling


def kernel(jitted: Any, given: tuple[Any, ...]) -> Clock:
    """A clock of the native code alone, which C calls. Raises NoCompilerError."""
    library = native.module()
    (specialisation,) = jitted.specialisations
    executable = specialisation.executable
    inputs = [np.ascontiguousarray(leaf) for leaf in optree.tree_leaves(given)]
    graph = specialisation.program.graph
    outputs = [np.empty(output.shape, output.dtype) for output in graph.outputs[: specialisation.program.results]]
    workspace = np.empty(executable.workspace_bytes + 64, np.uint8)
    begin = -(-workspace.ctypes.data // 64) * 64
    tables = [np.array([array.ctypes.data for array in arrays], np.uintp) for arrays in (inputs, outputs)]
    pointers = [table.ctypes.data for table in tables]

    def seconds(calls: int, alive: Any = (executable, inputs, outputs, workspace, tables)) -> float:
        return float(library.seconds(executable.address, *pointers, begin, calls))

    return seconds
