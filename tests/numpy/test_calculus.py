"""Differences, gradients, interpolation, convolution and integration, against closed forms and other libraries."""

import mpmath
import numpy as np
import pytest
import scipy.interpolate
import scipy.signal

import chainrule as cr

RNG = np.random.default_rng(11)


def both_jacobians(f, *args, argnums=0):
    """The Jacobian by pushes, checked against that by pulls."""
    forward = cr.jacobian(f, argnums=argnums, order="forward")(*args)
    reverse = cr.jacobian(f, argnums=argnums, order="reverse")(*args)
    np.testing.assert_allclose(forward, reverse, rtol=1e-12, atol=1e-13)
    return forward


def test_gradient_is_exact_for_parabolas():
    """Second-order formulas differentiate a parabola exactly on uneven places, and its coefficients with it."""
    places = np.array([0.0, 0.4, 1.0, 1.1, 2.5])

    def slope(c):
        return np.gradient(c[0] + c[1] * places + c[2] * places**2, places, edge_order=2)

    expected = np.stack([0 * places, 1 + 0 * places, 2 * places], axis=1)
    np.testing.assert_allclose(both_jacobians(slope, np.array([1.0, -2.0, 0.5])), expected, atol=1e-13)


def test_gradient_follows_places_that_move():
    """On places that happen to be even, the derivative with respect to one place is that of the uneven formula."""

    def at(places):
        return np.gradient(np.array([0.0, 1.0, 4.0, 9.0]), places)

    places = np.array([0.0, 1.0, 2.0, 3.0])

    def formula(values, p):
        """The derivative at an inner place of the parabola through three points, by mpmath."""
        (f0, f1, f2), (x0, x1, x2) = values, p
        h, k = x1 - x0, x2 - x1
        return -k / (h * (h + k)) * f0 + (k - h) / (h * k) * f1 + h / (k * (h + k)) * f2

    for row, values in ((1, (0.0, 1.0, 4.0)), (2, (1.0, 4.0, 9.0))):
        for column in range(3):
            derivative = mpmath.diff(
                lambda t, column=column, row=row, values=values: formula(
                    values, [t if k == column else places[row - 1 + k] for k in range(3)]
                ),
                places[row - 1 + column],
            )
            np.testing.assert_allclose(both_jacobians(at, places)[row, row - 1 + column], float(derivative), rtol=1e-12)


def test_trapezoid_integrates_lines_exactly():
    """The rule is exact for straight lines, with respect to their coefficients and to the ends."""

    def integral(c, ends):
        x = ends[0] + (ends[1] - ends[0]) * np.array([0.0, 0.2, 0.5, 0.9, 1.0])
        return np.trapezoid(c[0] + c[1] * x, x)

    c, ends = np.array([2.0, -3.0]), np.array([0.5, 1.75])
    a, b = ends
    by_coefficients = cr.grad(integral)(c, ends)
    by_ends = cr.grad(integral, argnums=1)(c, ends)
    np.testing.assert_allclose(by_coefficients, [b - a, (b * b - a * a) / 2], rtol=1e-14)
    np.testing.assert_allclose(by_ends, [-(c[0] + c[1] * a), c[0] + c[1] * b], rtol=1e-14)
    np.testing.assert_allclose(cr.hessian(integral, argnums=1)(c, ends), [[-c[1], 0], [0, c[1]]], atol=1e-13)


def test_interp_is_the_linear_spline():
    """Values and derivatives between knots are those of SciPy's spline of degree one."""
    knots, values = np.array([-1.0, 0.0, 0.5, 2.0]), np.array([1.0, -1.0, 2.0, 0.5])
    x = np.array([-0.3, 0.1, 1.7, 0.7])
    spline = scipy.interpolate.make_interp_spline(knots, values, k=1)
    np.testing.assert_allclose(both_jacobians(lambda x: np.interp(x, knots, values), x), np.diag(spline(x, nu=1)))
    basis = scipy.interpolate.make_interp_spline(knots, np.eye(4), k=1)
    np.testing.assert_allclose(both_jacobians(lambda v: np.interp(x, knots, v), values), basis(x), atol=1e-15)


def test_interp_at_knots_and_ends():
    """At a knot the slope is that of the interval to its right, at the last one of the last; outside it is 0."""
    knots, values = np.array([0.0, 1.0, 3.0]), np.array([0.0, 2.0, 3.0])
    x = np.array([-1.0, 0.0, 1.0, 3.0, 4.0])
    slopes = np.diag(both_jacobians(lambda x: np.interp(x, knots, values), x))
    np.testing.assert_array_equal(slopes, [0.0, 2.0, 0.5, 0.5, 0.0])
    # A change of the last value moves the last point and what lies beyond.
    np.testing.assert_array_equal(
        both_jacobians(lambda v: np.interp(x, knots, v), values)[:, -1], [0.0, 0.0, 0.0, 1.0, 1.0]
    )


