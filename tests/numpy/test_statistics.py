"""Means, spreads, covariances and histograms: closed forms, kinks, NaN and warnings."""

import warnings

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import LaneByLaneWarning

X = np.array([1.0, 4.0, 2.5, 9.0, -3.0])
HOLED = np.array([[3.0, np.nan, 1.0, 2.0], [np.nan, 6.0, 5.0, 4.0]])


@pytest.mark.parametrize("order", ["reverse", "forward"])
def test_variance_and_deviation(order):
    """∂ var/∂xᵢ = 2 (xᵢ - m) / (n - d), and ∂ std/∂xᵢ = (xᵢ - m) / ((n - d) s)."""
    for d in (0, 1, 0.5):
        away = X - X.mean()
        variance = cr.jacobian(lambda x, d=d: np.var(x, ddof=d), order=order)(X)
        deviation = cr.jacobian(lambda x, d=d: np.std(x, correction=d), order=order)(X)
        np.testing.assert_allclose(variance, 2 * away / (5 - d), rtol=1e-14)
        np.testing.assert_allclose(deviation, away / ((5 - d) * np.std(X, ddof=d)), rtol=1e-14)


def test_hessian_of_variance():
    """The Hessian of n var(x) is 2 (I - 1/n): a projection, twice."""
    np.testing.assert_allclose(cr.hessian(lambda x: 5 * np.var(x))(X), 2 * (np.eye(5) - 0.2), atol=1e-14)


@pytest.mark.parametrize("order", ["reverse", "forward"])
@pytest.mark.parametrize("x", [np.zeros(3), np.full(4, 2.0), np.full(3, 0.1), np.ones(1)])
def test_deviation_of_equal_numbers(x, order):
    """Where there is no spread, the standard deviation has the derivative 0, and its rows in a table too."""
    np.testing.assert_allclose(cr.jacobian(np.std, order=order)(x), np.zeros(x.size), atol=1e-15)
    np.testing.assert_allclose(cr.jacobian(np.nanstd, order=order)(x), np.zeros(x.size), atol=1e-15)
    table = np.stack([x, x + np.arange(x.size)])
    jacobian = cr.jacobian(lambda t: np.std(t, axis=1), order=order)(table)
    np.testing.assert_allclose(jacobian[0, 0], np.zeros(x.size), atol=1e-15)
    assert np.isfinite(cr.hessian(lambda t: np.std(t, axis=1).sum())(table)).all()


def test_complex_variance():
    """Of complex numbers var = mean |z - m|², whose gradient ∂/∂x - i ∂/∂y is 2 conj(z - m) / n."""
    z = X + 1j * X[::-1] ** 2

    np.testing.assert_allclose(cr.grad(np.var)(z), 2 * (z - z.mean()).conj() / 5, rtol=1e-14)


def test_weighted_average():
    """∂/∂xᵢ Σwx/Σw = wᵢ/Σw, and ∂/∂wᵢ = (xᵢ - average)/Σw."""
    w = np.array([1.0, 2.0, 0.5, 0.25, 3.0])

    by_x, by_w = cr.grad(lambda x, w: np.average(x, weights=w), argnums=(0, 1))(X, w)

    np.testing.assert_allclose(by_x, w / w.sum(), rtol=1e-14)
    np.testing.assert_allclose(by_w, (X - np.average(X, weights=w)) / w.sum(), rtol=1e-14)


def test_covariance_and_correlation():
    """∂ cov(x, y)/∂x = (y - mean y)/(n - 1); a correlation does not change when a variable is scaled or shifted."""
    y = X**2

    gradient = cr.grad(lambda x: np.cov(x, y)[0, 1])(X)
    by_scale, by_shift = cr.grad(lambda a, b: np.corrcoef(a * X + b, y)[0, 1], argnums=(0, 1))(2.0, 1.0)

    np.testing.assert_allclose(gradient, (y - y.mean()) / 4, rtol=1e-13)
    np.testing.assert_allclose([by_scale, by_shift], [0.0, 0.0], atol=1e-15)


def test_nan_does_not_take_part():
    """Reductions that leave NaN out have the derivative 0 there, and elsewhere that of the numbers alone."""
    row = HOLED[0]
    numbers = row[~np.isnan(row)]

    for with_nan, plain in (
        (np.nansum, np.sum),
        (np.nanprod, np.prod),
        (np.nanmean, np.mean),
        (np.nanvar, np.var),
        (np.nanstd, np.std),
        (np.nanmax, np.max),
        (np.nanmin, np.min),
        (np.nanmedian, np.median),
        (lambda x: np.nanpercentile(x, 30), lambda x: np.percentile(x, 30)),
    ):
        gradient = cr.grad(with_nan)(row)
        assert gradient[1] == 0
        np.testing.assert_allclose(gradient[[0, 2, 3]], cr.grad(plain)(numbers), rtol=1e-14)
        pushed = cr.jvp(with_nan, (row,), (np.array([1.0, 5.0, -1.0, 2.0]),))[1]
        np.testing.assert_allclose(pushed, gradient[[0, 2, 3]] @ [1.0, -1.0, 2.0], atol=1e-14)


