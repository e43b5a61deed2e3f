"""Samples of writes into arrays, which share no rule with the functions that read."""

import numpy as np

from chainrule.testing.domains import DISTINCT, REAL
from chainrule.testing.sample import ALL, Sample

DOUBLE = (np.dtype(np.float64),)
ROWS = np.array([2, 0, 2, -1])
MASK = np.array([True, False, True])


def written(write, shapes, *, dtypes=DOUBLE, order=1, **kwargs):
    """The array that is left when a function has written to a copy of the first operand."""

    def result(x, *others):
        y = x.copy()
        write(y, *others)
        return y

    return Sample(
        result,
        shapes=shapes,
        domain=kwargs.pop("domain", REAL),
        dtypes=dtypes,
        order=order,
        protocols=False,
        **kwargs,
    )


def element(y, v):
    y[1] = v


def part(y, v):
    y[1:] = v


def strided(y, v):
    y[::-2, 1] = v


def broadcast(y, v):
    y[...] = v


def rows(y, v):
    y[ROWS] = v


def columns(y, v):
    y[:, ROWS] = v


def crossed(y, v):
    y[[0, 2], :, [1, 1]] = v


def masked(y, v):
    y[MASK] = v


def compared(y, v):
    y[y > 0] = v


def added_to_rows(y, v):
    y[ROWS] += v


def multiplied_in_part(y, v):
    y[1:] *= v


def through_transpose(y, v):
    y.T[1] = v


def through_reshape(y, v):
    y.reshape(-1)[1:4] = v


def through_row(y, v):
    row = y[1]
    row[1:] = v
    row[0] = row[-1] * 2


def through_flat(y, v):
    y.flat[1:5] = v


def through_flat_in_cycles(y, v):
    y.flat = v


def overlapping(y):
    y[1:] = y[:-1]
    y[...] = y[::-1]


def accumulated(y):
    for k in range(1, len(y)):
        y[k] += 0.5 * y[k - 1]


def from_list(y, v):
    y[:2] = [v[0], 3.0]


def real_part(y, v):
    y.real = v.imag


def imaginary_part(y, v):
    y.imag[1:] += v.real


def filled(y, v):
    y.fill(v)


SAMPLES = [
    written(element, [((3,), ()), ((3, 2), (2,))], dtypes=ALL, order=2, name="y[1] ="),
    written(part, [((3,), (2,)), ((3, 2), ()), ((3, 2), (1, 2)), ((3,), (1, 2))], dtypes=ALL, order=2, name="y[1:] ="),
    written(strided, [((3, 2), (2,)), ((3, 2), ())], name="y[::-2, 1] ="),
    written(broadcast, [((3, 2), (2,)), ((3, 2), ()), ((2,), (1, 2))], dtypes=ALL, name="y[...] ="),
    written(rows, [((3,), (4,)), ((3, 2), (2,)), ((3, 2), ())], dtypes=ALL, order=2, name="y[rows] ="),
    written(columns, [((2, 3), (2, 4)), ((2, 3), (2, 1)), ((2, 3), ())], name="y[:, rows] ="),
    written(crossed, [((3, 2, 2), (2, 2)), ((3, 2, 2), (2, 1))], name="y[list, :, list] ="),
    written(masked, [((3,), (2,)), ((3, 2), (2,)), ((3,), ())], dtypes=ALL, name="y[mask] ="),
    written(compared, [((3, 2), ())], analytic=False, name="y[y > 0] ="),
    written(added_to_rows, [((3,), (4,)), ((3, 2), ())], name="y[rows] +="),
    written(multiplied_in_part, [((3,), (2,)), ((3, 2), ())], dtypes=ALL, order=2, name="y[1:] *="),
    written(through_transpose, [((3, 2), (3,)), ((3, 2), ())], name="y.T[1] ="),
    written(through_reshape, [((3, 2), (3,)), ((3, 2), ())], name="y.reshape ="),
    written(through_row, [((2, 3), (2,)), ((2, 3), ())], name="row[1:] ="),
    written(through_flat, [((2, 3), (4,)), ((2, 3), (2,)), ((2, 3), ())], name="y.flat[1:5] ="),
    written(through_flat_in_cycles, [((2, 3), (2,)), ((2, 3), ())], name="y.flat ="),
    written(overlapping, [((4,),), ((4, 2),)], dtypes=ALL, name="y[1:] = y[:-1]"),
    written(accumulated, [((4,),), ((4, 2),)], name="y[k] += y[k - 1]"),
    written(from_list, [((3,), (1,))], name="y[:2] = list"),
    written(real_part, [((3,), (3,))], dtypes=(np.dtype(np.complex128),), analytic=False, name="y.real ="),
    written(imaginary_part, [((3,), (2,))], dtypes=(np.dtype(np.complex128),), analytic=False, name="y.imag +="),
    written(filled, [((3, 2), ())], name="fill"),
    written(lambda y, v: np.copyto(y, v), [((3, 2), (2,))], name="copyto"),
    written(lambda y, v: np.copyto(y, v, where=MASK), [((2, 3), (3,)), ((2, 3), ())], name="copyto where"),
    written(lambda y, v: np.put(y, [0, -2], v), [((2, 3), (2,)), ((2, 3), ())], name="put"),
    written(lambda y, v: y.put([7, -8], v, mode="wrap"), [((2, 3), (2,))], name="put wrap"),
    written(lambda y, v: np.put(y, [7, -8], v, mode="clip"), [((2, 3), (2,))], name="put clip"),
    written(
        lambda y, v: np.put_along_axis(y, np.argmax(y, axis=1, keepdims=True), v, axis=1),
        [((2, 3), (2, 1)), ((2, 3), ())],
        domain=DISTINCT,
        analytic=False,
        name="put_along_axis",
    ),
    written(lambda y, v: np.putmask(y, MASK, v), [((3,), (3,)), ((3,), (2,)), ((3,), ())], name="putmask"),
    written(lambda y, v: np.place(y, MASK, v), [((3,), (2,)), ((3,), (1,))], name="place"),
    written(lambda y, v: np.fill_diagonal(y, v), [((3, 2), ()), ((3, 3), (3,)), ((2, 2, 2), ())], name="fill_diagonal"),
    written(lambda y, v: np.fill_diagonal(y, v, wrap=True), [((5, 2), ())], name="fill_diagonal wrap"),
]
