"""Distributions of `autograd.scipy.stats`, against differences of SciPy's own values."""

import importlib

import numpy as onp
import pytest
import scipy.stats

import chainrule.interop.autograd.numpy as np
from chainrule.interop.autograd import grad, hessian, make_jvp
from chainrule.interop.autograd.core import primitive_vjps
from chainrule.interop.autograd.extend import defvjp
from chainrule.interop.autograd.scipy import stats

UNIVARIATE = {
    "norm": ("pdf cdf sf logpdf logcdf logsf", (0.3, 0.4, 1.2)),
    "t": ("pdf cdf logpdf logcdf", (0.3, 3.1, 0.4, 1.2)),
    "beta": ("pdf cdf logpdf", (0.3, 2.1, 1.3)),
    "gamma": ("pdf cdf logpdf", (1.3, 2.1)),
    "chi2": ("pdf cdf logpdf", (1.3, 3.5)),
}
METHODS = [(name, method, args) for name, (methods, args) in UNIVARIATE.items() for method in methods.split()]


def difference(f, args, argnum, step=1e-5):
    """The derivative in one number, by central differences of fourth order."""

    def at(count):
        return f(*args[:argnum], args[argnum] + count * step, *args[argnum + 1 :])

    return (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * step)


@pytest.mark.parametrize(("name", "method", "args"), METHODS)
def test_derivatives_in_every_argument(name, method, args):
    module = importlib.import_module(f"chainrule.interop.autograd.scipy.stats.{name}")
    f, original = getattr(module, method), getattr(getattr(scipy.stats, name), method)

    assert f(*args) == original(*args)
    for argnum in range(len(args)):
        expected = difference(original, args, argnum)
        assert grad(f, argnum)(*args) == pytest.approx(expected, rel=1e-8, abs=1e-10)
        along = make_jvp(f, argnum)(*args)(1.0)[1]
        assert along == pytest.approx(expected, rel=1e-8, abs=1e-10)
        twice = difference(lambda *a, k=argnum: grad(f, k)(*a), args, argnum)
        assert grad(grad(f, argnum), argnum)(*args) == pytest.approx(twice, rel=1e-7, abs=1e-9)


@pytest.mark.parametrize("method", ["pmf", "logpmf", "cdf"])
def test_poisson_in_its_rate(method):
    f, original = getattr(stats.poisson, method), getattr(scipy.stats.poisson, method)

    assert grad(f, 1)(3, 2.4) == pytest.approx(difference(original, (3, 2.4), 1), rel=1e-8)


def test_arguments_are_broadcast():
    x, mean, scale = onp.linspace(-1, 1, 12).reshape(4, 3), onp.array([[0.1, 0.2, 0.3]]), 1.0 + onp.ones((4, 1))

    def f(x, mean, scale):
        return np.sum(stats.norm.logpdf(x, mean, scale))

    d_x, d_mean, d_scale = grad(f, (0, 1, 2))(x, mean, scale)

    z = (x - mean) / scale
    onp.testing.assert_allclose(d_x, -z / scale)
    onp.testing.assert_allclose(d_mean, onp.sum(z / scale, axis=0, keepdims=True))
    onp.testing.assert_allclose(d_scale, onp.sum((z**2 - 1) / scale, axis=1, keepdims=True))


def test_the_multivariate_normal():
    x, mean = onp.array([0.3, -0.2]), onp.array([0.1, 0.5])
    cov = onp.array([[2.0, 0.3], [0.3, 1.0]])
    inverse = onp.linalg.inv(cov)
    solved = inverse @ (x - mean)
    normal = stats.multivariate_normal

    for argnum, expected in enumerate((-solved, solved, (onp.outer(solved, solved) - inverse) / 2)):
        density = scipy.stats.multivariate_normal.pdf(x, mean, cov)
        onp.testing.assert_allclose(grad(normal.logpdf, argnum)(x, mean, cov), expected, rtol=1e-12)
        onp.testing.assert_allclose(grad(normal.pdf, argnum)(x, mean, cov), density * expected, rtol=1e-12)
    onp.testing.assert_allclose(grad(normal.entropy, 1)(mean, cov), inverse / 2, rtol=1e-12)
    onp.testing.assert_allclose(hessian(normal.logpdf)(x, mean, cov), -inverse, rtol=1e-12)


def test_a_singular_covariance_is_held_constant():
    x, mean, cov = onp.array([0.3, 0.0]), onp.zeros(2), onp.diag([2.0, 0.0])

    def f(x, cov):
        return stats.multivariate_normal.logpdf(x, mean, cov, allow_singular=True)

    onp.testing.assert_allclose(grad(f)(x, cov), [-0.15, 0.0])
    with pytest.raises(NotImplementedError, match="allow_singular=True, in the covariance"):
        grad(f, 1)(x, cov)


def test_the_dirichlet_distribution():
    x, alpha = onp.array([0.2, 0.3, 0.5]), onp.array([1.5, 2.0, 2.5])
    psi = scipy.special.digamma
    in_alpha = onp.log(x) - psi(alpha) + psi(alpha.sum())
    density = scipy.stats.dirichlet.pdf(x, alpha)

    onp.testing.assert_allclose(grad(stats.dirichlet.logpdf)(x, alpha), (alpha - 1) / x)
    onp.testing.assert_allclose(grad(stats.dirichlet.logpdf, 1)(x, alpha), in_alpha)
    onp.testing.assert_allclose(grad(stats.dirichlet.pdf, 1)(x, alpha), density * in_alpha)


def test_draws_are_as_scipys():
    alpha = onp.array([1.5, 2.0, 2.5])
    drawn = stats.dirichlet.rvs(alpha, size=2, random_state=3)
    onp.testing.assert_array_equal(drawn, scipy.stats.dirichlet.rvs(alpha, size=2, random_state=3))


def test_a_rule_of_a_user_takes_the_place():
    before = primitive_vjps[stats.t.logcdf]
    try:
        defvjp(stats.t.logcdf, lambda ans, x, df: lambda g: 7.0 * g)
        assert grad(stats.t.logcdf)(0.5, 3.0) == 7.0
    finally:
        primitive_vjps[stats.t.logcdf] = before
    assert grad(stats.t.logcdf)(0.5, 3.0) == pytest.approx(difference(scipy.stats.t.logcdf, (0.5, 3.0), 0), rel=1e-8)


@pytest.mark.parametrize("function", ["logpdf", "pdf", "cdf", "logsf"])
def test_what_is_undefined_has_no_derivative(function):
    """NaN, as of autograd's own rules, by which programs see that they diverged; its neighbours keep theirs."""
    f = getattr(stats.norm, function)
    with onp.errstate(all="ignore"):
        for x, scale in ([0.3, 1.0], 0.0), ([0.3, 1.0], -1.0), ([onp.nan, onp.nan], 1.0):
            found = grad(lambda xs, scale: np.sum(f(xs, 0.0, scale)))(onp.array(x), scale)
            assert onp.isnan(found).all()
        for wrong in (0.0, -2.0):
            found = grad(lambda scale: np.sum(f(0.3, 0.0, scale)))(onp.array([wrong, 1.0]))
            assert onp.isnan(found[0])
            assert found[1] == pytest.approx(grad(lambda scale: f(0.3, 0.0, scale))(1.0))
