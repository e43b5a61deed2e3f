"""What does not take part in a result has derivative 0, even where its own derivative is infinite or undefined.

In every mode, under vmap, and at second order. The expectations are closed forms.
"""

import numpy as np
import pytest

import chainrule as cr

INF, NAN = np.inf, np.nan

GRADIENTS = {
    "reverse": lambda f: cr.grad(f),
    "forward": lambda f: lambda x: np.array([cr.jvp(f, (x,), (e,))[1] for e in np.eye(len(x))]),
    "reverse Jacobian": lambda f: cr.jacobian(f, order="reverse"),
    "forward Jacobian": lambda f: cr.jacobian(f, order="forward"),
    "linearized": lambda f: lambda x: np.array([cr.linearize(f, x)[1](e) for e in np.eye(len(x))]),
    "vmap of reverse": lambda f: lambda x: cr.vmap(cr.grad(f))(np.stack([x + 1, x]))[1],
    "vmap of forward": lambda f: lambda x: cr.vmap(lambda e: cr.jvp(f, (x,), (e,))[1])(np.eye(len(x))),
}

HESSIANS = {
    "forward over reverse": cr.hessian,
    "reverse over reverse": lambda f: cr.jacobian(cr.grad(f), order="reverse"),
    "forward over forward": lambda f: cr.jacobian(cr.jacobian(f, order="forward"), order="forward"),
    "reverse over forward": lambda f: cr.jacobian(cr.jacobian(f, order="forward"), order="reverse"),
}


def overwritten(x):
    y = np.log(x)
    y[0] = 3.0
    return np.sum(y)


def overwritten_through_a_view(x):
    y = np.log(x)
    y.reshape(-1)[::2][0] = x[1]
    return np.sum(y)


def overwritten_where(x):
    y = np.log(x)
    y[x == 0] = 0.0
    return np.sum(y)


def overwritten_at_indices(x):
    y = np.log(x)
    y[[0, 0]] = x[[1, 1]]
    return np.sum(y)


def filled(x):
    y = np.log(x)
    y.fill(2.0)
    return np.sum(y) + x[1] ** 2


def chosen_by_if(x):
    return sum(e * e if e > 0 else 0.0 for e in x)


def selected(x):
    return np.sum(np.select([x > 0.5, x > 0], [x**2, np.log(x)], 0.0))


def read_in_part(x):
    return np.sum(np.log(x)[1:])


def read_one(x):
    return np.log(x)[1] ** 2


def read_at_indices(x):
    return np.sum(np.log(x)[[1, 1]])


def read_where(x):
    return np.sum(np.log(x)[x > 0])


def moved_and_read(x):
    return np.sum(np.concatenate([np.log(x), x]).reshape(2, 2).T[1, ::-1])


def repeated_and_read(x):
    return np.sum(np.broadcast_to(np.log(x), (3, 2))[:, 1])


def summed_apart(x):
    return np.sum(np.stack([np.log(x), x**2]), axis=0)[1]


def greatest(x):
    return np.max(np.where(x > 0, x, -np.sqrt(x)))


def clipped(x):
    return np.sum(np.clip(np.log(x), -1.0, 5.0))


def maximum(x):
    return np.sum(np.maximum(np.log(x), -1.0))


def swapped(x):
    y = np.sqrt(x)
    y[0], y[1] = y[1], x[0]
    return np.sum(y)


