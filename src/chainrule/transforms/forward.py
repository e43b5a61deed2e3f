"""The chain rule from the inputs: every value carries its tangent, and each op pushes the tangents of its operands."""

from __future__ import annotations

from typing import Any

from chainrule.jacobians.zeros import ZERO
from chainrule.trace import Level, Op, Value, make_value
from chainrule.trace.silence import restore, silence
from chainrule.transforms.reverse import missing_rule


class ForwardLevel(Level):
    """The level whose values carry tangents."""

    __slots__ = ()

    def input(self, x: Any, x_dot: Any) -> Any:
        """A value with its tangent."""
        return make_value(self, x, x_dot, x.shape, x.dtype)

    def bind(self, op: Op, operands: tuple[Any, ...], params: dict[str, Any]) -> Any:
        """Apply the op to the primals, and push the tangents through its local Jacobian."""
        if self.ended:
            self.refuse_ended(op)
        # One and two operands are written out: this is the hot path of every differentiated program.
        if len(operands) == 1:
            (x,) = operands
            xs: tuple[Any, ...] = (x.below,)
            x_dots: tuple[Any, ...] = (x.attached,)
        elif len(operands) == 2:
            a, b = operands
            a_dot = b_dot = ZERO
            if type(a) is Value and a.level is self:
                a, a_dot = a.below, a.attached
            if type(b) is Value and b.level is self:
                b, b_dot = b.below, b.attached
            xs = (a, b)
            x_dots = (a_dot, b_dot)
        else:
            mine = [type(x) is Value and x.level is self for x in operands]
            xs = tuple([x.below if m else x for x, m in zip(operands, mine, strict=True)])
            x_dots = tuple([x.attached if m else ZERO for x, m in zip(operands, mine, strict=True)])
        y = op(*xs, **params)
        jacobian = op.jacobian
        if jacobian is None:
            if op.discrete:
                return y
            raise missing_rule(op.name)
        return self.pushed(op, x_dots, xs, y, params)

    def pushed(self, op: Op, x_dots: tuple[Any, ...], xs: tuple[Any, ...], y: Any, params: dict[str, Any]) -> Any:
        """What an op gave for the primals, with the tangents pushed through its local Jacobian."""
        jacobian = op.jacobian
        if jacobian.moves_only:
            y_dot = jacobian.push(x_dots, xs, y, params)
        else:
            token = silence()
            try:
                y_dot = jacobian.push(x_dots, xs, y, params)
            finally:
                restore(token)
        if type(y) is tuple:
            return tuple(self._result(r, r_dot) for r, r_dot in zip(y, y_dot, strict=True))
        return self._result(y, y_dot)

    def _result(self, y: Any, y_dot: Any) -> Any:
        if y_dot is ZERO or y.dtype.kind not in "fc":
            return y
        return make_value(self, y, y_dot, y.shape, y.dtype)

    def tangent_of(self, y: Any) -> tuple[Any, Any]:
        """A result as (primal, tangent)."""
        if type(y) is Value and y.level is self:
            return y.below, y.attached
        return y, ZERO
