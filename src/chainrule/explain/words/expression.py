"""How one step was made: an expression, and what in it stands for which operand."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chainrule.explain.program import Jacobian
from chainrule.explain.words.printing import written
from chainrule.graph import Node

if TYPE_CHECKING:
    from chainrule.explain.run.steps import Step

Shape = tuple[int, ...]

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
    shapes
        Of the operands of the op that `parts` stand for, in their order; None where a view is between.
    function
        What the source calls.
    complete
        Whether it says all that the step does, and so is not just the name of an op.
    """

    tree: ast.expr
    written_to: ast.expr | None
    parts: list[ast.expr]
    places: dict[int, int]
    viewed: set[int]
    operands: dict[int, str]
    function: str | None = None
    numbers: frozenset[str] = frozenset()
    shapes: tuple[Shape | None, ...] = ()
    complete: bool = False

    @property
    def text(self) -> str:
        """The expression, compact; a write with an arrow into what is written to."""
        text = written(self.tree)
        return text if self.written_to is None else f"{written(self.written_to)}←{text}"


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a value by a step, and the local Jacobian there; all that a symbol for that is made of.

    name
        What the step is called.
    main
        The op that it is, apart from bringing something into shape.
    """

    step: Step
    slot: int
    expression: Expression
    name: str
    jacobian: Jacobian
    main: Node

    @property
    def place(self) -> int:
        """The place in `parts` of what stands for the operand."""
        return self.expression.places[self.slot]

    @property
    def parts(self) -> list[ast.expr]:
        """What stands for each operand of the instruction."""
        return self.expression.parts

    @property
    def part(self) -> ast.expr:
        """What stands for the operand."""
        return self.parts[self.place]

    def is_shown(self, place: int) -> bool:
        """Whether a part of the expression is what the op takes there, and not what it takes a view of."""
        shapes = self.expression.shapes
        if place >= len(shapes) or shapes[place] is not None:
            return True
        part = self.parts[place]
        # A variable may hold a view; the name of the value that is viewed does not say so.
        is_operand = isinstance(part, ast.Name) and part.id in self.expression.operands.values()
        return self.expression.complete and not is_operand

    @property
    def op(self) -> str:
        """What the op is called."""
        return str(self.main.op.name)

    @property
    def params(self) -> dict[str, Any]:
        """The parameters of the op."""
        return self.main.params

    @property
    def exponent(self) -> float:
        """Of a power its exponent, if that is constant."""
        return float(self.params["exponent"]) if self.op == "raised" else 0.0


def main_node(step: Step) -> Node:
    """The last of a step's ops that does more than to bring something into shape."""
    if len(step.nodes) == 1:
        return step.nodes[0]
    return next((node for node in reversed(step.nodes) if node.op.name not in FORMS), step.result)


def works_of(step: Step) -> list[str]:
    """The ops of a step that compute something or change the order of entries."""
    return [
        str(node.op.name)
        for node in step.nodes
        if node.op.name not in ("reshape", "convert", "result")
        and not (node.op.name == "transpose" and list(node.params["axes"]) == sorted(node.params["axes"]))
    ]


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
    uses = step.uses_of(slot)
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
