"""Samples of sums, products and extremes over axes, and of what is found along them."""

import numpy as np

from chainrule.testing.domains import DISTINCT, POSITIVE, REAL
from chainrule.testing.sample import ALL, Sample

BASIC = [(), (0,), (1,), (5,), (2, 3), (2, 0)]
NONEMPTY = [(), (1,), (5,), (2, 3)]
MATRICES = [(2, 3), (3, 1)]
STACKS = [(2, 3, 4)]
SPECIAL = [0.0, 1.0, np.nan, np.inf, -np.inf]

MASK = np.array([True, False, True])


def into_out(reduce):
    def written(x):
        out = np.zeros_like(x[0])
        reduce(x, axis=0, out=out)
        return out * x

    return written


def into_given_out(reduce):
    def written(x):
        out = np.empty((), x.dtype)
        made = reduce(x, out=out)
        return out + made * x

    return written


def with_one_zero(x):
    y = np.zeros(x.size + 1, x.dtype)
    y[1:] = x
    return np.prod(y)


def with_two_zeros(x):
    return np.prod(x * np.array([[0.0], [2.0]], x.dtype) * np.array([0.0, 1.0, 0.0], x.dtype), axis=1)


SAMPLES = [
    Sample(np.sum, shapes=BASIC, dtypes=ALL, special=SPECIAL, name="sum"),
    Sample(lambda x: np.sum(x, axis=1), shapes=[(2, 3), (2, 0), (0, 2), (2, 3, 2)], dtypes=ALL, name="sum axis"),
    Sample(lambda x: np.sum(x, axis=(0, -1)), shapes=STACKS, dtypes=ALL, name="sum axes"),
    Sample(lambda x: np.sum(x, axis=()), shapes=MATRICES, name="sum no axes"),
    Sample(lambda x: np.sum(x, axis=-1, keepdims=True), shapes=[(2, 3), (2, 0), (3,)], name="sum keepdims"),
    Sample(lambda x: np.sum(x, keepdims=True), shapes=[(), (2, 3)], name="sum all keepdims"),
    Sample(lambda x: np.sum(x, dtype=np.float64), shapes=MATRICES, analytic=False, name="sum dtype"),
    Sample(lambda x: np.sum(x, initial=0.3), shapes=BASIC, dtypes=ALL, name="sum initial"),
    Sample(lambda x, y: np.sum(x, axis=0, initial=y), shapes=[((2, 3), ()), ((0, 3), ())], name="sum traced initial"),
    Sample(lambda x: np.sum(x, where=MASK), shapes=[(3,), (2, 3)], dtypes=ALL, name="sum where"),
    Sample(lambda x: np.sum(x, axis=0, where=MASK, initial=2.0), shapes=[(20, 3)], name="sum where initial"),
    Sample(lambda x: np.sum(x, where=x > 0), shapes=[(4, 9)], analytic=False, name="sum where traced"),
    Sample(into_out(np.sum), shapes=MATRICES, name="sum out"),
    Sample(into_given_out(np.sum), shapes=MATRICES, name="sum 0-d out", protocols=False),
    Sample(lambda x: x.sum(0) + x.sum(axis=-2, keepdims=True), shapes=MATRICES, name="sum method"),
    Sample(lambda x: np.sum([x[0], x[1] * x[0]]), shapes=[(3,)], name="sum list", protocols=False),
    Sample(np.prod, shapes=BASIC, dtypes=ALL, special=SPECIAL, name="prod"),
    Sample(lambda x: np.prod(x, axis=1), shapes=[(2, 3), (2, 0), (2, 1, 2)], dtypes=ALL, name="prod axis"),
    Sample(lambda x: np.prod(x, axis=(0, -1), keepdims=True), shapes=STACKS, name="prod axes"),
    Sample(lambda x: np.prod(x, axis=()), shapes=[(3,)], name="prod no axes"),
    Sample(lambda x: np.prod(x, initial=0.7), shapes=BASIC, dtypes=ALL, name="prod initial"),
    Sample(lambda x, y: np.prod(x, axis=0, initial=y), shapes=[((2, 3), ()), ((0, 3), ())], name="prod traced initial"),
    Sample(lambda x: np.prod(x, axis=-1, where=MASK), shapes=[(3,), (2, 3)], dtypes=ALL, name="prod where"),
    Sample(lambda x, y: np.prod(x, 0, where=MASK, initial=y), shapes=[((2, 3), ())], name="prod where initial"),
    Sample(lambda x: np.prod(x, dtype=np.float64), shapes=MATRICES, analytic=False, name="prod dtype"),
    Sample(into_out(np.prod), shapes=MATRICES, name="prod out"),
    Sample(lambda x: x.prod(-1), shapes=MATRICES, name="prod method"),
    Sample(with_one_zero, shapes=[(3,)], name="prod with one zero", protocols=False),
    Sample(with_two_zeros, shapes=[(3,)], name="prod with two zeros"),
    Sample(np.max, shapes=NONEMPTY, domain=DISTINCT, analytic=False, special=SPECIAL, name="max"),
    Sample(np.min, shapes=NONEMPTY, domain=DISTINCT, analytic=False, special=SPECIAL, name="min"),
    Sample(np.amax, shapes=MATRICES, domain=DISTINCT, analytic=False, name="amax"),
    Sample(np.amin, shapes=MATRICES, domain=DISTINCT, analytic=False, name="amin"),
    Sample(
        lambda x: np.max(x, axis=1),
        shapes=[(2, 3), (0, 2), (2, 3, 2)],
        domain=DISTINCT,
        analytic=False,
        dtypes=ALL,
        name="max axis",
    ),
    Sample(
        lambda x: np.min(x, axis=(0, -1), keepdims=True),
        shapes=STACKS,
        domain=DISTINCT,
        analytic=False,
        dtypes=ALL,
        name="min axes",
    ),
    Sample(
        lambda x: np.max(x, axis=0, initial=1.0),
        shapes=[(4, 3), (0, 3)],
        domain=DISTINCT,
        analytic=False,
        name="max initial",
    ),
    Sample(
        lambda x, y: np.min(x, axis=0, initial=y),
        shapes=[((4, 3), ()), ((0, 3), ())],
        domain=DISTINCT,
        analytic=False,
        name="min traced initial",
    ),
    Sample(
        lambda x: np.max(x, where=MASK, initial=-10.0),
        shapes=[(2, 3)],
        domain=DISTINCT,
        analytic=False,
        dtypes=ALL,
        name="max where",
    ),
    Sample(
        lambda x: np.min(x, 1, where=[True, False, True], initial=10.0),
        shapes=[(2, 3)],
        domain=DISTINCT,
        analytic=False,
        name="min where",
    ),
    Sample(into_out(np.max), shapes=MATRICES, domain=DISTINCT, analytic=False, name="max out"),
    Sample(
        lambda x: x.max(0) * x.min(axis=-1, keepdims=True),
        shapes=MATRICES,
        domain=DISTINCT,
        analytic=False,
        name="max method",
    ),
    Sample(np.ptp, shapes=NONEMPTY, domain=DISTINCT, analytic=False, special=SPECIAL, name="ptp"),
    Sample(
        lambda x: np.ptp(x, axis=-1, keepdims=True), shapes=MATRICES, domain=DISTINCT, analytic=False, name="ptp axis"
    ),
    Sample(into_out(np.ptp), shapes=MATRICES, domain=DISTINCT, analytic=False, name="ptp out"),
    Sample(lambda x: np.where(np.any(x > 0, axis=0), x * x, x), shapes=MATRICES, analytic=False, name="any"),
    Sample(
        lambda x: np.where(np.all(x > 0, axis=-1, keepdims=True), x * x, x),
        shapes=MATRICES,
        domain=POSITIVE,
        analytic=False,
        name="all",
    ),
    Sample(
        lambda x: (np.any(x), np.all(x), x.any(), x.all()),
        shapes=[(), (2, 3), (0, 3)],
        domain=REAL,
        order=0,
        special=[0.0, np.nan],
        name="any and all",
    ),
    Sample(
        lambda x: (np.any(x, where=MASK), np.all(x, axis=0, keepdims=True, where=MASK)),
        shapes=[(2, 3)],
        order=0,
        dtypes=ALL,
        name="any and all where",
    ),
    Sample(lambda x: np.count_nonzero(x > 0, axis=0) * x, shapes=MATRICES, analytic=False, name="count_nonzero"),
    Sample(
        lambda x: (np.count_nonzero(x), np.count_nonzero(x, axis=0, keepdims=True)),
        shapes=[(2, 3)],
        order=0,
        name="count_nonzero alone",
    ),
    Sample(
        lambda x: (np.argmax(x), np.argmin(x), x.argmax(), x.argmin()),
        shapes=[(), (1,), (5,), (2, 3)],
        order=0,
        domain=DISTINCT,
        special=[0.0, np.nan, np.inf],
        name="argmax",
    ),
    Sample(
        lambda x: (np.argmax(x, axis=1), np.argmin(x, axis=-2, keepdims=True), np.argmax(x, keepdims=True)),
        shapes=[(2, 3), (2, 3, 2)],
        order=0,
        domain=DISTINCT,
        dtypes=ALL,
        name="argmax axis",
    ),
    Sample(
        lambda x: x[np.argmax(x, axis=0), np.arange(3)] ** 2,
        shapes=[(4, 3)],
        domain=DISTINCT,
        analytic=False,
        name="entries at argmax",
    ),
]
