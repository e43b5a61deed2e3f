"""Samples of the methods of ufuncs: reduce, accumulate, reduceat, outer, at."""

import numpy as np

from chainrule.testing.sample import ALL, DISTINCT, NONZERO, POSITIVE, REAL, Sample

MATRIX = [(3,), (2, 3), (2, 3, 2)]
EMPTY = [(0,), (0, 3), (2, 0)]
CONDITION = np.array([True, False, True])


def at_add(x, y):
    """Sums at repeated places."""
    z = x * 1
    np.add.at(z, [0, 2, 0, -1], y)
    np.subtract.at(z, ([1, 1],), x[:2])
    return z


def at_multiply(x, y):
    """Products at repeated places, one after the other."""
    z = x * 1
    np.multiply.at(z, [0, 1, 0, 0], y)
    np.divide.at(z, np.array([2, 2]), 1.5)
    return z


def at_one_operand(x):
    """A function of one operand, applied as often as a place is named."""
    z = x * 1
    np.sin.at(z, [0, 1, 0])
    np.negative.at(z, CONDITION)
    np.square.at(z, slice(0, 2))
    return z


def at_rows(x, y):
    """Rows, pairs of indices, and broadcast operands."""
    z = x * 1
    np.add.at(z, [0, 1, 0], y)
    np.multiply.at(z, (slice(None), [0, 2, 0]), y[:2])
    np.subtract.at(z, ([0, 1, 1], [2, 0, 0]), 0.5)
    np.maximum.at(z, (0, [0, 0]), y[1:].T[0])
    return z


def at_view(x, y):
    """Through a view, and in the order of a transposed one."""
    z = x * 1
    np.add.at(z[1:], [0, 0], y)
    np.multiply.at(z[::-1], [0, 1, 0], 2.0)
    return z


