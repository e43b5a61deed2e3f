"""Samples of means, variances, covariances and histograms, and of reductions that leave NaN out."""

import warnings
from typing import Any

import numpy as np

from chainrule.testing.domains import DISTINCT, POSITIVE, Domain
from chainrule.testing.sample import ALL, COMPLEX, FLOATS, Sample

BASIC = [(), (1,), (5,), (2, 3)]
MATRICES = [(2, 3), (3, 1)]
SPECIAL = [0.0, 1.0, np.nan, np.inf]

MASK = np.array([True, False, True])
WEIGHTS = np.array([0.2, 0.5, 0.3])
FREQUENCIES = np.array([1, 2, 0, 3])

# Away from equal entries, where a spread has a kink.
SPREAD = Domain(lambda rng, shape: DISTINCT(rng, shape) / 2)


def holed(x):
    """The array with a NaN in its second column."""
    y = x.copy()
    y[..., 1] = np.nan
    return y


def into_out(reduce):
    def written(x):
        out = np.zeros_like(x[0])
        reduce(x, axis=0, out=out)
        return out * x

    return written


def quietly(function):
    def silenced(x):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            return function(x)

    return silenced


def deviations_from_given_mean(x):
    mean = np.mean(x, axis=1, keepdims=True)
    return np.var(x, axis=1, mean=mean) + np.std(x, axis=1, mean=mean, correction=1)


def average_returned(x):
    average, total = np.average(x, axis=0, returned=True)
    return average * total


def weighted_average_returned(x, w):
    average, total = np.average(x, axis=1, weights=w, returned=True)
    return average * total


def density(x):
    counts, edges = np.histogram(x, bins=4, density=True)
    return counts, edges


def plane_density(x, y):
    counts, first, second = np.histogram2d(x, y, bins=2, density=True)
    return counts, first, second


def counts_in_plane(x, y):
    bins: Any = [2, [-9.0, 0.3, 9.0]]
    limits: Any = [(-3, 4), None]
    return np.histogram2d(x, y, bins=bins, range=limits)[0]


def weights_in_plane(w):
    return np.histogram2d(np.arange(6.0), np.arange(6.0) ** 2, bins=np.array([0.0, 2.0, 4.5, 5.0]), weights=w)[0]


MEANS = [
    Sample(np.mean, shapes=BASIC, dtypes=ALL, special=SPECIAL, name="mean"),
    Sample(quietly(np.mean), shapes=[(0,), (2, 0)], name="mean of nothing", order=0),
    Sample(lambda x: np.mean(x, axis=1), shapes=[(2, 3), (0, 2), (2, 3, 2)], dtypes=ALL, name="mean axis"),
    Sample(lambda x: np.mean(x, axis=(0, -1), keepdims=True), shapes=[(2, 3, 4)], dtypes=ALL, name="mean axes"),
    Sample(lambda x: np.mean(x, dtype=np.float64), shapes=MATRICES, analytic=False, name="mean dtype"),
    Sample(lambda x: np.mean(x, axis=1, where=MASK), shapes=[(2, 3), (20, 3)], dtypes=ALL, name="mean where"),
    Sample(
        lambda x: np.mean(x, where=x > -5, keepdims=True), shapes=[(2, 3)], analytic=False, name="mean where traced"
    ),
    Sample(into_out(np.mean), shapes=MATRICES, name="mean out"),
    Sample(lambda x: x.mean(0) + x.mean(-1, keepdims=True), shapes=MATRICES, name="mean method"),
    Sample(np.average, shapes=BASIC, dtypes=ALL, name="average"),
    Sample(average_returned, shapes=MATRICES, dtypes=ALL, name="average returned"),
    Sample(
        lambda x: np.average(x, axis=1, weights=WEIGHTS),
        shapes=[(2, 3), (2, 3, 2)],
        analytic=False,
        name="average weights",
    ),
    Sample(
        lambda x, w: np.average(x, weights=w),
        shapes=[((4,), (4,)), ((2, 3), (2, 3))],
        domain=(SPREAD, POSITIVE),
        dtypes=ALL,
        name="average traced weights",
    ),
    Sample(
        lambda x, w: np.average(x, axis=(2, 0), weights=w, keepdims=True),
        shapes=[((2, 3, 4), (4, 2))],
        domain=(SPREAD, POSITIVE),
        name="average axes",
    ),
    Sample(
        weighted_average_returned,
        shapes=[((2, 3), (3,)), ((2, 3), (2, 3))],
        domain=(SPREAD, POSITIVE),
        name="average weights returned",
    ),
]

