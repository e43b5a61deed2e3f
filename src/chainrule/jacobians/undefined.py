"""Operands of elementwise ops in which there is no derivative, or none in closed form: they say so when it is asked."""

from __future__ import annotations

from typing import Any

from chainrule.errors import NoRuleError
from chainrule.graph.position import describe, here
from chainrule.jacobians.forms import partial
from chainrule.trace import Op

_PLACES = ("first", "second", "third", "fourth")


def no_partial(op: Op, *, operand: int, why: str) -> None:
    """State that an op has no derivative with respect to one operand, and why."""

    def refused(_y: Any, *_operands: Any, **_params: Any) -> Any:
        raise NoRuleError(
            f"`scipy.special.{op.name}` has no derivative with respect to its {_PLACES[operand]} argument: {why}."
            f"{describe(here())}\n"
            "  To hold that argument constant: `cr.stop_gradient(x)`. To give the function a rule: `@cr.custom`."
        )

    partial(op, operand=operand)(refused)
