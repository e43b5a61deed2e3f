"""`scipy.linalg` inside differentiated functions: closed forms, and what is not read has no derivative."""

import numpy as np
import pytest
import scipy.linalg

import chainrule as cr
from chainrule import ops
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
    found = cr.jvp(scipy.linalg.expm, (A,), (direction,))[1]
    # Both are accurate in the norm; an entry may have lost digits by cancellation.
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12 * np.linalg.norm(expected))
    gradient = cr.grad(lambda a: 1e12 * np.sum(direction * scipy.linalg.expm(a)))(A)
    expected = 1e12 * scipy.linalg.expm_frechet(A.T, direction, compute_expm=False)
    np.testing.assert_allclose(gradient, expected, rtol=1e-11, atol=1e-11 * np.linalg.norm(expected))


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


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.complex128])
@pytest.mark.parametrize("trans", [0, 1, 2])
def test_values_of_triangular_solutions(trans, dtype, order):
    """Solutions are SciPy's to the last bit, however the matrices lie in memory; singular ones and NaN are refused."""
    a, b = np.asarray(A, dtype, order=order), np.asarray(B, dtype, order=order)
    for lower, unit_diagonal in ((False, False), (True, False), (True, True)):
        expected = scipy.linalg.solve_triangular(a, b, trans, lower, unit_diagonal)
        found = cr.vjp(lambda b, o=(trans, lower, unit_diagonal): scipy.linalg.solve_triangular(a, b, *o), b)[0]
        assert found.dtype == expected.dtype
        np.testing.assert_array_equal(found, expected)
    with pytest.raises(np.linalg.LinAlgError, match="singular matrix: resolution failed at diagonal 0"):
        cr.vjp(lambda b: scipy.linalg.solve_triangular(np.triu(a, 1), b), b)
    with pytest.raises(ValueError, match="infs or NaNs"):
        cr.vjp(lambda b: scipy.linalg.solve_triangular(np.full_like(a, np.nan), b), b)


@pytest.mark.filterwarnings("error")
def test_large_numbers_are_finite():
    """Numbers whose sum overflows are neither refused nor warned of."""
    a = np.triu(np.full((3, 3), 1e308))
    np.testing.assert_allclose(
        cr.grad(lambda b: np.sum(scipy.linalg.solve_triangular(a, b)))(np.ones(3)), [1e-308, 0, 0]
    )


