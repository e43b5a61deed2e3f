"""Derivatives of the incomplete gamma and beta functions, in the shapes as well, agree with mpmath."""

import mpmath
import numpy as np
import pytest
from scipy import special

import chainrule as cr


def difference(f, x):
    """The derivative by a difference in 60 digits."""
    with mpmath.workdps(60):
        h = mpmath.mpf(10) ** -20 * abs(mpmath.mpf(x))
        return float((f(mpmath.mpf(x) + h) - f(mpmath.mpf(x) - h)) / (2 * h))


def lower(a, x):
    return mpmath.gammainc(a, 0, x, regularized=True)


def upper(a, x):
    return mpmath.gammainc(a, x, mpmath.inf, regularized=True)


def beta_below(a, b, x):
    return mpmath.betainc(a, b, 0, x, regularized=True)


def beta_above(a, b, x):
    return mpmath.betainc(a, b, x, 1, regularized=True)


@pytest.mark.parametrize(
    ("a", "x"),
    [
        (1e-3, 0.5),
        (0.01, 1e-20),
        (0.3, 2.0),
        (0.5, 0.01),
        (1.0, 1.0),
        (2.5, 40.0),
        (3.0, 0.1),
        (20.0, 19.0),
        (20.0, 60.0),
        (150.0, 151.0),
        (150.0, 60.0),
    ],
)
def test_gammainc(a, x):
    """Both partials have ten digits and more, in both tails."""
    in_shape, in_limit = cr.grad(special.gammaincc, argnums=(0, 1))(a, x)
    with mpmath.workdps(60):
        # In the upper tail the difference of the small function is taken.
        f, sign = (upper, 1) if x > a else (lower, -1)
    assert in_shape == pytest.approx(sign * difference(lambda t: f(t, mpmath.mpf(x)), a), rel=1e-10)
    assert in_limit == pytest.approx(sign * difference(lambda t: f(mpmath.mpf(a), t), x), rel=1e-12)


@pytest.mark.parametrize(
    ("a", "b", "x"),
    [
        (0.5, 0.5, 0.3),
        (1e-2, 2.0, 0.1),
        (2.0, 3.0, 1e-6),
        (2.0, 3.0, 0.999),
        (30.0, 5.0, 0.8),
        (100.0, 120.0, 0.3),
        (0.3, 8.0, 0.5),
        (8.0, 0.02, 0.9),
    ],
)
def test_betainc(a, b, x):
    """All three partials have ten digits and more, in both tails."""
    found = cr.grad(special.betainc, argnums=(0, 1, 2))(a, b, x)

    f, sign = (beta_below, 1) if x < a / (a + b) else (beta_above, -1)
    point = [mpmath.mpf(t) for t in (a, b, x)]
    for k, slope in enumerate(found):
        expected = sign * difference(lambda t, k=k: f(*point[:k], t, *point[k + 1 :]), (a, b, x)[k])
        assert slope == pytest.approx(expected, rel=1e-10)


def test_second_derivatives_in_the_shapes():
    """The Hessian agrees with differences of the gradient in mpmath."""
    hessian = cr.hessian(lambda v: special.betainc(v[0], v[1], v[2]))(np.array([1.5, 2.5, 0.4]))

    with mpmath.workdps(60):
        for i in range(3):
            for j in range(3):
                orders = tuple(int(k == i) + int(k == j) for k in range(3))
                expected = mpmath.diff(beta_below, (1.5, 2.5, 0.4), orders)
                assert hessian[i, j] == pytest.approx(float(expected), rel=1e-9)