SAMPLES = [
    # reduce
    Sample(np.add.reduce, shapes=[*MATRIX, *EMPTY], dtypes=ALL, name="add_reduce"),
    Sample(
        lambda x: (
            np.add.reduce(x, axis=1),
            np.add.reduce(x, axis=(0, 1), keepdims=True),
            np.add.reduce(x, axis=None, initial=2.0),
            np.add.reduce(x, -1, None, None, True, 1.0, CONDITION),
        ),
        shapes=[(2, 3), (0, 3)],
        dtypes=ALL,
        name="add_reduce_arguments",
    ),
    Sample(np.multiply.reduce, shapes=[*MATRIX, *EMPTY], dtypes=ALL, name="multiply_reduce"),
    Sample(
        lambda x: (np.multiply.reduce(x, axis=None), np.multiply.reduce(x, axis=1, initial=3, where=CONDITION)),
        shapes=[(2, 3)],
        dtypes=ALL,
        name="multiply_reduce_arguments",
    ),
    Sample(
        lambda x: (np.maximum.reduce(x), np.minimum.reduce(x, axis=None), np.maximum.reduce(x, axis=-1, keepdims=True)),
        shapes=MATRIX,
        domain=DISTINCT,
        analytic=False,
        name="extreme_reduce",
    ),
    Sample(
        lambda x: (np.fmax.reduce(x), np.fmin.reduce(x, axis=-1), np.fmax.reduce(x, axis=None, initial=0.75)),
        shapes=MATRIX,
        domain=DISTINCT,
        analytic=False,
        name="fmax_reduce",
    ),
    Sample(
        lambda x: (np.logaddexp.reduce(x), np.logaddexp.reduce(x, axis=-1, keepdims=True), np.logaddexp2.reduce(x)),
        shapes=MATRIX,
        analytic=False,
        name="logaddexp_reduce",
    ),
    Sample(
        lambda x: (
            np.logaddexp.reduce(x, axis=1, where=CONDITION),
            np.logaddexp2.reduce(x, axis=1, initial=0.5),
            np.logaddexp.reduce(x, axis=1, initial=-1.0, where=CONDITION),
        ),
        shapes=[(2, 3)],
        analytic=False,
        name="logaddexp_reduce_arguments",
    ),
    Sample(
        lambda x: np.logaddexp.reduce(x, axis=None), shapes=[(2, 3)], analytic=False, exact=False, name="logaddexp_all"
    ),
    Sample(
        lambda x: (
            np.subtract.reduce(x),
            np.divide.reduce(x, axis=-1),
            np.float_power.reduce(x, axis=0, keepdims=True),
        ),
        shapes=MATRIX,
        domain=POSITIVE,
        name="ordered_reduce",
    ),
    Sample(
        lambda x: (np.hypot.reduce(x), np.hypot.reduce(x, axis=-1), np.copysign.reduce(x)),
        shapes=MATRIX,
        domain=NONZERO,
        analytic=False,
        name="geometric_reduce",
    ),
    Sample(
        lambda x: (np.logical_and.reduce(x > 0), np.logical_or.reduce(x, axis=-1), np.logical_xor.reduce(x > 0)),
        shapes=MATRIX,
        order=0,
        name="logical_reduce",
    ),
    Sample(
        lambda x: np.add.reduce(x, dtype=np.float64) + np.multiply.reduce(x, dtype=np.complex128),
        shapes=[(3,), (2, 3)],
        name="reduce_dtype",
        analytic=False,
    ),
    # accumulate
    Sample(np.add.accumulate, shapes=[*MATRIX, *EMPTY], dtypes=ALL, name="add_accumulate"),
    Sample(lambda x: np.add.accumulate(x, axis=1), shapes=[(2, 3), (2, 3, 2)], dtypes=ALL, name="add_accumulate_axis"),
    Sample(np.multiply.accumulate, shapes=[*MATRIX, *EMPTY], dtypes=ALL, name="multiply_accumulate"),
    Sample(
        lambda x: (np.maximum.accumulate(x), np.minimum.accumulate(x, axis=-1), np.fmax.accumulate(x)),
        shapes=[*MATRIX, (0, 2)],
        domain=DISTINCT,
        analytic=False,
        name="extreme_accumulate",
    ),
    Sample(
        lambda x: (np.subtract.accumulate(x), np.divide.accumulate(x, axis=-1), np.float_power.accumulate(x)),
        shapes=MATRIX,
        domain=POSITIVE,
        name="ordered_accumulate",
    ),
    Sample(
        lambda x: (np.logaddexp.accumulate(x), np.hypot.accumulate(x, axis=-1)),
        shapes=MATRIX,
        domain=NONZERO,
        analytic=False,
        name="other_accumulate",
    ),
    # reduceat
    Sample(
        lambda x: (np.add.reduceat(x, [0, 2, 1, 1]), np.add.reduceat(x, np.array([0, 1]), axis=-1)),
        shapes=[(4,), (4, 3)],
        dtypes=ALL,
        name="add_reduceat",
    ),
    Sample(
        lambda x: np.multiply.reduceat(x, [1, 3, 0]),
        shapes=[(4,), (4, 3)],
        dtypes=ALL,
        exact=False,
        name="multiply_reduceat",
    ),
    Sample(
        lambda x: (np.maximum.reduceat(x, [0, 3, 1]), np.logaddexp.reduceat(x, [0, 2]), np.hypot.reduceat(x, [1])),
        shapes=[(4,), (4, 3)],
        domain=DISTINCT,
        analytic=False,
        name="other_reduceat",
    ),
    # outer
    Sample(
        np.multiply.outer,
        shapes=[((3,), (2,)), ((2, 3), (2,)), ((), (3,)), ((3,), ()), ((0,), (2,))],
        dtypes=ALL,
        name="multiply_outer",
    ),
    Sample(
        lambda x, y: (np.subtract.outer(x, y), np.add.outer(y, x), np.power.outer(x, y), np.divide.outer(x, y)),
        shapes=[((3,), (2,)), ((2, 2), (3,)), ((), ())],
        domain=(POSITIVE, NONZERO),
        name="outer",
    ),
    Sample(
        lambda x: (np.add.outer(x, [1.0, 2.0]), np.multiply.outer(2, x), np.maximum.outer(x, np.arange(3) + 0.25)),
        shapes=[(3,), (2, 2), ()],
        domain=DISTINCT,
        analytic=False,
        name="outer_with_constants",
    ),
    # at
    Sample(at_add, shapes=[((3,), (4,)), ((4,), ())], dtypes=ALL),
    # Complex products of one number and of many differ in the last bit.
    Sample(at_multiply, shapes=[((3,), (4,)), ((4,), ())], dtypes=ALL, exact=False),
    Sample(at_one_operand, shapes=[(3,)], dtypes=ALL, exact=False),
    Sample(at_rows, shapes=[((2, 3), (3, 3))], domain=REAL, analytic=False),
    Sample(at_view, shapes=[((3,), (2,)), ((4, 2), (2, 2))], dtypes=ALL),
]
