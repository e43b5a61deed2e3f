"""Special functions in native code: as accurate as they say, with SciPy's special values, and native derivatives."""

import contextlib
from functools import partial

import mpmath
import numpy as np
import pytest
import scipy.special
import scipy.stats
from scipy.special import expit

import chainrule as cr
from chainrule import ops
from tests.compile.native_loops import DTYPES, errors, native


def erfcx(x):
    return mpmath.exp(x * x) * mpmath.erfc(x) if x < 2**50 else 1 / (x * mpmath.sqrt(mpmath.pi))


def ndtr(x):
    return mpmath.erfc(-x / mpmath.sqrt(2)) / 2


def log_ndtr(x):
    return mpmath.log1p(-ndtr(-x)) if x > 0 else mpmath.log(ndtr(x))


def logistic(x):
    return 1 / (1 + mpmath.exp(-x))


RNG = np.random.default_rng(1)
COUNT = 150
# Numbers of all sizes, of either sign.
SIGN = RNG.choice([-1, 1], COUNT)
TINY = SIGN * 2 ** RNG.uniform(-1074, 0, COUNT)
SMALL = SIGN * 2 ** RNG.uniform(-60, 3, COUNT)
BESIDE_ONE = 1 + SIGN * 2 ** RNG.uniform(-52, -1, COUNT)
BESIDE_HALF = 0.5 + SIGN * 2 ** RNG.uniform(-52, -1, COUNT)


def between(low, high):
    return RNG.uniform(low, high, COUNT)


ONE_OPERAND = {
    "erf": (mpmath.erf, [TINY, SMALL, between(-6.1, 6.1), between(0.9, 1.1)]),
    "erfc": (mpmath.erfc, [TINY, SMALL, between(-6.1, 3), between(0, 28), between(26, 27.3)]),
    "erfcx": (erfcx, [SMALL, between(-26.7, 3), between(0, 50), 2 ** RNG.uniform(0, 1000, COUNT)]),
    "ndtr": (ndtr, [TINY, SMALL, between(-9, 9), between(-38.6, 0)]),
    "log_ndtr": (log_ndtr, [SMALL, between(-9, 9), between(-38.6, 38.6), -(2 ** RNG.uniform(0, 511, COUNT))]),
    "expit": (logistic, [TINY, SMALL, between(-40, 40), between(-746, 0)]),
    "logistic_density": (lambda x: mpmath.sech(x / 2) ** 2 / 4, [TINY, SMALL, between(-40, 40), between(-746, 746)]),
    "log_expit": (lambda x: -mpmath.log1p(mpmath.exp(-x)), [TINY, SMALL, between(-40, 40), between(-746, 746)]),
    "logit": (lambda x: mpmath.log(x / (1 - x)), [abs(TINY), between(0, 1), BESIDE_HALF]),
    "entr": (lambda x: -x * mpmath.log(x), [abs(TINY), between(0, 5), BESIDE_ONE, 2 ** RNG.uniform(0, 1000, COUNT)]),
}
# Functions that are not within 1 ulp, but within 2, at positive numbers.
BESIDE_ROOT = 1.4616321449683623 + SIGN * 2 ** RNG.uniform(-52, -2, COUNT)
LARGE = 2 ** RNG.uniform(0, 1000, COUNT)
GAMMA = {
    "gammaln": (mpmath.loggamma, [abs(TINY), between(0, 4), between(3, 30), BESIDE_ONE, 1 + BESIDE_ONE, LARGE]),
    "digamma": (mpmath.digamma, [abs(SMALL), between(0, 4), between(3, 30), BESIDE_ROOT, LARGE]),
}
# And within 8.
BESSEL = {
    "i0": lambda x: mpmath.besseli(0, x),
    "i1": lambda x: mpmath.besseli(1, x),
    "i0e": lambda x: mpmath.exp(-abs(x)) * mpmath.besseli(0, x),
    "i1e": lambda x: mpmath.exp(-abs(x)) * mpmath.besseli(1, x),
}
TWO_OPERANDS = {
    "xlogy": lambda x, y: x * mpmath.log(y),
    "xlog1py": lambda x, y: x * mpmath.log1p(y),
    "rel_entr": lambda x, y: x * mpmath.log(x / y),
    "log_ratio": lambda x, y: mpmath.log(x / y),
}
X = np.concatenate([between(0.01, 5), 2 ** RNG.uniform(-100, 100, COUNT), between(0.5, 2)])
Y = np.concatenate([between(0.01, 5), 2 ** RNG.uniform(-100, 100, COUNT), X[-COUNT:] * BESIDE_ONE])
# Drawn here, as all others, so that no test depends on those that ran before.
START = np.concatenate([between(0.01, 10), 2 ** RNG.uniform(-40, 40, COUNT), 2 ** RNG.uniform(-40, 40, COUNT)])
INCREMENT = np.concatenate([between(0, 10), 2 ** RNG.uniform(-40, 40, COUNT), -START[-COUNT:] * between(0, 1)])
OF_TRIGAMMA = np.concatenate(
    [abs(SMALL), between(0, 4), between(3, 30), -between(0, 5), 2 ** RNG.uniform(0, 100, COUNT)]
)

