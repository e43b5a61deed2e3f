"""`math` and `cmath` in differentiated functions."""

import cmath
import math
from math import sqrt as root

import mpmath
import numpy as np
import pytest

import chainrule as cr

SMOOTH = {
    "acos": 0.3,
    "acosh": 1.7,
    "asin": 0.3,
    "asinh": 0.7,
    "atan": 0.7,
    "atanh": 0.4,
    "cbrt": 2.3,
    "cos": 0.7,
    "cosh": 0.7,
    "degrees": 0.7,
    "erf": 0.7,
    "erfc": 0.7,
    "exp": 0.7,
    "exp2": 0.7,
    "expm1": 0.7,
    "fabs": -0.7,
    "gamma": 2.3,
    "lgamma": 2.3,
    "log": 0.7,
    "log10": 0.7,
    "log1p": 0.7,
    "log2": 0.7,
    "radians": 0.7,
    "sin": 0.7,
    "sinh": 0.7,
    "sqrt": 0.7,
    "tan": 0.7,
    "tanh": 0.7,
}

PAIRS = {
    "atan2": (0.7, -1.3),
    "copysign": (0.7, -1.3),
    "dist": ((0.7, 1.0), (-1.3, 2.0)),
    "fmod": (5.3, -1.7),
    "hypot": (0.7, -1.3),
    "log": (0.7, 3.1),
    "pow": (0.7, -1.3),
    "remainder": (5.3, -1.7),
}


def difference(f, x):
    """The derivative by a central difference of fourth order."""
    h = 1e-3
    return (f(x - 2 * h) - 8 * f(x - h) + 8 * f(x + h) - f(x + 2 * h)) / (12 * h)


@pytest.mark.parametrize(("name", "x"), SMOOTH.items())
def test_functions_of_one_number(name, x):
    """Value and derivative of a function of `math` are those of its own values."""
    f = getattr(math, name)
    y, y_dot = cr.jvp(lambda v: f(v), (x,), (1.0,))
    assert y == pytest.approx(f(x), rel=1e-15)
    assert y_dot == pytest.approx(difference(f, x), rel=1e-9)
    assert cr.grad(f)(x) == y_dot


@pytest.mark.parametrize(("name", "xs"), PAIRS.items())
def test_functions_of_two_arguments(name, xs):
    """The gradient along a line through both arguments is the derivative of the values along it."""
    f = getattr(math, name)
    directions = np.array(xs) * [[0.3], [-0.2]] if name == "dist" else np.array([0.3, -0.2])

    def along(t):
        moved = np.array(xs) + t * directions
        return f(*moved)

    y, y_dot = cr.jvp(along, (0.0,), (1.0,))
    assert y == pytest.approx(f(*xs), rel=1e-15)
    assert y_dot == pytest.approx(difference(lambda t: float(f(*(np.array(xs) + t * directions))), 0.0), rel=1e-8)


def test_names_that_were_imported():
    """A function that was imported by its name is the same."""
    assert cr.grad(lambda x: root(x) + math.pi)(4.0) == 0.25


def test_sums_and_products_of_iterables():
    """Sums, products and lengths take lists, generators and arrays; a sum is rounded once."""
    x = np.array([1e16, 1.0, -1e16])
    assert cr.value_and_grad(lambda v: math.fsum(2 * t for t in v))(x)[0] == 2.0
    assert cr.grad(lambda v: math.prod(list(v), start=2.0))(np.array([2.0, 3.0, 5.0])).tolist() == [30, 20, 12]
    assert np.allclose(cr.grad(lambda v: math.hypot(*v))(np.array([2.0, 3.0, 6.0])), [2 / 7, 3 / 7, 6 / 7])
    assert np.allclose(cr.grad(lambda v: math.dist(v, [1.0, 1.0]))(np.array([4.0, 5.0])), [0.6, 0.8])


def test_parts_of_numbers():
    """`modf`, `frexp` and `ldexp` scale and shift, so their derivatives are those of the scaling."""
    assert cr.jvp(math.modf, (-2.75,), (1.0,)) == ((-0.75, -2.0), (1.0, 0.0))
    assert cr.jvp(math.modf, (math.inf,), (1.0,))[0] == (0.0, math.inf)
    assert cr.jvp(lambda x: math.frexp(x)[0], (10.0,), (1.0,)) == (0.625, 0.0625)
    assert cr.jvp(lambda x: math.frexp(x)[0], (5e-324,), (1.0,))[0] == 0.5
    assert cr.jvp(lambda x: math.ldexp(x, 3), (1.5,), (1.0,)) == (12.0, 8.0)
    assert cr.jvp(lambda x: math.ldexp(x, -1074), (2.0**60,), (1.0,))[0] == math.ldexp(2.0**60, -1074)


def test_remainder_is_exact():
    """The IEEE remainder has the value of `math.remainder` to the last bit, also for a large quotient."""
    for x, y in ((1e17, 0.1), (7.0, 2.0), (3.0, math.inf), (-5.0, 2.0)):
        assert cr.jvp(lambda v, y=y: math.remainder(v, y), (x,), (1.0,)) == (math.remainder(x, y), 1.0)
    assert cr.grad(lambda y: math.remainder(5.3, y))(1.7) == -3.0


def test_next_number():
    """The neighbour of a number moves as it does."""
    assert cr.jvp(lambda x: math.nextafter(x, 3.0), (2.0,), (1.5,)) == (math.nextafter(2.0, 3.0), 1.5)


