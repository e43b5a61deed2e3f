"""Derivatives of elementwise functions are as accurate as the functions, over the whole range of numbers.

The truth is a difference quotient in mpmath with many hundred digits and a step of at most 1e-30, relative to x too.
"""

import itertools

import mpmath
import numpy as np
import pytest

import chainrule as cr

EPS = 2.0**-52
SMALLEST_NORMAL = 2.0**-1022
GREATEST = (2.0 - EPS) * 2.0**1023


def spread(low, high, count):
    """Numbers evenly spread on a logarithmic scale."""
    return [float(x) for x in np.exp(np.linspace(np.log(low), np.log(high), count))]


def both_signs(numbers):
    return [-x for x in numbers] + numbers


EVERYWHERE = both_signs([5e-324, 1e-310, *spread(1e-200, 1e300, 9), 1.7e308])
POSITIVE = [5e-324, 1e-310, *spread(1e-200, 1e300, 11), 1 - EPS / 2, 1 + EPS, 1.7e308]
EXPONENTS = [*both_signs([5e-324, 1e-310, *spread(1e-200, 700, 8), 19.5, 190.0, 350.0, 360.0]), 1000.0, -1000.0]
ANGLES = [*both_signs([5e-324, 1e-310, *spread(1e-200, 1e6, 9)]), np.pi / 2, np.pi, 1e15, 1e22, 1.7e308]
INSIDE_ONE = both_signs([5e-324, 1e-310, *spread(1e-200, 0.9, 6), 0.999, 1 - 1e-10, 1 - EPS / 2])
ABOVE_ONE = [1 + EPS, 1 + 1e-10, 1.5, *spread(3.0, 1e300, 7), 1.7e308]
ABOVE_MINUS_ONE = [
    -1 + EPS / 2,
    -1 + 1e-10,
    -0.5,
    *both_signs([5e-324, 1e-310, *spread(1e-200, 0.9, 4)]),
    *spread(1, 1e300, 5),
    1.7e308,
]


def real_cbrt(x):
    return mpmath.sign(x) * mpmath.cbrt(abs(x))


def power_of(exponent):
    return lambda x: x**exponent, lambda x: mpmath.power(x, mpmath.mpf(exponent))


def power_to(base):
    return lambda x: base**x, lambda x: mpmath.power(mpmath.mpf(base), x)


