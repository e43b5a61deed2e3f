"""Derivatives of special functions are as accurate as the functions, over the whole range of numbers.

The truth is a derivative in mpmath with many digits.
"""

import mpmath
import numpy as np
import pytest
from scipy import special

import chainrule as cr


def spread(low, high, count):
    """Numbers evenly spread on a logarithmic scale."""
    return [float(x) for x in np.exp(np.linspace(np.log(low), np.log(high), count))]


def both_signs(numbers):
    return [-x for x in numbers] + numbers


def expit(x):
    return 1 / (1 + mpmath.exp(-x))


def ndtr(x):
    return mpmath.erfc(-x / mpmath.sqrt(2)) / 2


def log_ratio_entropy(x, y):
    return x * mpmath.log(x / y)


def scaled(bessel, order, sign):
    """A modified Bessel function without its growth or decay."""
    return lambda x: bessel(order, x) * mpmath.exp(sign * abs(x))


def pseudo_huber(size):
    return size * size * (mpmath.sqrt(1 + (mpmath.mpf("0.7") / size) ** 2) - 1)


def of_order(function, order):
    return lambda x: function(order, x)


POSITIVE = [*spread(1e-10, 150.0, 9), 0.5, 1.0, 2.0]
POLES_BETWEEN = [-0.3, -1.7, -3.2, -10.4]
UNARY = {
    "gamma": (special.gamma, mpmath.gamma, POSITIVE + POLES_BETWEEN, 1e-13),
    "gammaln": (special.gammaln, lambda x: mpmath.log(abs(mpmath.gamma(x))), [*POSITIVE, 1e10, 1e200], 1e-13),
    "digamma": (special.digamma, mpmath.digamma, [*POSITIVE, 1e10, -0.3, -1.7], 1e-13),
    "rgamma": (special.rgamma, mpmath.rgamma, [*POSITIVE, *POLES_BETWEEN, 0.0, -1.0, -2.0, -3 + 1e-12], 1e-12),
    "erf": (special.erf, mpmath.erf, both_signs([*spread(1e-100, 5, 6), 10.0, 20.0, 26.0]), 1e-14),
    "erfc": (special.erfc, mpmath.erfc, both_signs([*spread(1e-100, 5, 6), 10.0, 26.0]), 1e-14),
    "erfcx": (
        special.erfcx,
        lambda x: mpmath.exp(x * x) * mpmath.erfc(x),
        [-20.0, -3.0, -0.5, 0.0, 0.3, 0.99, 1.01, 2.0, 7.0, 30.0, 1e4, 1e8],
        2e-13,
    ),
    "dawsn": (
        special.dawsn,
        lambda x: mpmath.sqrt(mpmath.pi) / 2 * mpmath.exp(-x * x) * mpmath.erfi(x),
        both_signs([1e-100, 0.3, 2.0, 6.4, 6.6, 30.0, 1e4, 1e12]),
        5e-14,
    ),
    "erfinv": (special.erfinv, mpmath.erfinv, both_signs([1e-200, 1e-10, 0.3, 0.9, 0.999]), 1e-13),
    "ndtr": (special.ndtr, ndtr, both_signs([1e-100, 0.3, 2.0, 10.0, 25.0, 37.0]), 1e-14),
    "log_ndtr": (
        special.log_ndtr,
        lambda x: mpmath.log(ndtr(x)),
        [-1e6, -300.0, -40.0, -3.0, -0.1, 0.2, 3.0, 9.0, 30.0],
        1e-12,
    ),
    "expit": (special.expit, expit, both_signs([1e-10, 1.0, 20.0, 40.0, 300.0, 700.0]), 1e-14),
    "log_expit": (special.log_expit, lambda x: mpmath.log(expit(x)), both_signs([1e-10, 1.0, 20.0, 700.0]), 1e-14),
    "logit": (special.logit, lambda x: mpmath.log(x / (1 - x)), [1e-300, 1e-10, 0.3, 0.5, 0.9, 1 - 1e-12], 1e-14),
    "entr": (special.entr, lambda x: -x * mpmath.log(x), [1e-300, 1e-5, 0.3, 0.5, 3.0, 1e10], 1e-13),
}