@pytest.mark.parametrize("dtype", [np.float64, np.complex128])
def test_sylvester_equations_of_one_matrix(dtype):
    """a x + x a = q has the solution that SciPy finds with two decompositions, as has the root of a its derivative."""
    a = A.astype(dtype) + (1j * B @ W.T if dtype is np.complex128 else 0)
    q = (B @ W.T).astype(dtype)
    x = ops.solve_sylvester(a, a, q)
    np.testing.assert_allclose(a @ x + x @ a, q, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(x, scipy.linalg.solve_sylvester(a, a, q), rtol=1e-11, atol=1e-13)
    with pytest.raises(ValueError, match="infs or NaNs"):
        ops.solve_sylvester(a * np.nan, a, q)


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
    with pytest.raises(NoRuleError, match="eig of two matrices"):
        cr.grad(lambda a: scipy.linalg.eig(a, np.eye(3))[0][0].real)(A)
    with pytest.raises(NoRuleError, match="mode='raw', the Householder vectors"):
        cr.grad(lambda a: scipy.linalg.qr(a, mode="raw")[1][0, 0])(A)
    with pytest.raises(NoRuleError, match="orth of stacks of matrices"):
        cr.grad(lambda a: np.sum(scipy.linalg.orth(a)))(np.stack([A, A]))
    with pytest.raises(ValueError, match="not a recognized"):
        cr.grad(lambda b: np.sum(scipy.linalg.solve(A, b, assume_a="round")))(np.ones(3))
    with pytest.raises(NoRuleError, match=r"scipy\.linalg\.schur"):
        cr.grad(lambda a: scipy.linalg.schur(a)[0][0, 0])(A)


SYMMETRIC = A + A.T
METRIC = B @ B.T + np.eye(3)
TALL = RNG.normal(size=(5, 3))

# Argument forms, as functions of a matrix: what is traced is what SciPy returns.
FORMS = {
    "eigh": (lambda a: scipy.linalg.eigh(a), SYMMETRIC),
    **{f"eigh {d}": (lambda a, d=d: scipy.linalg.eigh(a, driver=d), SYMMETRIC) for d in ("ev", "evd", "evx")},
    "eigh of a stack": (lambda a: tuple(scipy.linalg.eigh(np.stack([a, a @ a]))), SYMMETRIC),
    "eigh by value": (lambda a: scipy.linalg.eigh(a, subset_by_value=(1.0, 9.0)), SYMMETRIC),
    "eigvalsh by index": (lambda a: scipy.linalg.eigvalsh(a, subset_by_index=[1, 2]), SYMMETRIC),
    **{f"eigh type {k}": (lambda a, k=k: scipy.linalg.eigh(a, METRIC, type=k), SYMMETRIC) for k in (1, 2, 3)},
    "eigvalsh of two": (lambda a: scipy.linalg.eigvalsh(a, METRIC, lower=False), SYMMETRIC),
    **{
        f"eigvalsh_tridiagonal {s}": (
            lambda a, s=s, r=r: scipy.linalg.eigvalsh_tridiagonal(a[0], a[1, :2], select=s, select_range=r),
            SYMMETRIC,
        )
        for s, r in (("a", None), ("i", (0, 1)), ("v", (-20.0, 7.0)))
    },
    **{
        f"eigh_tridiagonal {s}": (
            lambda a, s=s, r=r: scipy.linalg.eigh_tridiagonal(a[0], a[1, :2], select=s, select_range=r),
            SYMMETRIC,
        )
        for s, r in (("a", None), ("i", (0, 1)), ("v", (-20.0, 7.0)))
    },
    **{
        f"solveh_banded {lower}": (lambda a, lower=lower: scipy.linalg.solveh_banded(a, np.ones(3), lower=lower), bands)
        for lower, bands in ((False, [[0.0, 1.0, 2.0], [5.0, 6.0, 7.0]]), (True, [[5.0, 6.0, 7.0], [1.0, 2.0, 9.0]]))
    },
    "eig": (lambda a: scipy.linalg.eig(a), A),
    "eig of real spectrum": (lambda a: scipy.linalg.eig(a), METRIC),
    **{f"qr {m}": (lambda a, m=m: scipy.linalg.qr(a, mode=m), TALL) for m in ("full", "r", "economic")},
    **{f"qr {m} pivots": (lambda a, m=m: scipy.linalg.qr(a, mode=m, pivoting=True), TALL) for m in ("full", "r")},
    "lu": (lambda a: scipy.linalg.lu(a), TALL),
    "lu of more columns": (lambda a: scipy.linalg.lu(a), TALL.T),
    "lu indices": (lambda a: scipy.linalg.lu(a, p_indices=True), TALL),
    "lu_factor": (lambda a: scipy.linalg.lu_factor(a), A),
    "pinv": (lambda a: scipy.linalg.pinv(a, return_rank=True), TALL),
    "pinv limits": (lambda a: scipy.linalg.pinv(a, atol=1.0, rtol=0.1, return_rank=True), TALL),
    "pinvh": (lambda a: scipy.linalg.pinvh(a, lower=False, return_rank=True), np.triu(SYMMETRIC) + np.tril(A, -1)),
    "lstsq": (lambda a: scipy.linalg.lstsq(a, np.arange(5.0)), TALL),
    "lstsq of columns": (lambda a: scipy.linalg.lstsq(a, np.ones((5, 2))), TALL),
    "lstsq of few rows": (lambda a: scipy.linalg.lstsq(a, np.ones(3)), TALL.T),
    "lstsq of low rank": (lambda a: scipy.linalg.lstsq(a[:, [0, 0, 1]], np.ones(5)), TALL),
    "lstsq gelsy": (lambda a: scipy.linalg.lstsq(a, np.ones(5), lapack_driver="gelsy"), TALL),
    "null_space": (lambda a: scipy.linalg.null_space(a), TALL.T),
    "orth of low rank": (lambda a: scipy.linalg.orth(a[:, [0, 0, 1]]), TALL),
}


@pytest.mark.parametrize("name", FORMS)
def test_values_are_those_of_scipy(name):
    """In every argument form: also which of the eigenvectors v and -v is given."""
    f, a = FORMS[name][0], np.array(FORMS[name][1])
    expected, found = f(a), cr.vjp(f, a)[0]
    if not isinstance(expected, tuple):
        expected, found = (expected,), (found,)
    assert len(expected) == len(found)
    for x, y in zip(expected, found, strict=True):
        assert (x is None) == (y is None)
        if x is not None:
            np.testing.assert_allclose(np.asarray(y), x, rtol=1e-12, atol=1e-13)
            assert np.shape(y) == np.shape(x)


def test_generalized_eigenvalues():
    """ẇ = vᵀ (ȧ - w ḃ) v for vectors of vᵀ b v = 1."""
    w, v = scipy.linalg.eigh(SYMMETRIC, METRIC)

    gradient = cr.grad(lambda b: scipy.linalg.eigh(SYMMETRIC, b, eigvals_only=True)[1])(METRIC)

    direction = np.outer([1.0, 2.0, -1.0], [1.0, 2.0, -1.0])
    np.testing.assert_allclose(np.sum(gradient * direction), -w[1] * (v[:, 1] @ direction @ v[:, 1]), rtol=1e-11)


def test_polar_factor_of_a_rotation():
    """At a rotation a the polar factors are u = a and p = 1, with u̇ = a skew(aᵀ ȧ) and ṗ = sym(aᵀ ȧ)."""
    a, direction = scipy.linalg.expm(A - A.T), RNG.normal(size=(3, 3))

    _, (u_dot, p_dot) = cr.jvp(scipy.linalg.polar, (a,), (direction,))

    turned = a.T @ direction
    np.testing.assert_allclose(u_dot, a @ (turned - turned.T) / 2, atol=1e-12)
    np.testing.assert_allclose(p_dot, (turned + turned.T) / 2, atol=1e-12)


@pytest.mark.parametrize("limits", [(0, 3), (-2, -1), (2, 1)])
def test_eigenvalues_that_there_are_not(limits):
    """As in SciPy an error: they were left out."""
    with pytest.raises(ValueError, match="indices are not valid"):
        cr.grad(lambda a: np.sum(scipy.linalg.eigvalsh(a, subset_by_index=limits)))(SYMMETRIC)
    with pytest.raises(ValueError, match="indices are not valid"):
        cr.grad(lambda d: np.sum(scipy.linalg.eigvalsh_tridiagonal(d, d[1:], "i", limits)))(A[0])


def test_which_eigenvalues_of_a_tridiagonal_matrix():
    """SciPy takes the names in any case, and no others."""
    found, _ = cr.vjp(lambda d: scipy.linalg.eigvalsh_tridiagonal(d, d[1:], "Index", (0, 1)), A[0])
    np.testing.assert_allclose(found, scipy.linalg.eigvalsh_tridiagonal(A[0], A[0, 1:], "Index", (0, 1)), rtol=1e-13)
    with pytest.raises(ValueError, match="invalid argument for select"):
        cr.grad(lambda d: np.sum(scipy.linalg.eigvalsh_tridiagonal(d, d[1:], "some")))(A[0])
