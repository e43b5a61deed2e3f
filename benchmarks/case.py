"""What is measured: the same derivative, taken in several ways."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Compute = Callable[[], Any]


@dataclass(frozen=True)
class Case:
    """One derivative at one point.

    chainrule, autograd
        Compute the derivative.
    numpy
        Computes the function alone, without any derivative.
    tolerance
        How far both derivatives may be apart, relative to the largest entry.
    """

    name: str
    title: str
    chainrule: Compute
    autograd: Compute
    numpy: Compute
    tolerance: float = 1e-10

    def contenders(self) -> dict[str, Compute]:
        """What is timed, in the order of the table."""
        return {"chainrule": self.chainrule, "autograd": self.autograd, "numpy": self.numpy}

    def difference(self) -> float:
        """How far both derivatives are apart, relative to the largest entry."""
        ours, theirs = _leaves(self.chainrule()), _leaves(self.autograd())
        if [a.shape for a in ours] != [b.shape for b in theirs]:
            return float("inf")
        greatest = max(float(np.max(np.abs(b), initial=0.0)) for b in theirs)
        apart = max(float(np.max(np.abs(a - b), initial=0.0)) for a, b in zip(ours, theirs, strict=True))
        return apart / greatest if greatest else apart


@dataclass(frozen=True)
class Times:
    """Seconds for one call, one number for each round."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)


def _leaves(tree: Any) -> list[Any]:
    if isinstance(tree, (list, tuple)):
        return [leaf for part in tree for leaf in _leaves(part)]
    return [np.asarray(tree)]