UNARY = {
    "exp": (np.exp, mpmath.exp, EXPONENTS),
    "exp2": (np.exp2, lambda x: mpmath.power(2, x), EXPONENTS),
    "expm1": (np.expm1, mpmath.expm1, EXPONENTS),
    "log": (np.log, mpmath.log, POSITIVE),
    "log2": (np.log2, lambda x: mpmath.log(x) / mpmath.log(2), POSITIVE),
    "log10": (np.log10, lambda x: mpmath.log(x) / mpmath.log(10), POSITIVE),
    "log1p": (np.log1p, lambda x: mpmath.log(1 + x), ABOVE_MINUS_ONE),
    "sqrt": (np.sqrt, mpmath.sqrt, POSITIVE),
    "cbrt": (np.cbrt, real_cbrt, EVERYWHERE),
    "reciprocal": (np.reciprocal, lambda x: 1 / x, EVERYWHERE),
    "square": (np.square, lambda x: x * x, EVERYWHERE),
    "degrees": (np.degrees, lambda x: x * 180 / mpmath.pi, EVERYWHERE),
    "radians": (np.radians, lambda x: x * mpmath.pi / 180, EVERYWHERE),
    "absolute": (np.absolute, abs, EVERYWHERE),
    "negative": (np.negative, lambda x: -x, EVERYWHERE),
    "float_power": (lambda x: np.float_power(x, 1.7), lambda x: mpmath.power(x, mpmath.mpf(1.7)), POSITIVE[2:]),
    "sin": (np.sin, mpmath.sin, ANGLES),
    "cos": (np.cos, mpmath.cos, ANGLES),
    "tan": (np.tan, mpmath.tan, ANGLES),
    "arcsin": (np.arcsin, mpmath.asin, INSIDE_ONE),
    "arccos": (np.arccos, mpmath.acos, INSIDE_ONE),
    "arctan": (np.arctan, mpmath.atan, EVERYWHERE),
    "sinh": (np.sinh, mpmath.sinh, EXPONENTS),
    "cosh": (np.cosh, mpmath.cosh, EXPONENTS),
    "tanh": (np.tanh, mpmath.tanh, EXPONENTS),
    "arcsinh": (np.arcsinh, mpmath.asinh, EVERYWHERE),
    "arccosh": (np.arccosh, mpmath.acosh, ABOVE_ONE),
    "arctanh": (np.arctanh, mpmath.atanh, INSIDE_ONE),
    "i0": (np.i0, lambda x: mpmath.besseli(0, x), both_signs(spread(1e-100, 600, 7))),
    **{f"x**{e}": (*power_of(e), POSITIVE[2:]) for e in (3, 7, -1, -2, 0.5, 1.5, 2.0, 0.3, -0.3, 1 / 3, -0.7, 1e-3)},
    **{f"{b}**x": (*power_to(b), EXPONENTS) for b in (2, 0.5, 10.0)},
}
SCALES = both_signs(spread(1e-140, 1e140, 5))
BELOW_AND_ABOVE = both_signs([1e-10, 0.25, 1.0, 20.0, 700.0, 1e10, 1e16])
QUOTIENTS = [
    (x, y)
    for x in both_signs([1e-310, 0.3, 7.3, 1e10])
    for y in both_signs([1e-300, 0.37, 2.1, 1e300])
    if abs(x / y) < 1e15
]
BINARY = {
    "divide": (np.divide, lambda x, y: x / y, list(itertools.product(SCALES, SCALES))),
    "hypot": (np.hypot, mpmath.hypot, list(itertools.product(SCALES, SCALES))),
    "arctan2": (np.arctan2, mpmath.atan2, [(3 * x, y) for x, y in itertools.product(SCALES, SCALES)]),
    "remainder": (np.remainder, lambda x, y: x - y * mpmath.floor(x / y), QUOTIENTS),
    "fmod": (np.fmod, lambda x, y: x - y * (mpmath.floor if x * y > 0 else mpmath.ceil)(x / y), QUOTIENTS),
    "copysign": (np.copysign, lambda x, y: abs(x) * mpmath.sign(y), list(itertools.product(SCALES, SCALES))),
    "logaddexp": (
        np.logaddexp,
        lambda x, y: max(x, y) + mpmath.log(1 + mpmath.exp(-abs(x - y))),
        list(itertools.product(BELOW_AND_ABOVE, BELOW_AND_ABOVE)),
    ),
    "logaddexp2": (
        np.logaddexp2,
        lambda x, y: max(x, y) + mpmath.log(1 + mpmath.power(2, -abs(x - y))) / mpmath.log(2),
        list(itertools.product(BELOW_AND_ABOVE, BELOW_AND_ABOVE)),
    ),
    "power": (
        np.power,
        mpmath.power,
        list(itertools.product([*spread(1e-200, 1e300, 7), 0.9999, 1.0001], [0.3, -0.3, 2, 1.7, 1e-3, -7.1, 40, -300])),
    ),
}
PLANE = [complex(x, y) for x in (-30, -2, -0.5, 1e-8, 0.3, 25) for y in (-40, -3, -0.7, 1e-9, 0.4, 20)]
FAR_AND_NEAR = [1e200 + 1e200j, -1e180 + 1e150j, 1e-200 + 1e-190j]
COMPLEX = {
    "log1p": (np.log1p, lambda z: mpmath.log(1 + z)),
    **{
        name: (getattr(np, name), getattr(mpmath, short or name))
        for name, short in {
            "exp": "",
            "expm1": "",
            "log": "",
            "sqrt": "",
            "sin": "",
            "cos": "",
            "tan": "",
            "sinh": "",
            "cosh": "",
            "tanh": "",
            "arcsin": "asin",
            "arccos": "acos",
            "arctan": "atan",
            "arcsinh": "asinh",
            "arccosh": "acosh",
            "arctanh": "atanh",
        }.items()
    },
}


def quotient(f, x, slots):
    """The derivative of f in the named operands, one or two of them, from differences with many digits."""
    # The second difference of a subnormal number beside 1 begins after a thousand digits.
    with mpmath.workdps(750 if min(map(abs, x)) > 1e-250 else 1500):
        x = [mpmath.mpmathify(v) for v in x]
        steps = [min(abs(v), 1) * mpmath.mpf(10) ** -30 for v in x]

        def at(*moves):
            return f(*(v + sum(m * steps[k] for k, m in moves if k == i) for i, v in enumerate(x)))

        if len(slots) == 1:
            (k,) = slots
            return (at((k, 1)) - at((k, -1))) / (2 * steps[k])
        i, j = slots
        if i == j:
            return (at((i, 1)) - 2 * at() + at((i, -1))) / steps[i] ** 2
        corners = (a * b * at((i, a), (j, b)) for a in (1, -1) for b in (1, -1))
        return sum(corners) / (4 * steps[i] * steps[j])


