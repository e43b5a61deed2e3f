"""What a call of Python's records in its arguments is written as what it is: `sum` adds, `map` and `filter` pick."""

from __future__ import annotations

import functools
import math
import operator

import numpy as np
import pytest

import chainrule as cr


def steps_of(f, *args):
    """By name how each value was made, in order, and the title."""
    program = cr.explain(f, *args).program
    return [f"{node.name} = {node.expression}" for node in program.nodes if node.op is not None], program.title


@pytest.mark.parametrize(
    ("f", "title"),
    [
        (lambda x: sum(v * v for v in x), "y = x[0] * x[0] + x[1] * x[1]"),
        (lambda x: sum([v * v for v in x], 2.0), "y = 2 + x[0] * x[0] + x[1] * x[1]"),
        (lambda x: sum(x), "y = x[0] + x[1]"),
        (lambda x: sum(map(np.sin, x)), "y = sin(x[0]) + sin(x[1])"),
        (lambda x: sum(filter(lambda t: t > 2, x)) * 3, "y = x[1] * 3"),
        (lambda x: functools.reduce(lambda a, b: a * b, x), "y = x[0] * x[1]"),
        (lambda x: functools.reduce(operator.sub, x), "y = x[0] - x[1]"),
        (lambda x: sorted(x, key=lambda t: -t)[0] * 3, "y = x[1] * 3"),
        (lambda x: next(iter(x)) * 3, "y = x[0] * 3"),
        (lambda x: list(x)[1] * 3, "y = x[1] * 3"),
        (lambda x: operator.mul(x[0], x[1]), "y = x[0] * x[1]"),
        (lambda x: (np.sin if x.size else np.cos)(x[0]), "y = sin(x[0])"),
        (lambda x: divmod(x[1], 2.0)[1] * 3, "y = x[1] % 2 * 3"),
        (lambda x: np.sum(np.vectorize(lambda t: t * t)(x)), "y = sum(stack(x[0] * x[0], x[1] * x[1]))"),
    ],
)
def test_parts(f, title):
    assert steps_of(f, np.array([1.0, 3.0]))[1] == title


@pytest.mark.parametrize(
    ("f", "title"),
    [
        (lambda x: np.sum(x) * np.max(x), "y = sum(x) * max(x)"),
        (lambda x: max(x) * 2, "y = max(x) * 2"),
        (lambda x: math.fsum(x), "y = fsum(x)"),
        (lambda x: math.prod(x), "y = prod(x)"),
        (lambda x: x.sum() + np.add.reduce(x), "y = x.sum() + add.reduce(x)"),
        (lambda x: np.dot(x, x) + np.add(x[0], x[1]), "y = dot(x, x) + add(x[0], x[1])"),
        (lambda x: np.mean(x) + np.take(x, 1), "y = mean(x) + take(x, 1)"),
        (lambda x: pow(x[0], 3) + abs(x[1]), "y = pow(x[0], 3) + abs(x[1])"),
        (lambda x: math.hypot(x[0], x[1]), "y = hypot(x[0], x[1])"),
    ],
)
def test_whole_calls(f, title):
    """What does what it says keeps the form of the source."""
    assert steps_of(f, np.array([1.0, 3.0]))[1] == title


def test_numbers_of_a_loop():
    """What is computed from a loop's variable alone is the number that it was."""

    def f(x):
        s = x
        for k in range(3):
            s = np.sin(s) + 0.5 * k
        return s

    assert steps_of(f, 1.0)[1] == "s3 = sin(sin(sin(x) + 0) + 0.5) + 1"


def test_sum_begins_with_zero():
    """The steps say so, and each is an addition, whose derivative is 1."""
    ex = cr.explain(lambda x: sum(v * v for v in x), np.array([1.0, 3.0]))
    made = {node.name: node.expression for node in ex.program.nodes}
    assert made["w"] == "0+u"
    assert ex.edge("w").jacobian.symbol == "1"
    np.testing.assert_array_equal(ex.gradient, [2.0, 6.0])