@pytest.mark.parametrize(
    ("f", "message"),
    [
        (lambda x: np.mean(x[:0]), "Mean of empty slice"),
        (lambda x: np.mean(x, where=x > 100), "Mean of empty slice"),
        (lambda x: np.var(x, ddof=5), "Degrees of freedom <= 0"),
        (lambda x: np.std(x[:1], ddof=1), "Degrees of freedom <= 0"),
        (lambda x: np.nanmean(x * np.nan), "Mean of empty slice"),
        (lambda x: np.nanvar(x * np.nan), "Degrees of freedom <= 0"),
        (lambda x: np.nanmax(x * np.nan), "All-NaN slice"),
        (lambda x: np.nanmedian(x * np.nan), "All-NaN slice"),
        (lambda x: np.cov(x[:1]), "Degrees of freedom <= 0"),
        (lambda x: np.median(x[:0]), "Mean of empty slice"),
    ],
)
def test_numpys_warnings(f, message):
    """Where NumPy warns, the differentiated program warns, and computes what NumPy computes."""
    with warnings.catch_warnings(record=True) as expected:
        warnings.simplefilter("always")
        value = f(X)
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        traced, _ = cr.vjp(f, X)

    assert np.array_equal(value, traced, equal_nan=True)
    # Which of NumPy's loops divided by 0, that of scalars or that of arrays, is not the program's concern.
    said, heard = ({str(w.message).replace(" scalar", "") for w in caught} for caught in (expected, found))
    assert said == heard
    assert any(message in str(w.message) for w in found)


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        (lambda x: np.average(x, weights=[1.0, 2.0]), TypeError),
        (lambda x: np.average(x, axis=0, weights=[1.0, 2.0]), ValueError),
        (lambda x: np.average(x, weights=0 * x), ZeroDivisionError),
        (lambda x: np.var(x, ddof=1, correction=1), ValueError),
        (lambda x: np.cov(x, ddof=0.5), ValueError),
        (lambda x: np.cov(x, fweights=[1, 2]), RuntimeError),
        (lambda x: np.cov(x, fweights=[0.5] * 5), TypeError),
        (lambda x: np.cov(x, aweights=-np.ones(5)), ValueError),
        (lambda x: np.nanargmax(x * np.nan), ValueError),
        (lambda x: np.nanmean(x, dtype=int), TypeError),
        (lambda x: np.histogram(x, bins=0)[1], ValueError),
        (lambda x: np.histogram(x, bins=[2.0, 1.0])[1] * x[0], ValueError),
        (lambda x: np.histogram(x, bins=2.5)[1], TypeError),
        (lambda x: np.histogram(x * np.inf)[1], ValueError),
        (lambda x: np.bincount([0, -1], weights=x[:2]), ValueError),
        (lambda x: np.bincount([0, 1], weights=x), ValueError),
        (lambda x: np.bincount([0, 1], weights=x[:2] * 1j), TypeError),
    ],
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_numpys_errors(wrong, error):
    """What NumPy refuses is refused with the same kind of error."""
    with pytest.raises(error):
        wrong(X)
    with pytest.raises(error):
        cr.grad(lambda x: np.sum(np.real(wrong(x))))(X)


def test_histogram():
    """Counts do not move; edges move with the extremes; a weight counts in its bin."""
    counts, edges = np.histogram(X, bins=4)

    moved = cr.jvp(lambda x: np.histogram(x, bins=4)[1], (X,), (np.array([0.0, 0.0, 0.0, 1.0, 0.0]),))[1]
    by_weight = cr.jacobian(lambda w: np.histogram(X, bins=4, weights=w)[0])(np.ones(5))

    np.testing.assert_allclose(moved, [0.0, 0.25, 0.5, 0.75, 1.0])
    assert np.array_equal(by_weight.sum(axis=1), counts)
    assert np.array_equal(np.argmax(by_weight, axis=0), np.clip(np.digitize(X, edges) - 1, 0, 3))


def test_sums_of_weights_by_place():
    """bincount is linear in the weights; under vmap each lane has its own places, if the length is given."""
    places = np.array([1, 0, 1, 3])

    gradient = cr.grad(lambda w: np.bincount(places, w) @ np.array([1.0, 2.0, 3.0, 4.0]))(X[:4])
    assert np.array_equal(gradient, [2, 1, 2, 4])
    lanes = np.array([[0, 1, 1], [2, 2, 0]])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LaneByLaneWarning)
        assert np.array_equal(cr.vmap(lambda p: np.bincount(p, minlength=4))(lanes), [[1, 2, 0, 0], [1, 0, 2, 0]])


def test_mean_of_many_single_precision_numbers_rounds_as_numpy_does():
    """Means and variances in single precision are NumPy's bit by bit, real and complex, with and without mask."""
    x = np.random.default_rng(0).normal(size=(7, 1001)).astype(np.float32)
    mask = x < 1

    for f in (
        lambda x: np.mean(x, axis=0),
        lambda x: np.mean(x, axis=1, where=mask),
        lambda x: np.var(x, axis=1, ddof=2),
        lambda x: np.std(x, where=mask),
        lambda x: np.nanvar(np.where(mask, x, np.nan), axis=1),
        lambda x: np.average(x, axis=1, weights=np.arange(1, 1002)),
        lambda x: np.cov(x[:, :5]),
    ):
        for y in (x, x + 1j * x[::-1]):
            traced = cr.jvp(f, (y,), (y,))[0]
            assert np.array_equal(f(y), traced)
            assert f(y).dtype == traced.dtype


@pytest.mark.parametrize("x", [np.zeros((2, 2, 2)), np.zeros((2, 3))])
def test_points_of_wrong_shape(x):
    """Points with three axes, and bins for another number of axes, are refused."""
    with pytest.raises(ValueError, match=r"points|dimension"):
        cr.grad(lambda x: np.histogramdd(x, bins=(2, 2))[0].sum())(x)
