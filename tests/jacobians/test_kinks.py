"""The choices of `chainrule.jacobians.kinks`, and numbers at the ends of their range; the same in all modes.

The expectations are closed forms, and where there is no derivative, the row of the table.
"""

import numpy as np
import pytest

import chainrule as cr

INF = np.inf
TINY = 5e-324

GRADIENTS = {
    "reverse": lambda f: cr.grad(f),
    "forward": lambda f: lambda x: np.array([cr.jvp(f, (x,), (e,))[1] for e in np.eye(len(x))]),
    "reverse Jacobian": lambda f: cr.jacobian(f, order="reverse"),
    "forward Jacobian": lambda f: cr.jacobian(f, order="forward"),
    "vmap": lambda f: lambda x: cr.vmap(cr.grad(f))(np.stack([x, x]))[1],
}

HESSIANS = {
    "forward over reverse": cr.hessian,
    "reverse over reverse": lambda f: cr.jacobian(cr.grad(f), order="reverse"),
    "forward over forward": lambda f: cr.jacobian(cr.jacobian(f, order="forward"), order="forward"),
    "reverse over forward": lambda f: cr.jacobian(cr.jacobian(f, order="forward"), order="reverse"),
}

WEIGHTS = np.array([1.0, 2.0, 4.0])

ZERO = np.zeros((3, 3))

PRODUCT_OF_OTHERS = np.zeros((4, 4))
PRODUCT_OF_OTHERS[1, 3] = PRODUCT_OF_OTHERS[3, 1] = 6.0

ONE_ZERO = np.array([[0.0, 20.0, 0, 0], [20, 0, 10, 8], [0, 10, 0, 0], [0, 8, 0, 0]])


def reciprocal_norm(x):
    """1 / Σ 1/|x|, of which NumPy warns where an entry is 0."""
    with np.errstate(divide="ignore"):
        return np.linalg.norm(x, -1)


