"""Linear algebra: closed forms, mpmath, SciPy, singular and degenerate matrices, argument forms and errors."""

import itertools

import mpmath
import numpy as np
import numpy.linalg
import pytest
import scipy.linalg

import chainrule as cr
import chainrule.numpy as traced_numpy
from chainrule.errors import NoRuleError

MODES = ["reverse", "forward"]


@pytest.fixture
def rng():
    """Random numbers, the same in every run."""
    return np.random.default_rng(30)


def complex_normal(rng, *shape):
    """Complex random numbers."""
    return rng.normal(size=shape) + 1j * rng.normal(size=shape)


def symmetric(a):
    """The symmetric matrix with the lower triangle of a."""
    return np.tril(a) + np.tril(a, -1).T


def directional(f, a, v, h=1e-3):
    """The derivative of f at a along v, by central differences of order 6."""
    steps = {1: 3 / 4, 2: -3 / 20, 3: 1 / 60}
    return sum(w * (f(a + k * h * v) - f(a - k * h * v)) for k, w in steps.items()) / h


def pairing(a_bar, v):
    """What a gradient says of a direction, in the pairing without conjugation."""
    return np.real(np.sum(a_bar * v))


def rotated(rng, values, complex_=False):
    """A Hermitian matrix with given eigenvalues."""
    n = len(values)
    q = np.linalg.qr(complex_normal(rng, n, n) if complex_ else rng.normal(size=(n, n)))[0]
    a = (q * np.array(values, dtype=float)) @ q.conj().T
    return (a + a.conj().T) / 2


class TestSolve:
    @pytest.mark.parametrize("shapes", [((3, 3), (3,)), ((3, 3), (3, 2)), ((4, 3, 3), (3, 2)), ((3, 3), (4, 3, 2))])
    def test_gradient_is_that_of_the_inverse_times_the_right_side(self, shapes, rng):
        """x = a⁻¹ b, so b̄ = a⁻ᵀ c and ā = -b̄ xᵀ, added up over what was broadcast."""
        a, b = rng.normal(size=shapes[0]) + 3 * np.eye(3), rng.normal(size=shapes[1])
        columns = b[..., None] if b.ndim == 1 else b
        c = rng.normal(size=np.linalg.solve(a, b).shape)

        a_bar, b_bar = cr.grad(lambda a, b: np.sum(c * np.linalg.solve(a, b)), argnums=(0, 1))(a, b)

        weights = c[..., None] if b.ndim == 1 else c
        x = np.linalg.inv(a) @ columns
        pulled = np.swapaxes(np.linalg.inv(a), -1, -2) @ weights
        expected = -pulled @ np.swapaxes(x, -1, -2)
        extra = tuple(range(expected.ndim - a.ndim))
        np.testing.assert_allclose(a_bar, expected.sum(extra), rtol=1e-12)
        np.testing.assert_allclose(
            b_bar, pulled.sum(tuple(range(pulled.ndim - columns.ndim))).reshape(b.shape), rtol=1e-12
        )

    def test_vector_or_stack_of_matrices(self, rng):
        """A right side with one axis is a vector; with more it is a stack of matrices, as NumPy 2 decides."""
        a = rng.normal(size=(2, 3, 3)) + 3 * np.eye(3)
        for b in (rng.normal(size=3), rng.normal(size=(3, 1)), rng.normal(size=(2, 3, 4))):
            y, _ = cr.vjp(np.linalg.solve, a, b)
            np.testing.assert_array_equal(y, np.linalg.solve(a, b))

    def test_hessian_by_complex_step(self, rng):
        """Second derivatives of bᵀ a⁻¹ b agree with the complex step of the first."""
        a, b = rng.normal(size=(3, 3)) + 3 * np.eye(3), rng.normal(size=3)

        def f(a):
            return b @ np.linalg.solve(a, b)

        def gradient(a):
            x, y = np.linalg.solve(a, b), np.linalg.solve(a.T, b)
            return -np.outer(y, x)

        v = rng.normal(size=(3, 3))
        expected = np.imag(gradient(a + 1e-30j * v)) / 1e-30
        np.testing.assert_allclose(cr.hvp(f)(a, v), expected, rtol=1e-11)

    def test_tensorsolve_and_tensorinv(self, rng):
        """They are solve and inv of the same numbers in another shape."""
        a, b = rng.normal(size=(2, 3, 6)), rng.normal(size=(2, 3))
        c = rng.normal(size=6)

        found = cr.grad(lambda a: c @ np.linalg.tensorsolve(a, b))(a)
        expected = cr.grad(lambda a: c @ np.linalg.solve(a.reshape(6, 6), b.ravel()))(a)
        np.testing.assert_allclose(found, expected, rtol=1e-12)

        v = rng.normal(size=(2, 3, 6))
        found = cr.jvp(np.linalg.tensorinv, (a,), (v,))[1]
        inverse = np.linalg.inv(a.reshape(6, 6))
        np.testing.assert_allclose(found.reshape(6, 6), -inverse @ v.reshape(6, 6) @ inverse, rtol=1e-10)


