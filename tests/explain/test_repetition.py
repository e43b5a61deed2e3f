"""What is written of a step by the form of another one is what would be written of it by itself."""

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

from chainrule.explain.assembly import assembled
from chainrule.explain.run.recording import record
from chainrule.explain.words.repetition import Repetitions
from chainrule.testing.graphs import ON_NUMBERS, ON_VECTORS, write_graph
from tests.explain.test_wording import CASES


def assert_written_alike(f, *args):
    """Expressions and symbols of a short program, which are found step by step, and the same by repetitions."""
    recorded = record(f, args, {}, tuple(range(len(args))))
    options = {"direction": None, "paths": 1, "jacobians": "none", "detail": "steps", "group": "none", "max_nodes": 150}
    found = assembled(recorded, **options)
    repetitions = Repetitions([node.name for node in found.program.nodes])
    for step, node in zip(found.steps, found.program.nodes, strict=True):
        assert repetitions.expression(step) == node.expression
    for edge in found.program.edges:
        assert repetitions.symbol(found.steps[edge.target], edge.slot, edge.jacobian) == edge.jacobian.symbol


@pytest.mark.parametrize("name", CASES)
def test_words(name):
    assert_written_alike(*CASES[name])


def squared_and_more(u, k):
    return u * u + k * u - np.sin(u) * 2.0


def calls(x):
    """One instruction with other operands, other constants, and the same operand twice."""
    total = x
    for k in range(4):
        total = squared_and_more(total, 0.5) + squared_and_more(x, k)
        total = total * (total if k == 1 else x)
    return total


def test_calls():
    assert_written_alike(calls, 0.5)


@pytest.mark.parametrize("operations", [ON_NUMBERS, ON_VECTORS], ids=["numbers", "vectors"])
@hypothesis.settings(derandomize=True, database=None, deadline=None, max_examples=20)
@hypothesis.given(data=st.data())
def test_graphs(operations, data):
    f = write_graph(lambda options: data.draw(st.sampled_from(options)), 9, list(operations))
    args = (0.5, 1.5) if operations is ON_NUMBERS else (np.array([0.5, 1.0, 2.0]), np.array([1.5, 0.25, 1.0]))

    assert_written_alike(f, *args)


def test_instructions_repeat():
    """A loop has as many forms as its body has steps, however often it runs; the first run takes its start."""

    def loop(x):
        y = x
        for _ in range(30):
            y = np.sin(y) * x + 0.3 * y
        return y

    recorded = record(loop, (0.5,), {})
    found = assembled(recorded, direction=None, paths=1, jacobians="none", detail="steps", group="none", max_nodes=150)
    repetitions = Repetitions([node.name for node in found.program.nodes])
    for step in found.steps:
        repetitions.expression(step)

    assert len(repetitions._forms) <= 2 * 4
