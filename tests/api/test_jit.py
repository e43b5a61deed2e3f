"""Compiled functions: they return what the function returns, whatever branch its arguments take."""

import functools
import math
import os
import threading
import warnings
from contextlib import nullcontext
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import ArgumentError, JitMismatchError, NotCompiledWarning

RNG = np.random.default_rng(0)


def assert_same(found, expected):
    """Equal types, dtypes, shapes and numbers, to a few units in the last place."""
    assert type(found) is type(expected)
    if isinstance(expected, tuple | list):
        assert len(found) == len(expected)
        for x, y in zip(found, expected, strict=True):
            assert_same(x, y)
    elif isinstance(expected, dict):
        assert found.keys() == expected.keys()
        for key in expected:
            assert_same(found[key], expected[key])
    elif isinstance(expected, np.ndarray | np.generic):
        assert found.dtype == expected.dtype
        assert np.shape(found) == np.shape(expected)
        np.testing.assert_allclose(found, expected, rtol=1e-5 if expected.dtype.char in "fF" else 1e-12, atol=1e-13)
    elif isinstance(expected, float | complex):
        assert found == pytest.approx(expected, rel=1e-13, abs=1e-14, nan_ok=True)
    else:
        assert found == expected


def assert_compiled(f, *calls):
    """Calls one after another, each twice, give what the function gives, without a fall-back to ordinary runs."""
    compiled = cr.jit(f)
    with warnings.catch_warnings():
        warnings.simplefilter("error", NotCompiledWarning)
        for args in (*calls, *calls):
            assert_same(compiled(*args), f(*args))
    assert "as it is" not in compiled.report()
    return compiled


def newton(a):
    x = a
    while abs(x * x - a) > 1e-12 * a:
        x = x - (x * x - a) / (2 * x)
    return x


def bisection(f, low, high):
    while high - low > 1e-9:
        middle = (low + high) / 2
        if f(middle) * f(low) <= 0:
            high = middle
        else:
            low = middle
    return low


def escape_time(c):
    z, n = 0j, 0
    while abs(z) <= 2 and n < 30:
        z = z * z + c
        n += 1
    return n, z


def piecewise(x):
    if x[0] > 1:
        return x.sum()
    if x[0] > 0:
        return (x**2).sum()
    return np.exp(x).sum()


def line_search(x):
    g = 2 * x
    t = 1.0
    while ((x - t * g) ** 2).sum() > (x**2).sum() - 0.3 * t * (g**2).sum():
        t *= 0.5
    return x - t * g, t


