"""Samples of Python functions that run for each element."""

import math

import numpy as np

from chainrule.testing.sample import ALL, NONZERO, Sample

ONE = [(), (3,), (2, 3)]
DOUBLE = [np.dtype(np.float64)]


def branching(v):
    """A function of one number."""
    return v * v if v > 0 else math.sin(v) + 2.0


def weighted(v, w=2.0, *, power=3):
    """A function of a number with parameters."""
    return v**power * w


OUTSIDE = np.vectorize(branching)


@np.vectorize
def decorated(v, w):
    """Two results."""
    return v * w, v + 2 * w


SAMPLES = [
    Sample(
        np.vectorize(branching),
        shapes=ONE,
        dtypes=DOUBLE,
        domain=NONZERO,
        analytic=False,
        protocols=False,
        name="vectorize",
    ),
    Sample(
        lambda x: OUTSIDE(x) * 2,
        shapes=ONE,
        dtypes=DOUBLE,
        domain=NONZERO,
        analytic=False,
        protocols=False,
        name="vectorized",
    ),
    Sample(decorated, shapes=[((3,), (3,)), ((2, 1), (3,)), ((), ())], protocols=False, name="vectorize_pairs"),
    Sample(
        lambda x: np.vectorize(weighted)(x, [1.0, 2.0, 3.0], power=2),
        shapes=[(), (3,)],
        protocols=False,
        name="vectorize_keywords",
    ),
    Sample(
        lambda x: np.vectorize(weighted, excluded=["power", 1])(x, 3.0, power=2),
        shapes=ONE,
        protocols=False,
        name="vectorize_excluded",
    ),
    Sample(
        lambda x: np.vectorize(lambda v: v * 2, otypes=[complex])(x),
        shapes=[(), (3,), (0,), (2, 0)],
        dtypes=ALL,
        analytic=False,
        protocols=False,
        name="vectorize_otypes",
    ),
    Sample(
        lambda x: np.vectorize(lambda v: (v * 2, 1), otypes="dd", cache=True)(x)[0],
        shapes=[(), (3,), (0,)],
        analytic=False,
        protocols=False,
        name="vectorize_several_otypes",
    ),
    Sample(
        lambda x: np.vectorize(lambda v: v * x, signature="()->(k)")(np.array([1.0, 2.0])),
        shapes=[(3,)],
        protocols=False,
        name="vectorize_closure",
    ),
    Sample(
        np.vectorize(lambda a, b: a @ b, signature="(m,n),(n)->(m)"),
        shapes=[((2, 3), (3,)), ((4, 2, 3), (3,)), ((2, 3), (4, 3))],
        dtypes=ALL,
        protocols=False,
        name="vectorize_signature",
    ),
    Sample(
        lambda x: np.vectorize(lambda row: (row.sum(), row * 2), signature="(n)->(),(n)")(x),
        shapes=[(3,), (2, 3), (2, 2, 3)],
        protocols=False,
        name="vectorize_signature_results",
    ),
]
