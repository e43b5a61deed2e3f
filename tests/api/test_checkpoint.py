"""Checkpointed functions: the same numbers as without, in every mode, and no memory between forward and pull."""

import functools
import weakref

import numpy as np
import pytest

import chainrule as cr
from chainrule.graph.replay import replay
from chainrule.graph.verify import verify

RNG = np.random.default_rng(5)
X = RNG.normal(size=4)


def plain(f):
    """In place of `cr.checkpoint`: the function itself."""
    return f


def straight(wrap):
    """Two layers, one function used twice."""

    def layer(h):
        t = np.zeros(4)
        t[:2] = h[:2] * 2
        t[2:] = np.sin(h[2:])
        return np.exp(t) * h

    layer = wrap(layer)
    return lambda x: np.sum(layer(layer(x)) ** 2)


def branching(wrap):
    """Control flow that depends on values."""

    def layer(h, depth):
        while np.abs(h).max() > 0.5 and depth > 0:
            h = h * 0.7 if h[0] > 0 else np.tanh(h) * 0.9
            depth -= 1
        return h[: int(abs(h[1]) + 2)]

    layer = wrap(layer)
    return lambda x: np.sum(layer(x * 3, 7) * np.arange(1.0, 3.0)) ** 2


def trees(wrap):
    """Containers and keywords in, containers out."""

    def layer(p, *, scale, mode="sin"):
        y = getattr(np, mode)(p["h"]) * p["w"][0]
        return {"y": [y * scale, y.sum()], "n": 3, "none": None}

    layer = wrap(layer)

    def f(x):
        out = layer({"h": x, "w": (x[::-1] * 2, None)}, scale=x[0])
        again = layer({"h": out["y"][0], "w": (np.arange(4.0), None)}, scale=2.0, mode="tanh")
        return out["y"][1] * again["y"][0].sum() * again["n"]

    return f


def closing(wrap):
    """A function that closes over traced values, constants and a captured array."""
    captured = np.arange(1.0, 5.0)

    def f(x):
        w = x**2
        s = x[0] * 3

        @wrap
        def body(h):
            return np.tanh(h * w) * s + captured * h

        return np.sum(body(x) * body(w))

    return f


def no_arguments(wrap):
    """Everything comes from the closure."""

    def f(x):
        w = np.sin(x)
        return wrap(lambda: np.sum(w * x * np.exp(w)))() ** 2

    return f


def partial(wrap):
    """A partial that binds a traced value."""

    def layer(w, h):
        return w * np.tanh(h)

    return lambda x: np.sum(wrap(functools.partial(layer, x**2))(x))


def mutating(wrap):
    """Writes to arguments, to views of them, and to arrays of the enclosing function."""

    def f(x):
        buffer = np.zeros(4)
        row = x * 1.0

        def body(h, view):
            buffer[0] = h[0] ** 2
            h[1] = h[0] * 3
            view *= h[1]
            buffer[1] = buffer[0] * 2
            return h * 2

        y = wrap(body)(row, row[2:])
        return np.sum(y * x) + buffer[0] * x[2] + buffer[1] * row[1] + np.sum(row**2)

    return f


def reading_before_writing(wrap):
    """An element is read as it is before it is written: 0, whatever the buffer holds later."""

    def body(x):
        y = np.zeros(3)
        y[0] = x[0]
        before = y[1] + 0.0
        y[1] = before + 5 * x[1]
        y[2] = y[1] + before
        return y

    body = wrap(body)
    return lambda x: np.sum(body(x) ** 2 * x[:3])


def discrete(wrap):
    """Masks, orders and indices that are computed inside."""

    def body(x):
        order = np.argsort(x)
        mask = x > np.mean(x)
        picked = np.where(mask, x**2, -x)[order]
        order[0] = 3
        return np.maximum(picked * x[order], 0.1) + np.sort(x)

    body = wrap(body)
    return lambda x: np.sum(body(x) * np.arange(1.0, 5.0))


def returning_what_it_got(wrap):
    """A function that returns its argument, a view of it, and what it closes over."""

    def f(x):
        w = x * 2

        def body(h):
            return h, h[1:], w, 1.5, np.arange(4)

        h, part, outer, number, table = wrap(body)(x)
        return np.sum(h * outer * table) + np.sum(part) * number

    return f


def nested(wrap):
    """Checkpoints in checkpoints, and derivatives inside."""

    def inner(h):
        return np.tanh(h) * h

    def outer(h):
        g = wrap(inner)(h)
        slope = cr.grad(lambda z: np.sum(wrap(inner)(z * h)))(g)
        _, tangent = cr.jvp(wrap(inner), (h,), (g,))
        return g + slope * tangent

    return lambda x: np.sum(wrap(outer)(x) ** 2)