class TestBranches:
    """No branch is frozen: inputs that take other branches are recorded on their own."""

    def test_newton_converges_for_each_input(self):
        """A Newton iteration to convergence takes as many steps as each input needs."""
        compiled = assert_compiled(newton, (2.0,), (3.0,), (100.0,), (2.5,), (1e-6,))
        assert compiled(2.0) == pytest.approx(2**0.5)

    def test_bisection(self):
        """A bisection goes its own way for each root, until that takes more recordings than are kept."""
        compiled = cr.jit(lambda a: bisection(lambda x: x * x - a, 0.0, 2.0))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotCompiledWarning)
            for a in np.linspace(0.1, 3.9, 25).tolist() * 2:
                assert compiled(a) == pytest.approx(a**0.5, abs=1e-8)

    def test_piecewise(self):
        """Each piece of a piecewise function is taken where it applies."""
        calls = [(np.array([v, 1.0]),) for v in (2.0, 0.5, -1.0, 3.0, 0.1, -2.0, np.nan)]
        compiled = assert_compiled(piecewise, *calls)
        assert compiled.report().count("operations") == 3

    def test_escape_loop(self):
        """An escape loop counts the steps of each point."""
        assert_compiled(escape_time, *((c,) for c in (0.1 + 0.1j, 1 + 1j, 0.3 + 0.5j, -2.1 + 0j, 0.4 + 0.4j)))

    def test_line_search(self):
        """A line search halves the step as often as each start needs."""
        assert_compiled(line_search, (np.ones(3),), (np.array([3.0, -4.0]),), (np.array([1e-3, 5.0]),))

    def test_gradients_take_the_branch_of_the_input(self):
        """The gradient of a piecewise function is that of the piece at each point."""
        compiled = cr.jit(cr.grad(piecewise))
        for v, expected in ((2.0, [1, 1]), (0.5, [1, 2]), (-1.0, [np.exp(-1), np.e]), (3.0, [1, 1])):
            np.testing.assert_allclose(compiled(np.array([v, 1.0])), expected, rtol=1e-14)

    def test_number_of_iterations_may_be_an_argument(self):
        """An integer argument is looked at where it counts a loop."""

        def power(x, n):
            y = x
            for _ in range(n):
                y = y * x
            return y

        assert_compiled(power, (np.array([1.5, 2.0]), 3), (np.array([1.5, 2.0]), 0), (np.array([2.5, 2.0]), 3))

    @pytest.mark.parametrize("convert", [int, round, np.floor, lambda x: int(x) % 2, lambda x: f"{int(x)}"])
    def test_integers_of_numbers(self, convert):
        """An integer made of a number is that of each number, not of the first."""
        assert_compiled(convert, (2.5,), (3.5,), (2.7,), (-1.5,))

    def test_masks_of_varying_count(self):
        """A boolean mask selects what it holds for, whatever its count."""

        def positive(x):
            y = x.copy()
            y[x > 1] = 7.0
            y[x < 0] *= 2
            return x[x > 0], np.nonzero(x > 0)[0], np.flatnonzero(x), np.compress(x > 0, x), np.argwhere(x > 0), y

        calls = [(np.array(v),) for v in ([1.0, -2, 3], [-1.0, 2, 3], [1.0, 2, 3], [-1.0, -1, -1], [3.0, -2, 0])]
        compiled = assert_compiled(positive, *calls)
        assert compiled.report().count("operations") <= 5

    def test_masks_of_equal_count_share_a_recording(self):
        """Only the count of a mask is looked at, not where it holds."""
        compiled = assert_compiled(lambda x: x[x > 0], *((np.roll([1.0, -1, -1, 2], k),) for k in range(4)))
        assert compiled.report().count("operations") == 1


class TestPrograms:
    """Programs that write into arrays."""

    def test_stencil(self):
        """A stencil with views, repeated, is the array program."""

        def heat(u):
            for _ in range(4):
                u[1:-1] += 0.1 * (u[2:] - 2 * u[1:-1] + u[:-2])
            return u

        u = RNG.standard_normal(8)
        before = u.copy()
        compiled = cr.jit(heat)
        for x in (u, 2 * u, u):
            np.testing.assert_allclose(compiled(x), heat(x.copy()), rtol=1e-14)
        np.testing.assert_array_equal(u, before)

    def test_triangular_solve(self):
        """A triangular solve by loops solves the system."""

        def solve(a, b):
            x = np.zeros_like(b)
            for k in range(len(b)):
                x[k] = (b[k] - a[k, :k] @ x[:k]) / a[k, k]
            return x

        compiled = cr.jit(solve)
        for _ in range(3):
            a, b = np.tril(RNG.standard_normal((5, 5))) + 3 * np.eye(5), RNG.standard_normal(5)
            np.testing.assert_allclose(a @ compiled(a, b), b, rtol=1e-12)

    def test_recurrence_fills_an_array(self):
        """A recurrence that fills an array element by element, and a look at it in between."""

        def logistic(r):
            x = np.empty(20)
            x[0] = 0.3
            for k in range(19):
                x[k + 1] = r * x[k] * (1 - x[k])
                if x[k + 1] > 0.9:
                    x[k + 1] = 0.9
            return x

        assert_compiled(logistic, (1.5,), (2.5,), (3.9,), (1.6,))

    def test_looked_at_and_overwritten_later(self):
        """What Python looked at may be overwritten afterwards: the look is at what was there."""

        def f(x):
            y = np.zeros(2)
            y[0] = x[0]
            if y.any():
                y[0] = -5.0
            y += 1
            return y

        assert_compiled(f, (np.array([1.0, 2.0]),), (np.array([0.0, 2.0]),), (np.array([3.0, 2.0]),))


