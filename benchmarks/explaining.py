"""What an explanation costs: of a long program of numbers, and of large arrays beside their gradient."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import chainrule as cr
from benchmarks import programs
from benchmarks.timing import timed

_CALLS = 3


def explaining(quick: bool) -> dict[str, Any]:
    """Seconds to explain a long loop of numbers and to write its page; explaining large arrays over the gradient."""
    operations = 1000 if quick else 10_000
    ex = cr.explain(programs.scalar_loop, 1.0, operations)
    # d/dx of x ↦ 0.999999 x + 1e-6, applied operations/2 times.
    difference = abs(float(ex.gradient) - 0.999999 ** (operations // 2))
    random = np.random.default_rng(0)
    size, width = (1000, 32) if quick else (1_000_000, 400)
    large: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
        "rosenbrock": (programs.rosenbrock, (random.normal(size=size),)),
        "network": (
            programs.network,
            ([random.normal(size=(width, width)) / width for _ in range(3)], random.normal(size=(width, width))),
        ),
    }
    to_explain, page = _least(lambda: cr.explain(programs.scalar_loop, 1.0, operations), ex.html)
    return {
        "operations": operations,
        "seconds to explain": to_explain,
        "seconds for the page": page,
        "times the gradient": {name: _over_gradient(f, arguments) for name, (f, arguments) in large.items()},
        "difference": difference,
    }


def _over_gradient(f: Callable[..., Any], arguments: tuple[Any, ...]) -> float:
    differentiated = cr.value_and_grad(f)
    explanation, gradient = _least(lambda: cr.explain(f, *arguments), lambda: differentiated(*arguments))
    return explanation / gradient


def _least(*calls: Callable[[], Any]) -> list[float]:
    """The seconds of the fastest of some calls of each."""
    times = timed({str(k): call for k, call in enumerate(calls)}, rounds=_CALLS, seconds=0.0)
    return [min(each.wall) for each in times.values()]
