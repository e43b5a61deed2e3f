"""Sorting, partitioning, quantiles and distinct entries: ties, NaN, and derivatives by hand."""

import itertools
import warnings

import mpmath
import numpy as np
import pytest

import chainrule as cr

TIED = np.array([2.0, 1.0, 3.0, 1.0, 2.0])
HOLED = np.array([[3.0, np.nan, 1.0, 2.0], [np.nan, np.nan, 5.0, 4.0], [1.0, 7.0, 2.0, 9.0]])


def permutation_matrix(order):
    return np.eye(len(order))[list(order)]


@pytest.mark.parametrize("order", ["reverse", "forward"])
class TestTies:
    def test_sort(self, order):
        """Equal entries keep their order when sorted, and so do their derivatives."""
        assert np.array_equal(cr.jacobian(np.sort, order=order)(TIED), permutation_matrix([1, 3, 0, 4, 2]))

    def test_partition(self, order):
        """A partition of tied entries is differentiated as some permutation that gives it."""
        matrix = cr.jacobian(lambda x: np.partition(x, 2), order=order)(TIED)

        assert np.array_equal(matrix @ TIED, np.partition(TIED, 2))
        assert np.array_equal(matrix @ matrix.T, np.eye(5))

    def test_median(self, order):
        """The median of tied entries has the derivative of one of them."""
        assert np.array_equal(cr.jacobian(np.median, order=order)(TIED), [1.0, 0, 0, 0, 0])

    def test_unique(self, order):
        """Of entries that are equal the first stands for all."""
        assert np.array_equal(cr.jacobian(np.unique, order=order)(TIED), np.eye(5)[[1, 0, 2]])


def test_sort_along_directions():
    """Sorting is linear where no two entries meet: x³ is moved as x is, along every axis, in both modes, in lanes."""
    x = np.random.default_rng(0).normal(size=(4, 5, 3))

    for axis in (0, 1, -1, None):
        y, y_dot = cr.jvp(lambda x, axis=axis: np.sort(x, axis=axis), (x,), (x**3,))
        assert np.array_equal(y, np.sort(x, axis=axis))
        assert np.array_equal(y_dot, np.sort(x, axis=axis) ** 3)
        _, pull = cr.vjp(lambda x, axis=axis: np.sort(x, axis=axis), x)
        assert np.array_equal(pull(y**3)[0], x**3)
    lanes = cr.vmap(lambda x: cr.jvp(lambda x: np.sort(x, axis=0), (x,), (x**3,))[1])(x)
    assert np.array_equal(lanes, np.sort(x, axis=1) ** 3)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128])
@pytest.mark.parametrize("kth", [0, 500, [3, -2], [10, 20, 900]])
def test_partition_is_arranged_as_numpy_arranges_it(dtype, kth):
    """Also the entries whose order a partition leaves open stand where NumPy puts them, and so do derivatives."""
    x = np.random.default_rng(0).normal(size=(3, 1000)).astype(dtype)
    expected = np.partition(x, kth, axis=1)

    y, y_dot = cr.jvp(lambda x: np.partition(x, kth, axis=1), (x,), (x**2,))

    assert np.array_equal(y, expected)
    assert np.array_equal(y_dot, expected**2)


def test_partition_is_followed_whatever_argpartition_does(monkeypatch):
    """Where NumPy's argpartition arranges entries otherwise than its partition, the derivative follows the latter."""
    x = np.random.default_rng(0).normal(size=(3, 50))
    expected = np.partition(x, 20, axis=-1)
    monkeypatch.setattr(np, "argpartition", lambda x, kth, axis: np.argsort(x, axis=axis))

    y, y_dot = cr.jvp(lambda x: np.partition(x, 20), (x,), (x**2,))

    assert np.array_equal(y, expected)
    assert np.array_equal(y_dot, expected**2)


@pytest.mark.parametrize("axis", [0, 1])
def test_many_ties_keep_their_order(axis):
    """Also among thousands of entries, NaN among them, those that are equal keep their order."""
    rng = np.random.default_rng(0)
    x = rng.integers(0, 50, size=(60, 40)).astype(float)
    x[rng.random(x.shape) < 0.1] = np.nan
    places = np.arange(x.size, dtype=float).reshape(x.shape)
    order = np.argsort(x, axis=axis, kind="stable")

    moved = cr.jvp(lambda x: np.sort(x, axis=axis), (x,), (places,))[1]

    assert np.array_equal(moved, np.take_along_axis(places, order, axis=axis))
    assert np.array_equal(cr.jvp(lambda x: np.sort(x, axis=axis), (places,), (x,))[1], x, equal_nan=True)