INTEGRALS = {
    "exp1": (special.exp1, mpmath.e1, [1e-100, 1e-3, 1.0, 30.0, 600.0], 1e-14),
    "expi": (special.expi, mpmath.ei, [-30.0, -1e-3, 1e-100, 0.5, 3.0, 600.0], 1e-14),
    "sine integral": (lambda x: special.sici(x)[0], mpmath.si, [-2.0, 1e-8, 0.3, 5.0, 40.0], 1e-13),
    "cosine integral": (lambda x: special.sici(x)[1], mpmath.ci, [1e-8, 0.3, 5.0, 40.0], 1e-14),
    "fresnel sine": (lambda x: special.fresnel(x)[0], mpmath.fresnels, [1e-8, 0.3, 1.1, -2.3], 1e-14),
    "fresnel cosine": (lambda x: special.fresnel(x)[1], mpmath.fresnelc, [1e-8, 0.3, 1.1, -2.3], 1e-14),
    "airy": (lambda x: special.airy(x)[0], mpmath.airyai, [-7.0, -0.5, 0.2, 3.0, 20.0], 1e-13),
    "airy of the second kind": (lambda x: special.airy(x)[2], mpmath.airybi, [-7.0, -0.5, 0.2, 3.0, 20.0], 1e-13),
    "exprel": (
        special.exprel,
        lambda x: mpmath.expm1(x) / x,
        [-600.0, -3.0, -1e-4, 1e-9, 1e-2, 2.0, 30.0, 600.0],
        2e-14,
    ),
    "boxcox": (
        lambda power: special.boxcox(3.0, power),
        lambda power: mpmath.expm1(power * mpmath.log(3)) / power,
        [-40.0, -1.0, 1e-9, 1e-2, 0.5, 8.0],
        2e-14,
    ),
    "ellipk": (special.ellipk, mpmath.ellipk, [-50.0, -1.0, 1e-12, 0.3, 0.9, 1 - 1e-9], 5e-15),
    "ellipe": (special.ellipe, mpmath.ellipe, [-50.0, -1.0, 1e-12, 0.3, 0.9, 1 - 1e-9], 5e-15),
    "ellipkm1": (special.ellipkm1, lambda p: mpmath.ellipk(1 - p), [1e-20, 1e-9, 0.3, 0.6, 1 - 1e-9, 1.5], 2e-14),
    "spence": (
        special.spence,
        lambda x: mpmath.polylog(2, 1 - x).real,
        [1e-20, 0.3, 0.7, 1 + 1e-9, 1.4, 1.8, 50.0],
        1e-13,
    ),
    "huber": (lambda x: special.pseudo_huber(x, 0.7), pseudo_huber, [1e-5, 0.3, 2.0, 1e7], 1e-14),
    "lambertw": (lambda x: special.lambertw(x).real, lambda x: mpmath.lambertw(x).real, [-0.3, 1e-20, 0.5, 1e6], 1e-13),
}