class TestDeterminant:
    @pytest.mark.parametrize("rank", [0, 1, 2, 3, 4])
    @pytest.mark.parametrize("kind", ["real", "complex"])
    def test_derivatives_are_minors(self, rank, kind, rng):
        """To third order the derivatives are signed minors, whatever the rank."""
        n = 4
        draw = (lambda *s: complex_normal(rng, *s)) if kind == "complex" else (lambda *s: rng.normal(size=s))
        a = draw(n, rank) @ draw(rank, n)

        def minor(rows, columns):
            """The determinant without some rows and columns, with the sign that Laplace's expansion gives it."""
            keep = [[k for k in range(n) if k not in gone] for gone in (rows, columns)]
            order = [np.argsort(np.argsort(gone)) for gone in (rows, columns)]
            signs = [np.linalg.det(np.eye(len(places))[places]) for places in order]
            return (-1) ** (sum(rows) + sum(columns)) * round(signs[0] * signs[1]) * np.linalg.det(a[np.ix_(*keep)])

        def derivative(order):
            found = np.zeros((n,) * (2 * order), a.dtype)
            for rows in itertools.permutations(range(n), order):
                for columns in itertools.permutations(range(n), order):
                    place = tuple(itertools.chain(*zip(rows, columns, strict=True)))
                    found[place] = minor(list(rows), list(columns))
            return found

        holomorphic = kind == "complex"
        first = cr.grad(np.linalg.det, holomorphic=holomorphic)
        np.testing.assert_allclose(first(a), derivative(1), atol=1e-12)
        if holomorphic:
            v = complex_normal(rng, n, n)
            second = cr.jvp(first, (a,), (v,))[1]
            np.testing.assert_allclose(second, np.einsum("ijkl,kl->ij", derivative(2), v), atol=1e-12)
        else:
            np.testing.assert_allclose(cr.hessian(np.linalg.det)(a), derivative(2), atol=1e-12)
            np.testing.assert_allclose(cr.jacobian(cr.hessian(np.linalg.det))(a), derivative(3), atol=1e-12)

    def test_gradient_with_exact_zeros(self):
        """At diag(1, 2, 0) and at the zero matrix the gradient is the transposed adjugate, exactly."""
        np.testing.assert_array_equal(cr.grad(np.linalg.det)(np.diag([1.0, 2.0, 0.0])), np.diag([0.0, 0.0, 2.0]))
        np.testing.assert_array_equal(cr.grad(np.linalg.det)(np.zeros((3, 3))), np.zeros((3, 3)))
        np.testing.assert_array_equal(cr.grad(np.linalg.det)(np.zeros((1, 1))), np.ones((1, 1)))

    def test_nearly_singular_matrix_against_mpmath(self):
        """Where the inverse has lost all digits the gradient keeps them: a Hilbert matrix, against 60 digits."""
        n = 8
        a = scipy.linalg.hilbert(n)
        with mpmath.workdps(60):
            exact = mpmath.matrix(a.tolist())
            gradient = (mpmath.det(exact) * mpmath.inverse(exact)).T
            expected = np.array(gradient.tolist(), dtype=float)

        np.testing.assert_allclose(cr.grad(np.linalg.det)(a), expected, rtol=1e-6)

    def test_stack_of_regular_and_singular_matrices(self, rng):
        """Each matrix of a stack has its own gradient."""
        regular = rng.normal(size=(3, 3))
        stack = np.stack([regular, np.zeros((3, 3)), np.diag([1.0, 0.0, 3.0])])

        found = cr.grad(lambda a: np.sum(np.linalg.det(a)))(stack)

        np.testing.assert_allclose(found[0], np.linalg.det(regular) * np.linalg.inv(regular).T, rtol=1e-12)
        np.testing.assert_allclose(found[1:], [np.zeros((3, 3)), np.diag([0.0, 3.0, 0.0])], atol=1e-14)

    @pytest.mark.parametrize("left_out", [0.0, np.inf])
    def test_matrix_that_does_not_take_part(self, left_out, rng):
        """Of a matrix of a stack whose determinant is not used the gradient is 0, singular or infinite as it may be."""
        regular = rng.normal(size=(2, 2))
        stack = np.stack([regular, np.full((2, 2), left_out)])
        used = np.array([True, False])

        with np.errstate(all="ignore"):
            of_det = cr.grad(lambda a: np.sum(np.where(used, np.linalg.det(a), 0.0)))(stack)
            of_logarithm = cr.grad(lambda a: np.sum(np.where(used, np.linalg.slogdet(a).logabsdet, 0.0)))(stack)

        np.testing.assert_array_equal(of_det[1], 0.0)
        np.testing.assert_array_equal(of_logarithm[1], 0.0)
        np.testing.assert_allclose(of_logarithm[0], np.linalg.inv(regular).T, rtol=1e-12)

    @pytest.mark.parametrize("uplo", ["L", "U"])
    def test_triangle_that_is_not_read(self, uplo):
        """Roots of zeros in the triangle that is not read have derivative 0, though the slope of the root is infinite.

        Σ w² = ‖a‖² counts the entries √b beside the diagonal twice, so its derivative is 1 on it and 2 beside it.
        """
        b = np.array([[4.0, 0.0], [1.0, 9.0]])
        b, expected = (b, [[1.0, 0.0], [2.0, 1.0]]) if uplo == "L" else (b.T, [[1.0, 2.0], [0.0, 1.0]])

        for eigenvalues in (np.linalg.eigvalsh, lambda a, uplo: np.linalg.eigh(a, uplo)[0]):
            found = cr.grad(lambda b, f=eigenvalues: np.sum(f(np.sqrt(b), uplo) ** 2))(b)
            np.testing.assert_allclose(found, expected, rtol=1e-12)

    def test_slogdet_of_large_determinants(self, rng):
        """The gradient of log |det a| is a⁻ᵀ, also where the determinant overflows."""
        a = 1e3 * (rng.normal(size=(150, 150)) + 20 * np.eye(150))
        assert np.linalg.slogdet(a).logabsdet > np.log(np.finfo(float).max)

        found = cr.grad(lambda a: np.linalg.slogdet(a).logabsdet)(a)

        np.testing.assert_allclose(found, np.linalg.inv(a).T, rtol=1e-9, atol=1e-18)

    def test_sign_of_complex_determinant(self, rng):
        """The determinant is sign · exp(log); so are its derivatives, that of the sign included."""
        a, v = complex_normal(rng, 3, 3), complex_normal(rng, 3, 3)

        def reassembled(a):
            sign, logarithm = np.linalg.slogdet(a)
            return sign * np.exp(logarithm)

        expected = np.linalg.det(a) * np.trace(np.linalg.solve(a, v))
        np.testing.assert_allclose(cr.jvp(reassembled, (a,), (v,))[1], expected, rtol=1e-12)

    def test_empty_determinant_is_constant(self):
        """The determinant of no rows is 1, and nothing depends on nothing."""
        y, pull = cr.vjp(np.linalg.det, np.zeros((0, 0)))

        assert y == 1.0
        assert pull(1.0)[0].shape == (0, 0)


