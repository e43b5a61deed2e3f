"""Samples of indices and of functions that pick elements."""

import numpy as np

from chainrule.testing.domains import DISTINCT, REAL
from chainrule.testing.sample import ALL, Sample

DOUBLE = (np.dtype(np.float64),)
MATRICES = [(3, 4)]
STACKS = [(2, 3, 4)]

ROWS = np.array([2, 0, 2, -1])
TABLE = np.array([[0, 2], [1, -1]])
MASK = np.array([True, False, True])
GRID = np.array([[True, False, True, True], [False, False, True, False], [True, True, False, False]])


def picked(function, shapes=MATRICES, *, dtypes=DOUBLE, order=1, **kwargs):
    return Sample(function, shapes=shapes, domain=kwargs.pop("domain", REAL), dtypes=dtypes, order=order, **kwargs)


def flat_squares(x):
    return sum(v * x[i] for i, v in zip(np.ndindex(x.shape), x.flat, strict=True))


SAMPLES = [
    # Basic.
    picked(lambda x: x[1], [(3,), (3, 4)], dtypes=ALL, order=2, name="x[1]"),
    picked(lambda x: x[-1, 2], dtypes=ALL, name="x[-1, 2]"),
    picked(lambda x: x[1:], [(3,), (3, 4), (1,)], dtypes=ALL, order=2, name="x[1:]"),
    picked(lambda x: x[::-2, 1:3], name="x[::-2, 1:3]"),
    picked(lambda x: x[..., None, 1], STACKS, name="x[..., None, 1]"),
    picked(lambda x: x[np.newaxis, :, -1:], name="x[newaxis, :, -1:]"),
    picked(lambda x: x[...], [(3,), (2, 3)], name="x[...]"),
    picked(lambda x: x[5:], [(3,)], name="x[5:]"),
    picked(lambda x: x[1:][::-1][0] + x.T[1:, 2][0], [(3, 4)], name="views of views", protocols=False),
    picked(lambda x: x[np.int64(1), np.array(2)], name="x[int64, array]"),
    picked(lambda x: [2 * row for row in x], name="iteration"),
    picked(lambda x: x * x.item(5) + x.item((0, 1)) + x.item(1, 2), name="item"),
    # Advanced.
    picked(lambda x: x[ROWS], [(3,), (3, 4)], dtypes=ALL, order=2, name="x[rows]"),
    picked(lambda x: x[TABLE], [(3,), (3, 4)], name="x[table]"),
    picked(lambda x: x[[0, 2], 1:], name="x[list, 1:]"),
    picked(lambda x: x[:, ROWS], name="x[:, rows]"),
    picked(lambda x: x[ROWS, ROWS], name="x[rows, rows]"),
    picked(lambda x: x[ROWS[:, None], [1, 3]], name="x[column, row]"),
    picked(lambda x: x[0, :, ROWS], STACKS, name="x[0, :, rows]"),
    picked(lambda x: x[:, ROWS, 1], STACKS, name="x[:, rows, 1]"),
    picked(lambda x: x[..., [1, 0], None], STACKS, name="x[..., list, None]"),
    picked(lambda x: x[[]], [(3,), (3, 4)], name="x[[]]"),
    picked(lambda x: x[np.ix_([0, 2], [1, 3, 3])], name="ix_"),
    picked(lambda x: x[MASK], [(3,), (3, 4)], dtypes=ALL, order=2, name="x[mask]"),
    picked(lambda x: x[GRID], name="x[grid]"),
    picked(lambda x: x[MASK, 1:], name="x[mask, 1:]"),
    picked(lambda x: x[:, GRID], STACKS, name="x[:, grid]", exact=True),
    picked(lambda x: x[MASK, [1, 3]], name="x[mask, list]"),
    picked(lambda x: x[x > 0].sum(), analytic=False, name="x[x > 0]"),
    picked(lambda x: x[np.nonzero(x > 0)].sum(), analytic=False, name="x[nonzero]"),
    picked(lambda x: x[np.argsort(x)], [(5,)], domain=DISTINCT, analytic=False, name="x[argsort]"),
    picked(lambda x: x[np.argmax(x)], [(5,), (5, 1)], domain=DISTINCT, analytic=False, name="x[argmax]"),
    picked(lambda x: x[True] + x[False].sum(), name="x[True]"),
    # By functions.
    picked(lambda x: np.take(x, TABLE), [(3,), (3, 4), (3, 0, 1)][:2], dtypes=ALL, name="take"),
    picked(lambda x: np.take(x, ROWS, axis=0) + x.take(ROWS, 0), name="take axis"),
    picked(lambda x: np.take(x, [5, -7], axis=1, mode="wrap"), name="take wrap"),
    picked(lambda x: np.take(x, [5, -7], mode="clip"), name="take clip"),
    picked(lambda x: np.take(x, 1, axis=-1), name="take one"),
    picked(
        lambda x: np.take_along_axis(x, np.argsort(x, axis=0), axis=0),
        domain=DISTINCT,
        analytic=False,
        name="take_along_axis",
    ),
    picked(lambda x: np.take_along_axis(x, np.array([[1], [0], [-1]]), axis=1), name="take_along_axis broadcast"),
    picked(lambda x: np.take_along_axis(x, ROWS, axis=None), name="take_along_axis flat"),
    picked(lambda x: np.compress([True, False, True], x, axis=0) + x.compress(MASK, 0), name="compress"),
    picked(lambda x: np.compress([False, True], x), name="compress flat"),
    picked(lambda x: np.extract(GRID, x), name="extract"),
    picked(lambda x, y: np.choose(TABLE % 2, [x, y]), [((2, 2), (2,)), ((), ())], dtypes=ALL, name="choose"),
    picked(lambda x, y: np.choose([3, -1], (x, y), mode="wrap"), [((2,), ())], name="choose wrap"),
    picked(lambda x, y: np.choose([3, -1], [x, y], mode="clip"), [((2,), ())], name="choose clip"),
    picked(lambda x: np.delete(x, 1), [(3,), (3, 4)], name="delete"),
    picked(lambda x: np.delete(x, [0, -1], axis=1), name="delete several"),
    picked(lambda x: np.delete(x, slice(None, None, 2), axis=0), name="delete slice"),
    picked(lambda x: np.delete(x, MASK, 0), name="delete mask"),
    picked(lambda x, y: np.insert(x, 1, y), [((3,), ()), ((2, 2), (3,))], dtypes=ALL, name="insert"),
    picked(lambda x, y: np.insert(x, [2, 0, 2], y), [((3,), (3,)), ((3,), ())], name="insert several"),
    picked(
        lambda x, y: np.insert(x, 1, y, axis=1), [((2, 3), (2,)), ((2, 3), ()), ((2, 3), (2, 2))], name="insert axis"
    ),
    picked(lambda x, y: np.insert(x, [1], y, axis=1), [((2, 3), (2, 1)), ((2, 3), (2, 2))], name="insert at one"),
    picked(lambda x, y: np.insert(x, slice(0, 2), y, axis=0), [((2, 3), (3,))], name="insert slice"),
    picked(lambda x: np.trim_zeros(np.concatenate(([0.0, 0.0], x, [0.0]))), [(3,)], name="trim_zeros"),
    picked(lambda x: np.trim_zeros(np.pad(x, 1), "f", axis=0), [(2, 3)], name="trim_zeros axis"),
    # Diagonals and triangles.
    picked(np.diag, [(3,), (3, 4), (0,)], dtypes=ALL, order=2, name="diag"),
    picked(lambda x: np.diag(x, -2), [(3,), (3, 4), (2, 2)], name="diag offset"),
    picked(np.diagonal, [(3, 4), (2, 3, 4)], dtypes=ALL, order=2, name="diagonal"),
    picked(lambda x: np.diagonal(x, 1, 2, 0) + x.diagonal(1, 2, 0), STACKS, name="diagonal axes"),
    picked(lambda x: np.linalg.diagonal(x, offset=-1), STACKS, name="linalg diagonal"),
    picked(lambda x: np.diagflat(x, 1), [(2, 2), ()], name="diagflat"),
    picked(np.tril, [(3, 4), (2, 3, 3), (3,)], dtypes=ALL, name="tril"),
    picked(lambda x: np.triu(x, 1), [(3, 4), (4, 3)], dtypes=ALL, name="triu"),
    picked(lambda x: x[np.tril_indices(3)] * x[np.triu_indices_from(x)], [(3, 3)], order=2, name="tril_indices"),
    picked(lambda x: x[np.diag_indices(3)] + x[np.diag_indices_from(x)], [(3, 3)], name="diag_indices"),
    picked(lambda x: x[np.mask_indices(3, np.triu)], [(3, 3)], name="mask_indices"),
    picked(np.vander, [(3,), (0,), (1,)], dtypes=ALL, order=2, name="vander"),
    picked(lambda x: np.vander(x, 5, increasing=True), [(3,)], order=2, name="vander increasing"),
    # Visits.
    picked(lambda x: np.apply_along_axis(np.cumsum, 0, x), [(3, 4), (3,)], name="apply_along_axis"),
    picked(
        lambda x: np.apply_along_axis(lambda v: v[0] * v[1], -1, x),
        [(3, 4), (2,)],
        order=2,
        name="apply_along_axis scalar",
    ),
    picked(lambda x: np.apply_along_axis(np.outer, 1, x, [1.0, 2.0]), STACKS, name="apply_along_axis matrix"),
    picked(lambda x: np.apply_over_axes(np.sum, x, [0, 2]), STACKS, name="apply_over_axes"),
    picked(lambda x: sum(i * v for (i, _), v in np.ndenumerate(x)), name="ndenumerate", protocols=False),
    picked(
        lambda x: sum(v * x[i] for i, v in zip(np.ndindex(x.shape), x.flat, strict=True)),
        order=2,
        name="flat",
        protocols=False,
    ),
    picked(lambda x: x.flat[5] + x.flat[1:4] + x.flat[[0, 3, 3]], name="flat index", protocols=False),
    picked(
        lambda x: np.unravel_index(np.argmax(x), x.shape)[0] * x,
        order=1,
        analytic=False,
        domain=DISTINCT,
        name="unravel_index",
    ),
]
