"""The local Jacobians of running sums, products and recurrences, and their batching."""

from __future__ import annotations

from typing import Any

from chainrule import ops
from chainrule.graph import Node
from chainrule.jacobians.forms import LocalJacobian, batch, linear, push
from chainrule.jacobians.lanes import lanes_of
from chainrule.jacobians.zeros import ZERO, add, parts
from chainrule.ops.compositions import shifted


@linear(ops.cumsum, selects=True)
def cumsum_transpose(y_bar, _x, axis):
    """yₖ = x₀ + ... + xₖ, so x̄ₖ = ȳₖ + ... + ȳₙ."""
    return ops.flip(ops.cumsum(ops.flip(y_bar, axes=(axis,)), axis=axis), axes=(axis,))


@push(ops.cumprod)
def cumprod_push(x_dots, y, x, axis):
    """yₖ = xₖ yₖ₋₁, so ẏₖ = xₖ ẏₖ₋₁ + yₖ₋₁ ẋₖ: without division, and so exact where some x are 0."""
    return ops.recurrence(x, shifted(y, axis, 1) * x_dots[0], axis=axis)


class Recurrence(LocalJacobian):
    """hₖ = aₖ hₖ₋₁ + bₖ: linear in b; and what aₖ adds is as if bₖ moved by hₖ₋₁ times that."""

    def push(self, x_dots: tuple[Any, ...], xs: tuple[Any, ...], y: Any, params: dict[str, Any]) -> Any:
        """ḣ is the recurrence of ḃₖ + ȧₖ hₖ₋₁."""
        a_dot, b_dot = (t if t is ZERO else parts(t)[0] for t in x_dots)
        if a_dot is not ZERO:
            b_dot = add(b_dot, a_dot * shifted(y, params["axis"], 0))
        return ZERO if b_dot is ZERO else ops.recurrence(xs[0], b_dot, **params)

    def pull(
        self, y_bar: Any, xs: tuple[Any, ...], y: Any, params: dict[str, Any], operands: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        """b̄ₖ = h̄ₖ + aₖ₊₁ b̄ₖ₊₁, a recurrence from the end, and āₖ = b̄ₖ hₖ₋₁."""
        axis = params["axis"]
        backwards = shifted(ops.flip(xs[0], axes=(axis,)), axis, 0)
        h_bar = ops.flip(parts(y_bar)[0], axes=(axis,))
        b_bar = ops.flip(ops.recurrence(backwards, h_bar, axis=axis), axes=(axis,))
        return b_bar * shifted(y, axis, 0) if type(operands[0]) is Node else None, b_bar


ops.recurrence.jacobian = Recurrence()


@batch(ops.recurrence)
def recurrence_batch(size, batched, a, b, *, axis):
    """Each lane has its own factors and terms."""
    return ops.recurrence(lanes_of(a, batched[0], size), lanes_of(b, batched[1], size), axis=axis + 1)


def _batch_over_axis(op):
    @batch(op)
    def cumulative_batch(_size, _batched, x, *, axis):
        """The batch axis stands first, so the axis moves up by one."""
        return op(x, axis=axis + 1)

    return cumulative_batch


_batch_over_axis(ops.cumsum)
_batch_over_axis(ops.cumprod)