# (function of a vector, point, gradient, Hessian or None where it is not stated)
CASES = {
    "abs": (lambda x: np.sum(np.abs(x)), [0.0, -2.0, 3.0], [0.0, -1.0, 1.0], ZERO),
    "x·abs x": (lambda x: np.sum(x * np.abs(x)), [0.0, -2.0, 3.0], [0.0, 4.0, 6.0], np.diag([0.0, -2.0, 2.0])),
    "sign": (lambda x: np.sum(np.sign(x) * x**2), [0.0, -2.0, 3.0], [0.0, 4.0, 6.0], np.diag([0.0, -2.0, 2.0])),
    "floor at a step": (lambda x: np.sum(np.floor(x) * x), [1.0, 2.5, -0.5], [1.0, 2.0, -1.0], ZERO),
    "maximum of equals": (lambda x: np.maximum(x[0], x[1]) * x[2], [2.0, 2.0, 3.0], [1.5, 1.5, 2.0], None),
    "maximum of the same": (lambda x: np.sum(np.maximum(x, x) ** 2), [1.0, 2.0, 3.0], [2.0, 4.0, 6.0], 2 * np.eye(3)),
    "minimum of equals": (lambda x: np.minimum(x[0], x[1]) * x[2], [2.0, 2.0, 3.0], [1.5, 1.5, 2.0], None),
    "max with a tie": (np.max, [3.0, 1.0, 3.0], [0.5, 0.0, 0.5], ZERO),
    "max of equals": (np.max, [2.0, 2.0, 2.0], [1 / 3, 1 / 3, 1 / 3], ZERO),
    "min with a tie": (np.min, [1.0, 3.0, 1.0], [0.5, 0.0, 0.5], ZERO),
    "cube of max with a tie": (lambda x: np.max(x) ** 3, [2.0, 1.0, 2.0], [6.0, 0.0, 6.0], None),
    "sort with a tie": (lambda x: np.sort(x) @ WEIGHTS, [3.0, 1.0, 1.0], [4.0, 1.0, 2.0], ZERO),
    "sort of squares with a tie": (
        lambda x: np.sort(x**2) @ WEIGHTS,
        [3.0, 1.0, -1.0],
        [24.0, 2.0, -4.0],
        np.diag([8.0, 2.0, 4.0]),
    ),
    "clip at its bounds": (lambda x: np.sum(np.clip(x, -1.0, 1.0) * x), [1.0, -1.0, 3.0], [2.0, -2.0, 1.0], None),
    "sqrt at 0": (lambda x: np.sum(np.sqrt(x)), [0.0, 1.0, 4.0], [INF, 0.5, 0.25], None),
    "norm at 0": (np.linalg.norm, [0.0, 0.0, 0.0], [0.0, 0.0, 0.0], None),
    "norm": (np.linalg.norm, [0.0, 3.0, 4.0], [0.0, 0.6, 0.8], None),
    "squared norm at 0": (lambda x: np.linalg.norm(x) ** 2, [0.0, 0.0, 0.0], [0.0, 0.0, 0.0], None),
    "norm of order 1/2 at 0": (lambda x: np.linalg.norm(x, 0.5), [0.0, 0.0, 0.0], [0.0, 0.0, 0.0], None),
    "norm of order 1/2, an entry 0": (lambda x: np.linalg.norm(x, 0.5), [0.0, 1.0, 4.0], [0.0, 3.0, 1.5], None),
    "norm of order -1 at 0": (reciprocal_norm, [0.0, 0.0, 0.0], [0.0, 0.0, 0.0], None),
    "norm of order -1, an entry 0": (reciprocal_norm, [0.0, 3.0, -4.0], [0.0, 0.0, 0.0], None),
    "hypot at 0": (lambda x: np.hypot(x[0], x[1]) + x[2], [0.0, 0.0, 1.0], [0.0, 0.0, 1.0], None),
    "power, x = 0": (
        lambda x: np.sum(x ** np.array([1.0, 2.0, 3.0])),
        [0.0, 0.0, 0.0],
        [1.0, 0.0, 0.0],
        np.diag([0.0, 2.0, 0.0]),
    ),
    "power, y = 0": (lambda x: np.sum(x**0.0), [0.0, 2.0, -1.0], [0.0, 0.0, 0.0], ZERO),
    "power in y, x = 0": (
        lambda y: np.sum(np.zeros(3) ** y),
        [1.0, 2.0, 0.5],
        [0.0, 0.0, 0.0],
        ZERO,
    ),
    "power in both, x = 0": (lambda x: x[0] ** x[1] + x[2], [0.0, 2.0, 1.0], [0.0, 0.0, 1.0], np.diag([2.0, 0.0, 0.0])),
    "a negative base": (lambda x: np.sum(x**2.0), [-1.0, 0.0, 3.0], [-2.0, 0.0, 6.0], 2 * np.eye(3)),
    "integer power": (lambda x: np.sum(x**3), [-1.0, 0.0, 2.0], [3.0, 0.0, 12.0], np.diag([-6.0, 0.0, 12.0])),
    "a·exp(-b), b = 1000": (lambda x: x[0] * np.exp(-x[1]) + x[2], [2.0, 1e3, 1.0], [0.0, 0.0, 1.0], ZERO),
    "prod": (np.prod, [2.0, 3.0, 4.0], [12.0, 8.0, 6.0], np.array([[0.0, 4, 3], [4, 0, 2], [3, 2, 0]])),
    "prod with one zero": (np.prod, [2.0, 0.0, 4.0, 5.0], [0.0, 40.0, 0.0, 0.0], ONE_ZERO),
    "prod with two zeros": (np.prod, [2.0, 0.0, 3.0, 0.0], [0.0, 0.0, 0.0, 0.0], PRODUCT_OF_OTHERS),
    "prod with three zeros": (np.prod, [0.0, 0.0, 0.0], [0.0, 0.0, 0.0], ZERO),
    "cumprod with a zero": (lambda x: np.sum(np.cumprod(x)), [2.0, 0.0, 5.0], [1.0, 12.0, 0.0], None),
    "std of equals": (np.std, [2.0, 2.0, 2.0], [0.0, 0.0, 0.0], None),
    "var of equals": (np.var, [2.0, 2.0, 2.0], [0.0, 0.0, 0.0], 2 / 3 * (np.eye(3) - 1 / 3)),
    "median with a tie": (np.median, [1.0, 1.0, 1.0], [0.0, 1.0, 0.0], ZERO),
    "logaddexp far apart": (lambda x: np.logaddexp(x[0], x[1]) + x[2], [1e4, -1e4, 0.0], [1.0, 0.0, 1.0], ZERO),
    "exp underflows": (lambda x: np.sum(np.exp(x)), [-1e3, 0.0, -800.0], [0.0, 1.0, 0.0], np.diag([0.0, 1.0, 0.0])),
    "square of a subnormal": (lambda x: np.sum(x**2), [TINY, 1.0, -TINY], [2 * TINY, 2.0, -2 * TINY], 2 * np.eye(3)),
    "sqrt of a subnormal": (lambda x: np.sum(np.sqrt(x)), [TINY, 1.0, 4.0], [0.5 / np.sqrt(TINY), 0.5, 0.25], None),
    "hypot of subnormals": (lambda x: np.hypot(x[0], x[1]) + x[2], [3e-310, 4e-310, 0.0], [0.6, 0.8, 1.0], None),
    "hypot of huge numbers": (lambda x: np.hypot(x[0], x[1]) + x[2], [3e300, 4e300, 0.0], [0.6, 0.8, 1.0], None),
    "abs of a subnormal": (lambda x: np.sum(np.abs(x)), [TINY, -TINY, 0.0], [1.0, -1.0, 0.0], ZERO),
}

