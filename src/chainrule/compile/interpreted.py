"""Running a program by NumPy, operation by operation: what native code has to equal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.compile.program import Program
from chainrule.graph.replay import replay


class Interpreted:
    """A program run by NumPy."""

    __slots__ = ("program",)

    def __init__(self, program: Program) -> None:
        self.program = program

    def __call__(self, inputs: Sequence[Any]) -> list[Any] | None:
        """The results for other inputs, or None if a guard does not hold for them."""
        program = self.program
        try:
            with np.errstate(all="ignore"):
                outputs = replay(program.graph, inputs)
        except Exception:
            # An operation that fails for these inputs may stand behind a guard that they miss.
            return None
        seen = outputs[program.results :]
        if not all(same_bits(value, guard.value) for value, guard in zip(seen, program.guards, strict=True)):
            return None
        return [np.array(value)[()] for value in outputs[: program.results]]

    def report(self) -> list[str]:
        """What is run, and how."""
        return ["is run by NumPy, one operation after the other"]


def same_bits(a: Any, b: Any) -> bool:
    """Whether two arrays have the same shape, dtype and bits."""
    a, b = np.asarray(a), np.asarray(b)
    return bool(a.shape == b.shape and a.dtype == b.dtype and a.tobytes() == b.tobytes())