class TestTriangles:
    @pytest.mark.parametrize("upper", [False, True])
    @pytest.mark.parametrize("kind", ["real", "complex"])
    def test_cholesky_pushes_along_the_triangle_that_is_read(self, upper, kind, rng):
        """The derivative along any direction is that of NumPy's function, which reads one triangle."""
        draw = (lambda *s: complex_normal(rng, *s)) if kind == "complex" else (lambda *s: rng.normal(size=s))
        b, v = draw(3, 3), draw(3, 3)
        a = b @ b.conj().T + np.eye(3)

        def f(a):
            return np.linalg.cholesky(a, upper=upper)

        np.testing.assert_allclose(cr.jvp(f, (a,), (v,))[1], directional(f, a, v), atol=1e-9)
        unread = np.tril(v, -1) if upper else np.triu(v, 1)
        np.testing.assert_array_equal(cr.jvp(f, (a,), (unread,))[1], 0)

    def test_symmetrised_gradient_is_the_symmetric_one(self, rng):
        """Of log det by Cholesky, as a function of (a + aᵀ) / 2, the gradient is a⁻¹."""
        b = rng.normal(size=(3, 3))
        a = b @ b.T + np.eye(3)

        def f(a):
            return 2 * np.sum(np.log(np.diag(np.linalg.cholesky((a + a.T) / 2))))

        np.testing.assert_allclose(cr.grad(f)(a), np.linalg.inv(a), rtol=1e-12)

    @pytest.mark.parametrize("shape", [(3, 3), (5, 3), (3, 5), (2, 4, 2), (2, 2, 4), (1, 1)])
    @pytest.mark.parametrize("mode", ["reduced", "complete", "r"])
    @pytest.mark.parametrize("kind", ["real", "complex"])
    def test_qr_has_the_derivative_of_lapacks_factors(self, shape, mode, kind, rng):
        """Both factors, the columns that complete q included, have the derivative that NumPy's results show."""
        draw = (lambda *s: complex_normal(rng, *s)) if kind == "complex" else (lambda *s: rng.normal(size=s))
        a, v = draw(*shape), draw(*shape)

        def f(a):
            factors = np.linalg.qr(a, mode)
            return factors if mode == "r" else np.concatenate([np.ravel(factor) for factor in factors])

        np.testing.assert_allclose(cr.jvp(f, (a,), (v,))[1], directional(f, a, v), atol=1e-7)

    def test_qr_completion_without_a_reflection(self):
        """Where there was nothing to reflect the projection on the further columns still has its derivative."""
        a, v = np.eye(4, 2), np.arange(8.0).reshape(4, 2)

        def f(a):
            further = np.linalg.qr(a, "complete").Q[:, 2:]
            return further @ further.T

        def by_inverse(a):
            return np.eye(4) - a @ np.linalg.inv(a.T @ a) @ a.T

        np.testing.assert_allclose(cr.jvp(f, (a,), (v,))[1], directional(by_inverse, a, v), atol=1e-9)

    def test_qr_of_dependent_columns_says_that_it_has_no_derivative(self):
        """The factors of a matrix with dependent columns have no derivative: NaN, not a number."""
        found = cr.grad(lambda a: np.sum(np.linalg.qr(a).Q))(np.ones((3, 2)) * [[1.0, 0.0]])

        assert np.isnan(found).all()

    @pytest.mark.parametrize("mode", ["raw"])
    def test_raw_mode_is_refused(self, mode, rng):
        """Householder vectors have no rule: the error names the mode and the ways on."""
        with pytest.raises(NoRuleError, match="'reduced', 'complete' and 'r'"):
            cr.grad(lambda a: np.sum(np.linalg.qr(a, mode)[0]))(rng.normal(size=(3, 3)))

    def test_raw_mode_of_constants(self, rng):
        """On constants it is NumPy's."""
        b = rng.normal(size=(3, 2))
        found = cr.vjp(lambda x: x * np.linalg.qr(b, "raw")[0], 1.0)[0]

        np.testing.assert_array_equal(found, np.linalg.qr(b, "raw")[0])