weights = np.array([1.0, 2.0])
factor = 2.0


def helper(x):
    return factor * x


class TestSurroundings:
    """What is read beside the arguments."""

    def test_captured_arrays_are_live(self, monkeypatch):
        """A global array is read at each call, changed in place or rebound, by the same recording."""
        monkeypatch.setitem(globals(), "weights", np.array([1.0, 2.0]))
        compiled = cr.jit(cr.grad(lambda x: (weights * x).sum()))
        x = np.ones(2)
        np.testing.assert_array_equal(compiled(x), [1, 2])
        weights[0] = 5.0
        np.testing.assert_array_equal(compiled(x), [5, 2])
        monkeypatch.setitem(globals(), "weights", weights - 1.0)
        np.testing.assert_array_equal(compiled(x), [4, 1])
        assert compiled.report().count("operations") == 1
        monkeypatch.setitem(globals(), "weights", np.float32(weights))
        assert compiled(x).dtype == np.float64

    def test_arrays_of_closures_are_live(self):
        """The same holds for a variable of an enclosing function."""
        w = np.array([1.0, 2.0])
        compiled = cr.jit(lambda x: w * x)
        for _ in range(3):
            np.testing.assert_array_equal(compiled(np.ones(2)), w)
            w = w + 1
        assert compiled.report().count("operations") == 1

    def test_numbers_and_functions_are_watched(self, monkeypatch):
        """A changed global number or function is seen; the old one finds the old recording again."""
        monkeypatch.setitem(globals(), "factor", 2.0)
        compiled = cr.jit(lambda x: helper(x))
        assert compiled(3.0) == 6.0
        monkeypatch.setitem(globals(), "factor", 4.0)
        assert compiled(3.0) == 12.0
        monkeypatch.setitem(globals(), "factor", 2.0)
        assert compiled(3.0) == 6.0
        assert compiled.report().count("operations") == 2
        monkeypatch.setitem(globals(), "helper", lambda x: x + 1)
        assert compiled(3.0) == 4.0

    def test_signed_zero_is_watched(self):
        """0.0 and -0.0 are different numbers."""
        zero = 0.0
        compiled = cr.jit(lambda x: np.copysign(x, zero))
        assert compiled(3.0) == 3.0
        zero = -0.0
        assert compiled(3.0) == -3.0

    def test_defaults(self):
        """Defaults are read at each call."""

        def f(x, w=np.ones(2), *, n=1):  # noqa: B008  # what is tested
            return x * w + n

        compiled = cr.jit(f)
        np.testing.assert_array_equal(compiled(np.ones(2)), [2, 2])
        f.__defaults__[0][:] = 3.0
        f.__kwdefaults__["n"] = 5
        np.testing.assert_array_equal(compiled(np.ones(2)), [8, 8])

    def test_attributes_and_entries_are_watched(self):
        """What objects, classes, lists and dicts hold is read at each call, arrays as inputs."""

        class Model:
            rate = 2.0

            def __init__(self):
                self.w = np.array([1.0, 2.0])

            def shifted(self, x):
                return x + 1.0

        class Slotted:
            __slots__ = ("s",)

        model, slotted = Model(), Slotted()
        slotted.s = 1.0
        table, layers = {"a": 1.0, "v": np.ones(2)}, [1.0, 2.0]

        def f(x):
            total = sum(layers) + len(layers) + sum(table[name].sum() for name in ("v",))
            return model.shifted(model.rate * x * model.w) + table["a"] + slotted.s + table.get("b", 0.5) + total

        compiled = cr.jit(f)

        def change():
            yield
            model.w = model.w - 1.0
            yield 0
            table["v"] = table["v"] * 3.0
            yield 0
            model.rate = 4.0
            yield
            Model.rate = 9.0
            yield 0
            del model.rate
            yield
            slotted.s = -1.0
            yield
            table["a"] = 7.0
            yield
            table["b"] = 5.0
            yield
            layers[0] = 3.0
            yield
            layers.append(4.0)
            yield
            Model.shifted = lambda self, x: x - 1.0
            yield

        count = 0
        for step in change():
            for _ in range(2):
                np.testing.assert_array_equal(compiled(np.ones(2)), f(np.ones(2)))
            count += step is None
            assert len(compiled.specialisations) == count

    def test_changes_of_containers_are_effects(self):
        """A function that takes items from a list outside of it takes them at each call."""
        queue = [1.0, 2.0, 3.0, 4.0]
        compiled = cr.jit(lambda x: x * queue.pop())
        with pytest.warns(NotCompiledWarning):
            assert [compiled(1.0) for _ in range(4)] == [4, 3, 2, 1]

    def test_texts(self):
        """A text that is returned is that of each number."""
        assert_compiled(lambda x: (f"{x:.3f}", x * 2), (1.5,), (2.5,))

    def test_builtins_may_be_hidden(self, monkeypatch):
        """A global that comes to hide a builtin is seen."""
        compiled = cr.jit(lambda x: abs(x))
        assert compiled(-2.0) == 2.0
        monkeypatch.setitem(globals(), "abs", lambda x: x)
        assert compiled(-2.0) == -2.0

    def test_arrays_in_sets_of_libraries_are_live_by_identity(self):
        """An array that is reached otherwise is read live, and named in the report."""
        pair = (np.array([1.0, 2.0]), "text")
        compiled = cr.jit(lambda x: pair[0] * x)
        np.testing.assert_array_equal(compiled(np.ones(2)), [1, 2])
        pair[0][:] = 3.0
        np.testing.assert_array_equal(compiled(np.ones(2)), [3, 3])
        assert "an object or a container" in compiled.report()

    def test_methods(self):
        """A method is compiled for each instance."""

        class Scaler:
            def __init__(self, factor):
                self.factor = factor

            @cr.jit
            def scale(self, x):
                return self.factor * x

        for k in (2.0, 3.0, 2.0):
            np.testing.assert_array_equal(Scaler(k).scale(np.ones(2)), [k, k])

    def test_callable_objects_and_partials(self):
        """Whatever can be called can be compiled."""

        class Shift:
            def __call__(self, x):
                return x + 1

        assert cr.jit(Shift())(1.0) == 2.0
        assert cr.jit(functools.partial(lambda a, x: a * x, 3.0))(2.0) == 6.0
        np.testing.assert_array_equal(cr.jit(np.sin)(np.zeros(2)), [0, 0])


