"""Findings about entries of the gradient that are exactly 0, with the reason why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.explain.health.examination import Examination
from chainrule.explain.program import Finding
from chainrule.explain.run.steps import numpy_name
from chainrule.graph import Node
from chainrule.jacobians.zeros import ZERO, parts
from chainrule.trace import projection

# So many entries of an input are looked into.
_MOST_ENTRIES = 16
# How far the reason is followed.
_MOST_STEPS = 10_000

_CHOICES = frozenset(
    (
        *(ops.select, ops.maximum, ops.minimum, ops.fmax, ops.fmin, ops.clip),
        *(ops.reduce_max, ops.reduce_min, ops.reduce_fmax, ops.reduce_fmin),
    )
)
_READS = frozenset((ops.index, ops.gather, ops.permuted))
_WRITES = frozenset((ops.update, ops.scatter))
_PRODUCTS = frozenset(
    (
        *(ops.multiply, ops.divide, ops.matmul, ops.matvec, ops.vecmat),
        *(ops.vecdot, ops.vecvec, ops.cross, ops.dot, ops.einsum, ops.tensordot),
    )
)
_CORNERS = frozenset((ops.absolute, ops.modulus, ops.hypot, ops.root_of_squares, ops.euclidean_norm, ops.power_norm))
_MOVES = frozenset(
    (ops.reshape, ops.transpose, ops.flip, ops.roll, ops.broadcast_to, ops.stack, ops.concatenate, ops.convert)
)

_WORDS = {
    "unselected branch": "it belongs to a branch that `{op}` did not select",
    "not read": "nothing reads it",
    "overwritten": "it is overwritten",
    "multiplied by zero": "`{op}` multiplies it by 0",
    "saturated": "`{op}` is saturated",
    "underflow": "`{op}` became 0",
    "convention": "`{op}` has a corner there, where its derivative is taken to be 0",
    "zero slope": "the local derivative of `{op}` is 0 there",
    "cancels": "its contributions add up to 0",
    "no path": "no path leads from it to the result",
    "integer op": "`{op}` is piecewise constant, and no other path leads from it to the result",
    "stopped": "what is computed from it is used as a constant (`stop_gradient`)",
}


def vanishing(examination: Examination) -> list[Finding]:
    """For each input the entries whose derivative is exactly 0, by reason."""
    if examination.recorded.result is None and not examination.accumulated.steps:
        return []
    users = _Users(examination)
    found: list[Finding] = []
    gradients = examination.gradient or [ZERO] * len(examination.recorded.inputs)
    if examination.recorded.failure is not None:
        return []
    for node, x_bar in zip(examination.recorded.inputs, gradients, strict=True):
        zero = np.ones(node.shape, bool) if x_bar is ZERO else np.broadcast_to(parts(x_bar)[0], node.shape) == 0
        if not zero.any():
            continue
        by_reason: dict[tuple[str, Node | None, str], list[tuple[int, ...]]] = {}
        for index in np.argwhere(zero)[:_MOST_ENTRIES]:
            element = tuple(int(n) for n in index)
            by_reason.setdefault(users.reason(node, element), []).append(element)
        found += [
            _finding(examination, node, zero, reason, at, name, elements)
            for (reason, at, name), elements in by_reason.items()
        ]
    return found


def _finding(
    examination: Examination,
    node: Node,
    zero: Any,
    reason: str,
    at: Node | None,
    name: str,
    elements: list[tuple[int, ...]],
) -> Finding:
    count, size = int(np.sum(zero)), int(np.size(zero))
    names = ", ".join(examination.entry(node, element) for element in elements[:3])
    if len(elements) > 3:
        names += " and others"
    words = _WORDS[reason].format(op=name)
    number = "" if size == 1 else f" ({count} of {size} entries of the gradient are 0)"
    finding = examination.finding(
        at if at is not None else node,
        "zero gradient",
        reason,
        f"The derivative with respect to {names} is exactly 0: {words}{number}.",
        severity="warning" if count == size else "note",
        phase="backward",
        element=elements[0],
    )
    return finding


class _Users:
    """The operations that use each value, and the search for the one that lets nothing through."""

    def __init__(self, examination: Examination) -> None:
        self.examination = examination
        self.users: dict[Node, list[tuple[Node, int]]] = {}
        for node in examination.nodes:
            for slot, operand in enumerate(node.operands):
                while type(operand) is Node and operand.op is projection:
                    operand = operand.operands[0]
                if type(operand) is Node:
                    self.users.setdefault(operand, []).append((node, slot))

    def reason(self, node: Node, element: tuple[int, ...]) -> tuple[str, Node | None, str]:
        """Why the derivative with respect to an entry of an input is 0, where, and the name of the op."""
        if not self.users.get(node):
            return self._without_path(node)
        arriving = [self._entry(user, slot, node, element) for user, slot in self.users[node]]
        if any(entry is not None and entry != 0 for entry in arriving):
            return "cancels", None, ""
        best: tuple[str, Node | None, str] | None = None
        for entry, (user, slot) in zip(arriving, self.users[node], strict=True):
            found = self._blocked(user, slot, element, entry is None)
            # A number that is 0 says more than what does not take part.
            if best is None or entry is not None:
                best = found
            if entry is not None:
                break
        assert best is not None  # there are users
        return best

    def _blocked(self, user: Node, slot: int, element: tuple[int, ...], excluded: bool) -> tuple[str, Node | None, str]:
        """The operation on the way from here to the result that lets nothing through."""
        examination = self.examination
        place: tuple[int, ...] | None = element
        for _ in range(_MOST_STEPS):
            if place is not None and not (user.op.elementwise and len(place) <= len(user.shape)):
                place = place if user.op is ops.convert else None
            if examination.arrives(user) and self._is_active(user, place):
                break
            following = self.users.get(user)
            if not following or user is examination.recorded.result:
                break
            user, slot = following[0]
        return self._judged(user, slot, excluded)

    def _is_active(self, node: Node, place: tuple[int, ...] | None) -> bool:
        active = self.examination.active(node)
        if place is None or np.ndim(active) != len(place):
            return bool(np.any(active))
        shape = np.shape(active)
        if any(k >= n for k, n in zip(place, shape, strict=True)):
            return bool(np.any(active))
        return bool(active[place])

    def _judged(self, node: Node, slot: int, excluded: bool) -> tuple[str, Node | None, str]:
        op = node.op
        name = numpy_name(op.name)
        if op is ops.select:
            name = "where"
        if op in _CHOICES:
            return "unselected branch", node, name
        if op in _READS:
            return "not read", node, name
        if op in _WRITES:
            return "overwritten", node, name
        if excluded or op in _MOVES:
            return "no path", None, ""
        if op is ops.tanh:
            return "saturated", node, name
        if op in (ops.exp, ops.exp2):
            return "underflow", node, name
        if op in _CORNERS:
            return "convention", node, name
        if op in _PRODUCTS:
            return "multiplied by zero", node, name
        return "zero slope", node, name

    def _entry(self, user: Node, slot: int, node: Node, element: tuple[int, ...]) -> Any:
        """What an entry gets by one use; None if it does not take part."""
        x_bar = self.examination.contribution(user, slot)
        if x_bar is ZERO:
            return None
        values, excluded = parts(x_bar)
        if excluded is not None and np.broadcast_to(excluded, node.shape)[element]:
            return None
        return np.broadcast_to(values, node.shape)[element]

    def _without_path(self, node: Node) -> tuple[str, Node | None, str]:
        recorded = self.examination.recorded
        below = {node}
        for other in recorded.nodes:
            if any(x in below for x in other.operands if type(x) is Node):
                below.add(other)
        constants = list(self._constants())
        if any(_same_numbers(recorded.values.get(other), x) for other in below for x in constants):
            return "stopped", None, ""
        for dead in recorded.dead_ends:
            if any(type(x) is Node and x in below for x in dead.operands):
                return "integer op", None, dead.op.name
        return "no path", None, ""

    def _constants(self) -> Iterator[Any]:
        for node in self.examination.nodes:
            for x in node.operands:
                if type(x) is not Node and getattr(x, "dtype", None) is not None and x.dtype.kind in "fc":
                    yield x


def _same_numbers(value: Any, constant: Any) -> bool:
    """Whether a constant is what was computed: numbers that are not all alike do not agree by chance."""
    if type(value) is tuple or value is None or np.shape(value) != np.shape(constant):
        return False
    if not np.shape(value):
        return value is constant
    return bool(np.array_equal(value, constant) and np.size(value) > 1 and np.ptp(np.abs(value)) > 0)