class TestSpectra:
    @pytest.mark.parametrize("kind", ["real", "complex"])
    def test_eigenvalue_gradient_is_the_projection(self, kind, rng):
        """A simple eigenvalue of a Hermitian matrix has the derivative Re vᴴ ȧ v along a Hermitian direction."""
        a = rotated(rng, [1, 2, 4], kind == "complex")
        v = np.linalg.eigh(a)[1][:, 1]
        direction = rotated(rng, [1, -2, 0.5], kind == "complex")

        gradient = cr.grad(lambda a: np.linalg.eigvalsh(a)[1])(a)

        np.testing.assert_allclose(pairing(gradient, direction), np.real(v.conj() @ direction @ v), rtol=1e-12)

    def test_other_triangle(self, rng):
        """With UPLO="U" the upper triangle is read, and the gradient lies there: that of "L", transposed."""
        a = rotated(rng, [1, 2, 4])
        for f in (lambda a, uplo: np.linalg.eigvalsh(a, uplo)[0], lambda a, uplo: np.linalg.eigh(a, UPLO=uplo)[0][0]):
            lower, upper = (cr.grad(lambda a, uplo=uplo, f=f: f(a, uplo))(a) for uplo in "Lu")
            np.testing.assert_array_equal(np.triu(lower, 1), 0)
            np.testing.assert_allclose(upper, lower.T, atol=1e-14)

    def test_eigenvectors_keep_lapacks_normalisation(self, rng):
        """Eigenvectors of a general matrix have length 1 and a real greatest component, before and after a step."""
        a, b = np.array([[0.2, 5.0, 0.1], [-1.0, 0.1, 0.3], [0.2, 0.1, 3.0]]), rng.normal(size=(3, 3))
        v, v_dot = cr.jvp(lambda a: np.linalg.eig(a).eigenvectors, (a,), (b,))

        np.testing.assert_allclose(np.real(np.sum(v.conj() * v_dot, axis=0)), 0, atol=1e-13)
        greatest = np.abs(v).argmax(axis=0)
        np.testing.assert_allclose(np.imag(v_dot[greatest, range(3)]), 0, atol=1e-13)

    def test_general_eigenvalues_against_the_characteristic_polynomial(self, rng):
        """Σ λₖ² = tr a², so its gradient is 2 aᵀ, for real, complex and paired eigenvalues."""
        for a in (rng.normal(size=(4, 4)), complex_normal(rng, 4, 4), np.diag([1.0, 2.0, 3.0]), np.eye(2)[::-1]):
            for eigenvalues in (np.linalg.eigvals, lambda a: np.linalg.eig(a)[0]):
                found = cr.grad(lambda a, e=eigenvalues: np.real(np.sum(e(a) ** 2)))(a)
                np.testing.assert_allclose(found, 2 * a.T, atol=1e-11)

    def test_real_spectrum_stays_real(self):
        """A real matrix with real eigenvalues has real results, as in NumPy, and real derivatives."""
        w, w_dot = cr.jvp(np.linalg.eigvals, (np.diag([1.0, 2.0]),), (np.eye(2),))

        assert w.dtype == w_dot.dtype == np.float64

    @pytest.mark.parametrize("shape", [(3, 3), (4, 2), (2, 4)])
    @pytest.mark.parametrize("kind", ["real", "complex"])
    def test_singular_value_gradient_is_the_outer_product(self, shape, kind, rng):
        """A simple singular value has the derivative Re uᴴ ȧ v: in this pairing its gradient is conj(u) vᵀ."""
        a = complex_normal(rng, *shape) if kind == "complex" else rng.normal(size=shape)
        u, _, vh = np.linalg.svd(a)

        for values in (np.linalg.svdvals, lambda a: np.linalg.svd(a)[1], lambda a: np.linalg.svd(a, compute_uv=False)):
            found = cr.grad(lambda a, values=values: values(a)[0])(a)
            np.testing.assert_allclose(found, np.outer(u[:, 0].conj(), vh[0].conj()), atol=1e-12)

    @pytest.mark.parametrize("full", [True, False])
    def test_product_of_the_factors_is_the_matrix(self, full, rng):
        """u diag(s) vᴴ is the operand, so its derivative is the direction."""
        for a, v in [(rng.normal(size=s), rng.normal(size=s)) for s in ((3, 3), (4, 2), (2, 4))]:
            k = min(a.shape)

            def f(a, k=k):
                u, s, vh = np.linalg.svd(a, full_matrices=full)
                return (u[:, :k] * s) @ vh[:k]

            np.testing.assert_allclose(cr.jvp(f, (a,), (v,))[1], v, atol=1e-12)

    def test_null_space_projection(self, rng):
        """The projection on the completing singular vectors is 1 - a⁺ a, and so is its derivative."""
        a, v = rng.normal(size=(2, 4)), rng.normal(size=(2, 4))

        def f(a):
            vh = np.linalg.svd(a)[2]
            return vh[2:].T @ vh[2:]

        expected = directional(lambda a: np.eye(4) - np.linalg.pinv(a) @ a, a, v)
        np.testing.assert_allclose(cr.jvp(f, (a,), (v,))[1], expected, atol=1e-9)

    def test_hermitian_svd(self, rng):
        """With `hermitian=True` singular values are absolute eigenvalues, and the factors give the matrix back."""
        a, v = rotated(rng, [1, -2, 4]), symmetric(rng.normal(size=(3, 3)))

        def f(a):
            u, s, vh = np.linalg.svd(a, hermitian=True)
            return (u * s) @ vh

        np.testing.assert_allclose(cr.jvp(f, (a,), (v,))[1], v, atol=1e-12)
        expected = np.sort(np.abs([1, -2, 4]))[::-1]
        np.testing.assert_allclose(np.linalg.svd(a, compute_uv=False, hermitian=True), expected)


TIED = [np.diag([1.0, 1.0, 2.0, 3.0]), np.eye(3), np.diag([2.0, 2.0, 0.0, 0.0]), np.eye(4, 2), np.ones((3, 3))]


