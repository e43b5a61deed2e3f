"""Transposing a linear program: it is recorded on values without numbers, then walked backwards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from chainrule.graph.node import Node, input_node, make_node
from chainrule.jacobians.backward import pull_back
from chainrule.jacobians.zeros import ZERO
from chainrule.trace import Level, Op, Value, abstract_of, make_value, projection


class LinearLevel(Level):
    """The level of values that are linear in some inputs and have shapes and dtypes, but no numbers."""

    __slots__ = ()

    def input(self, like: Any) -> Value:
        """An input of the shape and dtype of an array, Value or node."""
        node = input_node(like)
        return make_value(self, None, node, like.shape, like.dtype)

    def bind(self, op: Op, operands: tuple[Any, ...], params: dict[str, Any]) -> Any:
        """Record a linear op; what does not depend on the inputs has been computed already."""
        assert op.jacobian is not None, f"`{op.name}` is used on a tangent, and is not linear"
        inferred = op.infer(*(abstract_of(x) for x in operands), **params)
        nodes = tuple(x.attached if type(x) is Value and x.level is self else x for x in operands)
        if type(inferred) is tuple:
            shapes, dtypes = tuple(a.shape for a in inferred), tuple(a.dtype for a in inferred)
            node = make_node(op, nodes, nodes, None, params, shapes, dtypes)
            return tuple(self._result(node, k, a.shape, a.dtype) for k, a in enumerate(inferred))
        node = make_node(op, nodes, nodes, None, params, inferred.shape, inferred.dtype)
        return make_value(self, None, node, inferred.shape, inferred.dtype)

    def _result(self, node: Node, k: int, shape: tuple[int, ...], dtype: Any) -> Value:
        part = make_node(projection, (node,), (node,), None, {"k": k}, shape, dtype)
        return make_value(self, None, part, shape, dtype)


def transposed(program: Callable[..., Any], inputs: Sequence[Any], y_bar: Any) -> list[Any]:
    """The transpose of a linear program, applied to a cotangent (a sequence of them for several results)."""
    level = LinearLevel()
    values = [level.input(x) for x in inputs]
    results = program(*values)
    pairs = zip(results, y_bar, strict=True) if type(results) is tuple else ((results, y_bar),)
    seeds = [
        (result.attached, bar)
        for result, bar in pairs
        if type(result) is Value and result.level is level and bar is not ZERO
    ]
    return pull_back(seeds, [value.attached for value in values])
