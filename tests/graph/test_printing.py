"""Recorded programs as text: what a review reads."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.api.arguments import Call
from chainrule.api.recording import Recording


def recorded(f, *xs):
    """The graph of a function, as a gradient records it."""
    return Recording(f, Call(f, xs, {}, tuple(range(len(xs))), None)).tape.graph


def shared_variable(x):
    return x * np.exp(x**2)


def two_paths(a, b):
    return (a + b) * (b + 1)


def network(x, w, b):
    return np.mean(np.tanh(x @ w + b) ** 2)


def writes(x):
    y = np.zeros(3)
    y[0] = x[0] ** 2
    y[1:] += np.sin(x[1:])
    return y.sum()


def gathered(x):
    return np.sum(x[np.array([2, 0, 0])] * np.where(x > 1, x, -x))


def several_results(x):
    return [*list(np.split(x * 2, 3)), 3.0, np.arange(2.0)]


def checkpointed(x):
    return cr.checkpoint(two_paths)(x[0], x[1]) * x[2]


@cr.custom
def divided(x, y, *, digits):
    return x // y, x % y


@divided.push
def divided_push(dots, _results, x, y, *, digits):
    return 0 * dots[0], dots[0] - (x // y) * dots[1]


def custom(x):
    quotient, rest = divided(x[0], x[1], digits=3)
    return quotient * rest


def inner_derivative(x):
    return cr.grad(lambda y: np.sum(y**3 * x[0]))(x)


X = np.array([1.0, 2.0, 3.0])


@pytest.mark.parametrize(
    ("f", "xs"),
    [
        (shared_variable, (0.5,)),
        (two_paths, (3.0, 2.0)),
        (network, (np.ones((4, 3)), np.ones((3, 2)), np.zeros(2))),
        (writes, (X,)),
        (gathered, (X,)),
        (several_results, (X,)),
        (checkpointed, (X,)),
        (custom, (X,)),
        (inner_derivative, (X,)),
    ],
    ids=lambda x: getattr(x, "__name__", ""),
)
def test_text(f, xs, golden):
    """A program prints as one assignment a line, operands before users, with shapes, dtypes and parameters."""
    golden(f.__name__, str(recorded(f, *xs)))


def test_names():
    """The names go a, ..., z, aa, ab, ..., so any number of nodes has one."""
    lines = str(
        recorded(lambda x: np.sin(x * np.arange(30.0).sum()) if x else [x := np.sin(x) for _ in range(60)], 0.0)
    )

    assert lines.splitlines()[-1].split()[-1] == "bi"


def test_short_form():
    """The short form counts, and nodes name their op, dtype and shape."""
    graph = recorded(two_paths, 3.0, 2.0)

    assert repr(graph) == "<Graph of 3 nodes, 2 inputs, 1 outputs>"
    assert len(graph) == 3
    assert repr(graph.nodes[0]) == "<node add float64[]>"
    assert repr(graph.inputs[0]) == "<node input float64[]>"