class Pair(NamedTuple):
    a: object
    b: object


@dataclass
class Point:
    x: object
    y: object


class TestArguments:
    """Kinds of arguments and results."""

    def test_trees(self):
        """Containers of arrays and numbers go in and come out."""

        def f(p, q):
            return {"s": p["w"] @ p["b"], "t": [q.a, q.b + 1], "u": None, "v": "text"}

        for scale in (1.0, 2.0):
            p = {"w": scale * np.eye(2), "b": np.ones(2)}
            assert_same(cr.jit(f)(p, Pair(1, scale)), f(p, Pair(1, scale)))
        assert cr.jit(lambda p: Point(p.y, 2 * p.x))(Point(1.0, 2.0)) == Point(2.0, 2.0)

    def test_dataclasses(self):
        """What a dataclass among the arguments holds is an argument, in derivatives too; writes stay in the call."""

        def f(points, scale):
            first = points[0]
            first.x = scale * first.x
            return np.sum(first.x * first.y), first, points

        def g(point):
            return np.sum(point.x * np.sin(point.y))

        compiled, gradient = cr.jit(f), cr.jit(cr.grad(g))
        for x in (np.ones(2), np.array([2.0, 3.0]), np.zeros(2)):
            y = x + 0.5
            total, first, points = compiled([Point(x, y), 2.0], 3.0)
            assert (total, type(first), first is points[0]) == (3 * np.sum(x * y), Point, False)
            assert_same((first.x, first.y, points[0].x), (3 * x, y, 3 * x))
            slope = gradient(Point(x, y))
            assert_same((slope.x, slope.y), (np.sin(y), x * np.cos(y)))
        assert len(compiled.specialisations) == len(gradient.specialisations) == 1

    def test_keywords_and_defaults(self):
        """Arguments may be passed by keyword or left away."""
        compiled = cr.jit(lambda x, *, n=2, flag=False: x + n if flag else x - n)
        assert [compiled(1.0), compiled(1.0, n=5), compiled(1.0, flag=True), compiled(x=1.0, n=4)] == [-1, -4, 3, -3]

    @pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex64, np.complex128, np.int32, bool])
    def test_dtypes(self, dtype):
        """Each dtype is computed in as NumPy does, and Python numbers give way to it."""
        x = np.array([0, 1, 1]).astype(dtype)
        assert_compiled(lambda x, s: (x * s, x + x, np.where(x > 0, x, s), x[1] * s), (x, 2.5), (x[::-1].copy(), 1.5))

    @pytest.mark.parametrize(
        "x",
        [
            np.array(2.0),
            np.zeros((0, 3)),
            np.arange(12.0)[::2],
            np.asfortranarray(np.arange(6.0).reshape(2, 3)),
            np.arange(6.0).reshape(2, 3)[::-1, ::-1],
            np.broadcast_to(3.0, (2, 2)),
            np.arange(3).astype(">f8"),
            np.ma.masked_array([1.0, 2.0], [True, False]),
            np.float32(1.5),
            np.int64(3),
        ],
        ids=str,
    )
    def test_layouts_and_classes(self, x):
        """Arrays of any layout, order of bytes or class, and NumPy's numbers, give what the function gives."""
        f = cr.jit(lambda x: (2 * x, x.sum(), np.ravel(x, "K")))
        for _ in range(2):
            found, expected = f(x), (2 * x, x.sum(), np.ravel(x, "K"))
            for a, b in zip(found, expected, strict=True):
                assert type(a) is type(b)
                np.testing.assert_array_equal(a, b)

    def test_results_have_memory_of_their_own(self):
        """What is returned may be written to, and nothing else changes."""
        x = np.ones(3)
        compiled = cr.jit(lambda x: (x, x[1:], weights))
        for _ in range(2):
            results = compiled(x)
            for result in results:
                result[:] = -1
        np.testing.assert_array_equal(x, 1)
        assert (weights > 0).all()

    def test_python_numbers_follow_pythons_rules(self):
        """Among Python numbers the results are Python's: classes, errors and complex powers."""
        for f in (lambda x: x * 2 + 1, lambda x: x // 0.7, lambda x: x**0.5, lambda x: -x, lambda x: 7 / x, divmod):
            args = [(2.0, 3.0), (-4.0, 3.0)] if f is divmod else [(2.0,), (3.5,), (-8.0,)]
            assert_compiled(f, *args)
        compiled = cr.jit(lambda x: 1 / x)
        assert compiled(2.0) == 0.5
        with pytest.raises(ZeroDivisionError):
            compiled(0.0)
        assert_compiled(lambda n: n**50 + 1, (2,), (10,))
        assert_compiled(lambda n: n / 3, (2,), (10,))

    def test_integers_repeat_sequences(self):
        """A list times an integer, of Python's or NumPy's, is repeated."""
        assert_compiled(lambda n: ([1.5] * n, n * (2,), "ab" * n, [1] + [0] * (n - 1)), (2,), (3,), (2,))
        assert_compiled(lambda x: [0.5] * np.argmax(x), (np.array([1.0, 2.0]),), (np.array([3.0, 2.0]),))
        with pytest.raises(TypeError):
            cr.jit(lambda x, y: x + y)(2.0, [1.0])

    def test_math_refuses_what_it_refuses(self):
        """`math` raises where it does, and computes elsewhere."""
        import math

        compiled = cr.jit(lambda x: math.sqrt(x) + math.exp(x) + math.floor(x))
        for x in (2.0, 3.0, 2.1):
            assert compiled(x) == pytest.approx(math.sqrt(x) + math.exp(x) + math.floor(x), rel=1e-15)
        with pytest.raises(ValueError, match=r"math domain error|expected a nonnegative"):
            compiled(-1.0)

    def test_static_arguments(self):
        """A static argument has recordings of its own for each value."""
        compiled = cr.jit(lambda x, order: x**order, static_argnames="order")
        assert [compiled(3.0, 2), compiled(3.0, 3), compiled(2.0, order=2)] == [9.0, 27.0, 4.0]
        with pytest.raises(ArgumentError, match="no parameter `orders`"):
            cr.jit(lambda x, order: x, static_argnames=("orders",))

    def test_strings_and_flags(self):
        """Strings, booleans and None choose by value."""

        def f(x, how, flag, other):
            return (x if how == "plain" else -x) * (2 if flag else 1) + (0 if other is None else other)

        assert_compiled(f, (1.0, "plain", True, None), (1.0, "minus", True, 2.0), (1.0, "plain", False, None))

    def test_leaks_answer(self):
        """Foreign code that asks for plain numbers gets them, for each input its own."""

        def f(x):
            return x * len(x.tolist()) + float(np.asarray(x)[0]) + x[1].item()

        assert_compiled(f, (np.array([1.0, 2.0]),), (np.array([3.0, 2.0]),))


class TestDerivatives:
    """Derivatives compiled, and of compiled functions."""

    def test_gradients(self):
        """The gradient of the Rosenbrock function is its closed form."""

        def rosenbrock(x):
            return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()

        def closed_form(x):
            g = np.zeros_like(x)
            g[:-1] = -400 * x[:-1] * (x[1:] - x[:-1] ** 2) - 2 * (1 - x[:-1])
            g[1:] += 200 * (x[1:] - x[:-1] ** 2)
            return g

        compiled, both = cr.jit(cr.grad(rosenbrock)), cr.jit(cr.value_and_grad(rosenbrock))
        for _ in range(3):
            x = RNG.standard_normal(5)
            np.testing.assert_allclose(compiled(x), closed_form(x), rtol=1e-12)
            value, gradient = both(x)
            np.testing.assert_allclose(gradient, closed_form(x), rtol=1e-12)
            assert value == pytest.approx(rosenbrock(x))

    @pytest.mark.parametrize(
        "transformed",
        [
            lambda f: cr.hessian(f),
            lambda f: cr.jacobian(lambda x: np.sin(x) * x[0]),
            lambda f: lambda x: cr.jvp(f, (x,), (np.cos(x),)),
            lambda f: lambda x: cr.vmap(cr.grad(f))(np.stack([x, 2 * x])),
            lambda f: lambda x: cr.vmap(cr.jacobian(lambda y: np.outer(y, y)))(np.stack([x, 2 * x])),
            lambda f: lambda x: cr.hvp(f)(x, x),
            lambda f: lambda x: cr.grad(lambda y: (cr.grad(f)(y) ** 2).sum())(x),
            lambda f: cr.grad(cr.jit(f)),
            lambda f: cr.grad(lambda x: cr.checkpoint(f)(x) * 2),
            lambda f: cr.elementwise_grad(np.tanh),
            lambda f: lambda x: cr.vjp(np.sin, x)[1](np.where(x > 0, x, 0.0)),
            lambda f: lambda x: cr.stop_gradient(x) * x,
        ],
    )
    def test_transformations(self, transformed):
        """Each transformation, compiled, gives at other points what it gives there uncompiled."""

        def f(x):
            return (np.exp(0.1 * x) * np.maximum(x, 0.5) * x[::-1]).sum()

        assert_compiled(transformed(f), *((x,) for x in RNG.standard_normal((3, 4))))

    def test_gradients_of_compiled_functions(self):
        """A derivative goes through a compiled function, and one compiled function through another."""
        inner = cr.jit(lambda x: x**3)
        derivative = cr.grad(inner)
        assert derivative(2.0) == derivative(2.0) == 12.0
        assert "operations" in derivative.report()
        assert cr.jit(lambda x: inner(x) + 1)(2.0) == 9.0
        assert cr.grad(cr.jit(lambda x: inner(x) ** 2))(1.0) == 6.0
        np.testing.assert_array_equal(cr.vmap(inner)(np.array([1.0, 2.0])), [1, 8])


class TestFallBacks:
    """What is not compiled runs as it is, and says so once."""

    def test_cap(self):
        """Past the cap the function runs as it is, with one warning that names the line."""
        compiled = cr.jit(lambda x: x * int(x))
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            for k in range(40):
                assert compiled(k + 0.5) == (k + 0.5) * k
        (warning,) = caught
        assert warning.category is NotCompiledWarning
        assert "x * int(x)" in str(warning.message)
        assert "np.where" in str(warning.message)
        assert warning.filename == __file__

    @pytest.mark.parametrize(
        "draw",
        [
            lambda: np.random.standard_normal(3),  # what is tested
            lambda: generator.standard_normal(3),
            lambda: generator.permutation(3),
            lambda: np.random.default_rng().random(3),
        ],
    )
    def test_random_numbers_are_drawn_at_each_call(self, draw):
        """Random numbers are never those of the recorded run."""
        compiled = cr.jit(lambda x: x + draw())
        with pytest.warns(NotCompiledWarning, match="draws random numbers"):
            first = compiled(np.zeros(3))
        assert len({first.tobytes(), *(compiled(np.zeros(3)).tobytes() for _ in range(20))}) > 2

    def test_writes_outside_are_done_at_each_call(self):
        """What a function writes to variables and objects outside of it, it writes at each call."""
        seen, count = [], 0

        def f(x):
            nonlocal count
            count += 1
            seen.append(x)
            return 2 * x

        compiled = cr.jit(f)
        with pytest.warns(NotCompiledWarning):
            assert [compiled(float(k)) for k in range(4)] == [0, 2, 4, 6]
        assert seen == [0, 1, 2, 3]
        assert count == 4
        assert {type(x) for x in seen} == {float}

    def test_captured_arrays_may_be_written(self):
        """A function that writes to an array of its surroundings writes there."""
        total = np.zeros(2)

        def accumulate(x):
            total[:] += x
            return total.sum()

        compiled = cr.jit(accumulate)
        with pytest.warns(NotCompiledWarning):
            assert [compiled(np.ones(2)) for _ in range(3)] == [2, 4, 6]

    def test_errors_that_are_caught(self):
        """What a function does when an operation fails it does only then, and not for all arguments from then on."""

        def root(a):
            try:
                return np.linalg.cholesky(a)
            except np.linalg.LinAlgError:
                return 0 * a

        compiled = cr.jit(root)
        a = np.diag([4.0, 9.0])
        with pytest.warns(NotCompiledWarning, match="catches the LinAlgError of `cholesky`"):
            results = [compiled(x) for x in (a, -a, a, -a, a, -a, a, -a, a)]
        for k, result in enumerate(results):
            np.testing.assert_array_equal(result, 0 * a if k % 2 else np.sqrt(a))

    def test_errors_that_are_asked_for(self):
        """A division by zero raises where `np.errstate` says so, also after a recorded run without one."""

        def inverse(x):
            with np.errstate(divide="raise"):
                return 1 / x

        compiled = cr.jit(inverse)
        with pytest.warns(NotCompiledWarning, match="asks NumPy with `np.errstate`"):
            results = [compiled(np.full(3, 2.0)) for _ in range(20)]
        np.testing.assert_array_equal(results, np.full((20, 3), 0.5))
        for x in (0.0, 2.0, 0.0):
            with pytest.raises(FloatingPointError, match="divide by zero") if x == 0 else nullcontext():
                np.testing.assert_array_equal(compiled(np.full(3, x)), np.full(3, 0.5))

    @pytest.mark.parametrize(
        ("x", "error"),
        [(np.nan, ValueError), (np.inf, OverflowError), (-np.inf, OverflowError)],
    )
    def test_what_is_no_integer(self, x, error):
        """Not a number and infinities have no integer, recorded or not: Python's error is raised, no number made up."""
        for whole in (int, math.floor, round):
            compiled = cr.jit(lambda x, whole=whole: x * whole(x[0]))
            for _ in range(2):
                with pytest.raises(error, match="cannot convert float"):
                    compiled(np.full(2, x))
            np.testing.assert_array_equal(compiled(np.full(2, 3.0)), [9, 9])
        np.testing.assert_array_equal(cr.jit(lambda x: x * int(x[0]))(np.full(2, 1e20)), np.full(2, 1e40))

    def test_errors_are_those_of_the_function(self):
        """An error of the function reaches the caller, the first time and later."""

        def f(x):
            if x[0] < 0:
                raise KeyError("negative")
            return np.linalg.inv(x.reshape(1, 1))

        compiled = cr.jit(f)
        compiled(np.ones(1))
        for _ in range(2):
            with pytest.raises(KeyError):
                compiled(-np.ones(1))
            with pytest.raises(np.linalg.LinAlgError):
                compiled(np.zeros(1))
        np.testing.assert_array_equal(compiled(np.full(1, 2.0)), [[0.5]])

    def test_objects_as_results(self):
        """A function that returns other objects returns them."""
        with pytest.warns(NotCompiledWarning, match="returns objects"):
            result = cr.jit(lambda x: (iter([1]), x))(1.0)
        assert list(result[0]) == [1]
        assert type(result[1]) is float

    def test_threads(self):
        """Eight threads that call one function get their own results."""
        compiled, wrong = cr.jit(cr.grad(piecewise)), []

        def work(seed):
            rng = np.random.default_rng(seed)
            for _ in range(20):
                x = rng.standard_normal(2)
                if not np.allclose(compiled(x), cr.grad(piecewise)(x), rtol=1e-14):
                    wrong.append(x)

        threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not wrong

    def test_check(self):
        """With `check=True` a recording that does not hold is found out."""
        os.environ["SCALE"] = "2"
        compiled = cr.jit(lambda x: float(os.environ["SCALE"]) * x, check=True)
        np.testing.assert_array_equal(compiled(np.ones(2)), [2, 2])
        np.testing.assert_array_equal(compiled(np.ones(2)), [2, 2])
        os.environ["SCALE"] = "3"
        with pytest.raises(JitMismatchError, match=r"should be np.float64\(3.0\) at \[0\]"):
            compiled(np.ones(2))

    def test_without_the_swap_it_runs_as_it_is(self):
        """Without the swap nothing is recorded."""
        with cr.without_swap():
            compiled = cr.jit(lambda x: x + 1)
            assert compiled(1.0) == 2.0
        assert "not called yet" in compiled.report()


generator = np.random.default_rng(1)


class TestDescriptions:
    """What a compiled function says of itself."""

    def test_report_and_source(self):
        """The report names lines and what is read; the source lists operations."""
        compiled = cr.jit(piecewise)
        assert "not called yet" in compiled.report()
        compiled(np.array([0.5, 1.0]))
        report = compiled.report()
        assert "float64[2]" in report
        assert __file__ in report
        assert compiled.__name__ == "piecewise"

    def test_forms_of_the_program(self):
        """A program prints optimised in the words of NumPy, as loops, as LLVM's code, and as the machine's."""
        compiled = cr.jit(cr.grad(lambda x: np.sum(np.sin(x) * x)))
        assert "nothing is recorded yet" in compiled.nests()
        compiled(np.ones(50))
        assert "np.cos(a)" in compiled.source()
        assert "reduce_sum" not in compiled.source()
        assert "for i in range(50):" in compiled.nests()
        assert "define" in compiled.llvm()
        assert "ret" in compiled.asm()

    def test_report_says_what_the_code_does(self):
        """The report counts loops, products and calls of NumPy, and names the lines of those."""
        compiled = cr.jit(lambda a, x: np.sort(np.tanh(a @ a) @ x))
        compiled(np.ones((20, 20)), np.ones(20))
        report = compiled.report()
        assert "1 BLAS product, 1 NumPy call; workspace of" in report
        assert f"calls NumPy for `argsort` at {__file__}" in report

        compiled = cr.jit(lambda x: x + 1)
        compiled(np.ones(20))
        assert "runs 1 loop nest; workspace of 0 bytes; " in compiled.report()
        assert "NumPy" not in compiled.report()
