"""`scipy.special` inside differentiated functions, however it is reached."""

import mpmath
import numpy as np
import pytest
import scipy
import scipy.special
import scipy.special as sc
from scipy import special, stats
from scipy.special import erf, logsumexp

import chainrule as cr
from chainrule import ops
from chainrule.errors import NoRuleError

X = np.array([0.2, 0.5, 0.9])
SLOPES = 2 / np.sqrt(np.pi) * np.exp(-(X**2))

WAYS = {
    "scipy.special.erf": lambda x: scipy.special.erf(x),
    "sc.erf": lambda x: sc.erf(x),
    "special.erf": lambda x: special.erf(x),
    "erf": lambda x: erf(x),
}


def imported_inside(x):
    """A function that imports what it uses."""
    from scipy.special import erf as error_function

    return error_function(x)


WAYS["imported inside"] = imported_inside


@pytest.mark.parametrize("way", WAYS)
def test_every_way_of_reaching_a_function(way):
    """Each spelling finds the same function, in both modes, under vmap and compiled."""
    f = WAYS[way]

    np.testing.assert_allclose(cr.elementwise_grad(f)(X), SLOPES, rtol=1e-15)
    np.testing.assert_allclose(cr.jvp(f, (X,), (np.ones(3),))[1], SLOPES, rtol=1e-15)
    np.testing.assert_allclose(cr.vmap(cr.grad(f))(X), SLOPES, rtol=1e-15)
    np.testing.assert_allclose(cr.jit(cr.elementwise_grad(f))(X), SLOPES, rtol=1e-15)


def test_ufuncs_work_without_the_swap():
    """NumPy's protocol reaches the ufuncs of scipy.special."""
    with cr.without_swap():
        np.testing.assert_allclose(cr.elementwise_grad(erf)(X), SLOPES, rtol=1e-15)


def test_the_module_can_be_imported_openly():
    """`chainrule.scipy.special` has the names of `scipy.special`, for numbers and for traced values."""
    from chainrule.scipy import special as ours

    assert ours.erf(0.3) == sc.erf(0.3)
    assert ours.comb(5, 2) == 10.0
    np.testing.assert_allclose(cr.elementwise_grad(ours.erf)(X), SLOPES, rtol=1e-15)


def test_keyword_arguments_of_ufuncs():
    """`out` and `where` work as with NumPy's own."""

    def f(x):
        y = np.zeros(3)
        special.erf(x, out=y, where=np.array([True, False, True]))
        return np.sum(y)

    np.testing.assert_allclose(cr.grad(f)(X), SLOPES * [1, 0, 1], rtol=1e-15)


def test_what_has_no_rule_is_refused_by_name():
    """A function without a rule says so, with its name and the line."""
    with pytest.raises(NoRuleError, match=r"(?s)scipy\.special\.struve.*test_special"):
        cr.grad(lambda x: special.struve(1, x))(0.5)
    with pytest.raises(NoRuleError, match=r"scipy\.special\.spherical_jn"):
        cr.grad(lambda x: special.spherical_jn(1, x))(0.5)


def test_what_has_no_rule_computes_constants():
    """A function without a rule serves constants inside a differentiated function."""
    found = cr.grad(lambda x: x * special.spherical_jn(1, 0.5) * special.comb(4, 2))(0.5)

    assert found == special.spherical_jn(1, 0.5) * 6


def test_an_operand_without_derivative_is_refused_when_it_is_differentiated():
    """zeta has a derivative in its shift alone."""
    assert cr.grad(lambda q: special.zeta(2.0, q))(1.5) == pytest.approx(-2 * special.zeta(3.0, 1.5), rel=1e-14)
    with pytest.raises(NoRuleError, match="first argument"):
        cr.grad(lambda x: special.zeta(x, 1.5))(2.0)


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        ((np.array([1000.0, 1001.0, -3.0]),), {}),
        ((np.array([-np.inf, 1.0, 2.0]),), {}),
        ((np.array([0.3, 1.0, 2.0]),), {"b": np.array([1.0, 0.0, 2.0])}),
        ((np.array([[0.3, 1.0], [2.0, 4.0]]),), {"axis": 1, "keepdims": True}),
    ],
)
def test_gradient_of_logsumexp_is_softmax(arguments, options):
    """The gradient is b eᵃ over its sum, also for numbers whose exponentials overflow."""
    (a,) = arguments
    found = cr.grad(lambda a: np.sum(logsumexp(a, **options)))(a)

    weights = options.get("b", 1.0) * np.exp(a - np.max(a))
    expected = weights / np.sum(weights, axis=options.get("axis"), keepdims=True)
    np.testing.assert_allclose(found, expected, rtol=1e-14)


