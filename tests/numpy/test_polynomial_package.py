"""`numpy.polynomial`, which is opened like code of the user's: a series is linear in its coefficients."""

import numpy as np
import numpy.polynomial.chebyshev as chebyshev_series
import numpy.polynomial.polynomial as power_series
import pytest
from numpy.polynomial import Chebyshev, Hermite, HermiteE, Laguerre, Legendre, Polynomial

import chainrule as cr

SERIES = [Polynomial, Chebyshev, Legendre, Hermite, HermiteE, Laguerre]
COEFFICIENTS = np.array([0.5, -0.3, 0.8, 0.2])
POINTS = np.array([-0.4, 0.1, 0.7])


def basis(series, at, count=4):
    """The basis of a series at points, one row for each point."""
    return np.stack([series.basis(k)(at) for k in range(count)], axis=-1)


@pytest.mark.parametrize("series", SERIES)
def test_a_series_in_its_coefficients_in_every_mode(series):
    def f(c):
        return series(c)(POINTS)

    jacobian = basis(series, POINTS)

    np.testing.assert_allclose(cr.jacobian(f)(COEFFICIENTS), jacobian, rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(cr.jvp(f, (COEFFICIENTS,), (np.ones(4),))[1], jacobian.sum(1), rtol=1e-13, atol=1e-15)
    rows = np.stack([COEFFICIENTS, COEFFICIENTS[::-1]])
    np.testing.assert_allclose(cr.vmap(f)(rows), rows @ jacobian.T, rtol=1e-13)
    square = cr.hessian(lambda c: np.sum(f(c) ** 2))(COEFFICIENTS)
    np.testing.assert_allclose(square, 2 * jacobian.T @ jacobian, rtol=1e-12, atol=1e-14)
    compiled = cr.jit(cr.grad(lambda c: np.sum(f(c))))
    np.testing.assert_allclose(compiled(COEFFICIENTS), jacobian.sum(0), rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("series", SERIES)
def test_a_series_in_the_point(series):
    p = series(COEFFICIENTS, domain=[-2, 3])

    np.testing.assert_allclose(cr.grad(lambda x: np.sum(p(x)))(POINTS), p.deriv()(POINTS), rtol=1e-13)
    np.testing.assert_allclose(cr.grad(cr.grad(p))(0.3), p.deriv(2)(0.3), rtol=1e-12)


@pytest.mark.parametrize("series", SERIES)
def test_arithmetic_calculus_and_conversion(series):
    at, q = 0.3, series([0.4, 1.5])
    values = basis(series, at)
    derivatives = np.array([series.basis(k).deriv()(at) for k in range(4)])
    integrals = np.array([series.basis(k).integ(lbnd=0.1)(at) for k in range(4)])

    def gradient(f):
        return cr.grad(f)(COEFFICIENTS)

    np.testing.assert_allclose(gradient(lambda c: (series(c) * q)(at)), values * q(at), rtol=1e-12)
    np.testing.assert_allclose(gradient(lambda c: (q - 2 * series(c))(at)), -2 * values, rtol=1e-12)
    np.testing.assert_allclose(gradient(lambda c: series(c).deriv()(at)), derivatives, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(gradient(lambda c: series(c).integ(lbnd=0.1)(at)), integrals, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(gradient(lambda c: series(c).convert(kind=Polynomial)(at)), values, rtol=1e-11)
    cube = gradient(lambda c: (series(c) ** 3)(at))
    np.testing.assert_allclose(cube, 3 * series(COEFFICIENTS)(at) ** 2 * values, rtol=1e-10)


def test_a_number_with_a_derivative_beside_a_series():
    p = Polynomial([1.0, 2.0, 3.0])
    # The series at 0.5 is 2.75.
    np.testing.assert_allclose(
        cr.grad(lambda a: (a * p + a / 2 - p * 2)(0.5) + (p / a)(0.5))(2.0), 2.75 + 0.5 - 2.75 / 4
    )


def test_a_composition():
    outer, inner, at = Polynomial([1.0, -2.0, 0.5]), COEFFICIENTS, 0.6

    slope = outer.deriv()(Polynomial(inner)(at))

    np.testing.assert_allclose(cr.grad(lambda c: outer(Polynomial(c))(at))(inner), slope * at ** np.arange(4))


def test_roots_move_by_the_implicit_function_theorem():
    c = np.array([-6.0, 11.0, -6.0, 1.0])
    roots = np.array([1.0, 2.0, 3.0])
    moved = -(roots[:, None] ** np.arange(4)) / Polynomial(c).deriv()(roots)[:, None]

    np.testing.assert_allclose(cr.jacobian(lambda c: np.sort(Polynomial(c).roots().real))(c), moved, rtol=1e-9)


@pytest.mark.parametrize("series", SERIES)
def test_a_fit_is_linear_in_what_it_fits(series):
    x, y = np.linspace(-1, 2, 9), np.linspace(0, 1, 9) ** 3
    of_units = np.stack([series.fit(x, unit, 3).coef for unit in np.eye(9)], axis=-1)

    np.testing.assert_allclose(cr.jacobian(lambda y: series.fit(x, y, 3).coef)(y), of_units, rtol=1e-9, atol=1e-12)


def test_functions_of_the_package_under_any_name():
    c = np.arange(6.0).reshape(2, 3) + 1
    powers = 0.5 ** np.arange(2)[:, None] * 0.25 ** np.arange(3)

    np.testing.assert_allclose(cr.grad(lambda c: power_series.polyval2d(0.5, 0.25, c))(c), powers)
    np.testing.assert_allclose(cr.grad(lambda c: np.polynomial.polynomial.polyval2d(0.5, 0.25, c))(c), powers)
    np.testing.assert_allclose(
        cr.grad(lambda c: chebyshev_series.chebval(0.3, c))(COEFFICIENTS), basis(Chebyshev, 0.3), rtol=1e-14
    )
    np.testing.assert_allclose(cr.grad(lambda c: np.polynomial.Hermite(c)(0.3))(COEFFICIENTS), basis(Hermite, 0.3))


def test_nothing_else_is_changed():
    inside = []

    def f(x):
        p = Polynomial([1.0, 2.0])
        inside.append(p)
        assert isinstance(p, Polynomial)
        assert np.polynomial.Polynomial is not None
        return p(x)

    assert cr.grad(f)(3.0) == 2.0
    assert type(inside[0]) is Polynomial
    assert type(inside[0].coef) is np.ndarray
    assert np.polynomial.Polynomial is Polynomial


ZEROS = np.array([0.5, 0.0, 0.0])


@pytest.mark.parametrize("series", SERIES)
def test_coefficients_that_are_zero_take_part(series):
    at, q = 0.3, series([0.4, 1.5])
    values = basis(series, at, 3)

    np.testing.assert_allclose(cr.grad(lambda c: (series(c) * q)(at))(ZEROS), values * q(at), rtol=1e-12)
    np.testing.assert_allclose(cr.grad(lambda c: (series(c) - ZEROS)(at))(ZEROS), values, rtol=1e-12)
    integral = cr.grad(lambda c: series([c]).integ()(at))(0.0)
    np.testing.assert_allclose(integral, series([1.0]).integ()(at), rtol=1e-12)
    twice = cr.grad(lambda c: series([c]).integ(2, k=[1.0, 2.0])(at))(0.0)
    np.testing.assert_allclose(twice, series([1.0]).integ(2)(at), rtol=1e-12)


@pytest.mark.parametrize(
    ("module", "base"), [("polynomial", "poly"), ("chebyshev", "cheb"), ("legendre", "leg"), ("laguerre", "lag")]
)
def test_zeros_in_functions_of_series(module, base):
    functions = getattr(np.polynomial, module)
    line, times_x, value = (getattr(functions, base + name) for name in ("line", "mulx", "val"))

    assert cr.grad(lambda s: value(0.3, line(0.7, s)))(0.0) == pytest.approx(0.3)
    assert cr.grad(lambda s: value(0.3, line(s, 0.0)))(0.7) == 1.0
    # No digit of a small slope is lost.
    found, slope = cr.value_and_grad(lambda s: value(0.3, line(0.0, s)))(1e-25)
    assert (found, slope) == (value(0.3, line(0.0, 1e-25)), pytest.approx(0.3))
    assert cr.grad(lambda c: value(0.3, times_x(np.array([c]))))(0.0) == pytest.approx(0.3)


def test_zeros_of_constants_are_left_out_as_ever():
    lengths = []

    def f(x):
        lengths.append(len((Polynomial([1.0, 2.0, 0.0]) * Polynomial([2.0, 0.0])).coef))
        return x

    cr.grad(f)(1.0)
    assert lengths == [2]


def test_what_has_no_derivative_where_the_degree_may_change_is_refused():
    with pytest.raises(cr.errors.NoRuleError, match="roots of a series have no derivative") as refused:
        cr.grad(lambda c: Polynomial(c).roots()[0])(ZEROS)
    assert "Polynomial(c).roots()[0]" in str(refused.value)
    with pytest.raises(ZeroDivisionError, match="a quotient of series has no derivative"):
        cr.grad(lambda c: (Polynomial([1.0, 2.0, 3.0]) // Polynomial(c))(0.3))(ZEROS)


def test_a_series_is_shown_as_numbers():
    shown = []

    cr.grad(lambda c: shown.append(f"{Polynomial(c)}") or c[0])(np.array([1.0, 2.0]))

    assert shown == [str(Polynomial([1.0, 2.0]))]
