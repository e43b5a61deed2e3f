"""Recording a program as a graph that can be run again: every op that is applied, and every look at a value.

Unlike `checkpoint.RecordLevel`, which lives above derivatives and records what they differentiate, this level lies
below all others: what is recorded is what is computed in the end, the products of derivatives included. Its Values
carry numbers, so that the recorded run is an ordinary run.
"""

from __future__ import annotations

import itertools
import sys
from typing import Any, NamedTuple

import numpy as np

from chainrule.graph import Node, Position, here
from chainrule.graph.node import input_node, make_node
from chainrule.graph.position import position_of
from chainrule.trace import NO_PARAMETERS, Op, Value, make_value, projection
from chainrule.transforms.looks import BottomLevel

# Below the numbers of all other levels, those of limits included, which are negative.
_numbers = itertools.count(-(2**62))


class Look(NamedTuple):
    """What Python saw of a value: a copy of the plain array, and where in the user's code."""

    value: np.ndarray[Any, Any]
    position: Position | None


class Failure(NamedTuple):
    """An op that raised, and where in the user's code."""

    op: Op
    error: type[Exception]
    position: Position | None


class RecordingLevel(BottomLevel):
    """The level that records whatever is applied to its Values, and notes what Python sees of them.

    looks
        By node, in the order in which they were first looked at.
    texts
        Of what was printed or written into a text, the same. It decides nothing, unless the text does.
    failures
        The ops that raised. If the program went on, it did so for these numbers: with others they may not raise.

    After its end its Values are what they wrap: they can be used on, and nothing is recorded.
    """

    __slots__ = ("failures", "looks", "texts")

    differentiates = False
    stands_for_plain = True

    def __init__(self) -> None:
        super().__init__()
        self.number = next(_numbers)
        self.looks: dict[Node, Look] = {}
        self.texts: dict[Node, Look] = {}
        self.failures: list[Failure] = []

    def input(self, x: Any) -> Value:
        """A value that the recorded program takes as an input."""
        return make_value(self, x, input_node(x), x.shape, x.dtype)

    def bind(self, op: Op, operands: tuple[Any, ...], params: dict[str, Any]) -> Any:
        """Apply the op to what this level wraps, and record it."""
        if op.composite and not self.ended:
            return op.evaluate(*operands, **params)
        mine = [type(x) is Value and x.level is self for x in operands]
        below = [x.below if m else x for x, m in zip(operands, mine, strict=True)]
        if params.get("donate") and not (mine[0] and self._may_overwrite(operands[0].attached)):
            # The run that is recorded needs it as it is, or a run that comes later does.
            params = {**params, "donate": False}
        try:
            z = op(*below, **params)
        except Exception as error:
            self._failed(op, error)
            raise
        if self.ended:
            return z
        nodes = tuple([x.attached if m else x for x, m in zip(operands, mine, strict=True)])
        code, offset = position_of(sys._getframe(2))
        if type(z) is tuple:
            shapes, dtypes = tuple(r.shape for r in z), tuple(r.dtype for r in z)
            main = make_node(op, nodes, nodes, None, params, shapes, dtypes, code, offset)
            results = []
            for k, r in enumerate(z):
                part = make_node(projection, (main,), (main,), None, {"k": k}, r.shape, r.dtype, code, offset)
                results.append(make_value(self, r, part, r.shape, r.dtype))
            return tuple(results)
        node = make_node(op, nodes, nodes, None, params, z.shape, z.dtype, code, offset)
        return make_value(self, z, node, node.shape, node.dtype)

    # Ops of one and of two operands are most of what is recorded.

    def bind_unary(self, op: Op, x: Any) -> Any:
        """Apply and record an elementwise op of one operand."""
        try:
            z = op.evaluate(x.below)
        except Exception as error:
            self._failed(op, error)
            raise
        if self.ended:
            return z
        code, offset = position_of(sys._getframe(2))
        nodes = (x.attached,)
        node = make_node(op, nodes, nodes, None, NO_PARAMETERS, z.shape, z.dtype, code, offset)
        return make_value(self, z, node, z.shape, z.dtype)

    def bind_binary(self, op: Op, x: Any, y: Any, params: dict[str, Any] = NO_PARAMETERS) -> Any:
        """Apply and record an op of two operands and one result."""
        if params:
            return self.bind(op, (x, y), params)
        lhs, rhs = x, y
        if type(x) is Value:
            if x.level is not self:
                return self.bind(op, (x, y), {})
            lhs, x = x.attached, x.below
        if type(y) is Value:
            if y.level is not self:
                return self.bind(op, (x, y), {})
            rhs, y = y.attached, y.below
        try:
            z = op.evaluate(x, y)
        except Exception as error:
            self._failed(op, error)
            raise
        if self.ended:
            return z
        code, offset = position_of(sys._getframe(2))
        nodes = (lhs, rhs)
        node = make_node(op, nodes, nodes, None, NO_PARAMETERS, z.shape, z.dtype, code, offset)
        return make_value(self, z, node, z.shape, z.dtype)

    def _failed(self, op: Op, error: Exception) -> None:
        # Not the error itself, which holds the frames that hold this level.
        self.failures.append(Failure(op, type(error), here()))

    def _may_overwrite(self, node: Node) -> bool:
        """Whether the memory of a value may be overwritten: not that of an input, nor what has been looked at."""
        return node.op is not None and node not in self.looks and node not in self.texts

    def look(self, value: Value) -> Any:
        """What Python sees: the plain array, which from now on decides whether the recording holds."""
        if self.ended:
            return value.below
        seen = _noted(self.looks, value)
        return seen if value.shape else seen[()]

    def shown(self, value: Value) -> Any:
        """What is printed."""
        if not self.ended:
            _noted(self.texts, value)
        return value.below

    def bared(self, value: Value) -> Any:
        """A look too: it decides what the library does."""
        return self.look(value)

    def plain(self, value: Value) -> Any:
        """A look too: what foreign code computes from the numbers holds for these only."""
        return self.look(value)


def _noted(looks: dict[Node, Look], value: Value) -> np.ndarray[Any, Any]:
    """A copy of the plain array behind a value, as it was when it was first looked at."""
    known = looks.get(value.attached)
    if known is None:
        seen = np.array(value.below)
        seen.flags.writeable = False
        known = looks[value.attached] = Look(seen, here())
    return known.value