def test_sign_of_a_signed_sum():
    """With `return_sign`, a sum below zero has the logarithm of its absolute value."""
    b = np.array([1.0, -5.0])
    (value, sign), pull = cr.vjp(lambda a: logsumexp(a, b=b, return_sign=True), np.array([0.5, 0.7]))

    assert (value, sign) == pytest.approx(logsumexp([0.5, 0.7], b=b, return_sign=True))
    weights = b * np.exp([0.5, 0.7])
    np.testing.assert_allclose(pull((1.0, 0.0))[0], weights / np.sum(weights), rtol=1e-14)


DENSITIES = {
    "chdtr": (lambda x: special.chdtr(3.5, x), stats.chi2(3.5)),
    "chdtrc": (lambda x: 1 - special.chdtrc(3.5, x), stats.chi2(3.5)),
    "gdtr": (lambda x: special.gdtr(1.7, 2.2, x), stats.gamma(2.2, scale=1 / 1.7)),
    "gdtrc": (lambda x: 1 - special.gdtrc(1.7, 2.2, x), stats.gamma(2.2, scale=1 / 1.7)),
    "fdtr": (lambda x: special.fdtr(3.0, 4.5, x), stats.f(3.0, 4.5)),
    "fdtrc": (lambda x: 1 - special.fdtrc(3.0, 4.5, x), stats.f(3.0, 4.5)),
    "owens_t": (lambda x: special.ndtr(x) - 2 * special.owens_t(x, 1.3), stats.skewnorm(1.3)),
}


@pytest.mark.parametrize("name", DENSITIES)
def test_the_slope_of_a_distribution_function_is_the_density(name):
    """With SciPy's densities for truth."""
    f, distribution = DENSITIES[name]
    x = np.array([0.3, 1.1, 2.7])

    np.testing.assert_allclose(cr.elementwise_grad(f)(x), distribution.pdf(x), rtol=1e-12)


def test_faddeeva_function_of_real_numbers():
    """The imaginary part of w is Dawson's integral D times 2/√π, and D′ = 1 - 2xD."""
    for x in (np.float64(1.2), np.array([0.3, -2.0]), np.array([0.3, 2.0], np.float32)):
        slope = cr.elementwise_grad(lambda x: special.wofz(x).imag)(x)

        expected = 2 / np.sqrt(np.pi) * (1 - 2 * x * special.dawsn(x))
        np.testing.assert_allclose(slope, expected, rtol=1e-14 if x.dtype == np.float64 else 1e-5)
        assert slope.dtype == x.dtype


@pytest.mark.parametrize("z", [0.4 + 0.3j, 2.0 - 1.5j])
def test_dilogarithm_of_complex_numbers(z):
    """Its derivative is log z / (1 - z), which has the derivative (1 / z + y) / (1 - z)."""
    y, second = cr.jvp(cr.grad(special.spence, holomorphic=True), (z,), (1.0 + 0.0j,))

    np.testing.assert_allclose(y, np.log(z) / (1 - z), rtol=1e-14)
    np.testing.assert_allclose(second, (1 / z + y) / (1 - z), rtol=1e-13)


def test_slope_of_the_complex_digamma_function():
    """SciPy has trigamma of real numbers only."""
    with pytest.raises(NoRuleError, match=r"`scipy.special.digamma`.*real arguments only"):
        cr.grad(special.digamma, holomorphic=True)(0.4 + 0.3j)


def test_poisson_distribution_below_zero():
    """NaN, as in SciPy: it was 0 for the count -1."""
    for f in (special.pdtr, special.pdtrc):
        found, _ = cr.value_and_grad(lambda m, f=f: np.sum(f(np.array([-1.0]), m)))(2.0)
        assert np.isnan(found)
        assert np.isnan(f(-1.0, 2.0))


@pytest.mark.parametrize("order", [0, 1, 2])
def test_increments_of_polygamma_functions_lose_no_digits(order):
    """ψ⁽ⁿ⁾(a + b) - ψ⁽ⁿ⁾(a) for shifts of all sizes, alone and beside each other, on both sides of the root of ψ."""
    a = np.array([0.3, 0.3, 1.2, 1.4, 2.0, 7.5, 7.5, 300.0, 1e-9, 1e9, 1e9, 5.0])
    b = np.array([2.0, 1e-12, 0.5, 1e-3, 0.01, 2.0, 1e-9, 0.25, 1e-9, 0.125, 1e12, -2.5])

    def increment(a, b):
        return ops.polygamma_increment(a, b, order=order) if order else ops.digamma_increment(a, b)

    with mpmath.workdps(60):
        exact = [
            float(mpmath.psi(order, mpmath.mpf(s) + mpmath.mpf(t)) - mpmath.psi(order, mpmath.mpf(s)))
            for s, t in zip(a, b, strict=True)
        ]
    np.testing.assert_allclose(increment(a, b), exact, rtol=2e-15)
    np.testing.assert_allclose([increment(s, t) for s, t in zip(a, b, strict=True)], exact, rtol=2e-15)
    np.testing.assert_allclose(
        increment(np.float32(0.5), np.float32(2)), increment(np.float64(0.5), np.float64(2)), rtol=1e-6
    )
