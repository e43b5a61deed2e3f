"""The chain rule from the inputs: every value carries its tangent, and each op pushes the tangents of its operands."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.jacobians.zeros import ZERO
from chainrule.trace import Level, Op, Value
from chainrule.transforms.reverse import missing_rule


class ForwardLevel(Level):
    """The level whose values carry tangents."""

    __slots__ = ()

    def input(self, x: Any, x_dot: Any) -> Any:
        """A value with its tangent."""
        return Value(self, x, x_dot, x.shape, x.dtype)

    def bind(self, op: Op, operands: tuple[Any, ...], params: dict[str, Any]) -> Any:
        """Apply the op to the primals, and push the tangents through its local Jacobian."""
        if self.ended:
            self.refuse_ended(op)
        mine = [type(x) is Value and x.level is self for x in operands]
        xs = tuple([x.below if m else x for x, m in zip(operands, mine, strict=True)])
        y = op(*xs, **params)
        jacobian = op.jacobian
        if jacobian is None:
            if op.discrete:
                return y
            raise missing_rule(op)
        x_dots = tuple([x.attached if m else ZERO for x, m in zip(operands, mine, strict=True)])
        with np.errstate(all="ignore"):
            y_dot = jacobian.push(x_dots, xs, y, params)
        if type(y) is tuple:
            return tuple(self._result(r, r_dot) for r, r_dot in zip(y, y_dot, strict=True))
        return self._result(y, y_dot)

    def _result(self, y: Any, y_dot: Any) -> Any:
        if y_dot is ZERO or y.dtype.kind not in "fc":
            return y
        return Value(self, y, y_dot, y.shape, y.dtype)

    def tangent_of(self, y: Any) -> tuple[Any, Any]:
        """A result as (primal, tangent)."""
        if type(y) is Value and y.level is self:
            return y.below, y.attached
        return y, ZERO
