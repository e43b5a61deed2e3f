"""Recording a run, so that cotangents can be pulled and tangents pushed through it as often as wanted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from sys import _getframe
from types import CodeType
from typing import Any

import numpy as np

from chainrule.errors import NoRuleError, RuleError
from chainrule.graph import Graph, Node, ancestors, here
from chainrule.graph.node import _new, _next_serial, make_node
from chainrule.graph.position import EXTERNAL, describe, located, position_of
from chainrule.jacobians.backward import pull_back
from chainrule.jacobians.zeros import ZERO
from chainrule.trace import Level, Op, Value, projection
from chainrule.transforms.limits import joined_to_limits

_new_value = object.__new__


class ReverseLevel(Level):
    """The level that records what is computed from its inputs."""

    __slots__ = ()

    def input(self, x: Any) -> Value:
        """A value of this level that later values can be differentiated with respect to."""
        # What `Value` and `input_node` do, without the calls, as in `bind`: a derivative of a small program is short.
        shape, dtype = x.shape, x.dtype
        value = _new_value(Value)
        value.level = self
        value.below = x
        value.attached = _new(Node, (None, (), (), None, {}, shape, dtype, None, -1, _next_serial()))
        value.shape = shape
        value.dtype = dtype
        return value

    def bind(self, op: Op, operands: tuple[Any, ...], params: dict[str, Any]) -> Any:
        """Apply the op to what this level wraps, and record it with what its rule will read."""
        if self.ended:
            self.refuse_ended(op)
        # The two commonest arities are written out: this is the hot path of every differentiated program.
        if len(operands) == 2:
            x, y = operands
            if type(x) is Value and x.level is self:
                a = x.below
                if type(y) is Value and y.level is self:
                    b = y.below
                    nodes: tuple[Any, ...] = (x.attached, y.attached)
                else:
                    b = y
                    nodes = (x.attached, y)
            else:
                a = x
                b = y.below
                nodes = (x, y.attached)
            below: tuple[Any, ...] = (a, b)
            z = op(a, b, **params) if type(a) is Value or type(b) is Value else op.evaluate(a, b, **params)
        elif len(operands) == 1:
            (x,) = operands
            a = x.below
            below = (a,)
            nodes = (x.attached,)
            z = op(a, **params) if type(a) is Value else op.evaluate(a, **params)
        else:
            mine = [type(x) is Value and x.level is self for x in operands]
            below = tuple([x.below if m else x for x, m in zip(operands, mine, strict=True)])
            nodes = tuple([x.attached if m else x for x, m in zip(operands, mine, strict=True)])
            z = op(*below, **params)
        jacobian = op.jacobian
        if jacobian is None:
            if op.discrete:
                return z
            raise missing_rule(op)
        frame = _getframe(2)
        code: CodeType | None = frame.f_code
        if frame.f_code.co_filename in EXTERNAL:
            offset = frame.f_lasti
        else:
            code, offset = position_of(frame)
        inputs = below if jacobian.reads_inputs else nodes
        output = z if jacobian.reads_output else None
        if type(z) is tuple:
            return self._results(op, nodes, inputs, z, output, params, code, offset)
        shape = z.shape
        dtype = z.dtype
        # What `Value` and `make_node` do, without the calls.
        value = _new_value(Value)
        value.level = self
        value.below = z
        value.attached = _new(Node, (op, nodes, inputs, output, params, shape, dtype, code, offset, _next_serial()))
        value.shape = shape
        value.dtype = dtype
        return value

    def _results(
        self, op: Op, nodes: Any, inputs: Any, z: tuple[Any, ...], output: Any, params: Any, code: Any, offset: int
    ) -> Any:
        shapes, dtypes = tuple(r.shape for r in z), tuple(r.dtype for r in z)
        main = make_node(op, nodes, inputs, output, params, shapes, dtypes, code, offset)
        return tuple(
            Value(self, r, self._projection(main, k, r), r.shape, r.dtype) if r.dtype.kind in "fc" else r
            for k, r in enumerate(z)
        )

    def _projection(self, main: Node, k: int, result: Any) -> Node:
        shape, dtype = result.shape, result.dtype
        return make_node(projection, (main,), (main,), None, {"k": k}, shape, dtype, main.code, main.offset)


def missing_rule(op: Op) -> NoRuleError:
    """The error for an op that has no local Jacobian."""
    return NoRuleError(
        f"`{op.name}` has no derivative rule.{describe(here())}\n"
        "  Evaluation works; only the derivative is missing.\n"
        "  To give it a rule: `@cr.custom` (docs/custom-operations.md shows how). To hold the value constant: "
        "`cr.stop_gradient(x)`."
    )


# The products of a derivative do not warn: what a masked-out branch divides by is nobody's concern.
_without_warnings = np.errstate(all="ignore")
_pull_back = _without_warnings(pull_back)


class Tape:
    """A recorded run from some inputs to some outputs, ready to be multiplied out in either direction."""

    __slots__ = ("_order", "inputs", "outputs")

    def __init__(self, inputs: Iterable[Node], outputs: Sequence[Node | None]) -> None:
        self.inputs = tuple(inputs)
        # An output that does not depend on the inputs is None.
        self.outputs = joined_to_limits(outputs)
        self._order: list[Node] | None = None

    @property
    def order(self) -> list[Node]:
        """The nodes that the outputs were made from, operands before users."""
        if self._order is None:
            self._order = ancestors(filter(None, self.outputs))
        return self._order

    @property
    def graph(self) -> Graph:
        """The recorded program."""
        return Graph(self.inputs, self.outputs)

    def pull(self, y_bars: Sequence[Any]) -> list[Any]:
        """The cotangents of the inputs: Jacobian-transpose times the cotangents of the outputs."""
        seeds: list[tuple[Node, Any]] = []
        for node, y_bar in zip(self.outputs, y_bars, strict=True):
            if node is not None and y_bar is not ZERO:
                seeds.append((node, y_bar))
        if len(seeds) == 1 and seeds[0][0].op is None:
            # The output is an input: there is nothing to multiply.
            node, y_bar = seeds[0]
            return [y_bar if x is node else ZERO for x in self.inputs]
        return _pull_back(seeds, self.inputs, self.order)

    @_without_warnings
    def push(self, x_dots: Sequence[Any]) -> list[Any]:
        """The tangents of the outputs: Jacobian times the tangents of the inputs."""
        dots: dict[Any, Any] = dict(zip(self.inputs, x_dots, strict=True))
        for node in self.order:
            if node.op is None:
                continue
            operand_dots: tuple[Any, ...] = tuple(dots.get(x, ZERO) if type(x) is Node else ZERO for x in node.operands)
            if node.op is projection:
                dots[node] = ZERO if operand_dots[0] is ZERO else operand_dots[0][node.params["k"]]
                continue
            if all(dot is ZERO for dot in operand_dots):
                continue
            output = node.output if node.output is not None else node
            try:
                # Where the recorded run owned a buffer, this push owns the tangent: it made one like the other.
                dots[node] = node.op.jacobian.push(operand_dots, node.inputs, output, node.params)
            except (RuleError, NoRuleError) as error:
                raise located(error, node.position) from error.__cause__
        return [ZERO if node is None else dots.get(node, ZERO) for node in self.outputs]
