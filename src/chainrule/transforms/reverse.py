"""Recording a run, so that cotangents can be pulled and tangents pushed through it as often as wanted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from sys import _getframe
from types import CodeType, FrameType, FunctionType
from typing import TYPE_CHECKING, Any

from chainrule.graph import Node, here
from chainrule.graph.node import make_node, next_serial
from chainrule.graph.position import EXTERNAL, INTERNAL, describe, errors_of_rules, located, position_of
from chainrule.jacobians.backward import Witness, pull_back
from chainrule.jacobians.zeros import ZERO
from chainrule.trace import NO_PARAMETERS, Level, Op, Value, make_value, projection
from chainrule.trace.level import next_level
from chainrule.trace.silence import restore, silence
from chainrule.transforms.living_limits import joined_to_limits

if TYPE_CHECKING:
    from chainrule.graph import Graph


class ReverseLevel(Level):
    """The level that records what is computed from its inputs, by a function where the first op is likely to stand."""

    __slots__ = ("code",)

    def __init__(self, f: Any = None) -> None:
        # As in `Level`; written out, since there is one for every derivative.
        self.number = next_level()
        self.ended = False
        self.limit = None
        self.written = []
        # The code of the user's that made the last node, or will make the first.
        self.code: CodeType | None = None
        if type(f) is FunctionType and f.__code__.co_filename in EXTERNAL:
            self.code = f.__code__

    def input(self, x: Any) -> Value:
        """A value of this level that later values can be differentiated with respect to."""
        # Written out: there is one for every number that a function takes.
        value = Value()
        value.level = self
        value.below = x
        value.attached = node = Node()
        node.op = node.output = node.code = None
        node.operands = node.inputs = ()
        node.params = NO_PARAMETERS
        node.shape = value.shape = x.shape
        node.dtype = value.dtype = x.dtype
        node.offset = -1
        node.serial = next_serial()
        return value

    def bind(self, op: Op, operands: tuple[Any, ...], params: dict[str, Any]) -> Any:
        """Apply the op to what this level wraps, and record it with what its rule will read."""
        if self.ended:
            self.refuse_ended(op)
        below: Any = []
        nodes: Any = []
        evaluate: Any = op.evaluate
        for x in operands:
            if type(x) is Value:
                if x.level is self:
                    nodes.append(x.attached)
                    x = x.below
                    if type(x) is Value:
                        evaluate = op
                    below.append(x)
                    continue
                evaluate = op
            nodes.append(x)
            below.append(x)
        below, nodes = tuple(below), tuple(nodes)
        z = evaluate(*below, **params)
        keeps = op.keeps
        if keeps is None:
            return without_rule(op, z)
        inputs = below if keeps[0] else nodes
        output = z if keeps[1] else None
        if type(z) is tuple:
            return self._results(op, nodes, inputs, z, output, params, *position_of(_getframe(2)))
        node = make_node(op, nodes, inputs, output, params, z.shape, z.dtype)
        self._locate(node, _getframe(2))
        return make_value(self, z, node, node.shape, node.dtype)

    def recorded(self, op: Op, nodes: tuple[Any, ...], inputs: tuple[Any, ...], z: Any, params: dict[str, Any]) -> Any:
        """Record what was computed elsewhere, of values that this level wraps, by an op whose rule reads all of it."""
        if type(z) is tuple:
            return self._results(op, nodes, inputs, z, z, params, *position_of(_getframe(1)))
        value = Value()
        value.level = self
        value.below = z
        value.attached = node = Node()
        node.op = op
        node.operands = nodes
        node.inputs = inputs
        node.output = z
        node.params = params
        node.shape = value.shape = z.shape
        node.dtype = value.dtype = z.dtype
        self._locate(node, _getframe(1))
        node.serial = next_serial()
        return value

    # Elementwise ops and products of matrices are written out, `make_node` and `make_value` included: this is the hot
    # path of every differentiated program.

    def bind_unary(self, op: Op, x: Any) -> Any:
        """Apply and record an elementwise op of one operand."""
        if self.ended:
            self.refuse_ended(op)
        a = x.below
        # Not `op.evaluate(a)`, which Python would take for a method and look up by the slow way.
        evaluate = op if type(a) is Value else op.evaluate
        z = evaluate(a)
        keeps = op.keeps
        if keeps is None:
            return without_rule(op, z)
        value = Value()
        value.level = self
        value.below = z
        value.attached = node = Node()
        node.op = op
        node.operands = operands = (x.attached,)
        node.inputs = (a,) if keeps[0] else operands
        node.output = z if keeps[1] else None
        node.params = NO_PARAMETERS
        node.shape = value.shape = x.shape
        node.dtype = value.dtype = z.dtype
        frame = _getframe(2)
        node.code = code = frame.f_code
        if code is self.code:
            node.offset = frame.f_lasti
        else:
            self._locate(node, frame)
        node.serial = next_serial()
        return value

    def bind_with(self, op: Op, x: Any, params: dict[str, Any]) -> Any:
        """Apply and record an op of one operand, one result and parameters."""
        if self.ended:
            self.refuse_ended(op)
        a = x.below
        evaluate = op if type(a) is Value else op.evaluate
        z = evaluate(a, **params)
        keeps = op.keeps
        if keeps is None:
            return without_rule(op, z)
        value = Value()
        value.level = self
        value.below = z
        value.attached = node = Node()
        node.op = op
        node.operands = operands = (x.attached,)
        node.inputs = (a,) if keeps[0] else operands
        node.output = z if keeps[1] else None
        node.params = params
        node.shape = value.shape = z.shape
        node.dtype = value.dtype = z.dtype
        frame = _getframe(2)
        node.code = code = frame.f_code
        if code is self.code:
            node.offset = frame.f_lasti
        else:
            self._locate(node, frame)
        node.serial = next_serial()
        return value

    def bind_binary(self, op: Op, x: Any, y: Any, params: dict[str, Any] = NO_PARAMETERS) -> Any:
        """Apply and record an op of two operands and one result."""
        if self.ended:
            self.refuse_ended(op)
        lhs, rhs = x, y
        if type(x) is Value and x.level is self:
            lhs = x.attached
            x = x.below
        if type(y) is Value and y.level is self:
            rhs = y.attached
            y = y.below
        evaluate = op if type(x) is Value or type(y) is Value else op.evaluate
        z = evaluate(x, y, **params) if params else evaluate(x, y)
        keeps = op.keeps
        if keeps is None:
            return without_rule(op, z)
        value = Value()
        value.level = self
        value.below = z
        value.attached = node = Node()
        node.op = op
        node.operands = operands = (lhs, rhs)
        node.inputs = (x, y) if keeps[0] else operands
        node.output = z if keeps[1] else None
        node.params = params
        node.shape = value.shape = z.shape
        node.dtype = value.dtype = z.dtype
        frame = _getframe(2)
        node.code = code = frame.f_code
        if code is self.code:
            node.offset = frame.f_lasti
        else:
            self._locate(node, frame)
        node.serial = next_serial()
        return value

    def _locate(self, node: Node, frame: FrameType) -> None:
        """Note the position of a node, from the frame of the operator or function that made it outwards."""
        internal = INTERNAL
        outer: Any = frame
        try:
            while outer.f_code.co_filename in internal:
                outer = outer.f_back
            code = outer.f_code
            if code.co_filename in EXTERNAL:
                # The next operation is likely to stand in the same function.
                node.code = self.code = code
                node.offset = outer.f_lasti
                return
        except AttributeError:
            # There is no frame of the user's.
            outer = None
        node.code, node.offset = position_of(outer)
        self.code = node.code

    def _results(
        self, op: Op, nodes: Any, inputs: Any, z: tuple[Any, ...], output: Any, params: Any, code: Any, offset: int
    ) -> Any:
        shapes, dtypes = tuple([r.shape for r in z]), tuple([r.dtype for r in z])
        main = make_node(op, nodes, inputs, output, params, shapes, dtypes, code, offset)
        of_main = (main,)
        results = []
        for k, r in enumerate(z):
            if r.dtype.kind in "fc":
                shape, dtype = r.shape, r.dtype
                node = make_node(projection, of_main, of_main, None, {"k": k}, shape, dtype, code, offset)
                r = make_value(self, r, node, shape, dtype)
            results.append(r)
        return tuple(results)


def without_rule(op: Op, z: Any) -> Any:
    """The result of an op that has no local Jacobian: a constant if it is piecewise constant, else an error."""
    if op.discrete:
        return z
    raise missing_rule(op.name)


def missing_rule(name: str) -> Exception:
    """The error for an op or a function without a local Jacobian."""
    from chainrule.errors import NoRuleError

    return NoRuleError(
        f"`{name}` has no derivative rule.{describe(here())}\n"
        "  Evaluation works; only the derivative is missing.\n"
        "  To give it a rule: `@cr.custom` (docs/custom-operations.md shows how). To hold the value constant: "
        "`cr.stop_gradient(x)`."
    )


def _at(node: Node, y_bar: Any, inputs: tuple[Node, ...]) -> list[Any]:
    """A cotangent for one of the inputs."""
    return [y_bar if x is node else ZERO for x in inputs]


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
            from chainrule.graph import ancestors

            self._order = ancestors(filter(None, self.outputs))
        return self._order

    @property
    def graph(self) -> Graph:
        """The recorded program."""
        from chainrule.graph import Graph

        return Graph(self.inputs, self.outputs)

    def pull(self, y_bars: Sequence[Any], witness: Witness | None = None) -> list[Any]:
        """The cotangents of the inputs: Jacobian-transpose times the cotangents of the outputs."""
        outputs = self.outputs
        seeds: Iterable[tuple[Node | None, Any]]
        if len(outputs) == 1 == len(y_bars):
            node, y_bar = outputs[0], y_bars[0]
            if node is not None and node.op is None:
                # The output is an input: there is nothing to multiply.
                return _at(node, y_bar, self.inputs)
            seeds = ((node, y_bar),)
        else:
            seeds = zip(outputs, y_bars, strict=True)
        token = silence()
        try:
            return pull_back(seeds, self.inputs, witness)
        finally:
            restore(token)

    def push(self, x_dots: Sequence[Any]) -> list[Any]:
        """The tangents of the outputs: Jacobian times the tangents of the inputs."""
        token = silence()
        try:
            return self._pushed(x_dots)
        finally:
            restore(token)

    def _pushed(self, x_dots: Sequence[Any]) -> list[Any]:
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
            except errors_of_rules() as error:
                raise located(error, node.position) from error.__cause__
        return [ZERO if node is None else dots.get(node, ZERO) for node in self.outputs]
