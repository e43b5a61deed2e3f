"""Polynomials: NumPy's results in every argument form, derivatives from closed forms, and what has none."""

import warnings

import mpmath
import numpy as np
import pytest

import chainrule as cr

P = np.array([2.0, -1.0, 0.5, 3.0])
X = np.array([-1.0, 0.0, 0.5, 1.5, 2.0, 3.0])
Y = np.array([0.3, -0.2, 0.9, 1.1, 3.0, 2.5])

FORMS = {
    "polyval list": lambda x: np.polyval([1, x[0], 2], 3),
    "polyval rows": lambda x: np.polyval(np.stack([x, x]), x),
    "polyval poly1d": lambda x: np.polyval(np.poly1d([1, 2, 3]), x),
    "poly1d called": lambda x: np.poly1d([1.0, 2.0])(x),
    "polyadd number": lambda x: np.polyadd(x, 1),
    "polysub integers": lambda x: np.polysub([1, 2, 3, 4, 5], x),
    "polymul zeros": lambda x: np.polymul(np.concatenate((np.zeros(2), x)), [0, 3, 1]),
    "polymul all zeros": lambda x: np.polymul(x * 0, [0, 0]),
    "polydiv": lambda x: np.polydiv(x, [2, 1]),
    "polydiv exact": lambda x: np.polydiv(np.polymul(x, [1.0, 2.0]), [1.0, 2.0]),
    "polydiv longer": lambda x: np.polydiv([1, 2], x),
    "polyder": lambda x: np.polyder(x, 5),
    "polyint": lambda x: np.polyint(x, 3, [1, 2, x[0]]),
    "polyint number": lambda x: np.polyint(x, 2, k=4),
    "poly": lambda x: np.poly(x),
    "poly of matrix": lambda x: np.poly(np.outer(x, x) + np.diag(x)),
    "poly of pairs": lambda x: np.poly(np.concatenate((x + 1j, x - 1j))),
    "roots": lambda x: np.roots(x),
    "roots at both ends": lambda x: np.roots(np.concatenate((np.zeros(1), x, np.zeros(1)))),
    "roots of a power": lambda x: np.roots(np.concatenate((x[:1], np.zeros(1)))),
    "roots of a constant": lambda x: np.roots(x[:1]),
    "roots of nothing": lambda x: np.roots(x[:0]),
    "roots of a complex polynomial": lambda x: np.roots(x * 1j),
}


def pieces(result):
    return result if isinstance(result, tuple) else (result,)


@pytest.mark.parametrize("name", FORMS)
def test_values_are_numpys(name):
    """Inside a derivative, compiled and for each lane of a batch, a form gives what NumPy gives, in the same dtype."""
    f = FORMS[name]

    expected = pieces(f(P))

    lanes = [tuple(part[0] for part in pieces(cr.vmap(f)(np.stack([P, P]))))]
    for found in (pieces(cr.jvp(f, (P,), (np.ones(4),))[0]), pieces(cr.jit(f)(P)), *lanes):
        for ours, theirs in zip(found, expected, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-14)
            assert ours.dtype == theirs.dtype


FITS = {
    "plain": {},
    "rcond": {"rcond": 0.4},
    "full": {"full": True},
    "weights": {"w": np.arange(1.0, 7.0)},
    "cov": {"cov": True},
    "cov unscaled": {"cov": "unscaled", "w": np.arange(1.0, 7.0)},
    "full before cov": {"full": True, "cov": True},
}


