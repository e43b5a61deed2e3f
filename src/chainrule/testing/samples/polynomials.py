"""Samples of polynomials: values, arithmetic, derivatives and integrals, fits and roots."""

import numpy as np

from chainrule.testing.domains import DISTINCT, INCREASING, POSITIVE, REAL, Domain
from chainrule.testing.sample import ALL, COMPLEX, Sample

DOUBLE = (np.dtype(np.float64),)
PLACES = np.array([-1.0, 0.0, 0.5, 1.5, 2.0, 3.0])
# Coefficients of a polynomial whose roots lie apart from each other, on both sides of a small change.
SIMPLE = Domain(lambda rng, shape: np.poly(np.arange(1.0, shape[0])) * (1 + 0.001 * rng.uniform(-1, 1, shape)))


def fitted(x, y):
    return np.polyfit(x, y, 2)


def fit_in_full(x, y):
    c, squares, _, singular, _ = np.polyfit(x, y, 2, full=True)
    return c, squares, singular


def weighted_fit(x, y, w):
    return np.polyfit(x, y, 1, w=w)


def fit_with_covariance(y, w):
    return np.polyfit(PLACES, y, 1, w=w, cov=True)


def fit_with_unscaled_covariance(x):
    return np.polyfit(x, PLACES**2, 1, cov="unscaled")[1]


def truncated_fit(y):
    return np.polyfit(PLACES, y, 2, rcond=0.3, full=True)[0]


def characteristic_polynomial(a):
    return np.poly(a)


SAMPLES = [
    Sample(
        np.polyval,
        shapes=[((3,), ()), ((4,), (2, 3)), ((1,), (2,)), ((0,), (3,)), ((2, 3), (3,))],
        dtypes=ALL,
        exact=False,
        name="polyval",
    ),
    Sample(
        lambda x: np.polyval([2, 0, -1], x),
        shapes=[(), (3,)],
        dtypes=ALL,
        special=[0.0, np.nan, np.inf],
        exact=False,
        name="polyval constants",
    ),
    Sample(lambda p: np.polyval(p, 2), shapes=[(3,)], dtypes=ALL, name="polyval at integer"),
    Sample(np.polyadd, shapes=[((3,), (3,)), ((2,), (4,)), ((3,), (1,)), ((), (2,))], dtypes=ALL, name="polyadd"),
    Sample(np.polysub, shapes=[((3,), (3,)), ((2,), (4,)), ((3,), (1,)), ((), (2,))], dtypes=ALL, name="polysub"),
    Sample(np.polymul, shapes=[((3,), (3,)), ((2,), (4,)), ((1,), (3,))], dtypes=ALL, name="polymul"),
    Sample(lambda p: np.polymul(p, [0, 0, 2, 1]), shapes=[(3,)], dtypes=ALL, name="polymul constants"),
    Sample(
        np.polydiv,
        shapes=[((4,), (2,)), ((3,), (3,)), ((2,), (3,)), ((3,), (1,))],
        domain=POSITIVE,
        dtypes=DOUBLE,
        name="polydiv",
    ),
    Sample(lambda u: np.polydiv(u, [2, 1]), shapes=[(4,)], dtypes=COMPLEX, name="polydiv constants"),
    Sample(np.polyder, shapes=[(4,), (1,), (2,)], dtypes=ALL, name="polyder"),
    Sample(lambda p: np.polyder(p, m=2), shapes=[(4,), (2,)], dtypes=ALL, name="polyder m"),
    Sample(lambda p: np.polyder(p, 0) * p, shapes=[(3,)], dtypes=ALL, name="polyder none"),
    Sample(np.polyint, shapes=[(4,), (1,), (0,)], dtypes=ALL, name="polyint"),
    Sample(lambda p, k: np.polyint(p, 2, k), shapes=[((3,), ()), ((3,), (2,)), ((3,), (3,))], name="polyint constants"),
    Sample(lambda p: np.polyint(p, m=0) * p, shapes=[(3,)], name="polyint none"),
    Sample(fitted, analytic=False, shapes=[((6,), (6,)), ((6,), (6, 2))], domain=(INCREASING, REAL), dtypes=DOUBLE),
    Sample(
        fit_in_full,
        analytic=False,
        shapes=[((6,), (6,)), ((6,), (6, 2))],
        domain=(INCREASING, REAL),
        dtypes=DOUBLE,
        order=1,
    ),
    Sample(
        weighted_fit,
        analytic=False,
        shapes=[((5,), (5,), (5,)), ((5,), (5, 2), (5,))],
        domain=(INCREASING, REAL, POSITIVE),
        dtypes=DOUBLE,
    ),
    Sample(
        fit_with_covariance,
        analytic=False,
        shapes=[((6,), (6,)), ((6, 2), (6,))],
        domain=(REAL, POSITIVE),
        dtypes=DOUBLE,
    ),
    Sample(fit_with_unscaled_covariance, analytic=False, shapes=[(6,)], domain=INCREASING, dtypes=DOUBLE),
    Sample(truncated_fit, analytic=False, shapes=[(6,), (6, 2)], dtypes=DOUBLE, order=1),
    Sample(np.poly, shapes=[(3,), (1,)], dtypes=ALL, exact=False, name="poly"),
    Sample(characteristic_polynomial, shapes=[(2, 2), (3, 3), (1, 1)], dtypes=DOUBLE),
    Sample(characteristic_polynomial, shapes=[(3, 3)], dtypes=COMPLEX, name="characteristic polynomial, complex"),
    Sample(np.roots, shapes=[(2,), (4,), (5,)], domain=SIMPLE, dtypes=DOUBLE, analytic=False, name="roots"),
    Sample(np.roots, shapes=[(3,)], domain=DISTINCT, dtypes=COMPLEX, name="roots of complex coefficients"),
    Sample(
        lambda p: np.roots(np.hstack((p, 0.0))),
        shapes=[(3,)],
        domain=SIMPLE,
        dtypes=DOUBLE,
        analytic=False,
        name="roots at zero",
    ),
]
