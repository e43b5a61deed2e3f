"""Distributions of `scipy.stats` inside differentiated functions: values are SciPy's, derivatives those of mpmath."""

import re

import mpmath
import numpy as np
import pytest
import scipy.stats
from scipy.stats import beta, chi2, dirichlet, expon, gamma, logistic, multivariate_normal, norm, poisson, t

import chainrule as cr
from chainrule.errors import NoRuleError

CONTINUOUS = {
    "norm": (norm, ()),
    "t": (t, (3.5,)),
    "beta": (beta, (2.5, 1.5)),
    "gamma": (gamma, (2.5,)),
    "chi2": (chi2, (3.5,)),
    "expon": (expon, ()),
    "logistic": (logistic, ()),
}
METHODS = ["pdf", "logpdf", "cdf", "logcdf", "sf", "logsf", "ppf", "isf"]


def difference(f, x):
    """The derivative of SciPy's own function by an extrapolated central difference."""
    h = 1e-3
    central = [(f(x + s) - f(x - s)) / (2 * s) for s in (h, h / 2, h / 4)]
    first = [(4 * central[k + 1] - central[k]) / 3 for k in range(2)]
    return (16 * first[1] - first[0]) / 15


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", CONTINUOUS)
def test_every_argument(name, method):
    """The value is SciPy's, and the gradient in x, shapes, location and scale that of differences, in both modes."""
    distribution, shapes = CONTINUOUS[name]
    if name == "beta" and method == "isf":
        pytest.skip("no formula")
    point = np.array([0.6 if method in ("ppf", "isf") else 0.7, *shapes, 0.2, 1.3])
    original = getattr(distribution, method)

    def f(v):
        return getattr(distribution, method)(v[0], *[v[k] for k in range(1, len(point))])

    value, gradient = cr.value_and_grad(f)(point)

    assert value == pytest.approx(original(*point), rel=1e-13)
    for k in range(len(point)):
        expected = difference(lambda s, k=k: original(*point[:k], s, *point[k + 1 :]), point[k])
        assert gradient[k] == pytest.approx(expected, rel=1e-8, abs=1e-9)
    tangent = cr.jvp(f, (point,), (np.ones(len(point)),))[1]
    assert tangent == pytest.approx(np.sum(gradient), rel=1e-12, abs=1e-14)
    assert cr.jit(cr.grad(f))(point) == pytest.approx(gradient, rel=1e-12)


@pytest.mark.parametrize("name", CONTINUOUS)
def test_outside_of_the_support(name):
    """Out of the support the values are SciPy's and nothing is NaN; wrong parameters give NaN."""
    distribution, shapes = CONTINUOUS[name]
    x = np.array([-3.0, 0.0, 0.4, 5.0, np.inf, -np.inf, np.nan])
    for method in METHODS[:6]:
        with np.errstate(all="ignore"):
            expected = getattr(distribution, method)(x, *shapes)
            found = cr.vjp(lambda x, method=method: getattr(distribution, method)(x, *shapes), x)[0]
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-300)
    with np.errstate(all="ignore"):
        assert np.isnan(cr.vjp(lambda s: distribution.pdf(0.3, *shapes, 0.0, s), -1.0)[0])


SUPPORTS = {"beta": (0.0, 1.0), "gamma": (0.0, np.inf), "chi2": (0.0, np.inf), "expon": (0.0, np.inf)}


@pytest.mark.parametrize("method", METHODS[:6])
@pytest.mark.parametrize("name", CONTINUOUS)
def test_numbers_beside_others_outside_of_the_support(name, method):
    """A number has the same derivatives alone and beside numbers outside, in all modes; these have derivative 0."""
    distribution, shapes = CONTINUOUS[name]
    lower, upper = SUPPORTS.get(name, (-np.inf, np.inf))
    inside = np.array([0.2, 0.9])
    outside = np.array([x for x in (lower - 2, upper + 2) if np.isfinite(x)])
    x = np.concatenate([inside, outside])

    def f(x, loc, scale):
        return getattr(distribution, method)(x, *shapes, loc, scale)

    def slopes(x, loc, scale):
        return cr.grad(lambda *args: np.sum(f(*args)))(x, loc, scale)

    alone = slopes(inside, 0.1, 1.2)
    np.testing.assert_allclose(slopes(x, 0.1, 1.2), [*alone, *np.zeros(len(outside))], rtol=1e-14)
    jitted = cr.jit(lambda x: slopes(x, 0.1, 1.2))
    for numbers in (np.array([0.3, 0.4, 0.5, 0.6])[: len(x)], x):
        # The numbers of the first call are all inside.
        np.testing.assert_allclose(jitted(numbers), slopes(numbers, 0.1, 1.2), rtol=1e-12)
    lanes = cr.vmap(cr.grad(lambda x: f(x, 0.1, 1.2)))
    np.testing.assert_allclose(lanes(x), slopes(x, 0.1, 1.2), rtol=1e-14)
    pushed = cr.jvp(lambda x: f(x, 0.1, 1.2), (x,), (np.ones(len(x)),))[1]
    np.testing.assert_allclose(pushed, slopes(x, 0.1, 1.2), rtol=1e-13)
    by_scale = cr.grad(lambda scale: np.sum(f(inside, 0.1, scale)))
    beside = cr.grad(lambda scale: np.sum(f(x, 0.1, scale)[:2]))
    assert beside(1.2) == pytest.approx(by_scale(1.2), rel=1e-14)
    assert cr.grad(beside)(1.2) == pytest.approx(cr.grad(by_scale)(1.2), rel=1e-12)
    assert f(x, 0.1, 1.2).shape == cr.vjp(lambda x: f(x, 0.1, 1.2), x)[0].shape


