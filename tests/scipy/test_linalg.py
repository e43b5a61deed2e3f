"""`scipy.linalg` inside differentiated functions: closed forms, and what is not read has no derivative."""

import numpy as np
import pytest
import scipy.linalg

import chainrule as cr
from chainrule.errors import NoRuleError

RNG = np.random.default_rng(3)
A = RNG.normal(size=(3, 3)) + 3 * np.eye(3)
B = RNG.normal(size=(3, 2))
W = RNG.normal(size=(3, 2))


@pytest.mark.parametrize("trans", [0, 1, 2, "N", "T", "C"])
@pytest.mark.parametrize("lower", [False, True])
@pytest.mark.parametrize("unit_diagonal", [False, True])
def test_solve_triangular(trans, lower, unit_diagonal):
    """The gradient is that of a general solution with the matrix which is read, every option in every combination."""

    def read(a):
        triangle = np.tril(a, -1) if lower else np.triu(a, 1)
        triangle = triangle + (np.eye(3) if unit_diagonal else np.diag(np.diag(a)))
        return triangle if trans in (0, "N") else triangle.T

    def f(a, b):
        options = {"trans": trans, "lower": lower, "unit_diagonal": unit_diagonal}
        return np.sum(W * scipy.linalg.solve_triangular(a, b, **options))

    def general(a, b):
        return np.sum(W * np.linalg.solve(read(a), b))

    found, expected = (cr.grad(g, argnums=(0, 1))(A, B) for g in (f, general))
    for x, y in zip(found, expected, strict=True):
        np.testing.assert_allclose(x, y, rtol=1e-11, atol=1e-13)
    outside = ~np.tri(3, 3, -1 if unit_diagonal else 0, dtype=bool)
    assert np.all(found[0][outside if lower else outside.T] == 0)


def test_expm():
    """The push is SciPy's Fréchet derivative, and the pull its transpose, for large cotangents, too."""
    direction = RNG.normal(size=(3, 3))
    expected = scipy.linalg.expm_frechet(A, direction, compute_expm=False)
    np.testing.assert_allclose(cr.jvp(scipy.linalg.expm, (A,), (direction,))[1], expected, rtol=1e-12)
    gradient = cr.grad(lambda a: 1e12 * np.sum(direction * scipy.linalg.expm(a)))(A)
    np.testing.assert_allclose(
        gradient, 1e12 * scipy.linalg.expm_frechet(A.T, direction, compute_expm=False), rtol=1e-11
    )


def test_square_root_and_logarithm_of_a_matrix_without_real_ones():
    """They are complex, as SciPy's, and so are the derivatives on the way."""
    a = np.array([[1.0, 2.0], [3.0, -4.0]])
    for function in (scipy.linalg.sqrtm, scipy.linalg.logm):

        def f(a, function=function):
            return np.sum(np.abs(function(a)) ** 2)

        h = 1e-5
        expected = np.array(
            [[(f(a + h * e.reshape(2, 2)) - f(a - h * e.reshape(2, 2))) / (2 * h) for e in np.eye(4)]]
        ).reshape(2, 2)
        np.testing.assert_allclose(cr.grad(f)(a), expected, rtol=1e-7, atol=1e-8)


def test_sylvester():
    """All three gradients, against the equation as one system of linear equations."""
    b, q = RNG.normal(size=(2, 2)) + 2 * np.eye(2), RNG.normal(size=(3, 2))

    def f(a, b, q):
        return np.sum(W * scipy.linalg.solve_sylvester(a, b, q))

    def general(a, b, q):
        system = np.kron(a, np.eye(2)) + np.kron(np.eye(3), b.T)
        return np.sum(W * np.linalg.solve(system, q.reshape(6)).reshape(3, 2))

    for x, y in zip(*(cr.grad(g, argnums=(0, 1, 2))(A, b, q) for g in (f, general)), strict=True):
        np.testing.assert_allclose(x, y, rtol=1e-11)


def test_banded():
    """The gradients in the bands are those in the entries of the matrix."""
    bands = RNG.normal(size=(4, 5)) + np.array([[0.0], [0.0], [6.0], [0.0]])
    b = RNG.normal(size=5)

    def dense(bands):
        a = np.zeros((5, 5))
        for i in range(5):
            for j in range(max(0, i - 1), min(5, i + 3)):
                a[i, j] = bands[2 + i - j, j]
        return a

    found = cr.grad(lambda ab, b: np.sum(scipy.linalg.solve_banded((1, 2), ab, b) ** 2), argnums=(0, 1))(bands, b)
    expected = cr.grad(lambda ab, b: np.sum(np.linalg.solve(dense(ab), b) ** 2), argnums=(0, 1))(bands, b)
    for x, y in zip(found, expected, strict=True):
        np.testing.assert_allclose(x, y, rtol=1e-10, atol=1e-14)


def test_bad_input():
    """Shapes that do not fit, infinities, and options without a rule are named."""
    with pytest.raises(ValueError, match="incompatible"):
        cr.grad(lambda b: np.sum(scipy.linalg.solve_triangular(A, b)))(np.ones(4))
    with pytest.raises(ValueError, match="infs or NaNs"):
        cr.grad(lambda a: np.sum(scipy.linalg.inv(a)))(np.full((2, 2), np.nan))
    with pytest.raises(NoRuleError, match="eigh of two matrices"):
        cr.grad(lambda a: scipy.linalg.eigh(a, np.eye(3))[0][0])(A)
    with pytest.raises(NoRuleError, match=r"scipy\.linalg\.schur"):
        cr.grad(lambda a: scipy.linalg.schur(a)[0][0, 0])(A)
