"""Random numbers inside differentiated functions: constants, drawn as NumPy draws them."""

import numpy as np
import pytest

import chainrule as cr

X = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
GENERATOR = np.random.default_rng(0)


@pytest.mark.parametrize("axis", [0, 1])
def test_shuffle_rearranges_along_an_axis(axis):
    """Shuffling gives an order of the slices, each of them once, and the derivative follows the entries."""

    def f(x):
        rng = np.random.default_rng(3)
        y = x * 1.0
        rng.shuffle(y, axis=axis)
        return y

    order = np.arange(X.shape[axis])
    np.random.default_rng(3).shuffle(order)
    value, jacobian = f(X), cr.jacobian(f)(X)
    pull = cr.vjp(f, X)
    np.testing.assert_array_equal(pull[0], np.take(X, order, axis))
    assert sorted(value.ravel()) == sorted(pull[0].ravel())
    np.testing.assert_array_equal(jacobian.reshape(6, 6).sum(axis=0), np.ones(6))


def test_draws_of_a_captured_generator_are_constants():
    """What a generator from outside draws can be written to and multiplied with, as an array made inside."""

    def f(x):
        noise = GENERATOR.normal(size=3)
        noise[0] = x[0] ** 2
        kept = x * noise
        noise *= 2.0
        return kept.sum() + noise.dot(x)

    state = GENERATOR.bit_generator.state
    gradient = cr.grad(f)(np.array([1.0, 2.0, 3.0]))
    GENERATOR.bit_generator.state = state
    n = GENERATOR.normal(size=3)
    # f = 3 (x0³ + n1 x1 + n2 x2)
    np.testing.assert_allclose(gradient, 3 * np.array([3.0, n[1], n[2]]), rtol=1e-14)


def test_permutation_of_a_traced_array():
    """A permutation of traced entries has the derivative of the entries that it moves."""

    def f(x):
        return np.random.RandomState(1).permutation(x) @ np.arange(3.0)

    order = np.random.RandomState(1).permutation(3)
    expected = np.zeros(3)
    expected[order] = np.arange(3.0)
    np.testing.assert_array_equal(cr.grad(f)(np.array([1.0, 2.0, 3.0])), expected)


def test_traced_parameters_are_refused():
    """A distribution whose parameter carries a derivative is refused with the way out."""

    def f(mu):
        return np.random.default_rng(0).normal(mu)

    with pytest.raises(cr.errors.NoRuleError, match="standard distribution"):
        cr.grad(f)(1.0)
