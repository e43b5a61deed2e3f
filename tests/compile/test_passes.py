"""Passes make smaller programs with the same results."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.compile import Interpreted, Program, passes
from chainrule.compile.passes import optimized
from chainrule.graph import Graph
from chainrule.graph.verify import verify

RANDOM = np.random.default_rng(20)
POINTS = RANDOM.normal(size=(6, 3))
FEATURES, SIGNS = RANDOM.normal(size=(20, 5)), np.sign(RANDOM.normal(size=20))
IMAGES, LABELS = RANDOM.normal(size=(8, 7)), RANDOM.integers(0, 4, 8)
WEIGHTS = tuple(RANDOM.normal(size=s) for s in [(7, 6), (6,), (6, 6), (6,), (6, 4), (4,)])
X, V = np.linspace(-1, 1, 6), np.cos(np.arange(6.0))


@pytest.fixture(autouse=True)
def _verified(monkeypatch):
    """Every pass under test leaves a well-formed graph."""
    monkeypatch.setattr(passes, "checked", True)


def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def smooth(x):
    return np.sum(np.tanh(x) * np.exp(-(x**2)) + np.log1p(x**2))


def logistic(w):
    return np.mean(np.log1p(np.exp(-SIGNS * (FEATURES @ w))))


def pairwise_energy(x):
    difference = x[:, None] - x[None, :]
    diagonal = np.eye(len(x), dtype=bool)
    distance = np.sqrt(np.where(diagonal, 1.0, np.sum(difference**2, axis=-1)))
    return 0.5 * np.sum(np.where(diagonal, 0.0, 1 / distance))


def network(w1, b1, w2, b2, w3, b3):
    hidden = np.tanh(np.tanh(IMAGES @ w1 + b1) @ w2 + b2)
    scores = hidden @ w3 + b3
    scores = scores - np.max(scores, axis=1, keepdims=True)
    logs = scores - np.log(np.sum(np.exp(scores), axis=1, keepdims=True))
    return -np.mean(logs[np.arange(len(LABELS)), LABELS])


def stencil(x):
    y = np.zeros(6)
    y[0] = x[0] ** 2
    y[1:] += np.sin(x[1:])
    y[:-1] *= y[1:]
    return np.sum(y)


def recurrence(x):
    y = np.zeros(6)
    for k in range(1, 6):
        y[k] = y[k - 1] * x[k] + x[k - 1]
    return y[-1]


def masked(x):
    y = np.where(x > 0.1, np.log(np.abs(x)), x**3)
    return np.sum(np.maximum(y, x) * np.clip(x, -0.5, 0.5))


def second_order_along(f):
    return lambda x, v: cr.jvp(cr.grad(f), (x,), (v,))[1]


def second_order_pulled(f):
    return lambda x, v: cr.grad(lambda x: np.sum(cr.grad(f)(x) * v))(x)


# A program, its inputs, and the most operations that are left of it.
DERIVATIVES = {
    "rosenbrock": (cr.grad(rosenbrock), (X,), 13),
    "rosenbrock_and_value": (cr.value_and_grad(rosenbrock), (X,), 18),
    "rosenbrock_second_order_along": (second_order_along(rosenbrock), (X, V), 22),
    "rosenbrock_second_order_pulled": (second_order_pulled(rosenbrock), (X, V), 19),
    "rosenbrock_hessian": (cr.hessian(rosenbrock), (X,), 18),
    "smooth": (cr.grad(smooth), (X,), 15),
    "logistic": (cr.grad(logistic), (np.linspace(-1, 1, 5),), 9),
    "pairwise_energy": (cr.grad(pairwise_energy), (POINTS,), 23),
    "network": (cr.grad(network, argnums=tuple(range(6))), WEIGHTS, 49),
    "stencil": (cr.grad(stencil), (X,), 30),
    "recurrence": (cr.grad(recurrence), (X,), 60),
    "masked": (cr.grad(masked), (X,), 60),
}


def special(x):
    """Inputs of the same shape with numbers that arithmetic treats in ways of their own."""
    numbers = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 5e-324, -1e-310, 1e308, -1.0])
    return np.resize(RANDOM.permutation(np.concatenate([numbers, x.ravel()[:3]])), x.shape)


def assert_same_bits(found, expected):
    """Results are the same bit by bit, but for the bits of NaNs."""
    for a, b in zip(found, expected, strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_array_equal(a, b)
        numbers = ~np.isnan(b)
        np.testing.assert_array_equal(np.signbit(a)[numbers], np.signbit(b)[numbers])


def unguarded(program):
    """The program with what it looked at left out."""
    outputs = program.graph.outputs[: program.results]
    return Program(Graph(program.graph.inputs, outputs), program.results)


@pytest.mark.parametrize("name", DERIVATIVES)
def test_derivatives(name, record):
    """A derivative loses operations, and none of its bits, at special values neither."""
    f, xs, most = DERIVATIVES[name]
    program = unguarded(record(f, *xs))
    found = optimized(program)

    assert len(found.graph) <= most
    verify(found.graph)
    for inputs in (xs, [special(x) for x in xs], [2 * x for x in xs]):
        assert_same_bits(Interpreted(found)(inputs), Interpreted(program)(inputs))
