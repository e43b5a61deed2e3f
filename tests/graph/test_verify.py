"""Well-formed programs are told from malformed ones."""

import weakref

import numpy as np
import pytest

import chainrule as cr
from chainrule import ops
from chainrule.api.arguments import Call
from chainrule.api.recording import Recording
from chainrule.graph import Graph, Node, ancestors
from chainrule.graph.node import input_node, make_node
from chainrule.graph.replay import replay
from chainrule.graph.verify import verify


def recorded(f, *xs):
    """The graph of a function, as a gradient records it."""
    return Recording(f, Call(f, xs, {}, tuple(range(len(xs))), None)).tape.graph


def program(x, w):
    """Reads, writes, reductions, products, sorting, several results."""
    y = np.zeros((2, 3))
    y[0] = x
    y[1, ::-1] += np.sort(x) * 2
    q, r = np.linalg.qr(y @ w)
    values = np.where(y > 0, y, np.exp(-y)).reshape(3, 2).T
    return values.sum(axis=1) + q[0] * np.diag(r), x[np.array([0, 2])], np.cumsum(y.mean(axis=0))


X, W = np.array([1.0, -2.0, 0.5]), np.arange(6.0).reshape(3, 2) ** 2


def simple():
    """x → sin x → sin x + x, as nodes."""
    x = input_node(np.zeros(3))
    sine = make_node(ops.sin, (x,), (x,), None, {}, (3,), np.dtype(float))
    total = make_node(ops.add, (sine, x), (sine, x), None, {}, (3,), np.dtype(float))
    return x, sine, total


def wrongly(node, field, value):
    """A node that says something false of itself."""
    setattr(node, field, value)
    return node


class TestVerify:
    def test_recorded_programs(self):
        """What a derivative records is well-formed, to second order and in batches."""
        for f in (
            program,
            lambda x, w: (*cr.vmap(program, in_axes=(None, 0))(x, np.stack([np.ones((3, 2)), np.eye(3, 2)])), w),
            lambda x, w: cr.grad(lambda x: np.sum(program(x, w)[0]))(x),
            lambda x, w: cr.checkpoint(program)(x, w),
        ):
            graph = recorded(f, X, W)
            verify(graph)
            assert len(graph) > 0

    def test_constants(self):
        """An output may be a constant, or an input."""
        x = input_node(np.zeros(3))

        verify(Graph([x], [x, np.ones(2), 3.0]))

    @pytest.mark.parametrize(
        ("break_it", "sentence"),
        [
            (lambda x, s, t: ([x, x], [s, t], [t]), "is listed twice"),
            (lambda x, s, t: ([x, s], [t], [t]), "is computed"),
            (lambda x, s, t: ([x], [x, s, t], [t]), "is not listed as an input"),
            (lambda x, s, t: ([x], [s, s, t], [t]), "is listed twice"),
            (lambda x, s, t: ([x], [t, s], [t]), "before that is made"),
            (lambda x, s, t: ([x], [t], [t]), "before that is made"),
            (lambda x, s, t: ([], [s, t], [t]), "before that is made"),
            (lambda x, s, t: ([x], [s], [t]), "is not made in the graph"),
            (lambda x, s, t: ([x], [s, t], [s]), "leads to no output"),
            (lambda x, s, t: ([x], [s, wrongly(t, "shape", (4,))], [t]), "should have shape and dtype"),
            (lambda x, s, t: ([x], [s, wrongly(t, "dtype", np.dtype("f4"))], [t]), "should have shape and dtype"),
        ],
    )
    def test_malformed(self, break_it, sentence):
        """Each way to break a program is found, and named."""
        graph = Graph([], [])
        graph.inputs, graph.nodes, graph.outputs = map(tuple, break_it(*simple()))

        with pytest.raises(AssertionError, match=f"malformed graph: .*{sentence}"):
            verify(graph)


class TestReplay:
    def test_same_numbers(self):
        """A recorded program gives its results again, and those of other inputs."""
        graph = recorded(lambda x, w: program(x, w)[::2], X, W)

        for x in (X, 2 * X):
            for ours, expected in zip(replay(graph, [x, W]), program(x, W)[::2], strict=True):
                np.testing.assert_allclose(ours, expected, rtol=1e-15)

    def test_constants_are_not_overwritten(self):
        """A program that filled a new array fills another one each time."""

        def fill(x):
            y = np.zeros(3)
            for k in range(3):
                y[k] = x[k] + y[k - 1]
            return y

        graph = recorded(fill, X)

        for _ in range(2):
            assert replay(graph, [X])[0].tolist() == fill(X).tolist()

    def test_constant_outputs(self):
        """A constant, and an input, are given back."""
        x = input_node(np.zeros(3))

        assert replay(Graph([x], [x, 3.0]), ["value"]) == ["value", 3.0]

    def test_values_are_let_go(self, monkeypatch):
        """A long chain holds one value at a time."""
        alive = []

        def watched(x):
            y = np.sin(x)
            alive.append(weakref.ref(y))
            assert sum(reference() is not None for reference in alive) <= 2
            return y

        graph = recorded(lambda x: [x := np.sin(x) for _ in range(50)][-1], X)
        monkeypatch.setattr(ops.sin, "evaluate", watched)
        replay(graph, [X])
        assert len(alive) == 50


def test_ancestors():
    """Every node that an output was made from comes once, operands before users; what is not needed is left out."""
    x, sine, total = simple()
    unused = make_node(ops.cos, (total,), (total,), None, {}, (3,), np.dtype(float))

    assert ancestors([total, sine]) == [x, sine, total]
    assert unused not in Graph([x], [total]).nodes
    assert all(type(node) is Node for node in ancestors([unused]))
    assert ancestors([]) == []
