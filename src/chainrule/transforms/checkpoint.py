"""Computing again instead of keeping: a part of a program whose inner values do not wait for the pull.

The part is run once, on values without derivatives, and recorded as a graph that knows how each value was made and none
of the values. The graph becomes one op. Its push and pull run the graph again, on the level that they need; Python code
is not run again, so what it looked at, drew at random or printed happens once.
"""

from __future__ import annotations

import sys
import weakref
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import numpy as np

from chainrule import ops
from chainrule.errors import EndedLevelError
from chainrule.graph import Graph, Node, ancestors
from chainrule.graph.node import input_node, make_node
from chainrule.graph.position import describe, here, position_of
from chainrule.graph.replay import replay
from chainrule.jacobians.forms import LocalJacobian
from chainrule.jacobians.zeros import ZERO
from chainrule.trace import Abstract, Level, Op, Value, make_value, projection
from chainrule.transforms.batch import BatchLevel
from chainrule.transforms.forward import ForwardLevel
from chainrule.transforms.holding import held
from chainrule.transforms.reverse import ReverseLevel, Tape, missing_rule

Program = Callable[[Sequence[Any]], list[Any]]


class RecordLevel(Level):
    """The level that records how values are made, and keeps none of them.

    A Value wraps what it wraps at the levels below without their derivatives, so nothing is recorded there.
    """

    __slots__ = ("_discrete", "_inputs")

    def __init__(self) -> None:
        super().__init__()
        # By the identity of what came from outside: its node, and itself.
        self._inputs: dict[int, tuple[Node, Any]] = {}
        # By the identity of a discrete result, which is a plain array: the array while it lives, its content, its node.
        self._discrete: dict[int, tuple[weakref.ref[Any], int, Node]] = {}

    def input(self, x: Any) -> Value:
        """A value from outside as a value of this level."""
        return make_value(self, held(x), self._outside(x), x.shape, x.dtype)

    def original(self, node: Node) -> Any:
        """What an input was outside."""
        return next(x for known, x in self._inputs.values() if known is node)

    def bind(self, op: Op, operands: tuple[Any, ...], params: dict[str, Any]) -> Any:
        """Apply the op to what this level wraps, and note it."""
        if self.ended:
            self.refuse_ended(op)
        if op.jacobian is None and not op.discrete:
            raise missing_rule(op.name)
        mine = [type(x) is Value and x.level is self for x in operands]
        below = [x.below if m else held(x) for x, m in zip(operands, mine, strict=True)]
        nodes = tuple([x.attached if m else self._outside(x) for x, m in zip(operands, mine, strict=True)])
        if params.get("donate") and not mine[0]:
            # What comes from outside is needed as it is now when the graph runs again.
            params = {**params, "donate": False}
        z = op(*below, **params)
        code, offset = position_of(sys._getframe(2))
        if type(z) is tuple:
            shapes, dtypes = tuple(r.shape for r in z), tuple(r.dtype for r in z)
            main = make_node(op, nodes, nodes, None, params, shapes, dtypes, code, offset)
            return tuple(
                self._result(
                    r,
                    make_node(projection, (main,), (main,), None, {"k": k}, r.shape, r.dtype, code, offset),
                    op.discrete,
                )
                for k, r in enumerate(z)
            )
        node = make_node(op, nodes, nodes, None, params, z.shape, z.dtype, code, offset)
        return self._result(z, node, op.discrete)

    def _result(self, z: Any, node: Node, discrete: bool) -> Any:
        if not discrete and z.dtype.kind in "fc":
            return make_value(self, z, node, z.shape, z.dtype)
        if type(z) is np.ndarray:
            self._discrete[id(z)] = (weakref.ref(z), _fingerprint(z), node)
        return z

    def _outside(self, x: Any) -> Any:
        """The node of an operand that is no Value of this level; a number stands for itself."""
        if type(x) is np.ndarray:
            reference, fingerprint, node = self._discrete.get(id(x), (None, 0, None))
            if reference is not None and reference() is x and fingerprint == _fingerprint(x):
                return node
        elif type(x) is not Value:
            return x
        known = self._inputs.get(id(x))
        if known is None:
            # The value is held with its node, so that its identity is not given to another.
            known = self._inputs[id(x)] = (input_node(x), x)
        return known[0]

    def refuse_ended(self, op: Any) -> NoReturn:
        """Raise for the use of a Value that left the part of the program it belongs to."""
        raise EndedLevelError(
            f"`{op.name}`: a value from inside a function wrapped with `cr.checkpoint` is used outside of it."
            f"{describe(here())}\n"
            "  It is not kept: that is what checkpointing is for. It left the function other than as its result, for\n"
            "  instance through a list. Return it."
        )

    def close(self, name: str, values: Sequence[Value]) -> list[Any]:
        """Some values of this level as values of the levels around it, made by one op that computes them again."""
        nodes = list(dict.fromkeys(value.attached for value in values if value.attached.op is not None))
        known = {value.attached: value.below for value in values}
        sources = [node for node in ancestors(nodes) if node.op is None]
        graph = Graph(sources, nodes)
        outside: dict[Node, Any] = {}
        if nodes:
            originals = dict(self._inputs.values())
            xs = [originals[node] for node in sources]
            op = recomputed(
                name,
                lambda inputs: replay(graph, inputs),
                [Abstract(node.shape, node.dtype) for node in nodes],
                FirstRun([known[node] for node in nodes], batch_levels(xs)),
            )
            results = op(*xs)
            outside = dict(zip(nodes, results if type(results) is tuple else (results,), strict=True))
        return [
            outside[value.attached] if value.attached.op is not None else self.original(value.attached)
            for value in values
        ]


