"""Python's `statistics` inside differentiated functions."""

import statistics

import numpy as np
import pytest

import chainrule as cr

DATA = [2.5, 3.0, 1.25, 4.0, 3.5]
OTHER = [1.0, 2.0, 1.5, 4.0, 2.5]

FUNCTIONS = {
    "mean": statistics.mean,
    "fmean": statistics.fmean,
    "fmean with weights": lambda x: statistics.fmean(x, weights=[1, 2, 3, 4, 5]),
    "fmean in its weights": lambda x: statistics.fmean(OTHER, x),
    "geometric_mean": statistics.geometric_mean,
    "harmonic_mean": statistics.harmonic_mean,
    "harmonic_mean with weights": lambda x: statistics.harmonic_mean(x, weights=OTHER),
    "median": statistics.median,
    "median_low": lambda x: statistics.median_low(x[:4]),
    "median_grouped": lambda x: statistics.median_grouped(x, interval=0.5),
    "quantiles": lambda x: statistics.quantiles(x, n=4)[2],
    "pstdev": statistics.pstdev,
    "pstdev about": lambda x: statistics.pstdev(x, 2.0),
    "pvariance": statistics.pvariance,
    "pvariance about": lambda x: statistics.pvariance(x[:4], mu=x[4]),
    "stdev": statistics.stdev,
    "stdev about": lambda x: statistics.stdev(x, xbar=2.5),
    "variance": statistics.variance,
    "variance about": lambda x: statistics.variance(x, 2.5),
    "covariance": lambda x: statistics.covariance(x, OTHER),
    "correlation": lambda x: statistics.correlation(OTHER, x),
    "linear_regression": lambda x: sum(statistics.linear_regression(OTHER, x)),
    "linear_regression in x": lambda x: statistics.linear_regression(x, OTHER).slope,
    "linear_regression through 0": lambda x: statistics.linear_regression(x, OTHER, proportional=True).slope,
}


def differences(f, x, h=1e-4):
    """The gradient by central differences of order 4."""
    gradient = []
    for k in range(len(x)):
        moved = [f([*x[:k], x[k] + step * h, *x[k + 1 :]]) for step in (1, -1, 2, -2)]
        gradient.append((8 * (moved[0] - moved[1]) - (moved[2] - moved[3])) / (12 * h))
    return gradient


@pytest.mark.parametrize("name", FUNCTIONS)
def test_gradient(name):
    """Of lists, arrays and iterators, against differences; the value is that of Python up to round-off."""
    f = FUNCTIONS[name]
    expected = differences(f, DATA)

    value, gradient = cr.value_and_grad(f)(DATA)

    assert value == pytest.approx(f(DATA), rel=1e-14)
    np.testing.assert_allclose(gradient, expected, rtol=1e-9, atol=1e-10)
    np.testing.assert_allclose(cr.grad(f)(np.array(DATA)), expected, rtol=1e-9, atol=1e-10)
    forward = cr.jvp(f, (np.array(DATA),), (np.array(OTHER),))[1]
    np.testing.assert_allclose(forward, np.dot(expected, OTHER), rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("name", ["variance", "geometric_mean", "correlation"])
def test_second_order_batches_and_compiled_code(name):
    """They are made of NumPy's operations, so everything else follows."""
    f, x = FUNCTIONS[name], np.array(DATA)
    gradient = cr.grad(f)

    hessian = cr.hessian(f)(x)

    expected = [differences(lambda z, k=k: gradient(np.array(z))[k], DATA) for k in range(5)]
    np.testing.assert_allclose(hessian, expected, rtol=1e-7, atol=1e-8)
    np.testing.assert_allclose(cr.vmap(gradient)(np.stack([x, x + 1])), [gradient(x), gradient(x + 1)], rtol=1e-12)
    np.testing.assert_allclose(cr.jit(gradient)(x), gradient(x), rtol=1e-12)


def test_iterators_and_equal_data():
    """A generator is read once; the deviation of equal data has the derivative 0, as `np.std` has."""
    assert cr.grad(lambda x: statistics.fmean(x**k for k in (1, 2)))(3.0) == 3.5
    assert cr.grad(lambda x: statistics.stdev([x, x, x]))(3.0) == 0.0


def test_what_python_refuses():
    """Its own errors come through."""
    with pytest.raises(statistics.StatisticsError, match="at least two"):
        cr.grad(lambda x: statistics.stdev([x]))(1.0)
    with pytest.raises(statistics.StatisticsError):
        cr.grad(lambda x: statistics.geometric_mean([x, -1.0]))(1.0)


def test_constants_are_computed_by_python():
    """What carries no derivative is exact, as in plain Python."""
    assert cr.grad(lambda x: x * statistics.fmean([0.1] * 10))(2.0) == statistics.fmean([0.1] * 10)
