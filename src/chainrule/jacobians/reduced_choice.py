"""The form of a reduction that chooses entries, such as a maximum over axes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chainrule import ops
from chainrule.jacobians.forms import LocalJacobian, Rule
from chainrule.jacobians.zeros import ZERO, apply_selection, choose
from chainrule.ops.compositions import spread
from chainrule.trace import Op


class ReducedChoice(LocalJacobian):
    """The local Jacobian of y = Σ weight · x over axes, where entries of weight 0 were not chosen."""

    def __init__(self, weight: Rule) -> None:
        self.weight = weight

    def push(self, x_dots: tuple[Any, ...], xs: tuple[Any, ...], y: Any, params: dict[str, Any]) -> Any:
        """ẏ = Σ weight · ẋ."""
        if x_dots[0] is ZERO:
            return ZERO
        chosen = choose(self.weight(y, *xs, **params), x_dots[0])
        return apply_selection(lambda values: ops.reduce_sum(values, axes=params["axes"]), chosen)

    def pull(
        self, y_bar: Any, xs: tuple[Any, ...], y: Any, params: dict[str, Any], operands: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        """x̄ = weight · ȳ, spread over the axes."""
        x = xs[0]
        spread_bar = apply_selection(lambda values: spread(values, params["axes"], x.shape), y_bar)
        return (choose(self.weight(y, *xs, **params), spread_bar),)


def reduced_choice(op: Op) -> Callable[[Rule], Rule]:
    """State the weights of a reduction over `axes` that chooses entries, from the output and the operand."""

    def state(rule: Rule) -> Rule:
        op.jacobian = ReducedChoice(rule)
        return rule

    return state