REFERENCES = {
    "log_ratio": lambda x, y: np.log(x) - np.log(y),
    "logistic_density": lambda x: expit(x) * expit(-x),
}
SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, 2.0, 5.0, -30.0, 1e-30, 1e30, np.inf, -np.inf, np.nan, 50.0, -800.0, 800.0]


def largest_error(name, function, operands, dtype):
    with np.errstate(all="ignore"):
        operands = [x.astype(dtype) for x in operands]
    with mpmath.workprec(200):
        kept, exact = [], []
        for i, xs in enumerate(zip(*operands, strict=True)):
            # Rounded to float32, some are where the function is infinite.
            with contextlib.suppress(ZeroDivisionError, ValueError):
                y = function(*map(mpmath.mpf, map(float, xs)))
                if np.isfinite(xs).all() and mpmath.isfinite(y):
                    kept.append(i)
                    exact.append(y)
        return errors(native(name, dtype)(*operands)[kept], exact, dtype).max()


@pytest.mark.filterwarnings("ignore:overflow encountered in cast")
@DTYPES
@pytest.mark.parametrize("name", ONE_OPERAND)
def test_functions_of_one_number_are_within_one_ulp(name, dtype):
    """The result is within 1 ulp of the exact value, which mpmath gives, in the tails as well."""
    function, operands = ONE_OPERAND[name]
    assert largest_error(name, function, [np.concatenate(operands)], dtype) < 1


@pytest.mark.filterwarnings("ignore:overflow encountered in cast")
@DTYPES
@pytest.mark.parametrize("name", GAMMA)
def test_gamma_functions_are_within_two_ulp(name, dtype):
    """For positive numbers, also next to their zeros."""
    function, operands = GAMMA[name]
    assert largest_error(name, function, [np.concatenate(operands)], dtype) < 2


@pytest.mark.filterwarnings("ignore:overflow encountered in cast")
@DTYPES
@pytest.mark.parametrize("name", BESSEL)
def test_bessel_functions_are_within_eight_ulp(name, dtype):
    """On both sides of where the series ends, and to where the functions overflow."""
    x = np.concatenate([SMALL, between(-12, 12), between(-720, 720)])
    assert largest_error(name, BESSEL[name], [x], dtype) < (8 if dtype is np.float64 else 1)


@pytest.mark.parametrize("name", GAMMA)
def test_gamma_functions_of_negative_numbers_have_the_errors_of_what_cancels(name):
    """By reflection a function of -x has the terms of that of x, some of which are larger than itself."""
    function, x = GAMMA[name][0], -np.concatenate([between(0, 4), between(3, 30), abs(SMALL)])
    with mpmath.workprec(160):
        exact = [mpmath.re(function(mpmath.mpf(t))) for t in x]
        terms = [abs(function(mpmath.mpf(-t))) + abs(y) + 2 for t, y in zip(x, exact, strict=True)]
        for value, y, size in zip(native(name)(x), exact, terms, strict=True):
            assert abs(value - y) < 4 * np.spacing(float(size))


@DTYPES
@pytest.mark.parametrize("name", TWO_OPERANDS)
def test_functions_of_two_numbers_are_within_one_ulp(name, dtype):
    """The result is within 1 ulp of the exact value, also where the operands are near each other."""
    assert largest_error(name, TWO_OPERANDS[name], [X, Y], dtype) < 1


@DTYPES
def test_increments_of_digamma_are_within_four_ulp(dtype):
    """ψ(a + b) - ψ(a), also where b is small beside a, or takes nearly all of it away."""

    def exact(a, b):
        return mpmath.digamma(a + b) - mpmath.digamma(a)

    assert largest_error("digamma_increment", exact, [START, INCREMENT], dtype) < (4 if dtype is np.float64 else 1)


@pytest.mark.filterwarnings("ignore:overflow encountered in cast")
@DTYPES
def test_trigamma_is_within_five_ulp(dtype):
    """The derivative of digamma, of numbers of all sizes and negative ones."""
    exact = partial(mpmath.psi, 1)
    assert largest_error("trigamma", exact, [OF_TRIGAMMA], dtype) < (5 if dtype is np.float64 else 1)


def test_special_values_of_trigamma_are_those_of_scipy():
    """At poles and infinities."""
    x = np.array([0.0, -0.0, -1.0, -2.0, np.inf, -np.inf, np.nan, 1e308, 1e-200])
    np.testing.assert_allclose(native("trigamma")(x), scipy.special.polygamma(1, x), rtol=1e-14)


@pytest.mark.parametrize("order", [0, 1, 2, -1, 0.5])
def test_polygamma_of_any_order_is_that_of_scipy(order):
    """Also of a number that is no order, where the function is NaN."""
    x = np.array([0.5, 1.7, 3.2])
    compiled = cr.jit(partial(scipy.special.polygamma, order))
    with np.errstate(invalid="ignore"):
        compiled(x)
        np.testing.assert_allclose(compiled(x), scipy.special.polygamma(order, x), rtol=1e-14)


