"""Samples of the keyword arguments of ufuncs: results written to arrays, places left out, dtypes prescribed."""

import numpy as np

from chainrule.testing.sample import ALL, BETWEEN_INTEGERS, FLOATS, NONZERO, POSITIVE, UNIT, Sample

SHAPES = [(3,), (2, 3), (0,)]
CONDITION = np.array([True, False, True])
COLUMN = np.array([[True], [False]])


def out_keyword(x):
    """Results in arrays that are given by keyword, alone and in a tuple."""
    y = np.empty_like(x)
    np.sin(x, out=y)
    np.multiply(y, x, out=(y,))
    z = np.add(y, 1.0, out=np.zeros(x.shape, dtype=x.dtype))
    return y, z


def out_positional(x):
    """Results in arrays that are given by position."""
    y = np.zeros_like(x)
    np.exp(x, y)
    np.add(x, y, y)
    return y


def out_is_returned(x):
    """What comes back is the array that was given."""
    y = np.zeros_like(x)
    z = np.cos(x, out=y)
    z *= 2
    return y


def out_part(x):
    """Results in part of an array."""
    y = np.zeros((2, *x.shape), dtype=x.dtype)
    np.square(x, out=y[1])
    np.add(y[1], x, out=y[0, ...])
    return y


def out_broadcast(x):
    """Results in an array with more axes than the operands."""
    y = np.zeros((2, *x.shape), dtype=x.dtype)
    np.multiply(x, x, out=y)
    return y


def out_operand(x):
    """A result in the array of an operand, of which another name is a view."""
    y = x * 1
    view = y[::-1]
    np.exp(y, out=y)
    np.subtract(y, view, out=y)
    return y * view


def out_other_dtype(x):
    """A result in an array of a wider dtype, and in one of integers."""
    wide = np.zeros(x.shape, dtype=np.complex128)
    np.multiply(x, 2, out=wide)
    whole = np.zeros(x.shape, dtype=int)
    np.floor(x, out=whole, casting="unsafe")
    return wide * whole


def several_out(x):
    """Two results, both, one or none of them in given arrays."""
    a, b = np.zeros_like(x), np.zeros_like(x)
    np.modf(x, out=(a, b))
    c, d = np.modf(x * 2, out=(None, b))
    np.divmod(x, 2.0, a)
    return a + b, c * d


def where_with_out(x):
    """Places that are left out keep what was there."""
    y = x * 0.5
    np.exp(x, out=y, where=CONDITION)
    np.add(y, x, out=y, where=x > 0)
    return y


def where_not_defined(x):
    """Where a function is not defined nothing is computed, and nothing warns."""
    y = np.zeros_like(x)
    np.log(x, out=y, where=x > 0)
    np.divide(1.0, x - 1.5, out=y, where=x > 2)
    np.sqrt(x, out=y, where=x > 0.5)
    return y


def where_column(x):
    """A condition that broadcasts the result."""
    y = np.ones((2, *x.shape), dtype=x.dtype)
    np.multiply(x, x, out=y, where=COLUMN if x.ndim == 1 else True)
    return y


SAMPLES = [
    Sample(out_keyword, shapes=SHAPES, dtypes=ALL, protocols=False),
    Sample(out_positional, shapes=SHAPES, dtypes=ALL, protocols=False),
    Sample(out_is_returned, shapes=SHAPES, dtypes=ALL, protocols=False),
    Sample(out_part, shapes=SHAPES, dtypes=ALL, protocols=False),
    Sample(out_broadcast, shapes=SHAPES, dtypes=ALL, protocols=False),
    Sample(out_operand, shapes=[(3,), (4, 2)], dtypes=ALL),
    Sample(out_other_dtype, shapes=SHAPES, domain=BETWEEN_INTEGERS, analytic=False, protocols=False),
    Sample(several_out, shapes=SHAPES, domain=BETWEEN_INTEGERS, analytic=False, protocols=False),
    Sample(where_with_out, shapes=[(3,), (2, 3)], domain=NONZERO, special=(), analytic=False),
    Sample(where_not_defined, shapes=[(3,), (2, 3), (0,)], domain=NONZERO, analytic=False, protocols=False),
    Sample(where_column, shapes=[(3,)], dtypes=ALL, protocols=False),
    Sample(lambda x: np.sin(x, out=None, where=True), shapes=[(), (3,)], dtypes=ALL, name="no_out"),
    Sample(
        lambda x: (np.add(x, 1, dtype=np.float32), np.multiply(x, x, dtype="f4", casting="same_kind")),
        shapes=[(), (3,)],
        dtypes=FLOATS,
        order=0,
        name="dtype_single",
    ),
    Sample(
        lambda x: (np.sin(x, dtype=np.float64), np.add(x, x, signature="dd->d"), np.exp(x, sig=("d", "d"))),
        shapes=[(), (3,), (0,)],
        dtypes=FLOATS,
        name="dtype_double",
        analytic=False,
    ),
    Sample(
        lambda x: np.sqrt(x, dtype=complex) * np.add(x, 1, signature=(None, None, np.dtype(complex))),
        shapes=[(), (3,)],
        domain=NONZERO,
        name="dtype_complex",
        analytic=False,
    ),
    Sample(
        lambda x: np.multiply(x, 2.5, order="F", subok=False, casting="same_kind") + np.arcsin(x, order="K"),
        shapes=[(), (2, 3)],
        domain=UNIT,
        dtypes=ALL,
        name="arguments_about_memory",
    ),
    Sample(lambda x: np.add(x, 1, dtype=int, casting="unsafe"), shapes=[(3,)], order=0, name="dtype_integer"),
    Sample(lambda x: np.power(x, x, out=...), shapes=[(3,), (2, 2)], domain=POSITIVE, name="out_ellipsis"),
]