def stopping(wrap):
    """Values held constant inside."""

    def body(h):
        return cr.stop_gradient(h) * h + cr.stop_gradient(np.exp(h))

    body = wrap(body)
    return lambda x: np.sum(body(x) ** 2)


def scalars(wrap):
    """Numbers in, Python numbers on the way."""

    def body(a, b):
        return float(a) * b**2 if a > b else a + b

    body = wrap(body)
    return lambda x: body(x[0], x[1]) * body(x[2], x[3]) + body(2.0, 1.0)


PROGRAMS = [
    straight,
    branching,
    trees,
    closing,
    no_arguments,
    partial,
    mutating,
    reading_before_writing,
    discrete,
    returning_what_it_got,
    nested,
    stopping,
    scalars,
]


@pytest.mark.parametrize("program", PROGRAMS)
class TestSameNumbers:
    """Every derivative of a checkpointed program is that of the program."""

    def test_outside(self, program):
        """Without a derivative a checkpointed function is the function."""
        assert program(cr.checkpoint)(X) == program(plain)(X)

    def test_reverse(self, program):
        """grad, and a vjp whose pull is called twice."""
        f, reference = program(cr.checkpoint), program(plain)
        value, gradient = cr.value_and_grad(reference)(X)

        assert cr.value_and_grad(f)(X)[0] == value
        np.testing.assert_allclose(cr.grad(f)(X), gradient, rtol=1e-14)
        y, pull = cr.vjp(f, X)
        assert y == value
        np.testing.assert_allclose(pull(1.0)[0], gradient, rtol=1e-14)
        np.testing.assert_allclose(pull(2.0)[0], 2 * gradient, rtol=1e-14)

    def test_forward(self, program):
        """jvp, and the push of linearize."""
        f, reference = program(cr.checkpoint), program(plain)
        v = np.linspace(1, 2, 4)
        _, expected = cr.jvp(reference, (X,), (v,))

        assert cr.jvp(f, (X,), (v,))[1] == expected
        np.testing.assert_allclose(cr.linearize(f, X)[1](v), expected, rtol=1e-14)

    def test_second_order(self, program):
        """All four combinations of modes."""
        f, reference = program(cr.checkpoint), program(plain)
        expected = cr.hessian(reference)(X)

        for order in ("reverse", "forward"):
            for outer in ("reverse", "forward"):
                hessian = cr.jacobian(cr.jacobian(f, order=order), order=outer)(X)
                np.testing.assert_allclose(hessian, expected, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(cr.hvp(f)(X, X), expected @ X, rtol=1e-12, atol=1e-12)

    @pytest.mark.filterwarnings("ignore::chainrule.errors.LaneByLaneWarning")
    def test_batches(self, program):
        """vmap of grad, grad of vmap, and the Hessian of vmap."""
        f, reference = program(cr.checkpoint), program(plain)
        xs = np.stack([X, X + 0.125, X * 0.75])
        expected = np.stack([cr.grad(reference)(x) for x in xs])

        np.testing.assert_allclose(cr.vmap(f)(xs), [reference(x) for x in xs], rtol=1e-14)
        np.testing.assert_allclose(cr.vmap(cr.grad(f))(xs), expected, rtol=1e-13, atol=1e-14)
        np.testing.assert_allclose(cr.grad(lambda xs: np.sum(cr.vmap(f)(xs)))(xs), expected, rtol=1e-13, atol=1e-14)
        whole = cr.hessian(lambda xs: np.sum(cr.vmap(f)(xs)))(xs)
        for k, x in enumerate(xs):
            np.testing.assert_allclose(whole[k, :, k], cr.hessian(reference)(x), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("program", PROGRAMS)
def test_recorded_graphs_are_well_formed(program, monkeypatch):
    """What a checkpoint records passes verification, and is what is run again."""
    seen = []

    def verified(graph, inputs):
        verify(graph)
        seen.append(graph)
        return replay(graph, inputs)

    monkeypatch.setattr("chainrule.transforms.checkpoint.replay", verified)

    np.testing.assert_allclose(cr.grad(program(cr.checkpoint))(X), cr.grad(program(plain))(X), rtol=1e-14)
    assert all(len(graph) > 0 for graph in seen)
    assert seen or program is returning_what_it_got


def test_checkpointed_vmap():
    """The checkpoint of a batched function, too: inside and outside commute."""

    def f(x):
        return np.sum(cr.checkpoint(cr.vmap(lambda z: np.tanh(z) * z))(x) ** 2)

    expected = 2 * np.tanh(X) * X * (np.tanh(X) + X / np.cosh(X) ** 2)
    # d/dz (z tanh z)² = 2 z tanh z (tanh z + z / cosh² z).
    np.testing.assert_allclose(cr.grad(f)(X), expected, rtol=1e-13)


def test_python_runs_once():
    """What the function prints, counts or draws at random happens once, and the same numbers are differentiated."""
    draws = []

    @cr.checkpoint
    def noisy(x):
        draws.append(np.random.default_rng().normal())
        return x * draws[-1]

    gradient = cr.grad(lambda x: noisy(x) ** 2)(3.0)

    assert len(draws) == 1
    assert gradient == pytest.approx(2 * 3.0 * draws[0] ** 2, rel=1e-14)


def test_writes_outside_of_derivatives():
    """Outside of derivatives a checkpointed function writes to what it is given, like the function itself."""
    x = np.ones(2)

    @cr.checkpoint
    def double(x):
        x *= 2

    double(x)

    assert x.tolist() == [2.0, 2.0]


def test_exception_inside():
    """An exception passes through; what was written before it is there, with its derivative."""

    def f(x):
        buffer = np.zeros(2)

        def body(h):
            buffer[0] = h**2
            h = h * 2
            raise ValueError("stop")

        try:
            cr.checkpoint(body)(x)
        except ValueError:
            buffer[1] = x
        return buffer[0] * buffer[1]

    assert cr.grad(f)(2.0) == 12.0


def test_value_that_escapes():
    """A value that leaves a checkpointed function through a list raises at its next use, and says why."""

    def f(x):
        kept = []

        @cr.checkpoint
        def body(h):
            kept.append(h * 2)
            return h

        return body(x) * kept[0]

    with pytest.raises(cr.errors.EndedLevelError, match="a value from inside a function wrapped") as caught:
        cr.grad(f)(2.0)
    assert "return body(x) * kept[0]" in str(caught.value)


def test_foreign_code_on_constants():
    """Constants stay plain numbers inside: foreign functions may be called on them."""
    import statistics

    weights = np.array([1.0, 2.0, 3.0, 4.0])

    @cr.checkpoint
    def body(x, w, n):
        return x * statistics.fmean(w.tolist()) * [10.0, 20.0][n]

    assert cr.grad(lambda x: np.sum(body(x, weights, 1)))(X).tolist() == [50.0] * 4


def test_missing_rule_inside():
    """An operation without a rule is refused where it stands, not later."""

    @cr.custom
    def opaque(x):
        return x

    def body(x):
        return opaque(x)

    with pytest.raises(cr.errors.NoRuleError, match="return opaque"):
        cr.grad(lambda x: cr.checkpoint(body)(x))(1.0)


def test_nothing_inside_is_kept(monkeypatch):
    """Between forward and pull no array that was made inside is alive, at any depth; without checkpoints all are."""
    alive = []
    original = cr.ops.tanh.evaluate

    def watched(x):
        y = original(x)
        alive.append(weakref.ref(y))
        return y

    def count():
        return sum(reference() is not None for reference in alive)

    monkeypatch.setattr(cr.ops.tanh, "evaluate", watched)

    def deep(wrap):
        def block(x):
            for _ in range(10):
                x = np.tanh(x)
            return x * 1.0

        def f(x):
            for _ in range(5):
                x = wrap(block)(x)
            return np.sum(x)

        return f

    _, pull = cr.vjp(deep(plain), np.ones(100))
    assert count() == 50
    expected = pull(1.0)[0]
    del pull
    assert count() == 0

    _, pull = cr.vjp(deep(cr.checkpoint), np.ones(100))
    assert count() == 0
    np.testing.assert_array_equal(pull(1.0)[0], expected)
    assert count() == 0

    _, pull = cr.vjp(cr.checkpoint(deep(cr.checkpoint)), np.ones(100))
    assert count() == 0
    np.testing.assert_array_equal(pull(1.0)[0], expected)


def test_work_is_done_twice_and_not_more(monkeypatch):
    """A gradient runs each operation inside once forward and once for the pull."""
    runs = []
    original = cr.ops.tanh.evaluate
    monkeypatch.setattr(cr.ops.tanh, "evaluate", lambda x: runs.append(None) or original(x))

    cr.grad(lambda x: np.sum(cr.checkpoint(np.tanh)(x)))(X)
    assert len(runs) == 2

    runs.clear()
    cr.vmap(cr.grad(lambda x: np.sum(cr.checkpoint(np.tanh)(x))))(np.stack([X, X]))
    assert len(runs) == 2
