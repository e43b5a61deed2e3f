"""Programs for the compiler's tests: functions recorded with all that Python saw of them."""

import numpy as np
import pytest

from chainrule.api.arguments import Call
from chainrule.api.results import result_of_leaf
from chainrule.api.trees import flatten
from chainrule.compile import Guard, Program
from chainrule.trace import Value
from chainrule.transforms.recording import RecordingLevel


@pytest.fixture
def record():
    """`record(f, *xs)`: the program that one run of a function makes of all its arguments."""

    def recorded(f, *xs):
        call = Call(f, xs, {}, tuple(range(len(xs))), None)
        level = RecordingLevel()
        inputs = [level.input(x) for x in call.picked]
        with np.errstate(all="ignore"):
            leaves, _ = flatten(call.run(f, inputs))
        results = [result_of_leaf(leaf) for leaf in leaves]
        level.end()
        outputs = [y.attached if type(y) is Value else np.asarray(y)[()] for y in results]
        looks = [(node, Guard(look.value, look.position)) for node, look in level.looks.items()]
        return Program.recorded([x.attached for x in inputs], outputs, looks)

    return recorded


@pytest.fixture
def note():
    """`note(f, *xs)`: the program of a function of ops, which gets and returns Values."""

    def noted(f, *xs):
        level = RecordingLevel()
        inputs = [level.input(x) for x in xs]
        with np.errstate(all="ignore"):
            results = f(*inputs)
        level.end()
        results = results if type(results) is tuple else (results,)
        return Program.recorded([x.attached for x in inputs], [y.attached for y in results], [])

    return noted
