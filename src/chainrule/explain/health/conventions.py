"""Findings about kinks: points at which a function has no derivative, and a convention decided (docs/kinks.md)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.explain.health.examination import Examination
from chainrule.explain.health.nonfinite import first, number
from chainrule.explain.program import Finding
from chainrule.explain.run.recorded import DeadEnd
from chainrule.graph import Node
from chainrule.ops.compositions import beside
from chainrule.trace import Op

# Where the result of an op is at a kink, from its parameters, operands and result, and what was decided.
_Where = Callable[[dict[str, Any], list[Any], Any], Any]


def _at_zero(_params: dict[str, Any], xs: list[Any], _z: Any) -> Any:
    return np.asarray(xs[0]) == 0


def _result_is_zero(_params: dict[str, Any], _xs: list[Any], z: Any) -> Any:
    return np.asarray(z) == 0


def _tie(_params: dict[str, Any], xs: list[Any], _z: Any) -> Any:
    return np.equal(xs[0], xs[1])


def _tie_of_many(params: dict[str, Any], xs: list[Any], z: Any) -> Any:
    axes = params["axes"]
    return np.sum(np.asarray(xs[0]) == beside(z, axes), axis=axes) > 1


def _at_bound(_params: dict[str, Any], xs: list[Any], _z: Any) -> Any:
    return np.equal(xs[0], xs[1]) | np.equal(xs[0], xs[2])


def _equal_neighbours(params: dict[str, Any], _xs: list[Any], z: Any) -> Any:
    z, axis = np.asarray(z), params["axis"]
    equal = np.zeros(z.shape, bool)
    after = [slice(None)] * z.ndim
    after[axis] = slice(1, None)
    equal[tuple(after)] = np.diff(z, axis=axis) == 0
    return equal


_LENGTH = "the length of a vector has no derivative at 0; it is taken to be 0"
_HALF = "of two equal numbers each counts one half"
_SHARE = "of equal numbers each gets the same share"

_KINKS: dict[Op, tuple[_Where, str]] = {
    ops.absolute: (_at_zero, "`absolute` has a corner at 0; its derivative there is taken to be 0"),
    ops.modulus: (_result_is_zero, _LENGTH),
    ops.root_of_squares: (_result_is_zero, _LENGTH),
    ops.euclidean_norm: (_result_is_zero, _LENGTH),
    ops.hypot: (_result_is_zero, _LENGTH),
    ops.maximum: (_tie, _HALF),
    ops.minimum: (_tie, _HALF),
    ops.fmax: (_tie, _HALF),
    ops.fmin: (_tie, _HALF),
    ops.reduce_max: (_tie_of_many, _SHARE),
    ops.reduce_min: (_tie_of_many, _SHARE),
    ops.reduce_fmax: (_tie_of_many, _SHARE),
    ops.reduce_fmin: (_tie_of_many, _SHARE),
    ops.clip: (_at_bound, "at a bound of `clip` the derivative is that of the inside, 1"),
    ops.permuted: (_equal_neighbours, "equal numbers keep the order that they were sorted into"),
    ops.heaviside: (_at_zero, "`heaviside` has a step at 0; the derivative is that beside it, 0"),
}

_COMPARISONS = frozenset((ops.greater, ops.greater_equal, ops.less, ops.less_equal, ops.equal, ops.not_equal))


def _is_whole(x: Any) -> Any:
    return np.asarray(x) == np.floor(x)


def _is_half(x: Any) -> Any:
    return np.abs(np.asarray(x) - np.trunc(x)) == 0.5


_STEPS: dict[Op, Callable[[Any], Any]] = {
    ops.floor: _is_whole,
    ops.ceil: _is_whole,
    ops.trunc: _is_whole,
    ops.rint: _is_half,
    ops.sign: lambda x: np.asarray(x) == 0,
}


def conventions(examination: Examination) -> list[Finding]:
    """Every kink that the gradient met, and every comparison and step that was taken exactly at its edge."""
    found = []
    for node in examination.nodes:
        if node.op not in _KINKS or not examination.arrives(node):
            continue
        where, decided = _KINKS[node.op]
        z = examination.value(node)
        with np.errstate(all="ignore"):
            kink = np.broadcast_to(where(node.params, examination.operands(node), z), np.shape(z))
        kink = kink & examination.active(node)
        if kink.any():
            element = first(kink)
            found.append(
                examination.finding(
                    node,
                    "kink",
                    "convention",
                    f"A kink at {examination.entry(node, element)} = {number(np.asarray(z)[element])}: {decided}"
                    f"{_others(kink)}.",
                    phase="backward",
                    element=element,
                )
            )
    for dead in examination.recorded.dead_ends:
        finding = _edge(examination, dead)
        if finding is not None:
            found.append(finding)
    return found


def _others(kink: Any) -> str:
    count = int(np.sum(kink))
    return "" if count == 1 else f" ({count} entries)"


def _edge(examination: Examination, dead: DeadEnd) -> Finding | None:
    """A comparison of equal numbers, or a step function exactly at a step."""
    xs = [examination.value(x) for x in dead.operands]
    if any(type(x) is tuple or np.asarray(x).dtype.kind not in "fc" for x in xs):
        return None
    if dead.op in _COMPARISONS:
        at = np.asarray(np.equal(*xs))
        what = f"`{dead.op.name}` compared equal numbers: the derivative is that of the branch it decided for"
    elif dead.op in _STEPS:
        at = np.asarray(_STEPS[dead.op](xs[0]))
        what = f"`{dead.op.name}` was taken exactly at a step; the derivative is that beside it, 0"
    else:
        return None
    if not at.any():
        return None
    element = first(at)
    value = number(np.broadcast_to(xs[0], at.shape)[element])
    finding = Finding(
        "kink", "convention", "forward", "note", f"At {value} {what}{_others(at)}.", element=element or None
    )
    source = next((x for x in dead.operands if type(x) is Node and x in examination), None)
    if source is not None:
        finding = replace(finding, node=examination.step(source).place)
    return replace(finding, site=examination.site(dead.position))
