"""Paths from the inputs to the result: how many, the largest, and how much they cancel; none of it by listing them.

The number of paths is a product of sums, as the gradient is, so one pass counts them. The largest are found best first:
what can still be gained between an input and a step is bounded by another pass, and the search follows the best bound.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.explain.run.accumulation import Accumulated, pulled, scaled_back
from chainrule.explain.run.moduli import frobenius_bound
from chainrule.explain.run.recorded import Recorded
from chainrule.explain.run.steps import Step
from chainrule.jacobians.zeros import ZERO, without_exclusions

# The products of a cotangent with a Jacobian that one search for the largest paths of arrays may compute, and that
# following what it finds may.
_MOST_PULLS = 4_000
_MOST_FOLLOWED = 10_000
# A program of more edges is not searched exactly, since the bounds of so many would not be tight.
_MOST_EDGES = 2_000


def counted(accumulated: Accumulated) -> tuple[int, list[int]]:
    """How many paths there are from all inputs to the result, and how many lead through each edge."""
    arcs, result = accumulated.arcs, accumulated.result
    if result is None:
        return 0, [0] * len(arcs)
    before = [0] * len(accumulated.steps)
    after = _onward(accumulated)
    for step in accumulated.steps:
        edges = accumulated.incoming[step.place]
        before[step.place] = 1 if step.is_input else sum(before[arcs[k].source] for k in edges)
    return before[result], [before[arc.source] * after[arc.target] for arc in arcs]


def _onward(accumulated: Accumulated) -> list[int]:
    """By step the number of paths from there to the result."""
    arcs, result = accumulated.arcs, accumulated.result
    after = [0] * len(accumulated.steps)
    for step in reversed(accumulated.steps):
        edges = accumulated.outgoing[step.place]
        after[step.place] = 1 if step.place == result else sum(after[arcs[k].target] for k in edges)
    return after


@dataclass(frozen=True, slots=True)
class Found:
    """One path: its edges from the input on, and what it contributes to that input's gradient."""

    edges: tuple[int, ...]
    source: int
    contribution: Any


@dataclass(frozen=True, slots=True)
class Largest:
    """The largest paths, in order; `exact` unless the search was stopped early."""

    paths: list[Found]
    exact: bool


def all_scalar(accumulated: Accumulated) -> bool:
    """Whether every edge that leads to the result is a number."""
    adjoints = accumulated.adjoints
    return all(arc.partial is not None or adjoints[arc.target] is ZERO for arc in accumulated.arcs)


@np.errstate(all="ignore")
def largest(recorded: Recorded, accumulated: Accumulated, k: int) -> Largest:
    """The k paths whose contributions are largest: in modulus, or for arrays in Euclidean norm."""
    if accumulated.result is None or k <= 0:
        return Largest([], True)
    if all_scalar(accumulated):
        return Largest(_largest_of_numbers(accumulated, k), True)
    return _largest_of_arrays(recorded, accumulated, k)


def _logarithm(x: Any) -> float:
    """log |x|; of what is not a number +∞, since that path matters most."""
    size = abs(float(x))
    if math.isnan(size):
        return math.inf
    return math.log(size) if size > 0 else -math.inf


def _product(a: float, b: float) -> float:
    """The logarithm of a product; of 0 · ∞ it is +∞."""
    total = a + b
    return math.inf if math.isnan(total) else total


def _best_from_inputs(accumulated: Accumulated, sizes: Sequence[float]) -> list[float]:
    """By step, the logarithm of the largest product of sizes of edges from an input to there; nan if there is none."""
    arcs = accumulated.arcs
    best = [math.nan] * len(accumulated.steps)
    for step in accumulated.steps:
        if step.is_input:
            best[step.place] = 0.0
            continue
        for k in accumulated.incoming[step.place]:
            reached = best[arcs[k].source]
            if math.isnan(reached):
                continue
            through = _product(sizes[k], reached)
            if not best[step.place] >= through:
                best[step.place] = through
    return best


# A suffix of a path as a linked list: an edge, and the suffix that follows it.
_Suffix = tuple[int, Any]


def _listed(suffix: _Suffix | None) -> tuple[int, ...]:
    edges = []
    while suffix is not None:
        edges.append(suffix[0])
        suffix = suffix[1]
    return tuple(edges)


def _largest_of_numbers(accumulated: Accumulated, k: int) -> list[Found]:
    """Best first, with the exact bound: each path is completed without a detour, and they come in order."""
    sizes = [
        -math.inf if arc.partial is None or arc.partial is ZERO else _logarithm(arc.partial) for arc in accumulated.arcs
    ]
    return [
        Found(
            edges,
            accumulated.arcs[edges[0]].source if edges else accumulated.result or 0,
            _multiplied(accumulated, edges),
        )
        for edges in _best_products(accumulated, sizes, k)
    ]


def _multiplied(accumulated: Accumulated, edges: tuple[int, ...]) -> Any:
    """The product of the partials along a path, from the result on."""
    product = np.float64(1.0)
    for edge in reversed(edges):
        partial = accumulated.arcs[edge].partial
        if partial is ZERO or partial is None:
            return np.float64(0.0)
        product = product * partial
    return product


def _best_products(accumulated: Accumulated, sizes: Sequence[float], k: int) -> list[tuple[int, ...]]:
    """The k paths with the largest products of sizes, which are given by their logarithms, in order."""
    arcs, result, steps = accumulated.arcs, accumulated.result, accumulated.steps
    assert result is not None
    best = _best_from_inputs(accumulated, sizes)
    if math.isnan(best[result]):
        return []
    ties = itertools.count(0, -1).__next__
    waiting: list[tuple[float, int, int, float, _Suffix | None]] = [(-best[result], ties(), result, 0.0, None)]
    found: list[tuple[int, ...]] = []
    while waiting and len(found) < k:
        _, _, place, size, suffix = heapq.heappop(waiting)
        if steps[place].is_input:
            found.append(_listed(suffix))
            continue
        # Of equals the one that one reads first comes first.
        for edge in reversed(accumulated.incoming[place]):
            source = arcs[edge].source
            if math.isnan(best[source]):
                continue
            longer = _product(size, sizes[edge])
            heapq.heappush(waiting, (-_product(longer, best[source]), ties(), source, longer, (edge, suffix)))
    return found


