"""Findings about numbers that are finite, but too large, too small, or lost: saturation, underflow, cancellation."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.explain.health.examination import Examination
from chainrule.explain.health.nonfinite import first, number
from chainrule.explain.program import Finding
from chainrule.explain.run.steps import numpy_name
from chainrule.graph import Node
from chainrule.jacobians.zeros import ZERO, parts

# A local derivative beyond this magnifies the rounding of float64 to half of its digits.
LARGE = 1e8
# Below this the derivative of a saturated function is taken for lost.
_FLAT = 1e-10
# How far from the greatest number of its dtype a value may come.
_NEAR = 1e-8
# How much paths, or the operands of a difference, may cancel.
_LOST = 1e6

_EXPONENTIALS = frozenset((ops.exp, ops.exp2))
_SHRINKING = frozenset((ops.multiply, ops.divide, ops.square, ops.raised, ops.power, ops.power_operator))
# Their partials may be large; those of any other elementwise op are at most 1, or an operand.
_STEEP = frozenset(
    (
        *(ops.divide, ops.reciprocal, ops.log, ops.log2, ops.log10, ops.log1p, ops.sqrt, ops.cbrt, ops.power),
        *(ops.power_operator, ops.raised, ops.float_power, ops.exp, ops.exp2, ops.expm1, ops.sinh, ops.cosh),
        *(ops.tan, ops.arcsin, ops.arccos, ops.arctanh, ops.arccosh, ops.multiply, ops.square),
    )
)


def magnitudes(examination: Examination) -> list[Finding]:
    """Saturations, underflows, near overflows, large local derivatives and lost digits, in the order of the run."""
    found: list[Finding] = []
    for node in examination.nodes:
        z = examination.value(node)
        if type(z) is tuple or np.asarray(z).dtype.kind != "f":
            continue
        if not np.size(z) or examination.cotangent(node) is ZERO:
            continue
        found += _saturated(examination, node, z)
        found += _underflowed(examination, node, z)
        found += _nearly_overflowed(examination, node, z)
        found += _steep(examination, node, z)
        found += _subtracted(examination, node, z)
    return found + _cancelled(examination)


def _some(count: int, size: int) -> str:
    return "" if size == 1 else f" in {count} of {size} entries"


def _saturated(examination: Examination, node: Node, z: Any) -> list[Finding]:
    """tanh at ±1, and an exponential that is lost beside 1, as in a sigmoid: a derivative of almost 0."""
    if node.op is ops.tanh:
        if not _exceeds(z, math.sqrt(1 - _FLAT)):
            return []
        flat = (1 - z * z < _FLAT) & examination.active(node)
        what = f"`tanh` is flat where its argument is large{_some(int(np.sum(flat)), np.size(z))}"
    elif node.op is ops.add and any(type(x) is Node and x.op in _EXPONENTIALS for x in node.operands):
        flat = np.zeros(np.shape(z), bool)
        for k, other in ((0, 1), (1, 0)):
            lost = node.operands[k]
            if type(lost) is Node and lost.op in _EXPONENTIALS and np.all(examination.value(node.operands[other]) == 1):
                x = examination.value(lost)
                flat |= (z == examination.value(node.operands[other])) & (x > 0) & examination.active(node)
        what = f"an exponential is too small to be seen beside 1{_some(int(np.sum(flat)), np.size(z))}"
    else:
        return []
    if not flat.any():
        return []
    element = first(flat)
    x = next(iter(node.operands)) if node.op is ops.tanh else None
    at = "" if x is None else f", as at {number(np.broadcast_to(examination.value(x), np.shape(z))[element])}"
    return [
        examination.finding(
            node,
            "saturation",
            "saturated",
            f"{what[0].upper()}{what[1:]}{at}: almost nothing of the gradient gets through.",
            "Keep the arguments small: scale the inputs or the first weights.",
            severity="warning",
            phase="backward",
            element=element,
        )
    ]


def _underflowed(examination: Examination, node: Node, z: Any) -> list[Finding]:
    """A result that is exactly 0 though no operand says so."""
    if type(z) is np.float64 and z != 0:
        return []
    if node.op not in _EXPONENTIALS and node.op not in _SHRINKING:
        return []
    described = examination.described(node)
    if described is not None and not described.zeros:
        return []
    vanished = np.asarray(z) == 0
    if not vanished.any():
        return []
    xs = examination.operands(node)
    if node.op in _EXPONENTIALS:
        vanished = vanished & np.isfinite(xs[0])
    else:
        for k, x in enumerate(xs):
            vanished = vanished & np.isfinite(x) & ((np.asarray(x) != 0) | (k == 1 and node.op is ops.power))
    vanished = vanished & examination.active(node)
    if not vanished.any():
        return []
    element = first(vanished)
    numbers = ", ".join(number(np.broadcast_to(x, np.shape(z))[element]) for x in xs)
    return [
        examination.finding(
            node,
            "saturation",
            "underflow",
            f"`{numpy_name(node.op.name)}` of {numbers} is too small for {np.asarray(z).dtype}, and became 0"
            f"{_some(int(np.sum(vanished)), np.size(z))}.",
            "Compute with logarithms.",
            severity="warning",
            element=element,
        )
    ]


def _nearly_overflowed(examination: Examination, node: Node, z: Any) -> list[Finding]:
    if type(z) is np.float64 and abs(z) < 1:
        return []
    near = float(np.finfo(z.dtype).max) * _NEAR
    if _greatest(examination, node) <= near:
        return []
    large = (np.abs(z) > near) & np.isfinite(z)
    if not large.any():
        return []
    element = first(large)
    return [
        examination.finding(
            node,
            "overflow near",
            "overflow",
            f"{examination.entry(node, element)} is {number(np.asarray(z)[element])}, "
            f"close to the greatest number of {np.asarray(z).dtype}.",
            "Scale the numbers, or compute with their logarithms.",
            severity="warning",
            element=element,
        )
    ]


def _steep(examination: Examination, node: Node, z: Any) -> list[Finding]:
    if node.op not in _STEEP:
        return []
    for slot, partial in enumerate(examination.partials(node)):
        # Most are not, and a partial may be smaller than the result.
        if partial is None or not _exceeds(partial, LARGE):
            continue
        partial = np.broadcast_to(partial, np.shape(z))
        steep = np.isfinite(partial) & (np.abs(partial) > LARGE) & examination.active(node)
        if steep.any():
            element = first(steep)
            return [
                examination.finding(
                    node,
                    "large derivative",
                    "steep",
                    f"The local derivative of `{numpy_name(node.op.name)}` is {number(partial[element])}"
                    f"{_some(int(np.sum(steep)), np.size(z))}: errors are magnified as much.",
                    severity="note",
                    phase="backward",
                    element=element,
                    edge=examination.edge_of(node, slot),
                )
            ]
    return []


def _exceeds(x: Any, limit: float) -> bool:
    """Whether any modulus may be larger than a limit; what is not a number may be."""
    if type(x) is np.float64:
        return not -limit <= x <= limit
    return bool(np.size(x)) and not (np.min(x) >= -limit and np.max(x) <= limit)


def _range(examination: Examination, x: Any) -> tuple[float, float]:
    """The least and the greatest entry of a value or a constant; NaN if any is not finite."""
    described = examination.described(x)
    if described is not None:
        if described.nonfinite or described.least is None or described.greatest is None:
            return math.nan, math.nan
        return described.least, described.greatest
    values = examination.value(x)
    return float(np.min(values)), float(np.max(values))


def _greatest(examination: Examination, x: Any) -> float:
    """The greatest modulus; NaN if any entry is not finite."""
    least, greatest = _range(examination, x)
    return max(-least, greatest) if greatest >= least else math.nan


def _least(examination: Examination, x: Any) -> float:
    """A bound of the moduli from below: that of the entry next to 0 if all have one sign."""
    least, greatest = _range(examination, x)
    return max(least, -greatest, 0.0)


def _subtracted(examination: Examination, node: Node, z: Any) -> list[Finding]:
    """A difference of almost equal numbers that were computed, and so carry rounding errors."""
    if node.op not in (ops.add, ops.subtract) or not any(type(x) is Node and x.op for x in node.operands):
        return []
    if type(z) is np.float64 and sum(abs(v) for v in examination.operands(node)) <= _LOST * abs(z):
        return []
    if sum(_greatest(examination, x) for x in node.operands) <= _LOST * _least(examination, node):
        return []
    x, y = map(np.abs, examination.operands(node))
    with np.errstate(all="ignore"):
        if not np.any(x + y > _LOST * np.abs(z)):
            return []
        ratio = np.where(np.asarray(z) != 0, (x + y) / np.abs(z), 0.0)
    lost = np.isfinite(ratio) & (ratio > _LOST)
    if not lost.any():
        return []
    element = first(lost)
    return [
        examination.finding(
            node,
            "cancellation",
            "difference",
            f"{examination.entry(node, element)} is {ratio[element]:.1e} times smaller than what it is the difference "
            f"of: about {round(math.log10(ratio[element]))} digits are lost.",
            severity="note",
            element=element,
        )
    ]


def _cancelled(examination: Examination) -> list[Finding]:
    """Entries of the gradient that are much smaller than the paths that they are the sum of."""
    found = []
    inputs = examination.recorded.inputs
    for node, total, x_bar in zip(inputs, examination.accumulated.absolute or (), examination.gradient, strict=False):
        if x_bar is ZERO:
            continue
        total = np.asarray(total)
        gradient = np.abs(np.broadcast_to(parts(x_bar)[0], total.shape))
        with np.errstate(all="ignore"):
            ratio = np.where(gradient > 0, total / gradient, 0.0)
        lost = np.isfinite(ratio) & (ratio > _LOST)
        if lost.any():
            element = tuple(int(n) for n in np.unravel_index(int(np.argmax(np.where(lost, ratio, 0))), total.shape))
            bound = "up to " if examination.program.absolute_is_bound else "about "
            found.append(
                examination.finding(
                    node,
                    "cancellation",
                    "paths",
                    f"The paths to {examination.entry(node, element)} are {ratio[element]:.1e} times as large as their "
                    f"sum: {bound}{round(math.log10(ratio[element]))} digits of the derivative are lost.",
                    severity="warning",
                    phase="backward",
                    element=element,
                )
            )
    return found