@pytest.mark.parametrize("name", ["norm", "t", "beta"])
def test_shapes_and_dtypes_of_results(name):
    """Results are of SciPy's shape and dtype for empty arrays, numbers of lower precision, integers and broadcasts."""
    distribution, shapes = CONTINUOUS[name]
    points = [
        np.zeros((0, 1)),
        np.float32(0.3),
        np.array(0.3),
        np.array([0.25, 0.5, 0.75], np.float32),
        np.array([[0.11]]),
    ]
    for method in METHODS[:7]:
        for x in points:
            for loc in (0.0, 0, np.array([0.0, 0.05, 0.1])):
                call = getattr(distribution, method)
                with np.errstate(all="ignore"):
                    expected = call(x, *shapes, loc, 2)
                found, pull = cr.vjp(lambda x, loc=loc, call=call: call(x, *shapes, loc, 2), x)
                assert type(found) is type(expected)
                assert found.dtype == expected.dtype
                np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-15)
                slope = pull(np.ones_like(expected))[0]
                assert (slope.shape, slope.dtype) == (x.shape, x.dtype)


@pytest.mark.parametrize("x", [-40.0, -8.0, -1.0, 0.0, 3.0])
def test_far_tails_of_the_normal_distribution(x):
    """logcdf and logsf have finite derivatives where the probabilities underflow."""
    with mpmath.workdps(50):
        density, below = mpmath.npdf(x), mpmath.ncdf(x)
        expected = float(density / below)
    assert cr.grad(norm.logcdf)(x) == pytest.approx(expected, rel=1e-13)
    assert cr.grad(norm.logsf)(-x) == pytest.approx(-expected, rel=1e-13)


def test_poisson():
    """The probabilities of counts, in the rate."""
    k, mu = np.array([0.0, 1.0, 4.0, 2.5, -1.0]), 2.2
    value, pull = cr.vjp(lambda mu: poisson.logpmf(k, mu), mu)
    np.testing.assert_allclose(value, poisson.logpmf(k, mu), rtol=1e-13)
    np.testing.assert_allclose(pull(np.array([1.0, 0, 0, 0, 0]))[0], -1.0)
    assert cr.grad(lambda mu: poisson.logpmf(4, mu))(mu) == pytest.approx(4 / mu - 1, rel=1e-14)
    assert cr.grad(lambda mu: poisson.pmf(4, mu))(mu) == pytest.approx((4 / mu - 1) * poisson.pmf(4, mu), rel=1e-13)
    assert cr.grad(lambda mu: poisson.cdf(4, mu))(mu) == pytest.approx(-poisson.pmf(4, mu), rel=1e-13)


def test_frozen_distributions():
    """Distributions frozen inside, with traced parameters, or outside, with numbers."""
    outside = norm(0.5, 2.0)

    assert cr.grad(lambda s: norm(0.5, s).logpdf(1.0))(2.0) == pytest.approx(-1 / 2 + 0.25 / 8)
    assert cr.grad(lambda x: outside.logpdf(x))(1.0) == pytest.approx(-0.5 / 4)
    assert cr.grad(lambda x: scipy.stats.norm(loc=x).sf(x=1.0))(1.0) == pytest.approx(norm.pdf(0.0))


def test_bound_methods():
    """`logpdf = norm.logpdf` as a variable works like the method."""
    logpdf = norm.logpdf

    assert cr.grad(lambda x: logpdf(x, 0.0, 2.0))(1.0) == -0.25


