"""Grouping recorded nodes into steps: one for each value that an instruction of the user's code made.

An instruction may record several nodes (a matrix product with a vector is two reshapes round a product). Those that
nothing else uses are part of the step whose result they lead to.
"""

from __future__ import annotations

import dis
import functools
from dataclasses import dataclass, field
from types import CodeType

from chainrule.explain.run.local import Use
from chainrule.explain.run.recorded import Recorded
from chainrule.graph import Node, Position, ancestors
from chainrule.jacobians.maps import LinearMap
from chainrule.trace import projection


@dataclass(slots=True, eq=False)
class Step:
    """One value, and how it was made from those of other steps.

    nodes
        What was recorded, operands before users; the last is the result. Of an input it is the input alone.
    operands
        Which step each slot takes, in the order of the slots.
    uses
        For each operand the places inside where its value is used.
    op
        What the step is called: the op that it is, or the one that its instruction names; None for an input.
    position, frame, iteration, entry
        The instruction; the call that it stands in (a place in `Recorded.calls`); how often it ran before in that call;
        which entry into the library it is.
    """

    place: int
    nodes: tuple[Node, ...]
    operands: list[tuple[int, Step]] = field(default_factory=list)
    uses: list[tuple[Use, ...]] = field(default_factory=list)
    position: Position | None = None
    frame: int | None = None
    iteration: int = 0
    entry: int | None = None
    # By slot the local Jacobians that were asked for (`local.py`).
    maps: dict[int, LinearMap] = field(default_factory=dict)
    # The node whose value this is, whether that is a leaf of a differentiated argument, and what the step is called.
    result: Node = field(init=False)
    is_input: bool = field(init=False)
    op: str | None = field(init=False)

    def __post_init__(self) -> None:
        self.result = self.nodes[-1]
        self.is_input = self.result.op is None
        self.op = None if self.is_input else operation(self.nodes)

    def uses_of(self, slot: int) -> tuple[Use, ...]:
        """The places inside where the operand in a slot is used; none if there is no such operand."""
        return next((uses for (k, _), uses in zip(self.operands, self.uses, strict=True) if k == slot), ())

    def __repr__(self) -> str:
        return f"<step {self.place} {self.op} of {[step.place for _, step in self.operands]}>"


# Ops that only bring operands into the shape or dtype that another one takes.
_FORMS = frozenset(
    ("reshape", "transpose", "broadcast_to", "convert", "index", "result", "squeeze", "permute", "expand_dims", "real")
)

# What NumPy calls some ops, beside those whose names begin with `reduce_`.
_NUMPY_NAMES = {
    **dict.fromkeys(("matvec", "vecmat", "vecvec"), "matmul"),
    **dict.fromkeys(("raised", "power_operator"), "power"),
}


def operation(nodes: tuple[Node, ...]) -> str:
    """The name of the op that matters most in a step: the last that does more than to bring something into shape.

    >>> from chainrule.explain.run.recording import record
    >>> import numpy as np
    >>> recorded = record(lambda x: np.sum(x @ np.eye(2)), (np.ones(2),), {})
    >>> [step.op for step in steps(recorded)]
    [None, 'matmul', 'sum']
    """
    if len(nodes) == 1:
        name = nodes[0].op.name
    else:
        names = [node.op.name for node in nodes]
        name = next((name for name in reversed(names) if name not in _FORMS), names[-1])
    return numpy_name(name)


@functools.cache
def numpy_name(name: str) -> str:
    """What NumPy calls an op.

    >>> numpy_name("reduce_sum"), numpy_name("raised")
    ('sum', 'power')
    """
    return _NUMPY_NAMES.get(name, name.removeprefix("reduce_"))


def steps(recorded: Recorded, detail: str = "steps") -> list[Step]:
    """The steps of a recorded run, operands before users, the inputs first.

    With `detail="ops"` every recorded op is a step of its own. Of a run that ended with an error all is taken, of any
    other one what the result depends on, and the inputs.
    """
    if recorded.result is not None:
        order = [node for node in ancestors((recorded.result,)) if node.op is not None]
    else:
        order = [node for node in recorded.nodes if node.op is not None] if recorded.failure else []
    heads, inside = _heads(recorded, order, detail)
    found: list[Step] = []
    by_node: dict[Node, Step] = {}
    for node in recorded.inputs:
        by_node[node] = step = Step(len(found), (node,))
        found.append(step)
    for head in heads:
        entry = recorded.entry[head]
        entered = recorded.entries[entry]
        step = Step(len(found), inside[head], entry=entry, frame=entered.call, iteration=entered.iteration)
        if entered.code is not None:
            step.position = Position(entered.code, entered.offset)
        _connect(step, by_node)
        by_node[head] = step
        found.append(step)
    return found