# (function of a vector, point, gradient, Hessian)
CASES = {
    "where x >= 0, x, sqrt(-x)": (
        lambda x: np.sum(np.where(x >= 0, x, np.sqrt(-x))),
        [0.0, 1.0, -4.0],
        [1.0, 1.0, -0.25],
        np.diag([0.0, 0.0, -1 / 32]),
    ),
    "where x > 0, log x, 0": (
        lambda x: np.sum(np.where(x > 0, np.log(x), 0.0)),
        [0.0, 2.0, -1.0],
        [0.0, 0.5, 0.0],
        np.diag([0.0, -0.25, 0.0]),
    ),
    "where of where": (
        lambda x: np.sum(np.where(x > 0, np.where(x < 1, 1 / x, np.sqrt(x - 1)), x)),
        [0.0, 0.5, 5.0],
        [1.0, -4.0, 0.25],
        np.diag([0.0, 16.0, -1 / 32]),
    ),
    "a branch divides by zero": (
        lambda x: np.sum(np.where(x == 0, 1.0, np.sin(x) / x)),
        [0.0, np.pi],
        [0.0, -1 / np.pi],
        np.diag([0.0, 2 / np.pi**2]),
    ),
    "if": (chosen_by_if, [0.0, 3.0], [0.0, 6.0], np.diag([0.0, 2.0])),
    "select": (selected, [0.0, 0.25, 2.0], [0.0, 4.0, 4.0], np.diag([0.0, -16.0, 2.0])),
    "an entry not read": (read_in_part, [0.0, 2.0], [0.0, 0.5], np.diag([0.0, -0.25])),
    "one entry read": (
        read_one,
        [0.0, 2.0],
        [0.0, np.log(2.0)],
        np.diag([0.0, (1 - np.log(2.0)) / 2]),
    ),
    "read at indices": (read_at_indices, [0.0, 2.0], [0.0, 1.0], np.diag([0.0, -0.5])),
    "read where a mask holds": (read_where, [0.0, 2.0], [0.0, 0.5], np.diag([0.0, -0.25])),
    "moved, then read": (moved_and_read, [0.0, 2.0], [0.0, 1.5], np.diag([0.0, -0.25])),
    "repeated, then read": (repeated_and_read, [0.0, 2.0], [0.0, 1.5], np.diag([0.0, -0.75])),
    "a sum not read": (summed_apart, [0.0, 2.0], [0.0, 4.5], np.diag([0.0, 1.75])),
    "overwritten": (overwritten, [0.0, 2.0], [0.0, 0.5], np.diag([0.0, -0.25])),
    "overwritten through a view": (overwritten_through_a_view, [0.0, 2.0], [0.0, 1.5], np.diag([0.0, -0.25])),
    "overwritten where a mask holds": (overwritten_where, [0.0, 2.0], [0.0, 0.5], np.diag([0.0, -0.25])),
    "overwritten at indices": (overwritten_at_indices, [0.0, 2.0], [0.0, 1.5], np.diag([0.0, -0.25])),
    "filled": (filled, [0.0, 3.0], [0.0, 6.0], np.diag([0.0, 2.0])),
    "swapped and overwritten": (swapped, [0.0, 4.0], [1.0, 0.25], np.diag([0.0, -1 / 32])),
    "not the greatest": (greatest, [0.0, 2.0], [0.0, 1.0], np.zeros((2, 2))),
    "clipped off": (clipped, [0.0, 2.0], [0.0, 0.5], np.diag([0.0, -0.25])),
    "less than another": (maximum, [0.0, 2.0], [0.0, 0.5], np.diag([0.0, -0.25])),
}


@pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore::chainrule.errors.LaneByLaneWarning")
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
@pytest.mark.parametrize("gradient", GRADIENTS.values(), ids=GRADIENTS)
def test_gradient(case, gradient):
    """What does not take part contributes 0 to the gradient, not 0 times infinity."""
    f, x, expected, _ = case
    found = gradient(f)(np.array(x))
    np.testing.assert_allclose(found, expected, rtol=1e-14, atol=1e-15)


@pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore::chainrule.errors.LaneByLaneWarning")
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
@pytest.mark.parametrize("hessian", HESSIANS.values(), ids=HESSIANS)
def test_hessian(case, hessian):
    """Nor does it contribute to the Hessian."""
    f, x, _, expected = case
    found = hessian(f)(np.array(x))
    np.testing.assert_allclose(found, expected, rtol=1e-14, atol=1e-15)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
