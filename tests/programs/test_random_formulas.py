"""Random formulas of two numbers, compared with mpmath at 30 digits and more."""

import hypothesis
import mpmath
import numpy as np
import pytest
from hypothesis import strategies as st

import chainrule as cr
from chainrule.testing.programs import compiled

SETTINGS = hypothesis.settings(derandomize=True, database=None, deadline=None, max_examples=120)

DIGITS = 30

STEPS = (
    "np.sin({a})",
    "np.cos({a} + {b})",
    "np.tanh({a} - {b})",
    "np.exp(-{a} * {a})",
    "np.log(2 + {a} * {b} + {a} ** 2 + {b} ** 2)",
    "np.sqrt(1 + {a} ** 2)",
    "np.arctan({a})",
    "np.arctan2({a}, 2 + {b} * {b})",
    "np.arcsinh({a})",
    "np.sinh(0.5 * {a})",
    "np.cosh(0.5 * {b})",
    "np.expm1(0.5 * {a})",
    "np.log1p({a} ** 2)",
    "np.hypot({a}, 1 + {b} ** 2)",
    "np.logaddexp({a}, {b})",
    "np.cbrt(2 + np.sin({a}))",
    "{a} * {b}",
    "{a} / (1.5 + {b} ** 2)",
    "(1.5 + {a} ** 2) ** {b}",
    "{a} ** 3 - {b}",
    "np.abs({a}) * {b}",
    "np.maximum({a}, {b}) - 0.5 * {b}",
    "{a} if {a} > {b} else np.sin({b})",
    "np.arctanh(0.9 * np.sin({a}))",
    "np.arcsin(0.9 * np.cos({b}))",
    "np.power(1.5 + {a} ** 2, -1.5)",
)


class MultiplePrecision:
    """The functions that the formulas use, under NumPy's names, for numbers of many digits."""

    sin, cos, tanh, exp, log, sqrt = mpmath.sin, mpmath.cos, mpmath.tanh, mpmath.exp, mpmath.log, mpmath.sqrt
    sinh, cosh, expm1, hypot, cbrt = mpmath.sinh, mpmath.cosh, mpmath.expm1, mpmath.hypot, mpmath.cbrt
    arctan, arctan2, arcsinh, arctanh, arcsin = mpmath.atan, mpmath.atan2, mpmath.asinh, mpmath.atanh, mpmath.asin
    abs, power, maximum = abs, mpmath.power, max
    log1p = staticmethod(lambda x: mpmath.log(1 + x))
    logaddexp = staticmethod(lambda x, y: mpmath.log(mpmath.exp(x) + mpmath.exp(y)))


@st.composite
def formulas(draw):
    """The source of `program(x, y)`, and a point."""
    names = ["x", "y"]
    lines = []
    for k in range(draw(st.integers(1, 6))):
        a, b = draw(st.sampled_from(names)), draw(st.sampled_from(names))
        lines.append(f"    t{k} = {draw(st.sampled_from(STEPS)).format(a=a, b=b)}")
        names.append(f"t{k}")
    lines.append(f"    return {names[-1]} + 0.5 * {draw(st.sampled_from(names))}")
    source = "\n".join(("def program(x, y):", *lines, ""))
    point = [draw(st.sampled_from((-1.3, -0.4, 0.2, 0.7, 1.1))), draw(st.sampled_from((-1.2, -0.3, 0.5, 0.9)))]
    return source, point


def in_many_digits(source):
    """The formula as a function of numbers of many digits."""
    f = compiled(source)
    return type(f)(f.__code__, {**f.__globals__, "np": MultiplePrecision})


@SETTINGS
@hypothesis.given(formulas())
def test_derivatives_to_second_order(formula):
    """Value, gradient and Hessian of a formula agree with mpmath to 1e-10 of the greatest number."""
    source, point = formula
    f, exact = compiled(source), in_many_digits(source)
    with mpmath.workdps(DIGITS):
        at = tuple(map(mpmath.mpf, point))
        value = float(exact(*at))
        orders = ((1, 0), (0, 1)), ((2, 0), (1, 1), (0, 2))
        first, second = ([float(mpmath.diff(exact, at, order)) for order in group] for group in orders)
    hypothesis.assume(max(map(abs, (value, *first, *second))) < 1e6)

    found, gradient = cr.value_and_grad(f, argnums=(0, 1))(*point)
    (xx, xy), (_, yy) = cr.hessian(f, argnums=(0, 1))(*point)

    scale = max(1.0, *map(abs, (value, *first, *second)))
    assert found == pytest.approx(value, abs=1e-12 * scale)
    np.testing.assert_allclose(gradient, first, rtol=0, atol=1e-11 * scale)
    np.testing.assert_allclose((xx, xy, yy), second, rtol=0, atol=1e-10 * scale)
    pushed = cr.jvp(lambda x, y: cr.jvp(f, (x, y), (1.0, 0.0))[1], tuple(point), (0.0, 1.0))[1]
    assert pushed == pytest.approx(second[1], abs=1e-10 * scale)