class TestEqualValues:
    """Where eigenvalues or singular values are equal, what has a derivative gets it."""

    @pytest.mark.parametrize("a", TIED, ids=["a pair", "identity", "zeros", "oblong", "ones"])
    @pytest.mark.parametrize("full", [True, False])
    def test_frobenius_norm_of_the_product_of_the_factors(self, a, full, rng):
        """The gradient of |u diag(s) vᴴ| is a / |a|, and its push along v is (v - a (a·v) / |a|²) / |a|."""
        size, v = np.linalg.norm(a), rng.normal(size=a.shape)
        k = min(a.shape)

        def f(a):
            u, s, vh = np.linalg.svd(a, full_matrices=full)
            return np.linalg.norm((u[:, :k] * s) @ vh[:k])

        np.testing.assert_allclose(cr.grad(f)(a), a / size, atol=1e-13)
        np.testing.assert_allclose(cr.jvp(f, (a,), (v,))[1], np.sum(a * v) / size, atol=1e-13)
        expected = (v - a * np.sum(a * v) / size**2) / size
        np.testing.assert_allclose(cr.hvp(f)(a, v), expected, atol=1e-10)

    @pytest.mark.parametrize("order", MODES)
    @pytest.mark.parametrize("kind", ["real", "complex"])
    def test_function_of_a_matrix(self, order, kind, rng):
        """The exponential by eigenvectors has the Fréchet derivative that SciPy computes without them."""
        a = rotated(rng, [1, 1, 2, 3], kind == "complex")
        v, c = rotated(rng, [1, 2, -1, 0], kind == "complex"), rng.normal(size=(4, 4))

        def f(a):
            w, u = np.linalg.eigh(a)
            return (u * np.exp(w)) @ np.conj(u).T

        expected = scipy.linalg.expm_frechet(a, v, compute_expm=False)
        if order == "forward":
            np.testing.assert_allclose(cr.jvp(f, (a,), (v,))[1], expected, atol=1e-12)
        else:
            gradient = cr.grad(lambda a: np.real(np.sum(c * f(a))))(a)
            np.testing.assert_allclose(pairing(gradient, v), np.real(np.sum(c * expected)), rtol=1e-12)

    def test_second_derivative_of_a_function_of_a_matrix(self, rng):
        """Along twice the same direction, in all four combinations of modes: tr(v² exp) and its kin, by mpmath."""
        a, v = np.diag([1.0, 1.0, 1.0, 2.0]), symmetric(rng.normal(size=(4, 4)))

        def f(a):
            w, u = np.linalg.eigh(a)
            return np.sum((u * np.exp(w)) @ u.T)

        with mpmath.workdps(40):
            exact, direction, h = mpmath.matrix(a.tolist()), mpmath.matrix(v.tolist()), mpmath.mpf("1e-10")
            ahead, at, behind = (mpmath.fsum(mpmath.expm(exact + k * h * direction)) for k in (1, 0, -1))
            expected = float((ahead - 2 * at + behind) / h**2)
        pushed = lambda a: cr.jvp(f, (a,), (v,))[1]  # noqa: E731  # the four combinations stand side by side
        pulled = lambda a: np.sum(cr.grad(f)(a) * v)  # noqa: E731  # as above
        for first in (pushed, pulled):
            np.testing.assert_allclose(cr.jvp(first, (a,), (v,))[1], expected, rtol=1e-9)
            np.testing.assert_allclose(np.sum(cr.grad(first)(a) * v), expected, rtol=1e-9)

    def test_projection_on_an_eigenspace(self, rng):
        """The projection on both vectors of a double eigenvalue turns as perturbation theory says."""
        a, v = rotated(rng, [1, 1, 2, 4]), symmetric(rng.normal(size=(4, 4)))

        def f(a):
            u = np.linalg.eigh(a)[1][:, :2]
            return u @ u.T

        values, vectors = np.linalg.eigh(a)
        p, q = vectors[:, :2], vectors[:, 2:]
        turned = q @ (q.T @ v @ p / (1.0 - values[2:, None])) @ p.T
        np.testing.assert_allclose(cr.jvp(f, (a,), (v,))[1], turned + turned.T, atol=1e-11)

    def test_symmetric_functions_of_eigenvalues(self, rng):
        """Σ λ³ = tr a³ has the derivatives 3 tr(a² v) and 6 tr(a v²) along v, at equal values too."""
        a, v = rotated(rng, [2, 2, 2, 1]), symmetric(rng.normal(size=(4, 4)))
        for values in (np.linalg.eigvalsh, lambda a: np.linalg.eigh(a)[0], np.linalg.svdvals, np.linalg.eigvals):

            def f(a, values=values):
                return np.real(np.sum(values(a) ** 3))

            np.testing.assert_allclose(pairing(cr.grad(f)(a), v), 3 * np.trace(a @ a @ v), rtol=1e-12)
            np.testing.assert_allclose(pairing(cr.hvp(f)(a, v), v), 6 * np.trace(a @ v @ v), rtol=1e-9)

    def test_polar_factor(self, rng):
        """u vᴴ at a multiple of an orthogonal matrix q turns by the skew part of qᵀ v."""
        q, v = np.linalg.qr(rng.normal(size=(3, 3)))[0], rng.normal(size=(3, 3))

        def f(a):
            u, _, vh = np.linalg.svd(a)
            return u @ vh

        expected = (v - q @ v.T @ q) / (2 * 2.0)
        np.testing.assert_allclose(cr.jvp(f, (2 * q,), (v,))[1], expected, atol=1e-12)

    def test_general_matrix(self, rng):
        """The exponential by eigenvectors of a matrix that is not symmetric has SciPy's Fréchet derivative."""
        basis = np.eye(4) + 0.3 * rng.normal(size=(4, 4))
        turning = np.kron(np.eye(2), [[0.5, 2.0], [-1.0, 0.5]])
        for middle in (np.diag([1.0, 1.0, 1.0, 2.0]), turning):
            a, v = basis @ middle @ np.linalg.inv(basis), rng.normal(size=(4, 4))

            def f(a):
                w, u = np.linalg.eig(a)
                return np.real((u * np.exp(w)) @ np.linalg.inv(u))

            expected = scipy.linalg.expm_frechet(a, v, compute_expm=False)
            np.testing.assert_allclose(cr.jvp(f, (a,), (v,))[1], expected, atol=1e-10)

    @pytest.mark.parametrize("seed", range(30))
    def test_conjugate_eigenvalues_of_round_off(self, seed):
        """Where round-off turns equal real eigenvalues into a conjugate pair, the derivative was wrong by 100 %."""
        rng = np.random.default_rng(seed)
        basis = np.eye(4) + 0.3 * rng.normal(size=(4, 4))
        a, v = basis @ np.diag([1.0, 1.0, 1.0, 2.0]) @ np.linalg.inv(basis), rng.normal(size=(4, 4))

        def f(a):
            w, u = np.linalg.eig(a)
            return np.real((u * np.exp(w)) @ np.linalg.inv(u))

        expected = scipy.linalg.expm_frechet(a, v, compute_expm=False)
        np.testing.assert_allclose(cr.jvp(f, (a,), (v,))[1], expected, atol=1e-9)

    def test_stack_under_vmap(self, rng):
        """Matrices with and without equal eigenvalues in one batch each have their own gradient."""
        stack = np.stack([np.eye(3), rotated(rng, [1, 2, 4]), rotated(rng, [1, 3, 3])])
        c = rng.normal(size=(3, 3))

        def f(a):
            w, u = np.linalg.eigh(a)
            return np.sum(c * ((u * w**2) @ u.T))

        expected = [np.tril(g + g.T - np.diag(np.diag(g))) for g in (a @ c + c @ a for a in stack)]
        for found in (
            cr.vmap(cr.grad(f))(stack),
            cr.grad(lambda stack: np.sum(cr.vmap(f)(stack)))(stack),
            cr.grad(lambda stack: sum(f(a) for a in stack))(stack),
        ):
            np.testing.assert_allclose(found, expected, atol=1e-11)

    def test_the_program_runs_as_it_would(self):
        """Branches, indices, writes and printed numbers are those of the matrix itself, and its values are NumPy's."""
        seen = []

        def f(a):
            w, u = np.linalg.eigh(a)
            seen.append((str(w), int(np.argmax(w)), [int(k) for k in np.argsort(-w)], bool(w[0] == w[1])))
            e = np.zeros(3)
            for k in range(3):
                e[k] = w[k] ** 2 if w[k] > 1.5 else np.exp(w[k])
            return (u * e) @ u.T

        a = np.diag([1.0, 1.0, 2.0])
        expected = f(a)
        y, pull = cr.vjp(f, a)

        assert seen[0] == seen[1]
        np.testing.assert_array_equal(y, expected)
        np.testing.assert_allclose(
            pull(np.ones((3, 3)))[0][:2, :2], np.e * np.array([[1.0, 0.0], [2.0, 1.0]]), rtol=1e-12
        )

    def test_inner_derivatives_and_checkpoints(self, rng):
        """An inner gradient in another variable, a checkpoint, and a second eigh on the result keep the limit."""
        a, b, v = rotated(rng, [1, 1, 3]), rng.normal(size=(3, 2)), symmetric(rng.normal(size=(3, 3)))

        def root(a):
            w, u = np.linalg.eigh(a)
            return (u * np.sqrt(w)) @ u.T

        def inner(a):
            return np.sum(cr.grad(lambda b: np.sum((root(a) @ b) ** 3))(b) ** 2)

        def fourth_root(a):
            return np.sum(b * root(cr.checkpoint(root)(a))[:, :2])

        for f in (inner, fourth_root):
            expected = directional(f, a, v)
            np.testing.assert_allclose(pairing(cr.grad(f)(a), v), expected, rtol=1e-8)
            np.testing.assert_allclose(cr.jvp(f, (a,), (v,))[1], expected, rtol=1e-8)


