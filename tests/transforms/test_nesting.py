"""Derivatives of derivatives: to any order, in any mix of modes, and perturbations are never confused."""

import itertools

import numpy as np
import pytest

import chainrule as cr


def forward(f):
    """The derivative of a function of one number, by a push."""
    return lambda x: cr.jvp(f, (x,), (np.ones_like(x)[()],))[1]


def reverse(f):
    """The derivative of a function of one number, by a pull."""
    return cr.grad(f)


def batched(f):
    """The same function, run as the only lane of a batch."""
    return lambda x: cr.vmap(f)(np.stack([x]))[0]


MODES = {"forward": forward, "reverse": reverse}


@pytest.mark.parametrize("outer", MODES.values(), ids=MODES)
@pytest.mark.parametrize("inner", MODES.values(), ids=MODES)
class TestPerturbationConfusion:
    """The inner derivative holds the outer variable, and never takes the outer perturbation for its own."""

    def test_constant_inner_derivative(self, outer, inner):
        """d/dx x · (d/dy (x + y))(1) = 1, since the inner derivative is 1 (Siskind and Pearlmutter, 2005)."""
        found = outer(lambda x: x * inner(lambda y: x + y)(1.0))(1.0)
        assert found == 1.0

    def test_inner_function_of_the_outer_variable(self, outer, inner):
        """d/dx x · (d/dy xy)(2) = d/dx x² = 2x."""
        found = outer(lambda x: x * inner(lambda y: x * y)(2.0))(3.0)
        assert found == 6.0

    def test_same_point(self, outer, inner):
        """d/dx x · (d/dy x y²)(x) = d/dx 2x³ = 6x², when the inner point is the outer variable."""
        found = outer(lambda x: x * inner(lambda y: x * y**2)(x))(3.0)
        assert found == pytest.approx(54.0, rel=1e-14)

    def test_held_in_an_array(self, outer, inner):
        """d/dx (d/dy y b₀²)(3) = 2x, for an array b that the outer function wrote x to."""

        def f(x):
            b = np.zeros(2)
            b[0] = x
            return inner(lambda y: y * b[0] ** 2)(3.0)

        assert outer(f)(5.0) == 10.0

    def test_written_by_the_inner_function(self, outer, inner):
        """What the inner function wrote to an outer array is its value afterwards: d/dx 2x · 4 = 8."""

        def f(x):
            b = np.zeros(1)

            def g(y):
                b[0] = y * x
                return y * y

            slope = inner(g)(2.0)
            return b[0] * slope

        assert outer(f)(7.0) == 8.0

    def test_function_made_by_the_inner_derivative(self, outer, inner):
        """d/dx of the slope of y ↦ sin(x y) at y = x: cos(x²) x has derivative cos x² - 2x² sin x²."""
        found = outer(lambda x: inner(lambda y: np.sin(x * y))(x))(0.7)
        assert found == pytest.approx(np.cos(0.49) - 2 * 0.49 * np.sin(0.49), rel=1e-14)

    def test_two_inner_derivatives(self, outer, inner):
        """d/dx (d/dy xy)(1) · (d/dz x²z)(1) = d/dx x³ = 3x²."""
        found = outer(lambda x: inner(lambda y: x * y)(1.0) * inner(lambda z: x * x * z)(1.0))(2.0)
        assert found == 12.0

    def test_inner_tangent_depends_on_the_outer_variable(self, outer, inner):
        """d/dx of cos(x)·x, the push of sin at x along x, is cos x - x sin x; the inner mode checks the same value."""
        assert inner(lambda x: cr.jvp(np.sin, (x,), (x,))[1])(0.4) == pytest.approx(np.cos(0.4) - 0.4 * np.sin(0.4))
        found = outer(lambda x: cr.vjp(np.sin, x)[1](x)[0])(0.4)
        assert found == pytest.approx(np.cos(0.4) - 0.4 * np.sin(0.4), rel=1e-14)


@pytest.mark.parametrize("modes", list(itertools.product(MODES, repeat=4)), ids="-".join)
def test_fourth_order(modes):
    """The fourth derivative of eˣ sin x is -4 eˣ sin x, in all 16 mixes of modes."""

    def f(x):
        return np.exp(x) * np.sin(x)

    for mode in modes:
        f = MODES[mode](f)

    assert f(0.8) == pytest.approx(-4 * np.exp(0.8) * np.sin(0.8), rel=1e-12)