BESSEL = {
    "j0": (special.j0, lambda x: mpmath.besselj(0, x), [0.3, 2.0, 10.0, 40.0], 1e-13),
    "j1": (special.j1, lambda x: mpmath.besselj(1, x), [1e-8, 0.3, 1.0, 10.0, 40.0], 1e-13),
    "y0": (special.y0, lambda x: mpmath.bessely(0, x), [1e-5, 0.3, 1.0, 10.0, 40.0], 1e-13),
    "y1": (special.y1, lambda x: mpmath.bessely(1, x), [1e-5, 0.3, 1.0, 10.0, 40.0], 1e-13),
    "i1": (special.i1, lambda x: mpmath.besseli(1, x), [-20.0, 1e-8, 1.0, 100.0, 600.0], 1e-13),
    "i0e": (special.i0e, scaled(mpmath.besseli, 0, -1), [-1e6, -3.0, 1e-5, 1.0, 20.0, 30.0, 1e5, 1e15], 1e-13),
    "i1e": (special.i1e, scaled(mpmath.besseli, 1, -1), [-1e6, -3.0, 1e-5, 1.0, 20.0, 30.0, 1e5, 1e15], 1e-13),
    "k0e": (special.k0e, scaled(mpmath.besselk, 0, 1), [1.0, 26.0, 1e5, 1e15], 1e-13),
    "k1e": (special.k1e, scaled(mpmath.besselk, 1, 1), [1.0, 26.0, 1e5, 1e15], 1e-13),
    **{
        f"ive of order {v}": (
            of_order(special.ive, v),
            scaled(mpmath.besseli, v, -1),
            [0.2, 3.0, 24.0, 30.0, 1e9],
            2e-13,
        )
        for v in (0.5, 3.0)
    },
    **{
        f"kve of order {v}": (
            of_order(special.kve, v),
            scaled(mpmath.besselk, v, 1),
            [0.2, 3.0, 24.0, 30.0, 1e9],
            2e-13,
        )
        for v in (0.7, 7.5)
    },
    "k0": (special.k0, lambda x: mpmath.besselk(0, x), [1e-5, 1.0, 10.0, 600.0], 1e-13),
    "k1": (special.k1, lambda x: mpmath.besselk(1, x), [1e-5, 1.0, 10.0, 600.0], 1e-13),
    "jv": (lambda x: special.jv(1.5, x), lambda x: mpmath.besselj(1.5, x), [0.3, 2.0, 10.0], 1e-12),
    "kv": (lambda x: special.kv(1.5, x), lambda x: mpmath.besselk(1.5, x), [0.3, 2.0, 100.0], 1e-13),
}


def derivative(f, x, order=1, digits=900):
    """The derivative by differences in many digits, with a step of 1e-60 relative to x."""
    with mpmath.workdps(digits):
        h = mpmath.mpf(10) ** -60 * (abs(mpmath.mpf(x)) if x else 1)
        x = mpmath.mpf(x)
        if order == 1:
            return (f(x + h) - f(x - h)) / (2 * h)
        return (f(x + h) - 2 * f(x) + f(x - h)) / (h * h)


@pytest.mark.parametrize("name", UNARY)
def test_first_derivative(name):
    """grad agrees with differences in many digits."""
    f, truth, points, tolerance = UNARY[name]
    found = cr.elementwise_grad(f)(np.array(points))
    for x, slope in zip(points, found, strict=True):
        expected = derivative(truth, x)
        assert float(abs(mpmath.mpf(float(slope)) / expected - 1)) <= tolerance, (x, slope)


@pytest.mark.parametrize("name", [*BESSEL, *INTEGRALS])
def test_bessel_functions_and_integrals(name):
    """So do the derivatives of Bessel functions, of integrals and of their kin."""
    f, truth, points, tolerance = (BESSEL | INTEGRALS)[name]
    found = cr.elementwise_grad(f)(np.array(points))
    for x, slope in zip(points, found, strict=True):
        expected = derivative(truth, x, digits=110)
        assert float(abs(mpmath.mpf(float(slope)) / expected - 1)) <= tolerance, (x, slope)


TWICE = [
    "erfcx",
    "log_ndtr",
    "expit",
    "ndtr",
    "gammaln",
    "rgamma",
    "dawsn",
    "i0e",
    "i1e",
    "exprel",
    "boxcox",
    "exp1",
    "ellipk",
    "ellipe",
    "spence",
]