def _heads(recorded: Recorded, order: list[Node], detail: str) -> tuple[list[Node], dict[Node, tuple[Node, ...]]]:
    """The nodes that are results of steps, and for each the nodes of its step."""
    if recorded.result is not None and recorded.result.op is None:
        return [], {}
    entry = recorded.entry
    # By node, the results of the steps that it is part of.
    part_of: dict[Node, set[Node]] = {}
    used_outside: set[Node] = set()
    users: dict[Node, list[Node]] = {}
    for node in order:
        own = entry.get(node)
        for operand in node.operands:
            if type(operand) is Node and operand.op is not None:
                users.setdefault(operand, []).append(node)
                if entry.get(operand) != own:
                    used_outside.add(operand)
    heads: list[Node] = []
    members: dict[Node, list[Node]] = {}
    for node in reversed(order):
        several = isinstance(node.dtype, tuple)
        if several:
            joined = set().union(*(part_of[user] for user in users.get(node, ())))
        elif detail == "ops" or node in used_outside or node not in users:
            joined = set()
        else:
            joined = set().union(*(part_of[user] for user in users[node]))
            if len(joined) > 1:
                joined = set()
        if not joined:
            if several:
                # Recorded before an error, and none of its results was used.
                continue
            joined = {node}
            heads.append(node)
        part_of[node] = joined
        for head in joined:
            members.setdefault(head, []).append(node)
    heads.reverse()
    return heads, {head: tuple(reversed(nodes)) for head, nodes in members.items()}


def _connect(step: Step, by_node: dict[Node, Step]) -> None:
    """Find the operands of a step and number them."""
    nodes = step.nodes
    if len(nodes) == 1:
        for k, operand in enumerate(nodes[0].operands):
            if type(operand) is Node:
                step.operands.append((k, by_node[operand]))
                step.uses.append(((nodes[0], k),))
        return
    own = set(nodes)
    uses: dict[Node, list[Use]] = {}
    for node in nodes:
        for k, operand in enumerate(node.operands):
            if type(operand) is Node and operand not in own:
                uses.setdefault(operand, []).append((node, k))
    slots = _slots(nodes, own)
    arguments = _arguments(step.position)
    groups: list[tuple[int, Node, tuple[Use, ...]]] = []
    for operand, places in uses.items():
        by_slot: dict[int, list[Use]] = {}
        for use in places:
            by_slot.setdefault(slots[use], []).append(use)
        if 1 < len(by_slot) <= arguments:
            # The instruction names it several times.
            groups.extend((slot, operand, tuple(few)) for slot, few in by_slot.items())
        else:
            groups.append((min(by_slot), operand, tuple(places)))
    taken: set[int] = set()
    for slot, operand, together in sorted(groups, key=lambda group: (group[0], group[1].serial)):
        while slot in taken:
            slot += 1
        taken.add(slot)
        step.operands.append((slot, by_node[operand]))
        step.uses.append(together)


def _slots(nodes: tuple[Node, ...], own: set[Node]) -> dict[Use, int]:
    """Through which operand of the op where a step's parts come together each use leads: its first, second, ..."""
    joint = nodes[-1]
    while True:
        inner = [operand for operand in joint.operands if type(operand) is Node]
        if len(inner) != 1 or inner[0] not in own or (len(joint.operands) > 1 and joint.op is not projection):
            break
        joint = inner[0]
    lead: dict[Node, int] = {}
    slots: dict[Use, int] = {}
    for node in reversed(nodes):
        for k, operand in enumerate(node.operands):
            if type(operand) is not Node:
                continue
            slot = k if node is joint else lead.get(node, 0)
            if operand in own:
                lead[operand] = min(slot, lead.get(operand, slot))
            else:
                slots[node, k] = slot
    return slots


def _arguments(position: Position | None) -> int:
    """How many operands an instruction takes: two for an operator, its arguments for a call; 1 if unknown."""
    return 1 if position is None else _arguments_of(position.code, position.offset)


@functools.lru_cache(maxsize=4096)
def _arguments_of(code: CodeType, offset: int) -> int:
    for instruction in dis.get_instructions(code):
        if instruction.offset == offset:
            if instruction.opname == "BINARY_OP":
                return 2
            return max(1, instruction.arg or 1) if instruction.opname.startswith("CALL") else 1
    return 1