ORDERS = [None, "fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf]


class TestNorms:
    @pytest.mark.parametrize("order", ORDERS)
    @pytest.mark.parametrize("mode", MODES)
    def test_zero_matrix_has_gradient_zero(self, order, mode):
        """At 0 every norm has the subgradient 0, in both modes, and the second derivative is 0."""
        f = lambda a: np.linalg.norm(a, order)  # noqa: E731  # a function of a parameter

        np.testing.assert_array_equal(cr.jacobian(f, order=mode)(np.zeros((2, 3))), 0)
        np.testing.assert_array_equal(cr.hessian(f)(np.zeros((2, 3))), 0)

    @pytest.mark.parametrize("order", [None, 1, 2, 3, 1.5, np.inf, -np.inf])
    def test_zero_vector_has_gradient_zero(self, order):
        """The same of vectors, complex ones included."""
        for zero in (np.zeros(3), np.zeros(3, complex)):
            np.testing.assert_array_equal(cr.grad(lambda x: np.linalg.norm(x, order))(zero), 0)

    def test_norm_of_a_part_that_is_zero(self):
        """In a stack the vector 0 gets 0 and does not disturb its neighbours."""
        x = np.array([[3.0, 4.0], [0.0, 0.0]])

        found = cr.grad(lambda x: np.sum(np.linalg.norm(x, axis=1)))(x)

        np.testing.assert_allclose(found, [[0.6, 0.8], [0.0, 0.0]])

    @pytest.mark.parametrize("order", ORDERS)
    def test_scaling(self, order, rng):
        """A norm is homogeneous: its gradient times the matrix is the norm (Euler)."""
        for a in (rng.normal(size=(3, 3)), complex_normal(rng, 2, 3)):
            f = lambda a: np.linalg.norm(a, order)  # noqa: E731  # a function of a parameter
            np.testing.assert_allclose(pairing(cr.grad(f)(a), a), f(a), rtol=1e-12)

    def test_order_zero_is_a_step(self):
        """The count of entries that are not 0 has the derivative 0."""
        found = cr.grad(lambda x: np.linalg.norm(x, 0) * np.sum(x))(np.array([1.0, 0.0, 2.0]))

        np.testing.assert_array_equal(found, 2.0)

    def test_large_numbers(self):
        """The direction of a vector of huge numbers does not overflow on its way to the gradient."""
        found = cr.grad(np.linalg.norm)(np.array([3e150, 4e150]))

        np.testing.assert_allclose(found, [0.6, 0.8])

    @pytest.mark.parametrize("p", [None, 2, -2, 1, -1, np.inf, -np.inf, "fro"])
    def test_condition_number_is_the_product_of_norms(self, p, rng):
        """cond a = |a| |a⁻¹|, and does not change when the matrix is scaled."""
        a, v = rng.normal(size=(3, 3)) + 3 * np.eye(3), rng.normal(size=(3, 3))

        def f(a):
            return np.linalg.cond(a, p)

        np.testing.assert_allclose(pairing(cr.grad(f)(a), a), 0, atol=1e-11)
        np.testing.assert_allclose(cr.jvp(f, (a,), (v,))[1], directional(f, a, v, 1e-4), rtol=1e-6)

    def test_condition_number_of_a_singular_matrix(self):
        """It is infinite, as NumPy says, under a derivative too."""
        for p in (None, 1):
            assert np.isinf(cr.vjp(lambda a, p=p: np.linalg.cond(a, p), np.diag([1.0, 0.0]))[0])

    def test_rank_is_a_step(self, rng):
        """A rank is an integer, and has no derivative; it batches."""
        stack = np.stack([np.eye(3), np.diag([1.0, 0.0, 0.0]), np.zeros((3, 3))])

        np.testing.assert_array_equal(cr.vmap(np.linalg.matrix_rank)(stack), [3, 1, 0])
        np.testing.assert_array_equal(
            cr.grad(lambda a: np.linalg.matrix_rank(a) * a[0, 0])(np.eye(2)), [[2, 0], [0, 0]]
        )


class TestLeastSquares:
    @pytest.mark.parametrize("shape", [(5, 3), (3, 5), (3, 3)])
    @pytest.mark.parametrize("kind", ["real", "complex"])
    def test_solution_of_full_rank(self, shape, kind, rng):
        """x = a⁺ b with the pseudoinverse written out by normal equations: a⁺ = (aᴴ a)⁻¹ aᴴ, or aᴴ (a aᴴ)⁻¹."""
        draw = (lambda *s: complex_normal(rng, *s)) if kind == "complex" else (lambda *s: rng.normal(size=s))
        a, b, v, w = draw(*shape), draw(shape[0], 2), draw(*shape), draw(shape[0], 2)

        def written_out(a, b):
            ah = a.conj().T
            tall = a.shape[0] >= a.shape[1]
            return np.linalg.inv(ah @ a) @ ah @ b if tall else ah @ np.linalg.inv(a @ ah) @ b

        expected = directional(lambda t: written_out(a + t * v, b + t * w), 0.0, 1.0)
        for f in (lambda a, b: np.linalg.lstsq(a, b)[0], lambda a, b: np.linalg.pinv(a) @ b):
            np.testing.assert_allclose(cr.jvp(f, (a, b), (v, w))[1], expected, atol=1e-7)

    def test_residuals_rank_and_singular_values(self, rng):
        """The sum of squares that is left has the gradient 2 (a x - b) xᵀ in a, and -2 (a x - b) in b."""
        a, b = rng.normal(size=(5, 3)), rng.normal(size=5)
        x, squares, rank, values = np.linalg.lstsq(a, b)

        a_bar, b_bar = cr.grad(lambda a, b: np.linalg.lstsq(a, b)[1][0], argnums=(0, 1))(a, b)
        np.testing.assert_allclose(a_bar, 2 * np.outer(a @ x - b, x), atol=1e-12)
        np.testing.assert_allclose(b_bar, -2 * (a @ x - b), atol=1e-12)

        found = cr.vjp(lambda a, b: np.linalg.lstsq(a, b), a, b)[0]
        for ours, numpys in zip(found, (x, squares, rank, values), strict=True):
            np.testing.assert_array_equal(ours, numpys)
            assert type(ours) is type(numpys)
        np.testing.assert_allclose(
            cr.grad(lambda a: np.linalg.lstsq(a, b)[3][0])(a), cr.grad(lambda a: np.linalg.svdvals(a)[0])(a), atol=1e-13
        )

    def test_low_rank(self, rng):
        """While the rank stays, the pseudoinverse of b c is c⁺ b⁺, and so is its derivative in b."""
        b, c, v = rng.normal(size=(4, 2)), rng.normal(size=(2, 3)), rng.normal(size=(4, 2))
        pinv = np.linalg.pinv

        expected = directional(lambda b: pinv(c) @ pinv(b), b, v)
        np.testing.assert_allclose(cr.jvp(lambda b: pinv(b @ c, rtol=1e-10), (b,), (v,))[1], expected, atol=1e-8)
        right = rng.normal(size=4)
        found = cr.jvp(lambda b: np.linalg.lstsq(b @ c, right, rcond=1e-10)[0], (b,), (v,))[1]
        np.testing.assert_allclose(found, expected @ right, atol=1e-8)

    def test_truncated_singular_values(self, rng):
        """With a large rcond what is cut off is not 0: the derivative is that of the truncated function."""
        a, v = np.diag([5.0, 3.0, 0.5]) + 0.1 * rng.normal(size=(3, 3)), rng.normal(size=(3, 3))

        def f(a):
            return np.linalg.pinv(a, rcond=0.3)

        np.testing.assert_allclose(cr.jvp(f, (a,), (v,))[1], directional(f, a, v), atol=1e-9)

    @pytest.mark.parametrize("order", MODES)
    def test_identity_at_second_order(self, order, rng):
        """Near the identity, whose singular values are equal, the pseudoinverse is the inverse, at second order too."""
        c = rng.normal(size=(3, 3))
        f, g = (lambda a, inverse=inverse: np.sum(c * inverse(a)) for inverse in (np.linalg.pinv, np.linalg.inv))

        found, expected = (cr.jacobian(cr.grad(h), order=order)(np.eye(3)) for h in (f, g))
        np.testing.assert_allclose(found, expected, atol=1e-12)

    def test_batches(self, rng):
        """Least squares under vmap are those of each matrix."""
        a, b = rng.normal(size=(4, 5, 2)), rng.normal(size=(4, 5))

        found = cr.vmap(lambda a, b: np.linalg.lstsq(a, b)[0])(a, b)

        np.testing.assert_allclose(found, [np.linalg.lstsq(x, y)[0] for x, y in zip(a, b, strict=True)], rtol=1e-11)


class TestPowers:
    @pytest.mark.parametrize("n", [-3, -2, -1, 0, 1, 2, 3, 4, 7])
    def test_derivative_along_the_matrix_itself(self, n, rng):
        """aⁿ is homogeneous of degree n: its derivative along a is n aⁿ."""
        a = rng.normal(size=(3, 3)) + 2 * np.eye(3)

        y, y_dot = cr.jvp(lambda a: np.linalg.matrix_power(a, n) + 0 * a, (a,), (a,))

        np.testing.assert_allclose(y_dot, n * y, rtol=1e-10, atol=1e-12)

    def test_chain_of_products_takes_the_cheapest_order(self, rng):
        """multi_dot multiplies in NumPy's order, so its value is NumPy's bit by bit."""
        arrays = [rng.normal(size=s) for s in ((10, 100), (100, 5), (5, 50), (50,))]

        y, pull = cr.vjp(lambda *arrays: np.linalg.multi_dot(arrays), *arrays)

        np.testing.assert_array_equal(y, np.linalg.multi_dot(arrays))
        c = rng.normal(size=10)
        np.testing.assert_allclose(pull(c)[1], np.outer(arrays[0].T @ c, arrays[2] @ arrays[3]), rtol=1e-12)


class TestErrors:
    @pytest.mark.parametrize(
        "call",
        [
            lambda a: np.linalg.inv(0 * a),
            lambda a: np.linalg.solve(0 * a, a),
            lambda a: np.linalg.inv(a[:2]),
            lambda a: np.linalg.det(a[0]),
            lambda a: np.linalg.cholesky(-np.eye(3) + 0 * a),
            lambda a: np.linalg.eig(a / 0),
            lambda a: np.linalg.eigvals(a[:, :2]),
            lambda a: np.linalg.svd(a[0]),
            lambda a: np.linalg.lstsq(a, a[:2]),
            lambda a: np.linalg.tensorsolve(a, a[0, 0]),
            lambda a: np.linalg.matrix_power(a[:2], 2),
            lambda a: np.linalg.cond(a[:0]),
        ],
    )
    @pytest.mark.filterwarnings("ignore::RuntimeWarning")
    def test_linalgerror_passes_through(self, call, rng):
        """NumPy's LinAlgError comes out as it is, also from inside a derivative."""
        a = rng.normal(size=(3, 3))
        with pytest.raises(np.linalg.LinAlgError) as plain:
            call(a)
        with pytest.raises(np.linalg.LinAlgError) as traced:
            cr.vjp(call, a)

        if "requirement" not in str(plain.value):
            assert str(plain.value) == str(traced.value)

    def test_error_can_be_caught_inside(self):
        """`except np.linalg.LinAlgError` works in a differentiated function."""

        def f(a):
            try:
                return np.sum(np.linalg.inv(a))
            except np.linalg.LinAlgError:
                return np.sum(a)

        np.testing.assert_array_equal(cr.grad(f)(np.zeros((2, 2))), np.ones((2, 2)))

    @pytest.mark.parametrize(
        ("call", "error"),
        [
            (lambda a: np.linalg.norm(a, "nonsense"), ValueError),
            (lambda a: np.linalg.norm(a[0], "fro"), ValueError),
            (lambda a: np.linalg.norm(a, 3), ValueError),
            (lambda a: np.linalg.norm(a, axis=(0, 0)), ValueError),
            (lambda a: np.linalg.norm(a, axis="x"), TypeError),
            (lambda a: np.linalg.norm(a[None], 2), ValueError),
            (lambda a: np.linalg.eigh(a, "X"), ValueError),
            (lambda a: np.linalg.qr(a, "nonsense"), ValueError),
            (lambda a: np.linalg.matrix_power(a, 1.5), TypeError),
            (lambda a: np.linalg.pinv(a, rcond=0.1, rtol=0.1), ValueError),
            (lambda a: np.linalg.matrix_rank(a, tol=0.1, rtol=0.1), ValueError),
            (lambda a: np.linalg.tensorinv(a, ind=0), ValueError),
            (lambda a: np.linalg.solve(a, a[:2]), ValueError),
            (lambda a: np.linalg.inv(a.astype(np.float16)), TypeError),
            (lambda a: np.linalg.matrix_transpose(a[0]), ValueError),
        ],
    )
    def test_wrong_arguments_raise_what_numpy_raises(self, call, error, rng):
        """Arguments that NumPy refuses are refused with the same class of error."""
        a = rng.normal(size=(3, 3))
        for run in (lambda: call(a), lambda: cr.vjp(call, a)):
            with pytest.raises(error):
                run()

    def test_derivative_at_a_singular_matrix_is_nan(self):
        """The logarithm of a determinant that is 0 has no derivative."""
        with np.errstate(divide="ignore"):
            assert np.isnan(cr.grad(lambda a: np.linalg.slogdet(a)[1])(np.zeros((2, 2)))).all()


class TestNamespace:
    def test_every_way_to_import(self):
        """`np.linalg`, `numpy.linalg`, `from numpy.linalg import`, and our own namespace are one."""

        def by_attribute(a):
            return np.linalg.norm(a)

        def by_module(a):
            return numpy.linalg.norm(a)

        def by_import(a):
            from numpy.linalg import norm

            return norm(a)

        def by_name(a):
            import numpy.linalg as la

            return la.norm(a)

        def openly(a):
            return traced_numpy.linalg.norm(a)

        a = np.array([[3.0, 0.0], [0.0, 4.0]])
        for f in (by_attribute, by_module, by_import, by_name, openly):
            np.testing.assert_allclose(cr.grad(f)(a), a / 5)

    def test_module_has_numpys_names(self):
        """Every public name is there, and what is no function is NumPy's own."""
        assert set(np.linalg.__all__) <= set(dir(traced_numpy.linalg))
        assert traced_numpy.linalg.LinAlgError is np.linalg.LinAlgError
        for name in np.linalg.__all__:
            assert callable(getattr(traced_numpy.linalg, name))

    def test_named_tuples(self, rng):
        """Results have the names that NumPy gives them."""
        a = rotated(rng, [1, 2, 3])

        def f(a):
            return (
                np.linalg.eigh(a).eigenvalues[0]
                + np.linalg.svd(a).S[0]
                + np.linalg.qr(a).R[0, 0]
                + np.linalg.slogdet(a).logabsdet
                + np.linalg.eig(a).eigenvalues[0]
            )

        assert np.isfinite(cr.grad(f)(a)).all()
        result = cr.vjp(np.linalg.svd, a)[0]
        assert type(result) is type(np.linalg.svd(a))

    def test_lists_and_integers(self):
        """Nested lists with traced numbers, and integer matrices, are taken as NumPy takes them."""
        found = cr.grad(lambda x: np.linalg.det([[x, 1], [2, x]]))(3.0)
        assert found == pytest.approx(6.0)

        found = cr.jacobian(lambda b: np.linalg.solve(np.array([[2, 0], [0, 4]]), b))(np.ones(2))
        np.testing.assert_array_equal(found, np.diag([0.5, 0.25]))
