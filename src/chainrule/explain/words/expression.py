"""How one step was made: an expression, and what in it stands for which operand."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chainrule.explain.words.printing import written
from chainrule.graph import Node

if TYPE_CHECKING:
    from chainrule.explain.run.steps import Step

FORMS = frozenset(("reshape", "transpose", "broadcast_to", "convert", "index", "result"))
# Those of them that change the order or the number of entries.
_REARRANGED = frozenset(("transpose", "index"))


@dataclass(slots=True)
class Expression:
    """How a step was made.

    tree
        The expression, in the names of the operands; of a write what is written.
    written_to
        Of a write the part that is written to.
    parts
        What stands for each operand of the instruction, constants included.
    places
        By slot, the place in `parts` of what stands for it. Missing are slots of which that is not known.
    viewed
        The slots whose values are looked at through views: transposed, indexed, reshaped.
    operands
        By slot the name of the operand.
    numbers
        The names in it of what is a single number.
    function
        What the source calls.
    """

    tree: ast.expr
    written_to: ast.expr | None
    parts: list[ast.expr]
    places: dict[int, int]
    viewed: set[int]
    operands: dict[int, str]
    function: str | None = None
    numbers: frozenset[str] = frozenset()

    @property
    def text(self) -> str:
        """The expression, compact; a write with an arrow into what is written to."""
        text = written(self.tree)
        return text if self.written_to is None else f"{written(self.written_to)}←{text}"


def main_node(step: Step) -> Node:
    """The last of a step's ops that does more than to bring something into shape."""
    if len(step.nodes) == 1:
        return step.nodes[0]
    return next((node for node in reversed(step.nodes) if node.op.name not in FORMS), step.result)


def is_one_op(step: Step, slot: int, expression: Expression) -> bool:
    """Whether a step is a single op of its operand in a slot, apart from views that its expression shows."""
    main = main_node(step)
    if len(step.nodes) == 1:
        # An instruction may name its operands in another order than the op takes them.
        return len(main.operands) == 1 or slot == expression.places.get(slot)
    others = [node.op.name for node in step.nodes if node is not main and node.op.name not in FORMS]
    if others and not (expression.function == "mean" and others == ["reduce_sum"]):
        return False
    after = step.nodes[step.nodes.index(main) + 1 :]
    if any(node.op.name in _REARRANGED for node in after):
        return False
    uses = next((uses for (k, _), uses in zip(step.operands, step.uses, strict=True) if k == slot), ())
    if len(uses) != 1:
        return False
    ((node, operand),) = uses
    users = {used: node for node in reversed(step.nodes) for used in node.operands if type(used) is Node}
    while node is not main and node in users:
        if node.op.name in _REARRANGED and slot not in expression.viewed:
            return False
        used, node = node, users[node]
        operand = next(k for k, each in enumerate(node.operands) if each is used)
    return len(main.operands) == 1 or operand == expression.places.get(slot)