class TestSeeds:
    """Exact zeros of a seed do not take part."""

    X = np.array([0.0, 1.0])

    @staticmethod
    def f(x):
        return np.log(x[0]) - x[1] ** 2

    def test_push(self):
        """The push of log x₀ - x₁² at (0, 1) along x₁ is -2, though log has an infinite slope at 0."""
        assert cr.jvp(self.f, (self.X,), (np.array([0.0, 1.0]),))[1] == -2.0
        assert cr.linearize(self.f, self.X)[1](np.array([0.0, 1.0])) == -2.0

    def test_push_along_the_pole(self):
        """Along x₀ it is infinite."""
        assert cr.jvp(self.f, (self.X,), (np.array([1.0, 0.0]),))[1] == INF

    def test_second_push(self):
        """Along x₁ twice it is -2."""
        e = np.array([0.0, 1.0])
        assert cr.jvp(lambda x: cr.jvp(self.f, (x,), (e,))[1], (self.X,), (e,))[1] == -2.0

    def test_two_arguments(self):
        """With the numbers as arguments of their own, too."""
        assert cr.jvp(lambda a, b: np.log(a) - b**2, (0.0, 1.0), (0.0, 1.0))[1] == -2.0

    def test_gradient(self):
        """The gradient of the same function is (∞, -2)."""
        np.testing.assert_array_equal(cr.grad(self.f)(self.X), [INF, -2.0])

    def test_pull(self):
        """A result whose cotangent is 0 contributes nothing to the pull."""
        _, pull = cr.vjp(np.log, self.X)
        np.testing.assert_array_equal(pull(np.array([0.0, 1.0]))[0], [0.0, 1.0])
        np.testing.assert_array_equal(pull(np.array([1.0, 0.0]))[0], [INF, 0.0])
        np.testing.assert_array_equal(pull(np.zeros(2))[0], [0.0, 0.0])

    def test_seed_of_no_entries(self):
        """Nor does what has no entries: the sum of nothing is 0, and stays so, also below a root."""
        assert 0 == cr.jvp(lambda x: np.sqrt(np.sum(x)), (np.zeros(0),), (np.zeros(0),))[1]

    def test_seeds_of_a_batch(self):
        """Nor do those of the lanes of a batch: vmap of push and pull over unit seeds gives diag(∞, 1) for log."""
        expected = [[INF, 0.0], [0.0, 1.0]]
        seeds = np.eye(2)
        np.testing.assert_array_equal(cr.vmap(lambda e: cr.jvp(np.log, (self.X,), (e,))[1])(seeds), expected)
        np.testing.assert_array_equal(cr.vmap(lambda e: cr.vjp(np.log, self.X)[1](e)[0])(seeds), expected)

    @pytest.mark.parametrize("order", ["forward", "reverse"])
    def test_seed_that_is_differentiated(self, order):
        """The zeros of a seed that varies are numbers: the Jacobian of v ↦ J v at v = 0 is J."""
        x = np.array([0.3, 0.7])
        pushed = cr.jacobian(lambda v: cr.jvp(np.sin, (x,), (v,))[1], order=order)(np.zeros(2))
        pulled = cr.jacobian(lambda v: cr.vjp(np.sin, x)[1](v)[0], order=order)(np.zeros(2))
        np.testing.assert_allclose(pushed, np.diag(np.cos(x)), rtol=1e-15)
        np.testing.assert_allclose(pulled, np.diag(np.cos(x)), rtol=1e-15)

    @pytest.mark.parametrize("order", ["forward", "reverse"])
    def test_jacobian(self, order):
        """The Jacobian of (log x₀, x₁²) at (0, 1) is diagonal: an entry off it is 0, not 0·∞."""
        jacobian = cr.jacobian(lambda x: np.stack([np.log(x[0]), x[1] ** 2]), order=order)(self.X)
        np.testing.assert_array_equal(jacobian, [[INF, 0.0], [0.0, 2.0]])

    @pytest.mark.parametrize("order", ["forward", "reverse"])
    def test_elementwise_jacobian(self, order):
        """So is that of an elementwise function."""
        np.testing.assert_array_equal(cr.jacobian(np.log, order=order)(self.X), [[INF, 0.0], [0.0, 1.0]])


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
class TestGenuineIndeterminacy:
    """Exclusion follows the structure of the program, and is never concluded from a computed value."""

    @pytest.mark.parametrize("gradient", GRADIENTS.values(), ids=GRADIENTS)
    def test_product_of_roots(self, gradient):
        """√x·√x at 0 has the derivative 0·∞ by the product rule, and it stays NaN."""
        assert np.isnan(gradient(lambda x: np.sum(np.sqrt(x) * np.sqrt(x)))(np.zeros(1)))

    @pytest.mark.parametrize("gradient", GRADIENTS.values(), ids=GRADIENTS)
    def test_factor_that_is_zero(self, gradient):
        """A computed factor 0 is a number: x₁·log x₀ at (0, 0) has the derivative 0·∞ with respect to x₀."""
        found = gradient(lambda x: x[1] * np.log(x[0]))(np.zeros(2))
        assert np.isnan(found[0])
        assert found[1] == -INF

    @pytest.mark.parametrize("gradient", GRADIENTS.values(), ids=GRADIENTS)
    def test_branch_taken(self, gradient):
        """The branch that is taken keeps its infinite slope."""
        found = gradient(lambda x: np.sum(np.where(x >= 0, np.sqrt(x), x)))(np.array([0.0, 4.0]))
        np.testing.assert_array_equal(found, [INF, 0.25])