def test_what_has_no_rule():
    """Other methods, and other distributions, are refused by name, and serve constants."""
    with pytest.raises(NoRuleError, match=r"scipy\.stats\.norm\.interval"):
        cr.grad(lambda x: norm.interval(x)[0])(0.5)
    assert cr.grad(lambda x: x * norm.interval(0.5)[1])(0.5) == norm.interval(0.5)[1]
    assert cr.grad(lambda x: x * scipy.stats.levy.pdf(0.5))(0.5) == scipy.stats.levy.pdf(0.5)


COVARIANCE = np.array([[2.0, 0.3, 0.1], [0.3, 1.5, -0.2], [0.1, -0.2, 1.0]])


@pytest.mark.parametrize("points", [np.array([0.3, -0.2, 1.0]), np.arange(6.0).reshape(2, 3) / 4])
@pytest.mark.parametrize("method", ["logpdf", "pdf"])
def test_multivariate_normal(points, method):
    """Value and gradients in points, mean and covariance: ∂/∂C = (C⁻¹ d dᵀ C⁻¹ - C⁻¹) / 2 for the logarithm."""
    mean = np.array([0.1, 0.2, 0.3])
    original = getattr(multivariate_normal, method)

    def f(x, mean, covariance):
        return np.sum(getattr(multivariate_normal, method)(x, mean, covariance))

    value, (by_point, by_mean, by_covariance) = cr.value_and_grad(f, argnums=(0, 1, 2))(points, mean, COVARIANCE)

    assert value == pytest.approx(np.sum(original(points, mean, COVARIANCE)), rel=1e-13)
    weights = np.ones(points.shape[:-1]) if method == "logpdf" else original(points, mean, COVARIANCE)
    inverse, axes = np.linalg.inv(COVARIANCE), tuple(range(points.ndim - 1))
    solved = (points - mean) @ inverse
    np.testing.assert_allclose(by_point, -np.expand_dims(weights, -1) * solved, rtol=1e-12)
    np.testing.assert_allclose(by_mean, np.sum(np.expand_dims(weights, -1) * solved, axis=axes), rtol=1e-12)
    outer = np.einsum("...i,...j->...ij", solved, solved) - inverse
    np.testing.assert_allclose(
        by_covariance, np.sum(np.expand_dims(weights, (-1, -2)) * outer, axis=axes) / 2, rtol=1e-11
    )


def test_entropy_of_the_multivariate_normal():
    """∂/∂C = C⁻ᵀ / 2."""
    found = cr.grad(lambda c: multivariate_normal.entropy(np.zeros(3), c))(COVARIANCE)

    np.testing.assert_allclose(found, np.linalg.inv(COVARIANCE).T / 2, rtol=1e-12)


def test_singular_covariances():
    """With `allow_singular` the points and the mean have derivatives, and a covariance is refused."""
    singular = np.array([[1.0, 1.0], [1.0, 1.0]])
    point = np.array([0.4, 0.4])

    def f(x):
        return multivariate_normal.logpdf(x, np.zeros(2), singular, allow_singular=True)

    value, gradient = cr.value_and_grad(f)(point)
    assert value == pytest.approx(multivariate_normal.logpdf(point, np.zeros(2), singular, allow_singular=True))
    np.testing.assert_allclose(gradient, -np.linalg.pinv(singular) @ point, rtol=1e-12)
    with pytest.raises(NoRuleError, match="allow_singular"):
        cr.grad(lambda c: multivariate_normal.logpdf(point, np.zeros(2), c, allow_singular=True))(singular)


def test_dirichlet():
    """∂/∂x = (α - 1) / x, and ∂/∂α = log x - ψ(α) + ψ(Σα)."""
    alpha, x = np.array([1.5, 2.0, 0.7]), np.array([0.2, 0.5, 0.3])
    value, (by_point, by_alpha) = cr.value_and_grad(lambda x, alpha: dirichlet.logpdf(x, alpha), argnums=(0, 1))(
        x, alpha
    )

    assert value == pytest.approx(dirichlet.logpdf(x, alpha), rel=1e-13)
    digammas = np.array([float(mpmath.digamma(a)) for a in alpha])
    np.testing.assert_allclose(by_point, (alpha - 1) / x, rtol=1e-13)
    np.testing.assert_allclose(by_alpha, np.log(x) - digammas + float(mpmath.digamma(np.sum(alpha))), rtol=1e-12)
    density = cr.grad(lambda a: dirichlet.pdf(x, a))(alpha)
    np.testing.assert_allclose(density, by_alpha * dirichlet.pdf(x, alpha), rtol=1e-12)


