"""Levels need no order of beginning and ending: threads, generators, and pulls that are called later."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import EndedLevelError


def test_threads():
    """Derivatives taken in several threads at once are each their own: (sin ax)″ = -a² sin ax."""

    def second_derivative(a):
        together.wait()
        found = []
        for k in range(20):
            x = 0.1 * k
            found.append((cr.grad(cr.grad(lambda t: np.sin(a * t)))(x), -a * a * np.sin(a * x)))
        return found

    together = threading.Barrier(4)
    with ThreadPoolExecutor(4) as pool:
        for pairs in pool.map(second_derivative, [1.0, 2.0, 3.0, 4.0]):
            for found, expected in pairs:
                assert found == pytest.approx(expected, abs=1e-13)


def test_threads_that_interleave_inside_one_function():
    """Two runs of one function that wait for each other halfway are not mixed up: d(x·x·x)/dx = 3x²."""
    halfway = threading.Barrier(2)

    def cube(x):
        y = x * x
        halfway.wait()
        z = y * x
        halfway.wait()
        return z

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(cr.grad(cube), [2.0, 5.0])) == [12.0, 75.0]


def test_pull_in_another_thread():
    """A pull may be called in another thread than the one that recorded."""
    _, pull = cr.vjp(lambda x: x**3, 2.0)
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(pull, 1.0).result() == (12.0,)


def test_threads_inside_a_function():
    """A function that computes in threads of its own: d(2 · x²)/dx = 4x."""

    def f(x):
        with ThreadPoolExecutor(2) as pool:
            return sum(pool.map(lambda k: x * x, range(2)))

    assert cr.grad(f)(3.0) == 12.0
    assert cr.jvp(f, (3.0,), (1.0,))[1] == 12.0


@pytest.mark.parametrize("inner", [cr.grad, lambda f: lambda y: cr.jvp(f, (y,), (1.0,))[1]], ids=["reverse", "forward"])
def test_generator_across_levels(inner):
    """A generator begun under the outer derivative and advanced under the inner: d(x² + (d/dy y·x³))/dx = 2x + 3x²."""

    def powers(x):
        power = x
        while True:
            power = power * x
            yield power

    def f(x):
        generator = powers(x)
        return next(generator) + inner(lambda y: y * next(generator))(1.0)

    assert cr.grad(f)(2.0) == 16.0
    assert cr.jvp(f, (2.0,), (1.0,))[1] == 16.0


def test_generator_as_the_function_body():
    """Values that a generator of the user yields carry their derivatives: d Σ x^k / dx = Σ k x^(k-1)."""

    def f(x):
        return sum(x**k for k in range(1, 4))

    assert cr.grad(f)(2.0) == 1 + 4 + 12


def test_pull_called_repeatedly():
    """A pull gives the same cotangents at every call, and is linear: J is recorded once."""
    runs = []

    def f(x):
        runs.append(1)
        y = np.zeros(3)
        y[0] = x[0]
        y[1:] = np.sin(x) * y[0]
        return y

    x = np.array([0.3, 0.8])
    _, pull = cr.vjp(f, x)
    jacobian = np.array([[1, 0], [np.sin(0.3) + 0.3 * np.cos(0.3), 0], [np.sin(0.8), 0.3 * np.cos(0.8)]])

    for y_bar in (np.array([1.0, 2.0, 3.0]), np.array([0.0, 1.0, 0.0]), np.array([1.0, 2.0, 3.0])):
        np.testing.assert_allclose(pull(y_bar)[0], y_bar @ jacobian, rtol=1e-14, atol=1e-16)
    assert len(runs) == 1


def test_push_called_repeatedly():
    """The push of `linearize` gives J·ẋ at every call, also where the program writes in place."""
    runs = []

    def f(x):
        runs.append(1)
        y = np.zeros(3)
        y[:2] = x
        y[2] = y[0] * y[1]
        y *= 2
        return y

    _, push = cr.linearize(f, np.array([3.0, 5.0]))

    np.testing.assert_array_equal(push(np.array([1.0, 0.0])), [2.0, 0.0, 10.0])
    np.testing.assert_array_equal(push(np.array([0.0, 1.0])), [0.0, 2.0, 6.0])
    np.testing.assert_array_equal(push(np.array([1.0, 0.0])), [2.0, 0.0, 10.0])
    assert len(runs) == 1


def test_results_of_a_pull_are_independent():
    """What a pull returned may be written to without a change to what it returns next."""
    _, pull = cr.vjp(lambda x: x * 1.0, np.ones(2))
    first = pull(np.array([1.0, 2.0]))[0]
    first[:] = 99.0
    np.testing.assert_array_equal(pull(np.array([1.0, 2.0]))[0], [1.0, 2.0])


def test_arguments_may_change_after_recording():
    """A pull reads the point where it was recorded, even if the caller's array was written to since."""
    x = np.array([1.0, 2.0])
    _, pull = cr.vjp(lambda x: x**2, x)
    x[:] = 100.0
    np.testing.assert_array_equal(pull(np.ones(2))[0], [2.0, 4.0])


def test_pull_called_within_a_later_derivative():
    """A pull recorded earlier is a linear function to a later derivative: d(x̄(y_bar²))/dy_bar = 2 y_bar f′."""
    _, pull = cr.vjp(np.sin, 0.5)
    assert cr.grad(lambda y_bar: pull(y_bar**2)[0])(3.0) == pytest.approx(6 * np.cos(0.5), rel=1e-14)
    assert cr.jvp(lambda y_bar: pull(y_bar**2)[0], (3.0,), (1.0,))[1] == pytest.approx(6 * np.cos(0.5), rel=1e-14)


def test_pull_returned_from_a_derivative_that_goes_on():
    """A pull that is made and called under an outer derivative sees the outer variable: d(cos x)/dx = -sin x."""

    def slope(x):
        _, pull = cr.vjp(np.sin, x)
        return pull(1.0)[0]

    assert cr.grad(slope)(0.5) == pytest.approx(-np.sin(0.5), rel=1e-14)


@pytest.mark.parametrize("transformation", [cr.grad, lambda f: lambda x: cr.jvp(f, (x,), (1.0,))])
def test_value_used_after_its_derivative(transformation):
    """A value that escaped from a derivative raises at its next use, with the user's line."""
    escaped = []

    def f(x):
        escaped.append(x * 2)
        return x * x

    transformation(f)(1.0)

    with pytest.raises(EndedLevelError) as caught:
        escaped[0] + 1.0
    assert "escaped[0] + 1.0" in str(caught.value)
    assert "test_levels.py" in str(caught.value)


def test_exception_inside_a_derivative():
    """An exception of the user's passes through, and later derivatives are not disturbed."""

    def f(x):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        cr.grad(f)(1.0)
    assert cr.grad(np.square)(3.0) == 6.0