def assert_accurate(found, expected, tolerance, where):
    """Relative to the truth; where the truth is below the normal numbers, relative to their smallest."""
    size = abs(expected)
    if size > GREATEST:
        assert not np.isfinite(found), f"{found} at {where}, where the derivative overflows"
        return
    error = abs(mpmath.mpmathify(found) - expected) / max(size, SMALLEST_NORMAL)
    assert error <= tolerance * EPS, (
        f"{found} at {where}, expected {mpmath.nstr(expected, 20)}: {float(error / EPS)} eps"
    )


@pytest.mark.filterwarnings("ignore::chainrule.errors.IndependentOutputWarning")
@pytest.mark.parametrize("name", UNARY)
@pytest.mark.parametrize(("order", "tolerance"), [(1, 4), (2, 10)])
def test_functions_of_one_number(name, order, tolerance):
    """First and second derivatives are right to a few units in the last place, from subnormal to huge numbers."""
    f, truth, points = UNARY[name]
    derivative = cr.grad(f) if order == 1 else cr.grad(cr.grad(f))
    for x in points:
        with np.errstate(all="ignore"):
            found = derivative(float(x))
        assert_accurate(float(found), quotient(truth, [x], (0,) * order), tolerance, x)


@pytest.mark.filterwarnings("ignore::chainrule.errors.IndependentOutputWarning")
@pytest.mark.parametrize("name", BINARY)
@pytest.mark.parametrize("slots", [(0,), (1,), (0, 0), (0, 1), (1, 1)])
def test_functions_of_two_numbers(name, slots):
    """All first and second partial derivatives are right to a few units in the last place."""
    f, truth, points = BINARY[name]
    derivative = f
    for slot in slots:
        derivative = cr.grad(derivative, argnums=slot)
    for x, y in points:
        with np.errstate(all="ignore"):
            found = derivative(float(x), float(y))
        # The difference x - y is rounded before its exponential is taken, which magnifies by the difference.
        tolerance = 10 + (min(abs(x - y), 745) if name.startswith("logaddexp") else 0)
        assert_accurate(float(found), quotient(truth, (x, y), slots), tolerance, (x, y))


@pytest.mark.parametrize("name", COMPLEX)
@pytest.mark.parametrize(("order", "tolerance"), [(1, 8), (2, 16)])
def test_functions_of_a_complex_number(name, order, tolerance):
    """First and second complex derivatives are right to a few units in the last place, far out and near 0 too."""
    f, truth = COMPLEX[name]
    derivative = f
    for _ in range(order):
        derivative = cr.grad(derivative, holomorphic=True)
    for z in PLANE + FAR_AND_NEAR:
        expected = quotient(truth, [z], (0,) * order)
        if abs(expected) > GREATEST:
            continue
        with np.errstate(all="ignore"):
            found = complex(derivative(z))
        assert_accurate(found, expected, tolerance, z)


@pytest.mark.parametrize(
    ("name", "cut"),
    [
        ("log", [-2.0]),
        ("sqrt", [-2.0]),
        ("log1p", [-3.0]),
        ("arcsin", [2.0, -2.0]),
        ("arccos", [2.0, -2.0]),
        ("arccosh", [0.5, -0.5, -2.0]),
        ("arctanh", [2.0, -2.0]),
        ("arcsinh", [2.0j, -2.0j]),
        ("arctan", [2.0j, -2.0j]),
    ],
)
def test_both_sides_of_a_branch_cut(name, cut):
    """On a branch cut the sign of the zero says which side is meant, for the derivative as for the function."""
    f, truth = COMPLEX[name]
    derivative = cr.grad(f, holomorphic=True)
    for place in cut:
        for side in (1.0, -1.0):
            on_cut = complex(place, 0.0 * side) if isinstance(place, float) else complex(0.0 * side, place.imag)
            beside = complex(place, 1e-30 * side) if isinstance(place, float) else complex(1e-30 * side, place.imag)
            # The step of the difference must stay on its side.
            with mpmath.workdps(200):
                z = mpmath.mpc(beside)
                step = mpmath.mpf(10) ** -60
                expected = (truth(z + step) - truth(z - step)) / (2 * step)
            assert abs(complex(derivative(on_cut)) - complex(expected)) < 1e-14, (on_cut, complex(expected))


def test_sinc_keeps_its_digits_near_zero():
    """The derivative of sinc is -π²x/3 near 0, without the cancellation of (cos πx - sinc x) / x."""
    derivative, second = cr.grad(np.sinc), cr.grad(cr.grad(np.sinc))
    for x in [0.0, 1e-200, 1e-20, 1e-9, 1e-5, 0.003, 0.0032, 0.1, 0.7, 1.5]:
        with mpmath.workdps(700):
            z = mpmath.mpf(x)
            series = [(-1) ** k * mpmath.pi ** (2 * k) / mpmath.factorial(2 * k + 1) for k in range(1, 40)]
            first_truth = sum(2 * k * c * z ** (2 * k - 1) for k, c in enumerate(series, 1))
            second_truth = sum(2 * k * (2 * k - 1) * c * z ** (2 * k - 2) for k, c in enumerate(series, 1))
        assert_accurate(derivative(x), first_truth, 16, x)
        assert_accurate(second(x), second_truth, 16, x)


