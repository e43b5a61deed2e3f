"""Operations in parts: a variance is fused, and is what NumPy says."""

import warnings

import numpy as np
import pytest

import chainrule as cr

RNG = np.random.default_rng(5)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(
    ("shape", "axis", "ddof"),
    [
        *(((4, 50), 0, 0), ((4, 50), 1, 1), ((4, 50), None, 0), ((3, 4, 5), (0, 2), 2), ((1, 3), 0, 1), ((1, 3), 0, 5)),
        *(((0, 3), 0, 0), ((3, 0), 0, 0), ((2000,), 0, 1.5)),
    ],
)
def test_variance(shape, axis, ddof, dtype):
    """The variance along axes, of many and of too few numbers, is NumPy's up to round-off, without a call of NumPy."""
    x = (RNG.normal(size=shape) + 3).astype(dtype)
    g = cr.jit(lambda x: np.var(x, axis=axis, ddof=ddof) * 2)

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        expected = np.var(x, axis=axis, ddof=ddof) * 2
        for _ in range(2):
            found = g(x)

    assert found.dtype == expected.dtype
    np.testing.assert_allclose(found, expected, rtol=2e-6 if dtype is np.float32 else 1e-13)
    assert "calls NumPy" not in g.report()


def test_not_finite():
    """The variance of what is not finite is NaN."""
    g = cr.jit(lambda x: np.var(x))

    for x in (np.array([1.0, np.inf]), np.array([1.0, np.nan]), np.array([-np.inf, np.inf])):
        with np.errstate(all="ignore"):
            assert np.isnan(g(x))


@pytest.mark.parametrize(
    "f", [lambda x: x[::2, 1], lambda x: x.T[1:][:, ::-2], lambda x: np.diagonal(x[1:]), lambda x: x.reshape(-1)[3::4]]
)
def test_pull_of_a_part(f):
    """The pull of a read of any part that is a view writes it into zeros, without a call of NumPy."""
    x = RNG.normal(size=(5, 4))
    slope = cr.grad(lambda x: np.sum(np.sin(f(x))))
    g = cr.jit(slope)

    for _ in range(2):
        np.testing.assert_allclose(g(x), slope(x), rtol=1e-14)

    assert "calls NumPy" not in g.report()


@pytest.mark.parametrize(("shape", "axis"), [((7,), 0), ((4, 5), 0), ((4, 5), 1), ((2, 3, 4), 1), ((3, 0), 1)])
def test_orders(shape, axis):
    """Of a sort and its gradient only the order itself is left to NumPy."""
    weights = RNG.normal(size=shape)
    for f in (
        lambda x: np.sort(x, axis=axis) * weights,
        cr.grad(lambda x: np.sum(np.sort(x, axis=axis) ** 2 * weights)),
        lambda x: np.argsort(np.argsort(x, axis=axis), axis=axis),
    ):
        g = cr.jit(f)
        for x in (RNG.normal(size=shape), RNG.normal(size=shape), np.zeros(shape)):
            np.testing.assert_allclose(g(x), f(x), rtol=1e-14)
        calls = [line for line in g.report().splitlines() if "calls NumPy" in line]
        assert all("argsort" in line for line in calls)


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64, np.uint8])
@pytest.mark.parametrize(
    ("shape", "axis"), [((7,), 0), ((4, 50), 0), ((4, 50), 1), ((2, 3, 4), 1), ((5, 1), 1), ((6, 7), None)]
)
@pytest.mark.parametrize("place", [np.argmax, np.argmin])
def test_places_of_extremes(place, shape, axis, dtype):
    """The place of an extreme is the first of equal ones, and the first NaN if there is one."""
    g = cr.jit(lambda x: place(x, axis=axis) * 2)

    points = [RNG.integers(0, 5, shape).astype(dtype), RNG.integers(0, 50, shape).astype(dtype), np.zeros(shape, dtype)]
    if np.dtype(dtype).kind == "f":
        points += [np.where(RNG.random(shape) < share, np.nan, points[1]).astype(dtype) for share in (0.2, 1)]
        points += [
            np.full(shape, -np.inf, dtype),
            np.full(shape, np.inf, dtype),
            np.where(points[0] > 2, 0.0, -0.0).astype(dtype),
        ]
    for x in points:
        found = g(x)
        assert found.dtype == np.intp
        np.testing.assert_array_equal(found, place(x, axis=axis) * 2)
    assert "calls NumPy" not in g.report()