SPREADS = [
    Sample(np.var, shapes=BASIC, special=SPECIAL, analytic=False, name="var"),
    Sample(np.var, shapes=BASIC, dtypes=COMPLEX, analytic=False, name="var complex"),
    Sample(lambda x: np.var(x, axis=1, ddof=1), shapes=[(2, 3), (0, 2), (2, 3, 2)], analytic=False, name="var axis"),
    Sample(
        lambda x: np.var(x, axis=(0, -1), keepdims=True, correction=0.5),
        shapes=[(2, 3, 4)],
        analytic=False,
        name="var axes",
    ),
    Sample(lambda x: np.var(x, axis=-1, where=MASK, ddof=1), shapes=[(2, 3)], analytic=False, name="var where"),
    Sample(lambda x: np.var(x, dtype=np.float64), shapes=MATRICES, analytic=False, name="var dtype"),
    Sample(into_out(np.var), shapes=MATRICES, analytic=False, name="var out"),
    Sample(lambda x: x.var(0) + x.var(-1, ddof=0.5, keepdims=True), shapes=MATRICES, analytic=False, name="var method"),
    Sample(np.std, shapes=[(5,), (2, 3)], domain=SPREAD, special=SPECIAL, analytic=False, name="std"),
    Sample(np.std, shapes=[(5,), (2, 3)], domain=SPREAD, dtypes=COMPLEX, analytic=False, name="std complex"),
    Sample(
        lambda x: np.std(x, axis=1, ddof=1),
        shapes=[(2, 3), (0, 2), (2, 3, 2)],
        domain=SPREAD,
        analytic=False,
        name="std axis",
    ),
    Sample(
        lambda x: np.std(x, axis=1, where=MASK, keepdims=True),
        shapes=[(3, 3)],
        domain=SPREAD,
        analytic=False,
        name="std where",
    ),
    Sample(into_out(np.std), shapes=[(2, 3)], domain=SPREAD, analytic=False, name="std out"),
    Sample(lambda x: x.std(0), shapes=[(2, 3)], domain=SPREAD, analytic=False, name="std method"),
    Sample(deviations_from_given_mean, shapes=[(2, 3)], domain=SPREAD, analytic=False, name="var mean"),
]

COVARIANCES = [
    Sample(np.cov, shapes=[(4,), (2, 4), (1, 4)], analytic=False, name="cov"),
    Sample(np.cov, shapes=[(4,), (2, 4)], dtypes=COMPLEX, analytic=False, name="cov complex"),
    Sample(
        lambda x, y: np.cov(x, y, rowvar=False, bias=True),
        shapes=[((4, 2), (4, 1)), ((4,), (4,))],
        analytic=False,
        name="cov two",
    ),
    Sample(lambda x: np.cov(x, fweights=FREQUENCIES, ddof=0), shapes=[(2, 4)], analytic=False, name="cov frequencies"),
    Sample(
        lambda x, w: np.cov(x, fweights=FREQUENCIES, aweights=w),
        shapes=[((2, 4), (4,))],
        domain=(SPREAD, POSITIVE),
        analytic=False,
        name="cov weights",
    ),
    Sample(lambda x: np.cov(x, dtype=np.float32), shapes=[(2, 4)], order=0, name="cov dtype"),
    Sample(np.corrcoef, shapes=[(2, 4), (3, 5)], domain=SPREAD, analytic=False, name="corrcoef"),
    Sample(np.corrcoef, shapes=[(2, 4)], domain=SPREAD, dtypes=COMPLEX, analytic=False, name="corrcoef complex"),
    Sample(
        lambda x, y: np.corrcoef(x, y, rowvar=False),
        shapes=[((4, 2), (4,))],
        domain=SPREAD,
        analytic=False,
        name="corrcoef two",
    ),
]