def test_sinc_keeps_its_digits_between():
    """Where the series ends, near 0.2, the difference of sinc x and cos πx loses three bits at most."""
    derivative = cr.grad(np.sinc)
    for x in [0.01, 0.03, 0.05, 0.15, 0.199, 0.2, 0.21, 0.3, 0.5, -0.04, -0.25]:
        with mpmath.workdps(60):
            z = mpmath.mpf(np.pi * x)
            truth = float(-mpmath.pi * (mpmath.sin(z) / z - mpmath.cos(z)) / z)
        assert abs(derivative(x) - truth) <= 8 * EPS * abs(truth), x
    assert derivative(0.0) == 0.0


def test_sinc_is_as_accurate_as_its_argument_far_from_zero():
    """Far from 0 the error of the derivative is that of π x, as it is for the function."""
    derivative = cr.grad(np.sinc)
    for x in [10.25, 1000.0, 12345.678]:
        truth = quotient(mpmath.sincpi, [x], (0,))
        assert abs(derivative(x) - truth) <= 4 * EPS * np.pi


def test_derivative_of_tanh_does_not_underflow():
    """tanh′(190) is 4e⁻³⁸⁰, although tanh(190) is rounded to 1."""
    assert cr.grad(np.tanh)(190.0) == pytest.approx(3.716694526530559e-165, rel=1e-14, abs=0)
    assert cr.grad(cr.grad(np.tanh))(1000.0) == 0


def test_growing_exponential():
    """a e⁻ᵇ at b = -1000 is infinite, and its derivatives are infinities of the right sign, without NaN."""
    with np.errstate(over="ignore"):
        da, db = cr.grad(lambda a, b: a * np.exp(-b), argnums=(0, 1))(1.0, -1e3)
    assert (da, db) == (np.inf, -np.inf)


def test_vanishing_exponential():
    """a e⁻ᵇ at b = 1000 is 0, and so are its derivatives."""
    assert cr.grad(lambda a, b: a * np.exp(-b), argnums=(0, 1))(1.0, 1e3) == (0.0, 0.0)


def test_logaddexp_of_infinities():
    """At equal infinities each operand has half of the derivative; otherwise the greater one has all of it."""
    gradient = cr.grad(np.logaddexp, argnums=(0, 1))
    assert gradient(np.inf, np.inf) == (0.5, 0.5)
    assert gradient(-np.inf, -np.inf) == (0.5, 0.5)
    assert gradient(np.inf, 0.0) == (1.0, 0.0)
    assert gradient(-np.inf, 0.0) == (0.0, 1.0)


def test_power_at_zero():
    """At x = 0 the derivative of x^y in x is 0 for y > 1, 1 for y = 1, infinite for 0 < y < 1; in y it is 0."""
    in_x, in_y = cr.grad(np.power), cr.grad(np.power, argnums=1)
    with np.errstate(divide="ignore"):
        assert [in_x(0.0, y) for y in (0.0, 0.5, 1.0, 2.0, 3.5)] == [0.0, np.inf, 1.0, 0.0, 0.0]
        assert [in_y(0.0, y) for y in (0.0, 0.5, 1.0, 2.0)] == [0.0, 0.0, 0.0, 0.0]
        assert in_y(0.0, -1.0) == -np.inf


def test_power_of_a_negative_number():
    """(-2)^3 has the derivative 12 in x; in y it is NaN, since beside an integer the function is not defined."""
    assert cr.grad(np.power)(-2.0, 3.0) == 12.0
    assert np.isnan(cr.grad(np.power, argnums=1)(-2.0, 3.0))


def test_single_precision():
    """In single precision the derivatives keep the digits of single precision, at the ends of its range too."""
    for f, truth, points in (
        (np.tanh, mpmath.tanh, [1e-30, 5.0, 9.5, -40.0]),
        (np.arcsinh, mpmath.asinh, [1e-30, 1.0, 1e30]),
        (np.log1p, lambda x: mpmath.log(1 + x), [-0.999, 1e-30, 1e30]),
        (np.sqrt, mpmath.sqrt, [1e-30, 1e30]),
    ):
        for x in map(np.float32, points):
            found = cr.grad(f)(x)
            assert found.dtype == np.float32
            expected = quotient(truth, [float(x)], (0,))
            assert abs(mpmath.mpf(float(found)) - expected) <= 8 * 2.0**-23 * abs(expected), (f, x)
