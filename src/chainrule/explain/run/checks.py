"""What an explanation verifies of itself before it is shown: every way to the gradient leads to the same numbers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chainrule.api.trees import flatten
from chainrule.errors import ExplainError
from chainrule.explain.run.accumulation import Accumulated
from chainrule.explain.run.paths import all_scalar
from chainrule.explain.run.recorded import Recorded
from chainrule.jacobians.zeros import ZERO, without_exclusions

# The unit round-off of a result allows for this many roundings, beside the number of steps.
_ROUNDINGS = 1e3


@np.errstate(all="ignore")
def checked(recorded: Recorded, accumulated: Accumulated, absolute: list[Any] | None) -> dict[str, float]:
    """The relative differences between the ways to the gradient, by name.

    reverse
        Between the cotangents that were added up edge by edge and the gradient of `value_and_grad`.
    forward
        Between the derivative of the result along the direction, pushed forwards, and gradient times direction.
    paths
        Of the sum over all paths, step by step from the inputs on, where all steps are numbers.

    Raises
    ------
    ExplainError
        Two of them differ by more than rounding can explain.
    """
    if accumulated.result is None:
        return {}
    gradients, _ = flatten(recorded.gradient)
    found: dict[str, float] = {}
    reverse = [np.asarray(without_exclusions(accumulated.adjoints[k], node)) for k, node in enumerate(recorded.inputs)]
    dtypes = [node.dtype for node in recorded.inputs]
    unit = max(float(np.finfo(dtype).eps) for dtype in [*dtypes, accumulated.steps[accumulated.result].result.dtype])
    for step in accumulated.steps:
        if step.result.dtype in (np.float32, np.float16, np.complex64):
            unit = max(unit, float(np.finfo(step.result.dtype).eps))
    allowed = unit * (_ROUNDINGS + len(accumulated.steps))
    scales = [np.abs(g) for g in reverse] if absolute is None else absolute
    found["reverse"] = max(
        (_difference(a, b, scale) for a, b, scale in zip(reverse, gradients, scales, strict=True)), default=0.0
    )
    tangents = accumulated.tangents
    if tangents and tangents[accumulated.result] is not None:
        y_dot = tangents[accumulated.result]
        along = accumulated.directional_derivative
        scale = sum(
            float(np.sum(np.abs(without_exclusions(tangents[k], node)) * np.asarray(scales[k])))
            for k, node in enumerate(recorded.inputs)
            if tangents[k] is not ZERO
        )
        forward = 0.0 if y_dot is ZERO else float(np.real(without_exclusions(y_dot, y_dot)))
        found["forward"] = _difference(np.float64(forward), np.float64(along), np.float64(scale))
    if all_scalar(accumulated):
        sums = _sums_over_paths(accumulated)
        found["paths"] = max(
            (_difference(np.float64(total), gradients[k], scales[k]) for k, total in enumerate(sums)), default=0.0
        )
    for name, difference in found.items():
        if difference > allowed:
            raise ExplainError(
                f"The explanation of `{recorded.function}` disagrees with its gradient: {_MEANINGS[name]} differ by "
                f"{difference:.1e} of their size, and rounding explains {allowed:.0e} at most.\n"
                "  Nothing is shown that may be untrue. A rule of your own (`custom`) may be wrong: see `check_grads`. "
                "Otherwise this is a bug of chainrule: please report it with the function and its arguments."
            )
    return found


_MEANINGS = {
    "reverse": "the contributions of the edges, added up backwards, and `value_and_grad`",
    "forward": "the tangents, pushed forwards, and the gradient times the direction",
    "paths": "the sum over all paths and `value_and_grad`",
}


def _difference(a: Any, b: Any, scale: Any) -> float:
    """The greatest difference, relative to a scale by entry; what is not finite must be so in both.

    Where both are equal, and where the scale is not finite, there is none.
    """
    a, b, scale = np.asarray(a), np.asarray(b), np.asarray(scale)
    if np.array_equal(a, b):
        return 0.0
    # Infinite in one and undefined in the other is no contradiction: it depends on the order of the sum.
    comparable = np.isfinite(a) & np.isfinite(b) & np.isfinite(scale)
    if np.any(np.isfinite(a) != np.isfinite(b)):
        return math.inf
    difference = np.where(comparable, np.abs(a - b), 0.0)
    size = np.maximum(np.where(comparable, scale, 0.0), np.where(comparable, np.abs(b), 0.0))
    worst = float(np.max(size, initial=0.0))
    # Entries that are tiny beside the others may have been rounded with them.
    return float(np.max(difference / np.where(size > 0, np.maximum(size, worst * 1e-3), 1.0), initial=0.0))


def _sums_over_paths(accumulated: Accumulated) -> list[float]:
    """For each of the first few inputs Σ over its paths of the products, from the input on: one pass for each."""
    arcs, result = accumulated.arcs, accumulated.result
    assert result is not None
    inputs = [step.place for step in accumulated.steps if step.is_input]
    sums = []
    for source in inputs[:_MOST_PASSES]:
        reached: dict[int, float] = {source: 1.0}
        for step in accumulated.steps:
            if step.is_input:
                continue
            total = None
            for k in accumulated.incoming[step.place]:
                before = reached.get(arcs[k].source)
                partial = arcs[k].partial
                if before is not None and partial is not None and partial is not ZERO:
                    total = float(partial) * before + (total or 0.0)
            if total is not None:
                reached[step.place] = total
        sums.append(reached.get(result, 0.0))
    return sums


_MOST_PASSES = 8
