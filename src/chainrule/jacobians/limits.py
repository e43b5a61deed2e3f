"""The local Jacobians of limits: what enters a limit enters at every step, what leaves it is extrapolated."""

from __future__ import annotations

from typing import Any

from chainrule import ops
from chainrule.jacobians.forms import LocalJacobian, linear
from chainrule.jacobians.zeros import ZERO, apply_linear
from chainrule.ops.limits import has_steps


class Lifted(LocalJacobian):
    """y = x at every step, moved by constants."""

    reads_inputs = False
    reads_output = False

    def push(self, x_dots: tuple[Any, ...], xs: tuple[Any, ...], y: Any, params: dict[str, Any]) -> Any:
        """ẏ = ẋ at every step."""
        return x_dots[0]

    def pull(
        self, y_bar: Any, xs: tuple[Any, ...], y: Any, params: dict[str, Any], operands: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        """x̄ = ȳ at every step."""
        return y_bar, None


ops.lifted.jacobian = Lifted()


@linear(ops.spread)
def spread_transpose(y_bar, _x, level):
    """y = x at every step, so x̄ = Σ ȳ over the steps."""
    return ops.total(y_bar, level=level)


class Centre(LocalJacobian):
    """y = x at step 0, as the limit of x at the other steps; y = x, if x is the same at every step."""

    reads_output = False

    def push(self, x_dots: tuple[Any, ...], xs: tuple[Any, ...], y: Any, params: dict[str, Any]) -> Any:
        """ẏ = Σ weight · ẋ."""
        if x_dots[0] is ZERO:
            return ZERO
        return apply_linear(lambda values: ops.extrapolated(values, **params), x_dots[0])

    def pull(
        self, y_bar: Any, xs: tuple[Any, ...], y: Any, params: dict[str, Any], operands: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        """x̄ = weight · ȳ at each step."""
        if not has_steps(xs[0], params["level"]):
            return (y_bar,)
        return (apply_linear(lambda values: extrapolated_transpose(values, xs[0], **params), y_bar),)


ops.centre.jacobian = Centre()


@linear(ops.extrapolated)
def extrapolated_transpose(y_bar, _x, level):
    """y = Σ weight · x over the steps, so x̄ = weight · ȳ."""
    return ops.multiply(y_bar, level.weights(y_bar.dtype))


@linear(ops.total)
def total_transpose(y_bar, _x, level):
    """y = Σ x over all steps but step 0, so x̄ = ȳ there, and 0 at step 0."""
    return ops.multiply(y_bar, level.others(y_bar.dtype))