@pytest.mark.parametrize("modes", list(itertools.product(MODES, repeat=2)), ids="-".join)
def test_batches_between_derivatives(modes):
    """A batch under, between or over two derivatives changes nothing: (x⁴)″ = 12 x²."""
    inner, outer = (MODES[mode] for mode in modes)

    def f(x):
        return x**4

    for g in (outer(inner(batched(f))), outer(batched(inner(f))), batched(outer(inner(f)))):
        assert g(1.5) == pytest.approx(12 * 1.5**2, rel=1e-14)


def test_batch_of_derivatives_in_a_batch():
    """vmap of vmap of a second derivative: ∂²/∂x² (x²y³) = 2y³ for every pair."""
    second = cr.grad(cr.grad(lambda x, y: x**2 * y**3))
    xs, ys = np.array([0.5, 1.0]), np.array([1.0, 2.0, 3.0])

    table = cr.vmap(cr.vmap(second, in_axes=(None, 0)), in_axes=(0, None))(xs, ys)

    np.testing.assert_allclose(table, np.broadcast_to(2 * ys**3, (2, 3)), rtol=1e-14)


@pytest.mark.parametrize("orders", list(itertools.product(["forward", "reverse"], repeat=3)), ids="-".join)
def test_third_derivative_tensor(orders):
    """∂³(Σxᵢ)³/∂xᵢ∂xⱼ∂xₖ = 6 for all i, j, k, by Jacobians in all mixes of orders."""

    def f(x):
        return np.sum(x) ** 3

    for order in orders:
        f = cr.jacobian(f, order=order)

    np.testing.assert_allclose(f(np.array([0.3, -1.0])), np.full((2, 2, 2), 6.0), rtol=1e-13)


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


ROSENBROCK_HESSIAN = np.array([[1200 * 0.25 - 400 * 2.0 + 2, -200.0], [-200.0, 200.0]])


@pytest.mark.parametrize(
    "hessian",
    [
        cr.hessian(rosenbrock),
        cr.jacobian(cr.grad(rosenbrock), order="reverse"),
        cr.jacobian(cr.jacobian(rosenbrock, order="forward"), order="forward"),
        cr.jacobian(cr.jacobian(rosenbrock, order="forward"), order="reverse"),
        lambda x: np.stack([cr.hvp(rosenbrock)(x, v) for v in np.eye(2)]),
        lambda x: cr.vmap(lambda v: cr.hvp(rosenbrock)(x, v))(np.eye(2)),
        lambda x: cr.vmap(lambda v: cr.linearize(cr.grad(rosenbrock), x)[1](v))(np.eye(2)),
        lambda x: cr.vmap(lambda v: cr.vjp(cr.grad(rosenbrock), x)[1](v)[0])(np.eye(2)),
    ],
    ids=["hessian", "reverse-reverse", "forward-forward", "reverse-forward", "hvp", "vmap-hvp", "linearize", "vjp"],
)
def test_hessian_of_rosenbrock(hessian):
    """All ways to the Hessian of Rosenbrock's function give 1200x² - 400y + 2, -400x and 200."""
    np.testing.assert_allclose(hessian(np.array([0.5, 2.0])), ROSENBROCK_HESSIAN, rtol=1e-13)


def test_derivative_with_respect_to_a_cotangent():
    """The pull is linear in the cotangent, so its derivative there is the Jacobian."""
    x = np.array([0.2, 0.9])
    a = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])

    jacobian = cr.jacobian(lambda y_bar: cr.vjp(lambda x: np.sin(a @ x), x)[1](y_bar)[0])(np.ones(3))

    np.testing.assert_allclose(jacobian, (np.cos(a @ x)[:, None] * a).T, rtol=1e-14)


def test_stop_gradient_in_all_orders():
    """Held constant, the factor x stays out of both derivatives of x·x²: they are 2x·x and 2·x."""

    def f(x):
        return cr.stop_gradient(x) * x**2

    assert cr.grad(f)(3.0) == 18.0
    assert cr.grad(cr.grad(f))(3.0) == 6.0
    assert forward(forward(f))(3.0) == 6.0


def test_derivative_inside_a_loop_that_looks():
    """Newton's method for √a, its steps taken with inner derivatives: d√a/da = 1/(2√a)."""

    def root(a):
        x = a
        while abs(x * x - a) > 1e-13:
            x = x - (x * x - a) / cr.grad(lambda t: t * t - a)(x)
        return x

    assert cr.grad(root)(2.0) == pytest.approx(1 / (2 * np.sqrt(2.0)), rel=1e-12)
    assert forward(root)(2.0) == pytest.approx(1 / (2 * np.sqrt(2.0)), rel=1e-12)