@pytest.mark.parametrize("options", FITS.values(), ids=FITS)
@pytest.mark.parametrize("y", [Y, np.stack([Y, Y[::-1]], axis=1)], ids=["vector", "matrix"])
def test_fits(options, y):
    """Each option of `polyfit` gives NumPy's results, and their derivative is that of finite differences."""

    def fit(x, y):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", np.exceptions.RankWarning)
            return tuple(part for part in pieces(np.polyfit(x, y, 2, **options)) if np.ndim(part))

    directions = (np.cos(X), np.sin(3 * y))
    value, tangent = cr.jvp(fit, (X, y), directions)

    step = 1e-6
    ahead = fit(X + step * directions[0], y + step * directions[1])
    behind = fit(X - step * directions[0], y - step * directions[1])
    for ours, theirs in zip(value, fit(X, y), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-12)
    for ours, after, before in zip(tangent, ahead, behind, strict=True):
        np.testing.assert_allclose(ours, (after - before) / (2 * step), rtol=1e-6, atol=1e-8)


def test_poor_fit_warns():
    """Fewer points than coefficients are warned of, as by NumPy."""
    with pytest.warns(np.exceptions.RankWarning, match="poorly conditioned"):
        cr.grad(lambda y: np.polyfit(X[:2], y, 2)[0])(Y[:2])


def test_wrong_fits():
    """What NumPy refuses is refused."""
    for error, call in (
        (ValueError, lambda y: np.polyfit(X, y, -1)),
        (TypeError, lambda y: np.polyfit(X[:3], y, 1)),
        (TypeError, lambda y: np.polyfit(y[:, None], y, 1)),
        (TypeError, lambda y: np.polyfit(X, y, 1, w=y[:2])),
        (ValueError, lambda y: np.polyfit(X, y, 5, cov=True)),
    ):
        with pytest.raises(error):
            cr.grad(lambda y, call=call: call(y)[0])(Y)


def test_a_leading_zero_has_influence():
    """A first coefficient that is 0 has its derivative: d(a x + b)(c x + d)/da = (c, d) for those that are left."""
    jacobian = cr.jacobian(lambda p: np.polymul(p, [3.0, 4.0]))(np.array([0.0, 2.0]))

    # (a x + b)(3 x + 4) = 3a x² + (4a + 3b) x + 4b, and NumPy's result begins with x.
    np.testing.assert_array_equal(jacobian, [[4.0, 3.0], [0.0, 4.0]])


@pytest.mark.filterwarnings("ignore::chainrule.errors.IndependentOutputWarning")  # the imaginary part of a real root
def test_roots_of_a_quadratic():
    """The roots (-b ± √(b² - 4ac)) / 2a have the derivatives of this formula, first and second, real and complex."""

    def formula(p, sign):
        a, b, c = p
        return (-b + sign * np.sqrt(b * b - 4 * a * c + 0j)) / (2 * a)

    for p in ([2.0, -6.0, 1.0], [1.0, 2.0, 5.0], [1.0, -2.0, 0.0], [1.0, 1e8, 1.0]):
        for k, root in enumerate(np.roots(p)):
            sign = min((1, -1), key=lambda sign: abs(formula(p, sign) - root))
            for part in (np.real, np.imag):
                with mpmath.workdps(60):

                    def truth(a, b, c, part=part, sign=sign):
                        z = (-b + sign * mpmath.sqrt(mpmath.mpc(b * b - 4 * a * c))) / (2 * a)
                        return z.real if part is np.real else z.imag

                    orders = [tuple(int(i == k) for i in range(3)) for k in range(3)]
                    expected = [float(mpmath.diff(truth, p, order)) for order in orders]
                    curved = float(mpmath.diff(truth, p, (0, 1, 1)))
                found = cr.grad(lambda p, k=k, part=part: part(np.roots(p)[k]))(np.array(p))
                second = cr.hessian(lambda p, k=k, part=part: part(np.roots(p)[k]))(np.array(p))
                np.testing.assert_allclose(found, expected, rtol=1e-7, atol=1e-20)
                np.testing.assert_allclose(second[1, 2], curved, rtol=1e-6, atol=1e-20)