WITH_HESSIAN = {name: case for name, case in CASES.items() if case[3] is not None}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
@pytest.mark.parametrize("gradient", GRADIENTS.values(), ids=GRADIENTS)
def test_gradient(case, gradient):
    """At kinks and at the ends of the range of numbers the gradient is the stated one."""
    f, x, expected, _ = case
    np.testing.assert_allclose(gradient(f)(np.array(x)), expected, rtol=1e-9, atol=0)


@pytest.mark.parametrize("case", WITH_HESSIAN.values(), ids=WITH_HESSIAN)
@pytest.mark.parametrize("hessian", HESSIANS.values(), ids=HESSIANS)
def test_hessian(case, hessian):
    """So is the Hessian."""
    f, x, _, expected = case
    np.testing.assert_allclose(hessian(f)(np.array(x)), expected, rtol=1e-14, atol=1e-15)


def test_hessian_of_norm():
    """The Hessian of ‖x‖ is (I - uuᵀ)/‖x‖, with u = x/‖x‖."""
    x = np.array([0.0, 3.0, 4.0])
    u = x / 5
    for hessian in HESSIANS.values():
        np.testing.assert_allclose(hessian(np.linalg.norm)(x), (np.eye(3) - np.outer(u, u)) / 5, rtol=1e-14, atol=1e-15)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_exponential_that_overflows():
    """a·exp(-b) at b = -1000 has the slopes exp(1000) = ∞ and -a·exp(1000) = -∞, and no NaN."""

    def f(x):
        return x[0] * np.exp(-x[1])

    for gradient in GRADIENTS.values():
        np.testing.assert_array_equal(gradient(f)(np.array([2.0, -1e3])), [INF, -INF])


