"""Samples of sorting, partitioning, medians and quantiles, distinct entries, and places in sorted arrays."""

import numpy as np

from chainrule.testing.domains import DISTINCT, Domain
from chainrule.testing.sample import ALL, COMPLEX, Sample

BASIC = [(0,), (1,), (6,), (2, 3), (2, 0)]
NONEMPTY = [(1,), (4,), (5,), (2, 3)]
MATRICES = [(2, 3), (3, 1), (4, 2)]

# Between the places of five entries, for every method.
BETWEEN = Domain(lambda rng, shape: (rng.integers(0, 4, size=shape) + rng.uniform(0.55, 0.7, size=shape)) / 5)
PERCENT = Domain(lambda rng, shape: 100 * BETWEEN(rng, shape))


def distinct(function, shapes, name, **options):
    """A sample whose numbers are well apart, and which takes no complex step."""
    return Sample(function, shapes=shapes, domain=DISTINCT, analytic=False, name=name, **options)


def sorted_in_place(x):
    y = x.copy()
    y.sort(axis=0)
    y[1:].sort()
    return y


def partitioned_in_place(x):
    y = x * 2
    y.partition(1, axis=0)
    return y


def into_out(reduce):
    def written(x):
        out = np.zeros(x.shape[1:], x.dtype)
        reduce(x, out)
        return out * x

    return written


def moved_median(x):
    y = x.copy()
    return np.median(y, axis=0, overwrite_input=True)


SORTING = [
    distinct(np.sort, BASIC, "sort"),
    distinct(np.sort, [(5,), (2, 3)], "sort complex", dtypes=COMPLEX),
    distinct(lambda x: np.sort(x, axis=0), [(3,), (4, 3), (2, 3, 2)], "sort axis"),
    distinct(lambda x: np.sort(x, axis=None), [(), (2, 3)], "sort all"),
    distinct(lambda x: np.sort(x, axis=-2, kind="heapsort"), [(2, 3, 2)], "sort kind"),
    distinct(lambda x: np.sort(x, stable=True) + np.sort(x, kind="stable"), [(2, 3)], "sort stable"),
    distinct(sorted_in_place, MATRICES, "sort in place"),
    distinct(lambda x: x[np.argsort(x)] * x[x.argsort(kind="stable")], [(6,)], "argsort"),
    distinct(
        lambda x: (np.argsort(x, axis=0), np.argsort(x, axis=None), np.argsort(x, stable=True)),
        MATRICES,
        "argsort alone",
        order=0,
        dtypes=ALL,
    ),
    distinct(lambda x: np.partition(x, 2), [(3,), (6,), (2, 5)], "partition"),
    distinct(lambda x: np.partition(x, [1, -1], axis=0), [(6,), (4, 3)], "partition axis", dtypes=ALL),
    distinct(lambda x: np.partition(x, 1, axis=None), [(2, 3)], "partition all"),
    distinct(partitioned_in_place, MATRICES, "partition in place"),
    distinct(lambda x: x[np.argpartition(x, 1, axis=0)[1], np.arange(2)] ** 2, [(4, 2)], "argpartition"),
    distinct(
        lambda x: (np.argpartition(x, (0, 2)), x.argpartition(1, axis=None)), [(2, 3)], "argpartition alone", order=0
    ),
    distinct(np.sort_complex, [(4,), (2, 3)], "sort_complex", dtypes=ALL),
    distinct(lambda x: x[np.lexsort((x, np.round(x / 4)))], [(6,)], "lexsort"),
    distinct(lambda x: (np.lexsort(x), np.lexsort((x[1], x[0]), axis=-1)), [(2, 4)], "lexsort alone", order=0),
]

PLACES = [
    distinct(
        lambda x: (np.searchsorted(np.sort(x), 0.3), np.searchsorted([-1.0, 0.0, 1.0], x, side="right")),
        [(5,)],
        "searchsorted",
        order=0,
    ),
    distinct(
        lambda x, v: np.searchsorted(x, v, sorter=np.argsort(x)) * v,
        [((5,), (2, 3)), ((4,), ()), ((0,), (2,))],
        "searchsorted sorter",
    ),
    distinct(lambda x: np.sort(x).searchsorted(x) * x, [(5,)], "searchsorted method"),
    distinct(
        lambda x: (np.digitize(x, [-2.0, 0.0, 2.0]), np.digitize(x, [2.0, 0.0], right=True)),
        [(), (5,), (2, 3)],
        "digitize",
        order=0,
    ),
    distinct(lambda x, b: np.digitize(x, np.sort(b)) * x, [((4,), (3,))], "digitize traced"),
    distinct(np.unique, [(0,), (5,), (2, 3)], "unique", dtypes=ALL),
    distinct(
        lambda x: np.unique(x[[0, 1, 0, 2]], return_index=True, return_inverse=True, return_counts=True),
        [(3,)],
        "unique results",
    ),
    distinct(lambda x: np.unique(x[[0, 1, 0, 2]], axis=0), [(3, 2)], "unique rows"),
    distinct(lambda x: np.unique(x[:, [0, 1, 0, 2]], axis=1, return_inverse=True), [(2, 3)], "unique columns"),
    distinct(lambda x: np.unique_values(x[[0, 1, 0]]), [(2,)], "unique_values"),
    distinct(lambda x: tuple(np.unique_counts(x[[0, 1, 0]])), [(2,)], "unique_counts"),
    distinct(lambda x: tuple(np.unique_inverse(x[[0, 1, 0]])), [(2,)], "unique_inverse"),
    distinct(lambda x: np.intersect1d(x[[0, 2, 1, 0]], x[1:]), [(4,), (3,)], "intersect1d", dtypes=ALL),
    distinct(
        lambda x: np.intersect1d(x, x[1::2], assume_unique=True, return_indices=True), [(5,)], "intersect1d indices"
    ),
    distinct(lambda x, y: np.union1d(x, y), [((3,), (2, 2)), ((0,), (2,)), ((), (2,))], "union1d", dtypes=ALL),
    distinct(lambda x: np.setdiff1d(x[[0, 2, 1, 0]], x[2:]), [(4,), (3,)], "setdiff1d", dtypes=ALL),
    distinct(lambda x: np.setdiff1d(x, x[:, 1:], assume_unique=True), [(2, 3)], "setdiff1d unique"),
    distinct(lambda x: np.setxor1d(x[[0, 2, 1, 0]], x[2:]), [(4,), (3,)], "setxor1d", dtypes=ALL),
    distinct(lambda x: np.setxor1d(x, x[1:], assume_unique=True), [(3,), (2, 3)], "setxor1d unique"),
    distinct(lambda x: tuple(np.unique_all(x[[0, 1, 0]])), [(2,)], "unique_all"),
]

