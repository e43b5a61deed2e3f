"""The forms of reductions whose derivative is a weighted sum over the same axes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chainrule import ops
from chainrule.graph import Node
from chainrule.jacobians.forms import LocalJacobian, Rule, reads
from chainrule.jacobians.zeros import ZERO, add, apply_selection, choose, scale
from chainrule.ops.compositions import spread
from chainrule.trace import Op


class WeightedReduction(LocalJacobian):
    """The local Jacobian of a reduction with dy = Σ weight · dx over axes."""

    def __init__(self, weight: Rule, multiply: Callable[[Any, Any], Any]) -> None:
        self.weight = weight
        self.multiply = multiply
        self.reads_output = reads(weight, slice(0, 1))

    def push(self, x_dots: tuple[Any, ...], xs: tuple[Any, ...], y: Any, params: dict[str, Any]) -> Any:
        """ẏ = Σ weight · ẋ."""
        if x_dots[0] is ZERO:
            return ZERO
        return _summed(self.multiply(self.weight(y, *xs, **params), x_dots[0]), params["axes"])

    def pull(
        self, y_bar: Any, xs: tuple[Any, ...], y: Any, params: dict[str, Any], operands: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        """x̄ = weight · ȳ, spread over the axes."""
        return (self.multiply(self.weight(y, *xs, **params), _spread(y_bar, params["axes"], xs[0].shape)),)


class PartialReduction(LocalJacobian):
    """The local Jacobian of a reduction of those entries for which a condition holds, begun at an initial value.

    The rule gives the partials with respect to every entry and to the initial value; None stands for 1.
    """

    def __init__(self, partials: Rule) -> None:
        self.partials = partials
        self.reads_output = reads(partials, slice(0, 1))
        self.reads_inputs = reads(partials, slice(1, None))

    def push(self, x_dots: tuple[Any, ...], xs: tuple[Any, ...], y: Any, params: dict[str, Any]) -> Any:
        """ẏ = Σ ∂y/∂x · ẋ over the entries that take part, and what the initial value adds."""
        x_dot, initial_dot, _ = x_dots
        if x_dot is ZERO and initial_dot is ZERO:
            return ZERO
        entry, initial = self.partials(y, *xs, **params)
        y_dot: Any = ZERO
        if x_dot is not ZERO:
            y_dot = _summed(_times(entry, choose(xs[2], x_dot)), params["axes"])
        if initial_dot is not ZERO:
            same = apply_selection(lambda values: ops.broadcast_to(values, shape=y.shape), initial_dot)
            y_dot = add(y_dot, _times(initial, same))
        return y_dot

    def pull(
        self, y_bar: Any, xs: tuple[Any, ...], y: Any, params: dict[str, Any], operands: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        """x̄ = ∂y/∂x · ȳ, spread over the entries that take part; the initial value's is the sum over all results."""
        entry, initial = self.partials(y, *xs, **params)
        x, start, where = operands
        x_bar = start_bar = None
        if type(x) is Node:
            x_bar = choose(where, _times(entry, _spread(y_bar, params["axes"], x.shape)))
        if type(start) is Node:
            start_bar = _summed(_times(initial, y_bar), tuple(range(len(y_bar.shape))))
        return x_bar, start_bar, None


def _times(partial: Any, t: Any) -> Any:
    return t if partial is None else scale(partial, t)


def _summed(t: Any, axes: tuple[int, ...]) -> Any:
    return apply_selection(lambda values: ops.reduce_sum(values, axes=axes), t)


def _spread(t: Any, axes: tuple[int, ...], shape: tuple[int, ...]) -> Any:
    return apply_selection(lambda values: spread(values, axes, shape), t)


def reduced_choice(op: Op) -> Callable[[Rule], Rule]:
    """State with what weights a reduction over `axes` chooses entries; entries of weight 0 do not take part."""
    return _stated(op, choose)


def reduced_partial(op: Op) -> Callable[[Rule], Rule]:
    """State the partials of a reduction over `axes`, an array of the shape of the operand."""
    return _stated(op, scale)


def partial_reduction(op: Op) -> Callable[[Rule], Rule]:
    """State the partials of a reduction of (x, initial, where): by every entry, and by the initial value."""

    def state(rule: Rule) -> Rule:
        op.jacobian = PartialReduction(rule)
        return rule

    return state


def _stated(op: Op, multiply: Callable[[Any, Any], Any]) -> Callable[[Rule], Rule]:
    def state(rule: Rule) -> Rule:
        op.jacobian = WeightedReduction(rule, multiply)
        return rule

    return state
