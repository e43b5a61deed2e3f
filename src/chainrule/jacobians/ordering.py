"""The local Jacobian of a permutation, and the batching of orders."""

from __future__ import annotations

from typing import Any

from chainrule import ops
from chainrule.jacobians.forms import LocalJacobian, batch
from chainrule.jacobians.lanes import lanes_of
from chainrule.jacobians.zeros import ZERO, masked, parts


class Permuted(LocalJacobian):
    """y = x in an order: ẏ is ẋ in that order, and x̄ is ȳ in the inverse order. Exclusions move along."""

    reads_inputs = False
    reads_output = False

    def push(self, x_dots: tuple[Any, ...], xs: tuple[Any, ...], y: Any, params: dict[str, Any]) -> Any:
        """ẏ = ẋ in the order."""
        return ZERO if x_dots[0] is ZERO else _moved(x_dots[0], xs[1], params)

    def pull(
        self, y_bar: Any, xs: tuple[Any, ...], y: Any, params: dict[str, Any], operands: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        """x̄ = ȳ in the inverse order."""
        return _moved(y_bar, ops.inverse_order(operands[1], **params), params), None


def _moved(t: Any, order: Any, params: dict[str, Any]) -> Any:
    values, excluded = parts(t)
    moved = ops.permuted(values, order, **params)
    return moved if excluded is None else masked(moved, ops.permuted(excluded, order, **params))


ops.permuted.jacobian = Permuted()


@batch(ops.permuted)
def permuted_batch(size, batched, x, order, *, axis):
    """Each lane is moved in its own order."""
    return ops.permuted(lanes_of(x, batched[0], size), lanes_of(order, batched[1], size), axis=axis + 1)


@batch(ops.lexsort)
def lexsort_batch(size, batched, *keys, axis):
    """Every key takes part in the batch."""
    return ops.lexsort(*(lanes_of(key, b, size) for key, b in zip(keys, batched, strict=True)), axis=axis + 1)


def _batch_over_axis(op):
    @batch(op)
    def order_batch(_size, _batched, x, *, axis, **params):
        """The batch axis stands first, so the axis moves up by one."""
        return op(x, axis=axis + 1, **params)

    return order_batch


for _order in (ops.argsort, ops.argpartition, ops.partition_order, ops.inverse_order):
    _batch_over_axis(_order)