def _largest_of_arrays(recorded: Recorded, accumulated: Accumulated, k: int) -> Largest:
    """Best first by ‖ȳ J J ⋯‖ and a bound of the norms of the Jacobians still to come.

    A bound that is not tight only makes the search look at more; one that is too small is never used, so the order is
    exact if the search ends by itself.
    """
    arcs, result, steps = accumulated.arcs, accumulated.result, accumulated.steps
    assert result is not None
    if len(arcs) > _MOST_EDGES:
        return _likely_largest(recorded, accumulated, k)
    after = _onward(accumulated)
    # If all of them are wanted, the order in which they are found does not matter.
    all_wanted = sum(after[place] for place, step in enumerate(steps) if step.is_input) <= k
    best = _best_from_inputs(accumulated, [0.0] * len(arcs) if all_wanted else norm_bounds(recorded, accumulated))
    if math.isnan(best[result]):
        return Largest([], True)
    ties = itertools.count(0, -1).__next__
    seed = accumulated.adjoints[result]
    # Complete paths wait with the others, so that they come out when no bound exceeds them.
    waiting: list[tuple[float, int, int, Any, _Suffix | None]] = [(-best[result], ties(), result, seed, None)]
    found: list[Found] = []
    pulls = 0
    while waiting and len(found) < k:
        _, _, place, y_bar, suffix = heapq.heappop(waiting)
        step = steps[place]
        if step.is_input:
            found.append(Found(_listed(suffix), place, y_bar))
            continue
        if pulls >= _MOST_PULLS:
            return _likely_largest(recorded, accumulated, k)
        edges = accumulated.incoming[place]
        if after[place] == 1:
            # What this path brings is all that arrives here.
            x_bars = [arcs[edge].contribution for edge in edges]
        else:
            pulls += 1
            x_bars = _pulled(recorded, step, y_bar)
        for edge, x_bar in reversed(list(zip(edges, x_bars, strict=True))):
            source = arcs[edge].source
            if not math.isnan(best[source]):
                bound = 0.0 if all_wanted else _product(norm_of(x_bar), best[source])
                heapq.heappush(waiting, (-bound, ties(), source, x_bar, (edge, suffix)))
    if all_wanted:
        found.sort(key=lambda path: -norm_of(path.contribution))
    return Largest(found, True)


def _likely_largest(recorded: Recorded, accumulated: Accumulated, k: int) -> Largest:
    """Paths that are likely to be the largest, in the order of their contributions.

    They are those with the largest products of what each edge makes of the whole cotangent that arrives there,
    ‖Jᵀ ȳ‖ / ‖ȳ‖. The contributions are then multiplied out along each.
    """
    arcs, steps, result = accumulated.arcs, accumulated.steps, accumulated.result
    assert result is not None
    arriving = [norm_of(adjoint) for adjoint in accumulated.adjoints]
    sizes = []
    for arc in arcs:
        size = norm_of(arc.contribution)
        sizes.append(size if size == -math.inf else _product(size, -arriving[arc.target]))
    found: list[Found] = []
    pulls = 0
    for edges in _best_products(accumulated, sizes, k):
        if found and pulls + len(edges) > _MOST_FOLLOWED:
            break
        pulls += len(edges)
        y_bar = accumulated.adjoints[result]
        for edge in reversed(edges):
            arc = arcs[edge]
            if y_bar is not ZERO:
                y_bar = _pulled(recorded, steps[arc.target], y_bar)[arc.index]
        found.append(Found(edges, arcs[edges[0]].source if edges else result, y_bar))
    found.sort(key=lambda path: -norm_of(path.contribution))
    return Largest(found, False)


def _pulled(recorded: Recorded, step: Step, y_bar: Any) -> list[Any]:
    """The transposed Jacobians of a step times a cotangent."""
    if y_bar is ZERO:
        return [ZERO] * len(step.operands)
    return scaled_back(recorded, step, y_bar) or pulled(step, y_bar)


def norm_of(t: Any) -> float:
    """The logarithm of the Euclidean norm of a cotangent."""
    if t is ZERO:
        return -math.inf
    if isinstance(t, float):
        return _logarithm(t)
    flat = np.ravel(without_exclusions(t, t))
    square = float(np.dot(flat, flat)) if flat.dtype == np.float64 else 0.0
    if 1e-280 < square < math.inf:
        return math.log(square) / 2
    return _logarithm(np.linalg.norm(flat))


def norm_bounds(recorded: Recorded, accumulated: Accumulated) -> list[float]:
    """By edge the logarithm of a bound of the operator norm of its Jacobian; +∞ if nothing is known."""
    arcs = accumulated.arcs
    sizes = [-math.inf] * len(arcs)
    for step in accumulated.steps:
        edges = accumulated.incoming[step.place]
        if not edges or accumulated.adjoints[step.place] is ZERO:
            continue
        if arcs[edges[0]].partial is None:
            bounds = frobenius_bound(recorded, step)
        else:
            bounds = [0.0 if arcs[k].partial is ZERO else abs(float(arcs[k].partial)) for k in edges]
        for k, bound in zip(edges, bounds, strict=True):
            # A little more, for the rounding of the products themselves.
            sizes[k] = _logarithm(bound) + 1e-9
    return sizes