WITHOUT_NAN = [
    Sample(lambda x: np.nansum(holed(x)), shapes=[(3,), (2, 3)], dtypes=ALL, name="nansum"),
    Sample(np.nansum, shapes=BASIC, special=SPECIAL, name="nansum of numbers"),
    Sample(lambda x: np.nansum(holed(x), axis=-1, keepdims=True, initial=0.5), shapes=[(2, 3)], name="nansum axis"),
    Sample(lambda x: np.nansum(holed(x), axis=0, where=MASK), shapes=[(2, 3)], name="nansum where"),
    Sample(lambda x: np.nanprod(holed(x)), shapes=[(3,), (2, 3)], dtypes=ALL, name="nanprod"),
    Sample(
        lambda x: np.nanprod(holed(x), axis=0, dtype=np.float64), shapes=[(2, 3)], analytic=False, name="nanprod axis"
    ),
    Sample(lambda x: np.nanmax(holed(x)), shapes=[(3,), (2, 3)], domain=DISTINCT, analytic=False, name="nanmax"),
    Sample(
        lambda x: np.nanmax(holed(x), axis=-1, initial=0.0, where=[True, True, False]),
        shapes=[(2, 3)],
        domain=DISTINCT,
        analytic=False,
        name="nanmax where",
    ),
    Sample(
        lambda x: np.nanmin(holed(x), axis=1, keepdims=True),
        shapes=[(2, 3)],
        domain=DISTINCT,
        analytic=False,
        dtypes=ALL,
        name="nanmin axis",
    ),
    Sample(quietly(np.nanmin), shapes=BASIC, domain=DISTINCT, analytic=False, special=SPECIAL, name="nanmin"),
    Sample(
        lambda x: (np.nanargmax(holed(x)), np.nanargmin(holed(x), axis=-1, keepdims=True)),
        shapes=[(2, 3)],
        domain=DISTINCT,
        order=0,
        name="nanargmax",
    ),
    Sample(lambda x: np.nanmean(holed(x)), shapes=[(3,), (2, 3)], dtypes=ALL, name="nanmean"),
    Sample(quietly(np.nanmean), shapes=BASIC, special=SPECIAL, name="nanmean of numbers"),
    Sample(
        lambda x: np.nanmean(holed(x), axis=1, keepdims=True, where=[True, True, False]),
        shapes=[(2, 3)],
        name="nanmean where",
    ),
    Sample(lambda x: np.nanvar(holed(x), axis=-1, ddof=1), shapes=[(3,), (2, 4)], analytic=False, name="nanvar"),
    Sample(lambda x: np.nanvar(holed(x)), shapes=[(2, 4)], dtypes=COMPLEX, analytic=False, name="nanvar complex"),
    Sample(lambda x: np.nanstd(holed(x), axis=-1), shapes=[(3,), (2, 4)], domain=SPREAD, analytic=False, name="nanstd"),
    Sample(
        lambda x: np.nanstd(holed(x), keepdims=True, where=[True, True, False, True], correction=0.5),
        shapes=[(2, 4)],
        domain=SPREAD,
        analytic=False,
        name="nanstd where",
    ),
    Sample(
        lambda x: np.nanmedian(holed(x)), shapes=[(3,), (4,), (2, 3)], domain=DISTINCT, analytic=False, name="nanmedian"
    ),
    Sample(
        lambda x: np.nanmedian(holed(x), axis=-1, keepdims=True),
        shapes=[(2, 4), (2, 3, 3)],
        domain=DISTINCT,
        analytic=False,
        name="nanmedian axis",
    ),
    Sample(
        lambda x: np.nanmedian(holed(x), axis=(0, 2)),
        shapes=[(2, 2, 3)],
        domain=DISTINCT,
        analytic=False,
        name="nanmedian axes",
    ),
    Sample(
        lambda x: np.nanquantile(holed(x), 0.3),
        shapes=[(4,), (2, 3)],
        domain=DISTINCT,
        analytic=False,
        name="nanquantile",
    ),
    Sample(
        lambda x: np.nanquantile(holed(x), [0.0, 0.4, 1.0], axis=-1),
        shapes=[(4,), (2, 3), (2, 3, 4)],
        domain=DISTINCT,
        analytic=False,
        name="nanquantile several",
    ),
    Sample(
        lambda x: np.nanpercentile(holed(x), [20.0, 70.0], axis=(0, 2), method="hazen", keepdims=True),
        shapes=[(2, 3, 4)],
        domain=DISTINCT,
        analytic=False,
        name="nanpercentile",
    ),
    Sample(
        lambda x: np.nanquantile(holed(x), 0.6, axis=1, method="inverted_cdf", weights=[WEIGHTS, WEIGHTS]),
        shapes=[(2, 3)],
        domain=DISTINCT,
        analytic=False,
        name="nanquantile weights",
    ),
]

