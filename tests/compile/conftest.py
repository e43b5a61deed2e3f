"""Programs for the compiler's tests: functions recorded with all that Python saw of them."""

import sys

import numpy as np
import pytest

from chainrule.api.arguments import Call
from chainrule.api.results import result_of_leaf
from chainrule.api.trees import flatten
from chainrule.compile import Guard, Program
from chainrule.graph.node import input_node, make_node
from chainrule.graph.position import here, position_of
from chainrule.trace import Level, Value, make_value, projection


class NotingLevel(Level):
    """The level that notes every op on its Values, discrete ones too, and every look."""

    __slots__ = ("looks",)

    def __init__(self):
        super().__init__()
        self.looks = []

    def input(self, x):
        """An input of the program."""
        return make_value(self, x, input_node(x), x.shape, x.dtype)

    def bind(self, op, operands, params):
        """Apply the op to plain arrays, and note it."""
        mine = [type(x) is Value for x in operands]
        below = [x.below if m else x for x, m in zip(operands, mine, strict=True)]
        nodes = tuple(
            x.attached if m else np.array(x)[()] if type(x) is np.ndarray else x
            for x, m in zip(operands, mine, strict=True)
        )
        z = op.evaluate(*below, **({**params, "donate": False} if "donate" in params else params))
        code, offset = position_of(sys._getframe(2))
        if type(z) is not tuple:
            return self._value(z, make_node(op, nodes, nodes, None, params, z.shape, z.dtype, code, offset))
        shapes, dtypes = tuple(r.shape for r in z), tuple(r.dtype for r in z)
        main = make_node(op, nodes, nodes, None, params, shapes, dtypes, code, offset)
        return tuple(
            self._value(r, make_node(projection, (main,), (main,), None, {"k": k}, r.shape, r.dtype, code, offset))
            for k, r in enumerate(z)
        )

    def _value(self, z, node):
        return make_value(self, z, node, z.shape, z.dtype)

    def look(self, value):
        """What Python sees, which becomes a guard."""
        # The line of the user is outside of this function.
        position = here(3)
        self.looks.append((value.attached, Guard(np.array(value.below), position)))
        return value.below


def record(f, *xs):
    """The program that one run of a function makes of all its arguments."""
    call = Call(f, xs, {}, tuple(range(len(xs))), None)
    level = NotingLevel()
    with np.errstate(all="ignore"):
        leaves, _ = flatten(call.run(f, inputs := [level.input(x) for x in call.picked]))
    results = [result_of_leaf(leaf) for leaf in leaves]
    outputs = [y.attached if type(y) is Value else np.asarray(y)[()] for y in results]
    return Program.recorded([x.attached for x in inputs], outputs, level.looks)


def note(f, *xs):
    """The program that a function of ops makes, which gets and returns Values."""
    level = NotingLevel()
    inputs = [level.input(x) for x in xs]
    with np.errstate(all="ignore"):
        results = f(*inputs)
    results = results if type(results) is tuple else (results,)
    return Program.recorded([x.attached for x in inputs], [y.attached for y in results], [])


@pytest.fixture(name="note")
def note_fixture():
    """`note(f, *xs)`: the program of a function of ops."""
    return note


@pytest.fixture(name="record")
def record_fixture():
    """`record(f, *xs)`: the program of one run."""
    return record