def test_nan_is_sorted_to_the_end():
    """NaN comes last, and its derivative with it."""
    x = np.array([np.nan, 2.0, np.nan, 1.0])

    assert np.array_equal(cr.jacobian(np.sort)(x), permutation_matrix([3, 1, 0, 2]))


def test_entries_sorted_out_of_reach_do_not_take_part():
    """The infinite derivative of √x at 0 is not seen by one who reads other sorted entries."""
    x = np.array([4.0, 0.0, 9.0])

    for f in (
        lambda x: np.sort(np.sqrt(x))[1],
        lambda x: np.median(np.sqrt(x)),
        lambda x: np.partition(np.sqrt(x), 1)[1],
        lambda x: np.quantile(np.sqrt(x), 0.5),
        lambda x: np.unique(np.sqrt(x))[1],
    ):
        assert np.array_equal(cr.grad(f)(x), [0.25, 0.0, 0.0])
        assert cr.jvp(f, (x,), (np.ones(3),))[1] == 0.25


def sort_values(x):
    x.sort()
    return x


def partition_rows(x):
    x[1:].partition(1, axis=-1)
    return x


def test_sorting_in_place():
    """`x.sort()` changes the array itself, through views too, and never the caller's."""
    x = np.array([[3.0, 1.0, 2.0], [9.0, 7.0, 8.0]])
    given = x.copy()

    assert np.array_equal(cr.jvp(sort_values, (x,), (x**2,))[1], np.sort(x) ** 2)
    assert np.array_equal(cr.jvp(partition_rows, (x,), (x**2,))[1], partition_rows(x.copy()) ** 2)
    assert np.array_equal(x, given)


METHODS = {
    # The place in the sorted entries, from 1, at which q stands: Hyndman and Fan (1996), definitions 4 to 9.
    "interpolated_inverted_cdf": lambda n, q: n * q,
    "hazen": lambda n, q: n * q + mpmath.mpf(1) / 2,
    "weibull": lambda n, q: (n + 1) * q,
    "linear": lambda n, q: (n - 1) * q + 1,
    "median_unbiased": lambda n, q: (n + mpmath.mpf(1) / 3) * q + mpmath.mpf(1) / 3,
    "normal_unbiased": lambda n, q: (n + mpmath.mpf(1) / 4) * q + mpmath.mpf(3) / 8,
}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("q", [0.22, 0.5001, 0.83])
def test_quantile_against_its_definition(method, q):
    """Value, weights of the entries, and slope in q of the six continuous definitions of a quantile in the paper."""
    x = np.array([1.0, 4.0, 2.5, 9.0, -3.0, 5.5, 7.25])
    ordered = np.sort(x)
    with mpmath.workdps(40):
        place = METHODS[method](len(x), mpmath.mpf(q))
        before = int(mpmath.floor(place)) - 1
        weight = place - mpmath.floor(place)
        expected = ordered[before] * (1 - weight) + ordered[before + 1] * weight
        rate = float(METHODS[method](len(x), mpmath.mpf(1)) - METHODS[method](len(x), mpmath.mpf(0)))
        weight = float(weight)
    partials = np.zeros(7)
    partials[np.argsort(x)[before]], partials[np.argsort(x)[before + 1]] = 1 - weight, weight

    value, (by_x, by_q) = cr.value_and_grad(lambda x, q: np.quantile(x, q, method=method), argnums=(0, 1))(x, q)

    assert float(abs(value - expected)) < 1e-14 * 9
    np.testing.assert_allclose(by_x, partials, atol=1e-14)
    np.testing.assert_allclose(by_q, rate * (ordered[before + 1] - ordered[before]), rtol=1e-13)


def test_quantile_at_entries_and_ends():
    """In q the slope at an entry is that of the interval after it, and 0 at q = 1, which none follows."""
    x = np.array([1.0, 2.0, 4.0, 8.0, 16.0])
    slope = cr.elementwise_grad(lambda q: np.quantile(x, q))

    assert np.array_equal(slope(np.array([0.0, 0.25, 0.5, 0.75, 1.0])), [4.0, 8.0, 16.0, 32.0, 0.0])