@pytest.mark.parametrize("x", [190.0, -190.0, 500.0, 20.0])
def test_tanh_far_out(x):
    """The slope of tanh is 1/cosh² x, to the accuracy of a number beside 1, and never NaN."""
    expected = 0.0 if abs(x) > 350 else 1 / np.cosh(x) ** 2
    for slope in (cr.grad(np.tanh)(x), cr.jvp(np.tanh, (x,), (1.0,))[1]):
        assert slope == pytest.approx(expected, abs=1e-15)
    assert cr.grad(cr.grad(np.tanh))(x) == pytest.approx(0.0, abs=1e-15)


class TestComplex:
    """Complex numbers at 0."""

    def test_modulus(self):
        """The gradient of |z| at 0 is 0, and elsewhere z̄/|z| (the convention ∂f/∂x - i ∂f/∂y)."""
        z = np.array([0.0, 3 + 4j])
        np.testing.assert_allclose(cr.grad(lambda z: np.sum(np.abs(z)))(z), [0, 0.6 - 0.8j], rtol=1e-15)
        assert cr.jvp(np.abs, (0j,), (1 + 1j,))[1] == 0

    def test_squared_modulus(self):
        """The gradient of |z|² is 2z̄, at 0 too."""
        z = np.array([0.0, 3 + 4j])
        np.testing.assert_allclose(cr.grad(lambda z: np.sum(np.abs(z) ** 2))(z), 2 * np.conj(z), rtol=1e-15)


class TestEqualEigenvalues:
    """Eigenvectors of equal eigenvalues have no derivative, and what does not depend on their choice has one."""

    A = np.diag([1.0, 1.0, 2.0, 3.0])

    def test_norm_of_a_matrix_put_together_again(self):
        """The gradient of the Frobenius norm of U S Vᵀ at diag(1, 1, 2, 3) is A/‖A‖."""

        def f(a):
            u, s, vt = np.linalg.svd(a)
            return np.linalg.norm(u @ np.diag(s) @ vt)

        expected = self.A / np.linalg.norm(self.A)
        np.testing.assert_allclose(cr.grad(f)(self.A), expected, rtol=0, atol=1e-12)
        for e in (np.eye(4), np.arange(16.0).reshape(4, 4)):
            assert cr.jvp(f, (self.A,), (e,))[1] == pytest.approx(np.sum(expected * e), abs=1e-11)

    def test_eigh_put_together_again(self):
        """V Λ Vᵀ = A for symmetric A, so the derivative of <W, V Λ Vᵀ> along a symmetric E is <W, E>."""
        w = np.arange(16.0).reshape(4, 4)
        w = w + w.T
        direction = np.cos(w)

        def f(a):
            eigenvalues, v = np.linalg.eigh(a)
            return np.sum(w * ((v * eigenvalues) @ v.T))

        expected = np.sum(w * direction)
        assert cr.jvp(f, (self.A,), (direction,))[1] == pytest.approx(expected, rel=1e-12)
        assert np.sum(cr.grad(f)(self.A) * direction) == pytest.approx(expected, rel=1e-12)

    def test_trace_of_a_function(self):
        """The gradient of Σ exp λ is exp A, and the second derivative of Σ λ² along E is 2 <E, E>."""

        def f(a):
            return np.sum(np.exp(np.linalg.eigvalsh(a)))

        np.testing.assert_allclose(cr.grad(f)(self.A), np.diag(np.exp(np.diag(self.A))), rtol=1e-12, atol=1e-12)

    def test_sum_of_squares_of_singular_values(self):
        """Σ s² = ‖A‖², so the gradient is 2A and the Hessian 2I, also where singular values are equal."""

        def f(a):
            return np.sum(np.linalg.svd(a, compute_uv=False) ** 2)

        np.testing.assert_allclose(cr.grad(f)(self.A), 2 * self.A, rtol=1e-12, atol=1e-12)
        hessian = np.reshape(cr.hessian(f)(self.A), (16, 16))
        np.testing.assert_allclose(hessian, 2 * np.eye(16), rtol=0, atol=1e-10)