HISTOGRAMS = [
    Sample(density, shapes=[(7,), (2, 3)], domain=DISTINCT, analytic=False, name="histogram density"),
    Sample(
        lambda x: np.histogram(x, bins=[-4.0, -1.0, 0.2, 3.0])[0],
        shapes=[(7,)],
        domain=DISTINCT,
        order=0,
        name="histogram counts",
    ),
    Sample(
        lambda w: np.histogram(np.arange(6.0), bins=4, weights=w), shapes=[(6,)], dtypes=ALL, name="histogram weights"
    ),
    Sample(
        lambda w: np.histogram(np.arange(6.0), bins=[0.0, 1.5, 4.0], range=(0, 9), weights=w, density=True)[0],
        shapes=[(6,)],
        domain=POSITIVE,
        name="histogram weights between edges",
    ),
    Sample(
        lambda e: np.histogram(np.arange(6.0), bins=e, density=True)[0],
        shapes=[(4,)],
        domain=Domain(lambda rng, shape: np.cumsum(rng.uniform(1.1, 1.4, size=shape))),
        analytic=False,
        name="histogram edges",
    ),
    Sample(plane_density, shapes=[((5,), (5,))], domain=DISTINCT, analytic=False),
    Sample(
        counts_in_plane,
        shapes=[((6,), (6,))],
        domain=DISTINCT,
        dtypes=FLOATS,
        order=0,
        name="histogram2d counts",
    ),
    Sample(
        weights_in_plane,
        shapes=[(6,)],
        analytic=False,
        name="histogram2d weights",
    ),
    Sample(
        lambda w: np.histogramdd(np.arange(15.0).reshape(5, 3) % 4, bins=(2, 1, 3), density=True, weights=w),
        shapes=[(5,)],
        domain=POSITIVE,
        analytic=False,
        name="histogramdd weights",
    ),
    Sample(
        lambda e, w: np.histogramdd([np.arange(6.0)], bins=[e], density=True, weights=w)[0],
        shapes=[((4,), (6,))],
        domain=(Domain(lambda rng, shape: np.array([-0.3, 1.4, 3.6, 5.2])), POSITIVE),
        analytic=False,
        name="histogramdd edges",
    ),
    Sample(
        lambda x: np.histogram_bin_edges(x, bins="sturges"),
        shapes=[(7,)],
        domain=DISTINCT,
        analytic=False,
        name="histogram_bin_edges",
    ),
    Sample(
        lambda x: np.histogram_bin_edges(x, bins=3, range=(x[0], x[0] + 2.0)),
        shapes=[(4,)],
        domain=POSITIVE,
        analytic=False,
        name="histogram_bin_edges range",
    ),
    Sample(lambda w: np.bincount([1, 3, 1, 0], weights=w, minlength=6), shapes=[(4,)], analytic=False, name="bincount"),
    Sample(lambda w: np.bincount(np.array([2, 2, 0, 1]), w), shapes=[(4,)], analytic=False, name="bincount weights"),
]

SAMPLES = MEANS + SPREADS + COVARIANCES + WITHOUT_NAN + HISTOGRAMS