DISCRETE = [
    "inverted_cdf",
    "averaged_inverted_cdf",
    "closest_observation",
    "lower",
    "higher",
    "midpoint",
    "nearest",
]


@pytest.mark.parametrize("method", DISCRETE)
def test_discrete_quantiles_do_not_move_with_q(method):
    """The definitions that choose entries, or the middle of two, are steps in q, and choose in x."""
    x = np.array([1.0, 4.0, 2.5, 9.0, -3.0])

    by_x, by_q = cr.grad(lambda x, q: np.quantile(x, q, method=method) * 1.0, argnums=(0, 1))(x, 0.37)

    assert by_q == 0
    assert by_x.sum() == 1
    assert by_x @ x == np.quantile(x, 0.37, method=method)


@pytest.mark.parametrize("f", [np.median, lambda x: np.quantile(x, 0.3), lambda x: np.percentile(x, [20, 80]).sum()])
def test_nan_poisons_quantiles(f):
    """A slice with NaN has the quantile NaN, as in NumPy, and no other slice has."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        values = cr.vmap(f)(HOLED)

    assert np.array_equal(np.isnan(values), [True, True, False])
    assert values[2] == f(HOLED[2])
    assert np.isnan(cr.value_and_grad(f)(HOLED[0])[0])


@pytest.mark.parametrize("method", [*METHODS, *DISCRETE])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("q", [0.3, np.array([0.0, 0.5, 0.9, 1.0]), np.float32(0.7), 1])
def test_values_without_nan_are_numpys(method, dtype, q):
    """Quantiles of slices with different numbers of NaN are NumPy's bit by bit, in dtype too."""
    x = HOLED.astype(dtype)

    for axis in (0, 1, None):
        expected = np.nanquantile(x, q, axis=axis, method=method)
        found = cr.jvp(lambda x, axis=axis: np.nanquantile(x, q, axis=axis, method=method), (x,), (x,))[0]
        assert np.array_equal(expected, found)
        assert expected.dtype == found.dtype
        expected = np.quantile(x, q, axis=axis, method=method)
        found = cr.vjp(lambda x, axis=axis: np.quantile(x, q, axis=axis, method=method), x)[0]
        assert np.array_equal(expected, found, equal_nan=True)
        assert expected.dtype == found.dtype


def test_integral_parts_of_lanes():
    """A part that is an integer, 0 or 1, means the same for every method, and in every lane."""
    x = np.concatenate([HOLED, HOLED * 2])

    for method in [*METHODS, *DISCRETE]:
        for q in (0, 1, np.array([0, 1])):
            lanes = cr.vmap(lambda row, q=q, method=method: np.nanquantile(row, q, method=method))(x)
            assert np.array_equal(lanes, [np.nanquantile(row, q, method=method) for row in x])


def test_median_without_nan():
    """The median of what is no NaN is differentiated in the middle entries of each slice."""
    value, gradient = cr.value_and_grad(lambda x: np.nanmedian(x, axis=1).sum())(HOLED)

    assert value == 2.0 + 4.5 + 4.5
    assert np.array_equal(gradient, [[0, 0, 0, 1], [0, 0, 0.5, 0.5], [0, 0.5, 0.5, 0]])


def test_slices_of_nan_alone():
    """A slice of NaN alone has the median NaN, with NumPy's warning, and no derivative in other slices' way."""
    x = np.array([[np.nan, np.nan], [1.0, 2.0]])

    for reduce, options in ((np.nanmedian, {}), (np.nanquantile, {"q": 0.5}), (np.nanmax, {})):

        def f(x, reduce=reduce, options=options):
            return reduce(x, axis=1, **options)

        with pytest.warns(RuntimeWarning, match="All-NaN slice"):
            value, pull = cr.vjp(f, x)
        assert np.array_equal(value, f(x[1:])[0] * np.array([np.nan, 1.0]), equal_nan=True)
        assert pull(np.array([0.0, 1.0]))[0][1].sum() == 1


def test_weighted_quantile():
    """With weights, a quantile is the first entry at which the share of the weights reaches q; in them it is a step."""
    x, w = np.array([3.0, 1.0, 2.0, 5.0]), np.array([1.0, 4.0, 0.0, 5.0])

    by_x, by_w = cr.grad(lambda x, w: np.quantile(x, 0.45, method="inverted_cdf", weights=w), argnums=(0, 1))(x, w)

    assert np.array_equal(by_x, [1.0, 0, 0, 0])
    assert not by_w.any()