def test_whole_numbers_are_looks():
    """What gives whole numbers or truth values answers with these, and has no derivative."""

    def f(x):
        assert (math.floor(x), math.ceil(x), math.trunc(x)) == (2, 3, 2)
        assert type(math.floor(x)) is int
        assert math.isfinite(x)
        assert not math.isnan(x)
        assert math.isclose(x, 2.5, rel_tol=1e-9)
        return x * math.factorial(math.floor(x))

    assert cr.grad(f)(2.5) == 2.0


@pytest.mark.parametrize("call", [lambda x: math.log(x - 2), lambda x: math.sqrt(x - 3), lambda x: math.acos(x)])
def test_domain_errors_are_those_of_math(call):
    """What `math` refuses is refused inside a derivative, with the same error."""
    with pytest.raises(ValueError, match=r"math domain error|expected a"):
        cr.grad(call)(2.0)


def test_overflow_is_that_of_math():
    """`math.exp` raises where it would overflow, and does not return infinity."""
    with pytest.raises(OverflowError):
        cr.grad(lambda x: math.exp(x))(1000.0)


def test_results_are_in_double_precision():
    """A float32 scalar is converted, as `math` does."""

    def f(x):
        y = math.sin(x[0])
        assert y.dtype == np.float64
        return y

    gradient = cr.grad(f)(np.array([0.5], np.float32))
    assert gradient.dtype == np.float32
    assert gradient[0] == np.float32(math.cos(0.5))


def test_arrays_of_one_element():
    """An array without axes counts as a number; a longer one is refused with NumPy's error."""
    assert cr.grad(lambda x: math.sin(np.sum(x, keepdims=True).reshape(())))(np.array([0.5])) == math.cos(0.5)
    with pytest.raises(TypeError):
        cr.grad(lambda x: math.sin(x))(np.ones(3))


def test_lanes_are_computed_at_once():
    """Under vmap the functions work on all lanes, and nobody looks at them one by one."""
    x = np.array([0.1, 0.5, 0.9])
    assert np.allclose(cr.vmap(lambda v: math.asin(v) + math.hypot(v, 1.0, 2.0))(x), np.arcsin(x) + np.sqrt(x**2 + 5))
    assert np.allclose(cr.vmap(cr.grad(lambda v: math.exp(v) * math.cos(v)))(x), np.exp(x) * (np.cos(x) - np.sin(x)))


def test_second_derivatives():
    """Functions of `math` are differentiated again."""
    assert cr.grad(cr.grad(lambda x: math.tanh(x) ** 2))(0.3) == pytest.approx(
        float(mpmath.diff(lambda x: mpmath.tanh(x) ** 2, 0.3, 2))
    )


def test_gamma_and_error_functions_in_all_modes():
    """At a pole `math` raises its own error in a derivative too; elsewhere all modes give the derivative."""
    with pytest.raises(ValueError, match=r"math domain error|expected a noninteger or positive integer"):
        cr.grad(math.gamma)(-1.0)
    assert cr.grad(math.lgamma)(-0.3) == pytest.approx(float(mpmath.digamma(-0.3)), rel=1e-14)
    assert cr.jit(cr.grad(math.erf))(0.3) == pytest.approx(2 / math.sqrt(math.pi) * math.exp(-0.09), rel=1e-14)
    assert cr.hessian(math.gamma)(1.5) == pytest.approx(float(mpmath.diff(mpmath.gamma, 1.5, 2)), rel=1e-12)
    assert cr.vmap(cr.grad(math.erfc))(np.array([0.0, 1.0])) == pytest.approx(
        -2 / np.sqrt(np.pi) * np.exp([0.0, -1.0]), rel=1e-14
    )


def test_no_rule():
    """A function without a rule says so, and works on numbers."""
    with pytest.raises(cr.errors.NoRuleError, match=r"`math.ulp` has no derivative rule(.|\n)*test_mathematics.py"):
        cr.grad(lambda x: math.ulp(x))(2.5)
    assert cr.grad(lambda x: x * math.gamma(5.0))(2.5) == 24.0


COMPLEX = "acos acosh asin asinh atan atanh cos cosh exp log log10 sin sinh sqrt tan tanh".split()


@pytest.mark.parametrize("name", COMPLEX)
def test_complex_functions(name):
    """A function of `cmath` has the complex derivative that its values have."""
    f = getattr(cmath, name)
    z = 0.6 + 0.4j
    y, y_dot = cr.jvp(lambda v: f(v), (z,), (1.0 + 0.0j,))
    assert y == pytest.approx(f(z), rel=1e-14)
    assert y_dot == pytest.approx(difference(f, z), rel=1e-9)


def test_polar_coordinates():
    """To polar coordinates and back is the identity, whose derivative is one."""
    z = 0.6 + 0.4j
    y, y_dot = cr.jvp(lambda v: cmath.rect(*cmath.polar(v)), (z,), (1.0 + 2.0j,))
    assert y == pytest.approx(z)
    assert y_dot == pytest.approx(1.0 + 2.0j)
    x = 0.7
    assert cr.grad(lambda v: cmath.phase(complex(v, 1.0)))(x) == pytest.approx(-1 / (x**2 + 1))
    assert cr.grad(lambda v: cmath.log(v, 2.0).real)(x) == pytest.approx(1 / (x * math.log(2)))
    assert cr.grad(lambda v: v * cmath.isfinite(complex(v)))(x) == 1.0


def test_constants_stay_numbers():
    """On numbers the functions are those of `math`, and return Python numbers."""

    def f(x):
        assert type(math.sin(0.5)) is float
        assert math.sin(np.float64(0.5)) == math.sin(0.5)
        assert type(cmath.exp(1j)) is complex
        assert math.gcd(12, 18) == 6
        return x * math.sin(CONSTANT[0])

    assert cr.grad(f)(1.0) == math.sin(0.5)


CONSTANT = np.array([0.5])