@pytest.mark.parametrize(
    ("x", "mean", "covariance"),
    [
        (0.3, 0.1, 2.0),
        (0.3, None, 1),
        (np.array([0.1, 0.4, 0.3]), 0.1, 2.0),
        (np.array([0.1, 0.4, 0.3]), None, COVARIANCE),
        (np.array([0.1, 0.4, 0.3]), [0.1, 0.2, 0.3], 2.0),
        (np.array([0.1, 0.4, 0.3]), [0.1, 0.2, 0.3], [1.0, 2.0, 3.0]),
        (np.arange(6.0).reshape(1, 2, 3), [0.1, 0.2, 0.3], COVARIANCE),
        (np.zeros((0, 3)), None, COVARIANCE),
        (np.array([1, 2, 0]), None, COVARIANCE),
    ],
)
def test_forms_of_the_multivariate_normal(x, mean, covariance):
    """Points, means and covariances in each form that SciPy takes, differentiated in the covariance or the points."""
    expected = multivariate_normal.logpdf(x, mean, covariance)
    found, pull = cr.vjp(lambda scale: multivariate_normal.logpdf(x, mean, np.asarray(covariance) * scale), 1.0)

    assert type(found) is type(expected)
    np.testing.assert_allclose(found, expected, rtol=1e-13)
    slope = difference(lambda s: np.sum(multivariate_normal.logpdf(x, mean, np.asarray(covariance) * s)), 1.0)
    assert pull(np.ones_like(expected))[0] == pytest.approx(slope, rel=1e-8, abs=1e-12)
    if np.asarray(x).dtype == np.float64:
        gradient = cr.grad(lambda x: np.sum(multivariate_normal.logpdf(x, mean, covariance)))
        np.testing.assert_allclose(cr.jit(gradient)(x), gradient(x), rtol=1e-13)
        np.testing.assert_array_equal(cr.vmap(gradient)(np.stack([x, x])), np.stack([gradient(x), gradient(x)]))


def test_dirichlet_in_all_modes():
    """Lanes with points of their own, a compiled function at other points, points without their last number, and 0."""
    alpha = np.array([1.5, 2.0, 0.7])
    points = np.random.default_rng(0).dirichlet(alpha, 4)

    def gradient(x):
        return cr.grad(lambda x: dirichlet.logpdf(x, alpha))(x)

    expected = (alpha - 1) / points
    np.testing.assert_allclose(cr.vmap(gradient)(points), expected, rtol=1e-13)
    jitted = cr.jit(gradient)
    for point, slopes in zip(points, expected, strict=True):
        np.testing.assert_allclose(jitted(point), slopes, rtol=1e-12)
    rest = points.T[:2]
    value, pull = cr.vjp(lambda x: dirichlet.logpdf(x, alpha), rest)
    np.testing.assert_allclose(value, dirichlet.logpdf(points.T, alpha), rtol=1e-12)
    np.testing.assert_allclose(pull(np.ones(4))[0], expected.T[:2] - expected.T[2], rtol=1e-10)
    on_edge = np.array([0.0, 0.4, 0.6])
    by_alpha = cr.grad(lambda a: dirichlet.logpdf(on_edge, a)[()])(np.array([1.0, 2.0, 3.0]))
    assert by_alpha[1] == pytest.approx(np.log(0.4) - float(mpmath.digamma(2) - mpmath.digamma(6)), rel=1e-13)


@pytest.mark.parametrize(
    ("x", "alpha"),
    [
        ([0.2, 0.5, 0.4], [1.5, 2.0, 0.7]),
        ([0.2, -0.5, 1.3], [1.5, 2.0, 0.7]),
        ([0.5, 0.5, 0.0], [1.5, 2.0, 0.7]),
        ([0.2, 0.5, 0.3], [1.5, -2.0, 0.7]),
        ([0.2, 0.5, 0.2, 0.1], [1.5, 2.0, 0.7]),
    ],
)
def test_no_points_of_dirichlets_distribution(x, alpha):
    """What SciPy refuses is refused in all modes, with its message where the numbers are known."""
    x, alpha = np.array(x), np.array(alpha)
    with pytest.raises(ValueError, match=r"\w") as refused:
        dirichlet.logpdf(x, alpha)
    gradient = cr.grad(lambda x: dirichlet.logpdf(x, alpha))
    with pytest.raises(ValueError, match=re.escape(str(refused.value))):
        gradient(x)
    with pytest.raises(ValueError, match=r"simplex|positive|zero|greater than 0|same number of entries"):
        cr.vmap(gradient)(np.stack([x, x]))
    with pytest.raises(ValueError, match=r"simplex|positive|zero|greater than 0|same number of entries"):
        cr.jit(gradient)(x)