METHODS = [
    "inverted_cdf",
    "averaged_inverted_cdf",
    "closest_observation",
    "interpolated_inverted_cdf",
    "hazen",
    "weibull",
    "linear",
    "median_unbiased",
    "normal_unbiased",
    "lower",
    "higher",
    "midpoint",
    "nearest",
]

MEDIANS = [
    distinct(np.median, NONEMPTY, "median", special=[0.0, 1.0, np.nan, np.inf]),
    distinct(lambda x: np.median(x, axis=1), [(2, 3), (2, 4), (0, 2), (2, 3, 2)], "median axis"),
    distinct(lambda x: np.median(x, axis=(0, -1), keepdims=True), [(2, 3, 4)], "median axes"),
    distinct(into_out(lambda x, out: np.median(x, axis=0, out=out)), MATRICES, "median out", protocols=False),
    distinct(moved_median, MATRICES, "median overwrite"),
    distinct(np.median, [(5,), (4,)], "median complex", dtypes=COMPLEX),
    distinct(lambda x: np.quantile(x, 0.3), NONEMPTY, "quantile", special=[0.0, 1.0, np.nan]),
    distinct(lambda x: np.quantile(x, np.array([0.0, 0.25, 1.0])), NONEMPTY, "quantile several"),
    distinct(lambda x: np.quantile(x, [[0.1, 0.6]], axis=0, keepdims=True), [(4,), (4, 2)], "quantile table"),
    distinct(lambda x: np.quantile(x, np.float32(0.4), axis=(0, 2)), [(2, 3, 4)], "quantile axes"),
    distinct(lambda x: np.quantile(x, 1) + np.quantile(x, 0, axis=-1), [(4,)], "quantile ends"),
    distinct(lambda x: np.percentile(x, 40), NONEMPTY, "percentile"),
    distinct(
        lambda x: np.percentile(x, [10, 50.0, 100], axis=-1, method="weibull"), [(4,), (2, 5)], "percentile several"
    ),
    distinct(into_out(lambda x, out: np.quantile(x, 0.7, axis=0, out=out)), MATRICES, "quantile out", protocols=False),
    distinct(
        lambda x: np.quantile(x, [0.2, 0.5, 0.9], method="inverted_cdf", weights=[0.1, 2.0, 1.0, 0.5]),
        [(4,)],
        "quantile weights",
    ),
    distinct(
        lambda x: np.quantile(x, 0.45, axis=1, method="inverted_cdf", weights=[[1.0, 2.0, 1.0], [0.0, 1.0, 5.0]]),
        [(2, 3)],
        "quantile weights each",
    ),
    distinct(
        lambda x, w: np.percentile(x, [0, 60.0], axis=0, method="inverted_cdf", weights=w**2, keepdims=True),
        [((4, 2), (4,))],
        "percentile traced weights",
    ),
    Sample(
        lambda x, q: np.quantile(x, q),
        shapes=[((5,), ()), ((5,), (2,))],
        domain=(DISTINCT, BETWEEN),
        analytic=False,
        name="quantile traced q",
    ),
    Sample(
        lambda x, q: np.quantile(x, q, axis=0, method="hazen", keepdims=True),
        shapes=[((5, 2), (3,))],
        domain=(DISTINCT, BETWEEN),
        analytic=False,
        name="quantile traced q axis",
    ),
    Sample(
        lambda x, q: np.percentile(x, q, axis=1, method="median_unbiased"),
        shapes=[((2, 5), ())],
        domain=(DISTINCT, PERCENT),
        analytic=False,
        name="percentile traced q",
    ),
    Sample(
        lambda x, q: np.nanquantile(x, q, axis=0),
        shapes=[((5, 2), (3,))],
        domain=(DISTINCT, BETWEEN),
        analytic=False,
        name="nanquantile traced q",
    ),
    *(
        distinct(
            lambda x, method=method: np.quantile(x, [0.0, 0.05, 0.5, 0.77, 1.0], axis=0, method=method),
            [(1,), (4,), (5, 2)],
            f"quantile {method}",
        )
        for method in METHODS
    ),
    *(
        Sample(
            lambda x, q, method=method: np.quantile(x, q, method=method),
            shapes=[((5,), (3,))],
            domain=(DISTINCT, BETWEEN),
            analytic=False,
            dtypes=[np.float64],
            name=f"quantile traced q {method}",
        )
        for method in METHODS
    ),
]

SAMPLES = SORTING + PLACES + MEDIANS
