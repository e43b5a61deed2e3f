"""Gradients against the complex step and closed forms."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.testing.numerical import complex_step


def rosenbrock(x):
    """The sum over neighbours, in slices."""
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def network(x, w, b):
    """Two layers and a softmax."""
    h = np.tanh(x @ w + b)
    z = h @ w.T
    return np.mean(np.log(np.sum(np.exp(z), axis=-1)) - z[..., 0])


def filled(x):
    """A loop that fills an array made inside, through views."""
    y = np.zeros((2, 3), dtype=x.dtype)
    for k in range(3):
        y[0, k] = x[k] ** (k + 1)
    row = y[1]
    row[:] = y[0] * x
    row += np.sin(x)
    y *= 2
    return np.sum(y[:, ::-1] * np.arange(3)) ** 2


def gradient_by_complex_step(f, xs, k):
    """The gradient with respect to argument k, one complex step for each entry."""
    gradient = np.zeros(xs[k].shape)
    for index in np.ndindex(xs[k].shape):
        dots = [np.zeros(x.shape) for x in xs]
        dots[k][index] = 1.0
        gradient[index] = complex_step(lambda *zs: (f(*zs),), xs, dots)[0]
    return gradient


@pytest.mark.parametrize(
    ("f", "shapes"),
    [(rosenbrock, [(5,)]), (network, [(4, 3), (3, 2), (2,)]), (filled, [(3,)])],
    ids=lambda x: getattr(x, "__name__", ""),
)
def test_gradient(f, shapes):
    """All gradients of a program, to 1e-12 of the complex step, with the value that NumPy computes."""
    rng = np.random.default_rng(7)
    xs = [rng.normal(size=shape) for shape in shapes]

    value, gradients = cr.value_and_grad(f, argnums=tuple(range(len(xs))))(*xs)

    assert value == f(*xs)
    for k, gradient in enumerate(gradients):
        np.testing.assert_allclose(gradient, gradient_by_complex_step(f, xs, k), rtol=1e-12, atol=1e-12)


def test_elementwise_grad():
    """One derivative for each element, of any shape, in any argument: ∂(x^y)/∂x = y x^(y-1), ∂/∂y = x^y log x."""
    x, y = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([2.0, 3.0])

    by_x, by_y = cr.elementwise_grad(np.power, argnums=(0, 1))(x, np.broadcast_to(y, (2, 2)))

    np.testing.assert_allclose(by_x, y * x ** (y - 1), rtol=1e-14)
    np.testing.assert_allclose(by_y, x**y * np.log(x), rtol=1e-14)


def test_elementwise_grad_repeats():
    """The n-th elementwise derivative of sin is sin(x + nπ/2)."""
    x = np.linspace(-2, 2, 5)
    f = np.sin
    for n in range(1, 5):
        f = cr.elementwise_grad(f)
        np.testing.assert_allclose(f(x), np.sin(x + n * np.pi / 2), rtol=1e-13, atol=1e-13)


def test_stop_gradient():
    """What is held constant has no derivative, in any mode, in containers, and to any order."""
    x = np.array([1.0, 2.0])

    def f(x):
        held = cr.stop_gradient({"x": [x, None], "n": 3})
        return np.sum(held["x"][0] * x * held["n"])

    assert cr.grad(f)(x).tolist() == (3 * x).tolist()
    assert cr.jvp(f, (x,), (np.ones(2),))[1] == 9.0
    assert cr.hessian(f)(x).tolist() == np.zeros((2, 2)).tolist()
    assert cr.vmap(cr.grad(f))(np.stack([x, 2 * x])).tolist() == [(3 * x).tolist(), (6 * x).tolist()]


def test_stop_gradient_outside():
    """Outside of derivatives `stop_gradient` gives back what it got."""
    x = np.ones(2)

    assert cr.stop_gradient(x) is x
    assert cr.stop_gradient({"x": 1.0, "s": "name"}) == {"x": 1.0, "s": "name"}


def test_stop_gradient_under_vmap():
    """Holding a value constant keeps its lanes."""
    x = np.array([1.0, 2.0, 3.0])

    assert cr.vmap(lambda x: cr.stop_gradient(x) * x)(x).tolist() == [1.0, 4.0, 9.0]
    assert cr.grad(lambda x: cr.vmap(lambda z: cr.stop_gradient(z) * z)(x).sum())(x).tolist() == x.tolist()


def test_independent_result():
    """A result that does not depend on the argument has gradient zero, and a warning says so."""
    with pytest.warns(cr.errors.IndependentOutputWarning, match="does not depend on what it is differentiated"):
        gradient = cr.grad(lambda x: 3.0)(np.ones((2, 3)))

    assert gradient.tolist() == np.zeros((2, 3)).tolist()


def test_result_that_depends_on_one_of_several():
    """An argument among several that the result does not depend on has gradient zero, without a warning."""
    assert cr.grad(lambda x, y: x**2, argnums=(0, 1))(3.0, 4.0) == (6.0, 0.0)


def test_nothing_to_differentiate():
    """No leaf to differentiate gives no gradient, without a warning."""
    assert cr.grad(lambda x: 3.0)({"nothing": None}) == {"nothing": None}