def test_the_hessian_of_a_likelihood_is_native():
    """Second derivatives of the gamma distribution need no call of SciPy."""
    x = np.linspace(0.5, 3, 5)
    hessian = cr.hessian(lambda a: np.sum(scipy.stats.gamma.logpdf(x, a)))
    compiled = cr.jit(hessian)
    compiled(2.5)

    np.testing.assert_allclose(compiled(2.5), hessian(2.5), rtol=1e-13)
    assert "calls NumPy" not in compiled.report()


def test_special_increments_of_digamma_are_those_of_numpy():
    """At poles, at negative numbers and at infinity the increment is what the op gives by SciPy's digamma."""
    special = [0.0, -0.5, -1.5, -2.0, 1.0, 2.5, np.inf, np.nan, 1e300, 1e-300]
    a, b = (x.ravel() for x in np.meshgrid(special, special))
    with np.errstate(all="ignore"):
        expected = ops.digamma_increment(a, b)

    np.testing.assert_allclose(native("digamma_increment")(a, b), expected, rtol=1e-13)


@DTYPES
@pytest.mark.parametrize("rate", [0.5, 1.0])
def test_bells_are_within_one_ulp(rate, dtype):
    """e^(-rate x²) is within 1 ulp down to the smallest number, where the rounding of a square would be enlarged."""
    x = np.concatenate([SMALL, between(-38, 38)])
    assert largest_error("bell", lambda x, r: mpmath.exp(-r * x * x), [x, np.full_like(x, rate)], dtype) < 1


def test_divergences_are_right_beside_equal_operands():
    """kl_div, whose terms cancel where x is near y, is within 1 ulp of itself and 2⁻⁵⁶ |x - y|."""
    found = native("kl_div")(X, Y)
    for x, y, value in zip(X, Y, found, strict=True):
        with mpmath.workprec(200):
            a, b = mpmath.mpf(x), mpmath.mpf(y)
            exact = a * mpmath.log(a / b) - a + b
            assert abs(value - exact) < np.spacing(float(exact)) + 2.0**-56 * abs(x - y)


@DTYPES
@pytest.mark.parametrize("name", [*ONE_OPERAND, *GAMMA, *BESSEL, *TWO_OPERANDS, "kl_div"])
def test_special_values_are_those_of_scipy(name, dtype):
    """NaN, infinities and signs of zeros are SciPy's, and so are numbers, of which SciPy loses digits in the tails."""
    f = native(name, dtype)
    special = np.array(SPECIAL, dtype)
    operands = [special] if f.arity == 1 else [x.ravel() for x in np.meshgrid(special, special)]
    with np.errstate(all="ignore"):
        expected = REFERENCES.get(name, getattr(scipy.special, name, None))(*operands)

    found = f(*operands)

    np.testing.assert_allclose(found, expected, rtol=1e-13 if dtype is np.float64 else 5e-7, atol=1e-300)
    zero = expected == 0
    np.testing.assert_array_equal(np.signbit(found[zero]), np.signbit(expected[zero]))


@pytest.mark.parametrize("name", ["erf", "erfc", "ndtr", "log_ndtr", "expit", "log_expit", "logit", "entr", "gammaln"])
def test_derivatives_of_one_operand_are_native(name):
    """A gradient is computed without a call of SciPy or Python, and is that of the function as it runs uncompiled."""
    x = np.linspace(0.05, 0.95, 7)
    slope = cr.grad(lambda x: np.sum(getattr(scipy.special, name)(x) ** 2))
    compiled = cr.jit(slope)
    compiled(x)

    np.testing.assert_allclose(compiled(x), slope(x), rtol=1e-13)
    assert "calls NumPy" not in compiled.report()


@pytest.mark.parametrize("name", ["xlogy", "xlog1py", "rel_entr", "kl_div"])
def test_derivatives_of_two_operands_are_native(name):
    """A gradient is computed without a call of SciPy or Python, also with respect to both operands."""
    x, y = np.linspace(0.1, 2, 7), np.linspace(1, 3, 7)
    slope = cr.grad(lambda xs: np.sum(getattr(scipy.special, name)(*xs) ** 2))
    compiled = cr.jit(slope)
    compiled((x, y))

    np.testing.assert_allclose(compiled((x, y)), slope((x, y)), rtol=1e-13)
    assert "calls NumPy" not in compiled.report()


def test_the_logistic_function_and_its_derivative_share_an_exponential():
    """A loop with expit x and its derivative has one exponential."""
    x = np.linspace(-1, 1, 64)
    alone, both = cr.jit(expit), cr.jit(cr.grad(lambda x: np.sum(expit(x) ** 2)))
    alone(x), both(x)

    # By 1/ln 2 each exponential multiplies its argument.
    assert both.llvm().count("0x3FF71547652B82FE") == alone.llvm().count("0x3FF71547652B82FE") > 0