def test_places_in_sorted_arrays():
    """searchsorted and digitize of a batch are those of each lane, also where the sorted array differs."""
    edges = np.array([[1.0, 2.0, 3.0], [0.0, 10.0, 20.0]])
    numbers = np.array([[0.5, 2.0], [15.0, 20.0]])

    assert np.array_equal(cr.vmap(np.searchsorted)(edges, numbers), [[0, 1], [2, 2]])
    assert np.array_equal(cr.vmap(np.searchsorted, in_axes=(None, 0))(edges[0], numbers), [[0, 1], [3, 3]])
    assert np.array_equal(cr.vmap(lambda e: np.searchsorted(e, 2.0, side="right"))(edges), [2, 1])
    assert np.array_equal(cr.vmap(lambda x, e: np.digitize(x, e))(numbers, edges), [[0, 2], [2, 3]])
    assert np.array_equal(cr.vmap(lambda x, e: np.digitize(x, e[::-1], right=True))(numbers, edges), [[3, 2], [1, 1]])


def test_orders_of_lanes():
    """argsort, argpartition and lexsort of a batch are those of each lane, found at once."""
    x = np.random.default_rng(0).normal(size=(3, 4, 5))

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.array_equal(cr.vmap(lambda row: np.argsort(row, axis=0))(x), np.argsort(x, axis=1))
        assert np.array_equal(cr.vmap(np.argsort)(x), np.argsort(x))
        ranks = cr.vmap(lambda row: np.lexsort((row[0], np.round(row[1]))))(x)
    for row, rank in zip(x, ranks, strict=True):
        assert np.array_equal(rank, np.lexsort((row[0], np.round(row[1]))))
    for row, rank in zip(x[0], cr.vmap(lambda row: np.argpartition(row, 2))(x[0]), strict=True):
        assert np.array_equal(np.partition(row, 2)[2], row[rank][2])


def test_distinct_entries_by_every_name():
    """However distinct entries are asked for, each is one of the entries, and indices and counts are NumPy's."""
    x = np.array([[2.0, 1.0], [1.0, 3.0]])

    for f in (
        np.unique,
        np.unique_values,
        lambda x: np.unique_all(x).values,
        lambda x: np.unique_counts(x)[0],
        lambda x: np.unique_inverse(x).values,
        lambda x: np.unique(x, return_index=True)[0],
    ):
        y, y_dot = cr.jvp(f, (x,), (x**2,))
        assert np.array_equal(y, f(x))
        assert np.array_equal(y_dot, f(x) ** 2)


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        (lambda x: np.sort(x, axis=1), np.exceptions.AxisError),
        (lambda x: np.sort(x[0]), np.exceptions.AxisError),
        (lambda x: np.sort(x, order="f"), ValueError),
        (lambda x: np.sort(x, kind="stable", stable=True), ValueError),
        (lambda x: np.partition(x, 3), ValueError),
        (lambda x: np.partition(x, 1.5), TypeError),
        (lambda x: np.quantile(x, 1.5), ValueError),
        (lambda x: np.quantile(x, 0.5, method="best"), ValueError),
        (lambda x: np.quantile(x, 0.5, weights=x), ValueError),
        (lambda x: np.quantile(x, 0.5, weights=-x, method="inverted_cdf"), ValueError),
        (lambda x: np.quantile(x, 0.5, weights=0 * x, method="inverted_cdf"), ValueError),
        (lambda x: np.quantile(x * 1j, 0.5), TypeError),
        (lambda x: np.percentile(x, -1), ValueError),
        (lambda x: np.searchsorted(np.outer(x, x), 1.0), ValueError),
        (lambda x: np.digitize(x, x[[0, 2, 1]]), ValueError),
        (lambda x: np.digitize(x * 1j, x), TypeError),
    ],
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_numpys_errors(wrong, error):
    """What NumPy refuses is refused with the same kind of error."""
    x = np.array([1.0, 2.0, 3.0])
    with pytest.raises(error):
        wrong(x)
    with pytest.raises(error):
        cr.grad(lambda x: np.sum(wrong(x)))(x)


def test_every_order_of_few_entries():
    """For every arrangement of four numbers, the median has weight 1/2 on the middle two."""
    for arrangement in itertools.permutations([1.0, 2.0, 4.0, 8.0]):
        x = np.array(arrangement)
        assert np.array_equal(cr.grad(np.median)(x), 0.5 * ((x == 2) | (x == 4)))