def test_roots_of_a_high_degree():
    """Of (x - 1)(x - 2)...(x - 10) the root r has dr/dpₖ = -r¹⁰⁻ᵏ / p′(r), to the digits that the root has."""
    p = np.poly(np.arange(1.0, 11.0))
    jacobian = cr.jacobian(np.roots)(p)
    for row, r in zip(jacobian, np.roots(p), strict=True):
        root = round(r)
        slope = np.prod([float(root - other) for other in range(1, 11) if other != root])
        np.testing.assert_allclose(row, -(float(root) ** np.arange(10, -1, -1)) / slope, rtol=1e-4)


def test_roots_under_zeros_at_both_ends():
    """A root that is 0 moves with the last coefficient, and all move with a first one that is 0: -rⁿ / p′(r)."""
    jacobian = cr.jacobian(np.roots)(np.array([0.0, 1.0, -3.0, 0.0]))

    # p = x² - 3x has p′(3) = 3, and p′(0) = -3.
    np.testing.assert_allclose(jacobian, [[-9, -3, -1, -1 / 3], [0, 0, 0, 1 / 3]], atol=1e-12)


@pytest.mark.parametrize("p", [np.poly([1.0, 1.0]), np.poly([2.0, 2.0, 2.0]), [1.0, -1.0, 0.0, 0.0]])
def test_multiple_roots_have_no_derivative(p):
    """A multiple root has the derivative NaN, also where round-off parts it; a simple root beside it has its own."""
    jacobian = cr.jacobian(lambda p: np.real(np.roots(p)))(np.array(p))

    simple = np.isclose(np.roots(p), 1.0) if len(p) == 4 and p[-1] == 0 else np.zeros(len(p) - 1, bool)
    np.testing.assert_array_equal(np.isnan(jacobian).all(axis=1), ~simple)
    # At the root 1 of x³ - x² the slope is 1.
    assert np.allclose(jacobian[simple], -1.0)


def test_characteristic_polynomial():
    """d det(x - A) / dA: for 2 × 2 the coefficients are 1, -trace and determinant."""
    a = np.array([[2.0, 1.0], [0.5, 3.0]])

    jacobian = cr.jacobian(np.poly)(a)

    np.testing.assert_allclose(jacobian[1], -np.eye(2), atol=1e-13)
    np.testing.assert_allclose(jacobian[2], [[3.0, -0.5], [-1.0, 2.0]], atol=1e-12)


@pytest.mark.parametrize("a", [np.array([[1.0, 1.0], [0.0, 1.0]]), np.eye(2), np.zeros((2, 2))])
def test_characteristic_polynomial_at_equal_eigenvalues(a):
    """The coefficients are smooth where the eigenvalues are not: d(a d - b c) = (d, -c; -b, a), and its second."""
    jacobian, hessian = cr.jacobian(np.poly)(a), cr.hessian(lambda a: np.poly(a)[2])(a)

    np.testing.assert_allclose(jacobian[1], -np.eye(2), atol=1e-13)
    np.testing.assert_allclose(jacobian[2], [[a[1, 1], -a[1, 0]], [-a[0, 1], a[0, 0]]], atol=1e-12)
    np.testing.assert_allclose(hessian.reshape(4, 4), [[0, 0, 0, 1], [0, 0, -1, 0], [0, -1, 0, 0], [1, 0, 0, 0]])


@pytest.mark.parametrize(
    "call",
    [
        lambda x: np.polyval(x, np.poly1d([1, 2])),
        lambda x: np.polyadd(x, np.poly1d([1, 2])),
        lambda x: np.polymul(np.poly1d([1, 2]), x),
        lambda x: np.polydiv(x, np.poly1d([1, 2])),
        lambda x: np.poly1d(x),
    ],
)
def test_polynomial_objects_are_refused(call):
    """A `poly1d` holds numbers; a traced one is refused, with the way out."""
    with pytest.raises(cr.errors.Error, match="poly1d"):
        cr.grad(lambda x: np.sum(call(x)))(P)
