"""The forms of reductions whose derivative is a weighted sum over the same axes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chainrule import ops
from chainrule.graph import Node
from chainrule.jacobians.forms import LocalJacobian, Rule, reads
from chainrule.jacobians.zeros import PLAIN, ZERO, add, apply_movement, apply_selection, choose, masked, parts, scale
from chainrule.ops.compositions import beside, spread
from chainrule.trace import Op


class WeightedReduction(LocalJacobian):
    """The local Jacobian of a reduction with dy = Σ ∂y/∂x · dx over axes, and of that the real part if y is real."""

    def __init__(self, partial: Rule) -> None:
        self.partial = partial
        self.reads_output = reads(partial, slice(0, 1))

    def push(self, x_dots: tuple[Any, ...], xs: tuple[Any, ...], y: Any, params: dict[str, Any]) -> Any:
        """ẏ = Σ ∂y/∂x · ẋ."""
        if x_dots[0] is ZERO:
            return ZERO
        y_dot = _summed(scale(self.partial(y, *xs, **params), x_dots[0]), _axes(xs[0], **params))
        return y_dot if y_dot is ZERO or y_dot.dtype == y.dtype else _each(ops.real, y_dot)

    def pull(
        self, y_bar: Any, xs: tuple[Any, ...], y: Any, params: dict[str, Any], operands: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        """x̄ = ∂y/∂x · ȳ, spread over the axes."""
        partial = self.partial(y, *xs, **params)
        if type(y_bar) in PLAIN and partial.dtype == y_bar.dtype:
            return (partial * beside(y_bar, _axes(xs[0], **params)),)
        if partial.dtype != y_bar.dtype:
            y_bar = _each(lambda values: ops.convert(values, dtype=partial.dtype), y_bar)
        return (scale(partial, _beside(y_bar, _axes(xs[0], **params))),)


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
        return (choose(chosen, _beside(_times(self._share(chosen, y, axes), y_bar), axes)),)

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
            same = apply_movement(lambda values: ops.broadcast_to(values, shape=y.shape), initial_dot)
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


def _each(function: Callable[..., Any], t: Any) -> Any:
    """A linear map of every entry by itself, which leaves exclusions as they are."""
    values, excluded = parts(t)
    return function(values) if excluded is None else masked(function(values), excluded)


def _summed(t: Any, axes: tuple[int, ...]) -> Any:
    # What was chosen of a 0-d operand may be nothing at all.
    return t if t is ZERO else apply_selection(lambda values: ops.reduce_sum(values, axes=axes), t)


def _axes(x: Any, axes: tuple[int, ...] | None = None, axis: int | None = None, **_params: Any) -> tuple[int, ...]:
    """The axes that the parameters of a reduction name; all of them if they name none."""
    if axis is not None:
        return (axis,)
    return tuple(range(x.ndim)) if axes is None else axes


def _beside(t: Any, axes: tuple[int, ...]) -> Any:
    return apply_movement(lambda values: beside(values, axes), t)


def _spread(t: Any, axes: tuple[int, ...], shape: tuple[int, ...]) -> Any:
    return apply_movement(lambda values: spread(values, axes, shape), t)


def reduced_choice(op: Op) -> Callable[[Rule], Rule]:
    """State which entries a reduction over `axes` chooses, an array of booleans from the output and the operand."""

    def state(rule: Rule) -> Rule:
        op.jacobian = ReducedChoice(rule)
        return rule

    return state


def reduced_partial(op: Op) -> Callable[[Rule], Rule]:
    """State the partials of a reduction over `axes` or an `axis`, an array of the shape of the operand."""

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
