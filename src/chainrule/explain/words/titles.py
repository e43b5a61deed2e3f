"""What a program computes in one line: the result's expression with everything put in, or a call."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from chainrule.explain.words.expression import Expression
from chainrule.explain.words.printing import written
from chainrule.explain.words.source import piece_of
from chainrule.explain.words.substitution import put_in

if TYPE_CHECKING:
    from chainrule.explain.run.steps import Step

# The title has everything put in if that is no longer.
_TITLE = 60


def title_of(
    steps: Sequence[Step], expressions: Sequence[Expression], names: Sequence[str], result: int | None, function: str
) -> str:
    """The result's expression with everything put in, or a call of the function if that would be too long."""
    function = function if function.isidentifier() else "f"
    inputs = [names[step.place] for step in steps if step.is_input]
    if result is None:
        return _call_of(function, inputs, _TITLE)
    head = f"{names[result]} = "
    call = _call_of(function, inputs, _TITLE - len(head))
    if steps[result].is_input:
        return head + names[result]
    if sum(not step.is_input for step in steps) > _TITLE:
        # A step adds a character at least.
        return head + call
    # By place the expression with everything put in, None if it is too long or has writes.
    whole: list[ast.expr | None] = []
    for step, expression in zip(steps, expressions, strict=True):
        if step.place > result:
            break
        if step.is_input:
            whole.append(expression.tree)
            continue
        inside = {names[operand.place]: whole[operand.place] for _, operand in step.operands}
        tree = None
        if expression.written_to is None and None not in inside.values():
            tree = put_in(_without_start(expression.tree, step), inside)
            if len(written(tree)) > _TITLE:
                tree = None
        whole.append(tree)
    tree = whole[result]
    if tree is not None:
        text = head + written(tree, spaced=True)
        if len(text) <= _TITLE:
            return text
    return head + call


def _call_of(function: str, inputs: Sequence[str], room: int) -> str:
    """A call of a function with the arguments that the inputs are parts of, as many as there is room for."""
    arguments = list(dict.fromkeys(re.split(r"[.\[]", name, maxsplit=1)[0] for name in inputs))
    call = f"{function}({', '.join(arguments)})"
    while len(call) > room and arguments:
        arguments.pop()
        call = f"{function}({', '.join([*arguments, '…'])})"
    return call


def _without_start(tree: ast.expr, step: Step) -> ast.expr:
    """What Python's `sum` begins with is left away: 0+u is u."""
    match tree:
        case ast.BinOp(left=ast.Constant(value=0), op=ast.Add(), right=right) if step.position is not None:
            piece = piece_of(step.position.code, step.position.offset)
            return right if piece is not None and isinstance(piece.tree, ast.Call) else tree
        case _:
            return tree