def _fingerprint(x: Any) -> int:
    """What tells whether an array was written to."""
    return hash((x.shape, x.tobytes()))


def is_recorded(value: Any) -> bool:
    """Whether a level keeps what is computed from a value, so that computing it again would save memory."""
    while type(value) is Value:
        if isinstance(value.level, (ReverseLevel, RecordLevel)):
            return True
        value = value.below
    return False


class FirstRun:
    """The results of the run that was recorded, for the first use of its op: nothing is computed twice for them.

    `levels` are the batches that the results may be values of, in the order in which they handle the op.
    """

    __slots__ = ("levels", "results")

    def __init__(self, results: list[Any], levels: list[BatchLevel]) -> None:
        self.results: list[Any] | None = results
        self.levels = levels

    def take(self) -> list[Any] | None:
        """The results, the first time; then None."""
        results, self.results = self.results, None
        return results

    def in_lanes(self, lanes: Sequence[Abstract]) -> FirstRun:
        """The results below their greatest batch level, with its axis in front."""
        results = self.take()
        if results is None:
            return FirstRun.over()
        level, *others = self.levels
        return FirstRun(
            [
                y.below if type(y) is Value and y.level is level else ops.broadcast_to(y, shape=lane.shape)
                for y, lane in zip(results, lanes, strict=True)
            ],
            others,
        )

    @classmethod
    def over(cls) -> FirstRun:
        """A first run whose results have been used."""
        run = cls([], [])
        run.results = None
        return run


def batch_levels(values: Sequence[Any]) -> list[BatchLevel]:
    """The batches that some values are lanes of, greatest level first."""
    levels: set[BatchLevel] = set()
    for value in values:
        while type(value) is Value:
            if isinstance(value.level, BatchLevel):
                levels.add(value.level)
            value = value.below
    return sorted(levels, key=lambda level: level.number, reverse=True)


def recomputed(name: str, program: Program, results: Sequence[Abstract], first: FirstRun) -> Op:
    """The op of a program whose inner values are not kept."""
    several = len(results) > 1

    def evaluate(*xs: Any) -> Any:
        ys = first.take() or program(xs)
        return tuple(ys) if several else ys[0]

    def infer(*_xs: Any) -> Any:
        return tuple(results) if several else results[0]

    def batch(size: int, batched: Sequence[bool], *xs: Any) -> Any:
        lanes = [Abstract((size, *result.shape), result.dtype) for result in results]
        return recomputed(name, _in_lanes(program, size, batched), lanes, first.in_lanes(lanes))(*xs)

    op = Op(name, evaluate, infer, composite=True)
    op.jacobian = Recomputation(program, several)
    op.batch = batch
    return op


def _in_lanes(program: Program, size: int, batched: Sequence[bool]) -> Program:
    """A program on batches, whose axis is the first."""

    def run(xs: Sequence[Any]) -> list[Any]:
        level = BatchLevel(size)
        try:
            ys = program([level.input(x) if b else x for x, b in zip(xs, batched, strict=True)])
            return [level.lanes_of(y) for y in ys]
        finally:
            level.end()

    return run


class Recomputation(LocalJacobian):
    """The local Jacobian of a program: the program is run again by the level that multiplies with it."""

    reads_output = False

    def __init__(self, program: Program, several: bool) -> None:
        self.program = program
        self.several = several

    def push(self, x_dots: tuple[Any, ...], xs: tuple[Any, ...], _y: Any, _params: dict[str, Any]) -> Any:
        """ẏ, by running the program forward."""
        level = ForwardLevel()
        try:
            ys = self.program(
                [x if x_dot is ZERO else level.input(x, x_dot) for x, x_dot in zip(xs, x_dots, strict=True)]
            )
            y_dots = tuple(level.tangent_of(y)[1] for y in ys)
        finally:
            level.end()
        return y_dots if self.several else y_dots[0]

    def pull(
        self, y_bar: Any, xs: tuple[Any, ...], _y: Any, _params: dict[str, Any], operands: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        """x̄, by running the program again, now with everything kept, and pulling through it."""
        level = ReverseLevel()
        slots = [k for k, operand in enumerate(operands) if type(operand) is Node]
        inputs = list(xs)
        for k in slots:
            inputs[k] = level.input(xs[k])
        try:
            ys = self.program(inputs)
        finally:
            level.end()
        outputs = [y.attached if type(y) is Value and y.level is level else None for y in ys]
        tape = Tape([inputs[k].attached for k in slots], outputs)
        x_bars = dict(zip(slots, tape.pull(y_bar if self.several else [y_bar]), strict=True))
        return tuple(x_bars.get(k) for k in range(len(operands)))