@pytest.mark.parametrize("name", TWICE)
def test_second_derivative(name):
    """The derivative of the derivative does, too: nothing cancels far out."""
    f, truth, points, tolerance = (UNARY | BESSEL | INTEGRALS)[name]
    found = cr.elementwise_grad(cr.elementwise_grad(f))(np.array(points))
    for x, curvature in zip(points, found, strict=True):
        if abs(x) < (1e-30 if name == "expit" else 1e-5) or (name == "rgamma" and x <= 0):
            continue
        expected = derivative(truth, x, 2, digits=900 if name in UNARY else 250)
        assert float(abs(mpmath.mpf(float(curvature)) / expected - 1)) <= 20 * tolerance, (x, curvature)


@pytest.mark.parametrize(("v", "x"), [(0.3, 1e-6), (2.5, 0.4), (-1.3, 5.0), (40.0, 30.0), (1e-3, 1e5), (0.0, 1.0)])
def test_order_of_a_bessel_function(v, x):
    """The derivatives of eˣ Kᵥ(x) in v, and in v and x, for small and large orders and arguments."""

    def truth(v, x):
        return mpmath.besselk(v, x) * mpmath.exp(x)

    with mpmath.workdps(60):
        slope, curvature, mixed = (mpmath.diff(truth, (v, x), orders) for orders in ((1, 0), (2, 0), (1, 1)))
        unscaled = slope * mpmath.exp(-x)
    in_order = cr.grad(special.kve)
    assert in_order(v, x) == pytest.approx(float(slope), rel=2e-14, abs=1e-40)
    assert cr.grad(in_order)(v, x) == pytest.approx(float(curvature), rel=5e-14, abs=1e-40)
    assert cr.grad(in_order, argnums=1)(v, x) == pytest.approx(float(mixed), rel=5e-14, abs=1e-40)
    assert cr.grad(special.kv)(v, x) == pytest.approx(float(unscaled), rel=2e-14, abs=1e-40)


@pytest.mark.parametrize(
    ("v", "x", "slope"), [(500.0, 800.0, 6.56011287983692e-284), (2000.0, 1200.0, 4.71249332896099e100)]
)
def test_order_of_a_bessel_function_of_a_large_argument(v, x, slope):
    """The derivative of Kᵥ(x) in v, where e⁻ˣ is 0: it was 0, or NaN. Values of mpmath, which takes seconds."""
    assert cr.grad(special.kv)(v, x) == pytest.approx(slope, rel=1e-12, abs=0.0)


@pytest.mark.parametrize(
    ("f", "truth"),
    [
        (special.betaln, lambda a, b: mpmath.log(mpmath.beta(a, b))),
        (special.poch, lambda z, m: mpmath.rf(z, m)),
    ],
    ids=["betaln", "poch"],
)
@pytest.mark.parametrize(("x", "y"), [(2.0, 3.0), (1e8, 1.0), (1e10, 1e-3), (0.3, 1e-8), (1e-3, 5.0)])
def test_nothing_cancels_between_digammas(f, truth, x, y):
    """ψ(a + b) - ψ(a) keeps its digits where b is small beside a."""
    found = cr.grad(f)(x, y)

    expected = derivative(lambda t: truth(t, mpmath.mpf(y)), x)
    assert found == pytest.approx(float(expected), rel=2e-13)


@pytest.mark.parametrize(("x", "y"), [(0.3, 0.3 + 1e-9), (1e-200, 1e150), (5.0, 2.0)])
def test_relative_entropy(x, y):
    """log(x / y) keeps its digits where x and y are close, and does not overflow where they are far apart."""
    found = cr.grad(special.kl_div)(x, y)

    with mpmath.workdps(400):
        expected = mpmath.log(mpmath.mpf(x) / mpmath.mpf(y))
    assert found == pytest.approx(float(expected), rel=1e-14)


def test_nothing_times_the_logarithm_of_nothing():
    """x log y is 0 for x = 0 whatever y is: so is its derivative in y, at y = 0 as well."""
    assert cr.grad(special.xlogy, argnums=1)(0.0, 0.0) == 0.0
    assert cr.grad(special.xlogy, argnums=1)(0.0, 3.0) == 0.0
    assert cr.grad(special.xlogy)(0.0, 3.0) == np.log(3.0)
