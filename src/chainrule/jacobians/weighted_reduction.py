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
    """The local Jacobian of a reduction with dy = Σ ∂y/∂x · dx over axes."""

    def __init__(self, partial: Rule) -> None:
        self.partial = partial
        self.reads_output = reads(partial, slice(0, 1))

    def push(self, x_dots: tuple[Any, ...], xs: tuple[Any, ...], y: Any, params: dict[str, Any]) -> Any:
        """ẏ = Σ ∂y/∂x · ẋ."""
        if x_dots[0] is ZERO:
            return ZERO
        return _summed(scale(self.partial(y, *xs, **params), x_dots[0]), params["axes"])

    def pull(
        self, y_bar: Any, xs: tuple[Any, ...], y: Any, params: dict[str, Any], operands: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        """x̄ = ∂y/∂x · ȳ, spread over the axes."""
        return (scale(self.partial(y, *xs, **params), _spread(y_bar, params["axes"], xs[0].shape)),)


class ReducedChoice(LocalJacobian):
    """The local Jacobian of a reduction that chooses entries, such as a maximum: y is the mean of those chosen.

    Entries that are not chosen do not take part. Of k that are, each has the weight 1/k (kinks).
    """

    def __init__(self, choice: Rule) -> None:
        self.choice = choice

    def push(self, x_dots: tuple[Any, ...], xs: tuple[Any, ...], y: Any, params: dict[str, Any]) -> Any:
        """ẏ = Σ ẋ / k over the entries that are chosen."""
        if x_dots[0] is ZERO:
            return ZERO
        chosen = self.choice(y, *xs, **params)
        return _times(self._share(chosen, y, params["axes"]), _summed(choose(chosen, x_dots[0]), params["axes"]))

    def pull(
        self, y_bar: Any, xs: tuple[Any, ...], y: Any, params: dict[str, Any], operands: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        """x̄ = ȳ / k in the entries that are chosen."""
        axes = params["axes"]
        chosen = self.choice(y, *xs, **params)
        return (choose(chosen, _spread(_times(self._share(chosen, y, axes), y_bar), axes, xs[0].shape)),)

    def _share(self, chosen: Any, y: Any, axes: tuple[int, ...]) -> Any:
        count = ops.reduce_sum(ops.convert(chosen, dtype=y.dtype), axes=axes)
        one = count.dtype.type(1)
        # Where nothing is chosen there is nothing to share.
        return one / ops.maximum(count, one)


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
    return t if partial is None or t is ZERO else scale(partial, t)


def _summed(t: Any, axes: tuple[int, ...]) -> Any:
    # What was chosen of a 0-d operand may be nothing at all.
    return t if t is ZERO else apply_selection(lambda values: ops.reduce_sum(values, axes=axes), t)


def _spread(t: Any, axes: tuple[int, ...], shape: tuple[int, ...]) -> Any:
    return apply_selection(lambda values: spread(values, axes, shape), t)


def reduced_choice(op: Op) -> Callable[[Rule], Rule]:
    """State which entries a reduction over `axes` chooses, an array of booleans from the output and the operand."""

    def state(rule: Rule) -> Rule:
        op.jacobian = ReducedChoice(rule)
        return rule

    return state


def reduced_partial(op: Op) -> Callable[[Rule], Rule]:
    """State the partials of a reduction over `axes`, an array of the shape of the operand."""

    def state(rule: Rule) -> Rule:
        op.jacobian = WeightedReduction(rule)
        return rule

    return state


def partial_reduction(op: Op) -> Callable[[Rule], Rule]:
    """State the partials of a reduction of (x, initial, where): by every entry, and by the initial value."""

    def state(rule: Rule) -> Rule:
        op.jacobian = PartialReduction(rule)
        return rule

    return state