def test_interp_meets_infinite_and_repeated_values():
    """Values are NumPy's where numbers are infinite, and where a point meets a knot beside an infinite slope."""
    cases = [
        ([0.0, 1.0, 2.0], [0.0, 1.0, np.inf], [0.5, 1.0, 1.5, 2.0, 3.0]),
        ([0.0, 1.0, 2.0], [np.inf, 1.0, 1.0], [-1.0, 0.0, 0.5, 1.0]),
        ([0.0, 1.0, 2.0], [np.inf, np.inf, 1.0], [0.0, 0.5, 1.0, 1.5]),
        ([0.0, 1.0, np.inf], [0.0, 1.0, 2.0], [0.5, 1.0, 5.0, np.inf]),
        ([0.0, 0.0, 1.0], [1.0, 2.0, 3.0], [0.0, 0.5]),
        ([0.0, 1.0], [0.0, 1.0], [np.nan, np.inf, -np.inf]),
    ]
    for xp, fp, x in cases:
        xp, fp, x = map(np.array, (xp, fp, x))
        with np.errstate(all="ignore"):
            expected = np.interp(x, xp, fp)
            for argnum in range(3):
                args = [x, xp, fp]

                def f(v, argnum=argnum, args=args):
                    return np.interp(*args[:argnum], v, *args[argnum + 1 :])

                np.testing.assert_array_equal(cr.vjp(f, args[argnum])[0], expected)


def test_convolution_is_scipy_s():
    """All modes agree with SciPy's direct method, and the derivatives with Toeplitz matrices of the other operand."""
    a, v = RNG.normal(size=7), RNG.normal(size=3)
    for mode in ("full", "same", "valid"):
        columns = np.stack([scipy.signal.convolve(unit, v, mode, method="direct") for unit in np.eye(7)], axis=1)
        np.testing.assert_allclose(both_jacobians(lambda a, mode=mode: np.convolve(a, v, mode), a), columns, atol=1e-15)
        columns = np.stack([scipy.signal.convolve(a, unit, mode, method="direct") for unit in np.eye(3)], axis=1)
        np.testing.assert_allclose(both_jacobians(lambda v, mode=mode: np.convolve(a, v, mode), v), columns, atol=1e-15)
        columns = np.stack([scipy.signal.correlate(a, unit, mode, method="direct") for unit in np.eye(3)], axis=1)
        np.testing.assert_allclose(
            both_jacobians(lambda v, mode=mode: np.correlate(a, v, mode), v), columns, atol=1e-15
        )


def test_convolution_of_long_signals_stays_cheap():
    """The derivative of a long signal convolved with a short kernel works on sequences of these lengths."""
    a, v = RNG.normal(size=20_000), RNG.normal(size=3)
    for mode, length in (("full", 20_002), ("same", 20_000), ("valid", 19_998)):
        y, pull = cr.vjp(lambda a, v, mode=mode: np.convolve(a, v, mode), a, v)
        y_bar = RNG.normal(size=length)
        a_bar, v_bar = pull(y_bar)
        # <ȳ, y> is linear in each operand alone.
        np.testing.assert_allclose([a_bar @ a, v_bar @ v], np.sum(y_bar * y), rtol=1e-10)


def test_batches_of_convolutions_run_at_once():
    """vmap of a convolution slides over all lanes, of either operand or of both."""
    a, v = RNG.normal(size=(4, 6)), RNG.normal(size=(4, 3))
    both = np.stack([np.convolve(x, y) for x, y in zip(a, v, strict=True)])
    np.testing.assert_allclose(cr.vmap(np.convolve)(a, v), both, rtol=1e-13)
    one = np.stack([np.convolve(a[0], y, "same") for y in v])
    np.testing.assert_allclose(cr.vmap(lambda y: np.convolve(a[0], y, "same"))(v), one, rtol=1e-13)


def test_unwrap_adds_whole_periods():
    """Unwrapped phases differ from the wrapped ones by constants, so their Jacobian is the identity."""
    phases = np.array([0.1, 2.9, -3.0, -0.2, 3.0])
    np.testing.assert_allclose(both_jacobians(np.unwrap, phases), np.eye(5), atol=1e-15)
    shift = both_jacobians(lambda p: np.unwrap(phases, period=p), 2.5)
    np.testing.assert_array_equal(shift, np.round((np.unwrap(phases, period=2.5) - phases) / 2.5))


def test_difference_of_truth_values_is_where_they_change():
    """Of truth values `diff` tells where neighbours differ, as in NumPy; a traced comparison has no derivative."""
    found = []

    def f(x):
        found.append(np.diff(x > 0))
        return np.sum(np.diff(x, n=2))

    np.testing.assert_array_equal(cr.grad(f)(np.array([1.0, -1.0, -2.0, 3.0])), [1.0, -1.0, -1.0, 1.0])
    np.testing.assert_array_equal(found[0], [True, False, True])


@pytest.mark.parametrize("dtype", [np.float32, np.complex64])
def test_single_precision_stays_single(dtype):
    """Differences, gradients, integrals and convolutions of single precision are in single precision."""
    x = RNG.normal(size=6).astype(dtype)
    for f in (np.diff, np.gradient, np.trapezoid, np.ediff1d, lambda x: np.convolve(x, x)):
        y, pull = cr.vjp(f, x)
        assert y.dtype == dtype
        assert pull(np.ones_like(y))[0].dtype == dtype
