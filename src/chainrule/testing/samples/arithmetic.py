"""Samples of arithmetic: ufuncs, operators, in-place operators, and operands that are Python numbers."""

import numpy as np

from chainrule.testing.sample import ALL, BETWEEN_INTEGERS, COMPLEX, NONZERO, POSITIVE, REAL, Sample

ONE = [(), (0,), (3,), (2, 3)]
PAIRS = [
    ((), ()),
    ((0,), (0,)),
    ((3,), (3,)),
    ((2, 3), (3,)),
    ((2, 1), (1, 3)),
    ((), (3,)),
    ((2, 3), ()),
    ((0, 3), (1,)),
]
SPECIAL = [0.0, -0.0, 1.0, -1.5, 5e-324, 1e300, np.inf, -np.inf, np.nan]
FEW = [0.0, -0.0, -1.0, 2.5, np.inf, np.nan]

INTEGERS = np.array([1, -2, 3])
TRUTHS = np.array([True, False, True])
SINGLE = np.array([0.5, 1.5, -2.0], dtype=np.float32)
DOUBLE = np.array([0.5, 1.5, -2.0])


def in_place(x, y):
    """The four operators that assign."""
    z = x.copy()
    z += y
    z -= 2
    z *= x
    z /= 3.5
    return z


def in_place_power(x):
    """Powers that assign."""
    y = x * 1.0
    y **= 2
    y **= 3
    y **= 0.5
    return y


def in_place_remainder(x, y):
    """Remainder and floor division that assign."""
    z = x * 3.0
    z %= y
    w = x * 3.0
    w //= y
    return z + w


def through_a_view(x):
    """Operators that assign to parts of an array."""
    y = np.zeros_like(x)
    y[1:] += x[:-1] * 2
    y[::2] *= 3
    y[:1] -= x[-1:]
    return y


SAMPLES = [
    Sample(np.add, shapes=PAIRS, dtypes=ALL, special=FEW),
    Sample(np.subtract, shapes=PAIRS, dtypes=ALL, special=FEW),
    Sample(np.multiply, shapes=PAIRS, special=FEW),
    # NumPy multiplies complex scalars by another loop than arrays; the op has one for both.
    Sample(np.multiply, shapes=PAIRS, dtypes=COMPLEX, special=FEW, name="multiply_complex", exact=False),
    Sample(np.divide, shapes=PAIRS, domain=NONZERO, dtypes=ALL, special=FEW),
    Sample(np.true_divide, shapes=[((3,), (3,))], domain=NONZERO),
    Sample(np.negative, shapes=ONE, dtypes=ALL, special=SPECIAL),
    Sample(np.positive, shapes=ONE, dtypes=ALL, special=SPECIAL),
    Sample(np.reciprocal, shapes=ONE, domain=NONZERO, dtypes=ALL, special=SPECIAL),
    Sample(np.square, shapes=ONE, dtypes=ALL, special=SPECIAL),
    Sample(np.power, shapes=PAIRS, domain=(POSITIVE, REAL), special=FEW),
    Sample(np.power, shapes=PAIRS, domain=(POSITIVE, REAL), dtypes=COMPLEX, name="power_complex"),
    Sample(np.float_power, shapes=[((), ()), ((3,), (3,))], domain=(POSITIVE, REAL), dtypes=[np.float64], special=FEW),
    Sample(np.absolute, shapes=ONE, domain=NONZERO, dtypes=ALL, special=SPECIAL, analytic=False),
    Sample(abs, shapes=ONE, domain=NONZERO, dtypes=ALL, analytic=False),
    Sample(np.fabs, shapes=ONE, domain=NONZERO, special=SPECIAL, analytic=False),
    Sample(np.sign, shapes=ONE, domain=NONZERO, dtypes=ALL, special=SPECIAL, analytic=False),
    Sample(np.copysign, shapes=PAIRS, domain=NONZERO, special=FEW, analytic=False),
    Sample(
        np.remainder,
        shapes=PAIRS,
        domain=(BETWEEN_INTEGERS, lambda rng, s: np.full(s, 5.0)),
        special=FEW,
        analytic=False,
    ),
    Sample(np.mod, shapes=[((3,), (3,))], domain=(BETWEEN_INTEGERS, lambda rng, s: np.full(s, -1.0)), analytic=False),
    Sample(
        np.fmod, shapes=PAIRS, domain=(BETWEEN_INTEGERS, lambda rng, s: np.full(s, -1.0)), special=FEW, analytic=False
    ),
    Sample(
        np.floor_divide,
        shapes=PAIRS,
        domain=(BETWEEN_INTEGERS, lambda rng, s: np.full(s, 1.0)),
        special=FEW,
        analytic=False,
    ),
    Sample(
        np.divmod, shapes=PAIRS, domain=(BETWEEN_INTEGERS, lambda rng, s: np.full(s, 1.0)), special=FEW, analytic=False
    ),
    Sample(divmod, shapes=[((3,), (3,))], domain=(BETWEEN_INTEGERS, lambda rng, s: np.full(s, 1.0)), analytic=False),
    Sample(np.heaviside, shapes=PAIRS, domain=NONZERO, special=FEW, analytic=False),
    Sample(
        lambda h: np.heaviside(np.array([0.0, 1.0, -1.0]), h),
        shapes=[(), (3,)],
        dtypes=[np.float64],
        analytic=False,
        name="heaviside_at_zero",
    ),
    # Operators.
    Sample(lambda x, y: (x + y) * (x - y) / (y * y + 4.0), shapes=PAIRS, dtypes=ALL, special=FEW, name="operators"),
    Sample(lambda x: (-x, +x), shapes=ONE, dtypes=ALL, special=SPECIAL, name="signs"),
    Sample(
        lambda x: (x + 1, 1 + x, x - 2, 2 - x, x * 3, 3 * x, x / 4, 4 / x),
        shapes=ONE,
        domain=NONZERO,
        dtypes=ALL,
        special=SPECIAL,
        name="with_int",
    ),
    Sample(
        lambda x: (x + 1.5, 1.5 - x, x * 2.5, 2.5 / x),
        shapes=ONE,
        domain=NONZERO,
        dtypes=ALL,
        special=SPECIAL,
        name="with_float",
    ),
    Sample(
        lambda x: (x + 1j, (1 - 2j) * x, x / 2j, 1j / x),
        shapes=ONE[1:],
        domain=NONZERO,
        dtypes=ALL,
        name="with_complex",
        analytic=False,
    ),
    Sample(lambda x: (x + True, x * np.True_), shapes=ONE, name="with_bool"),
    Sample(
        lambda x: (x + INTEGERS, INTEGERS * x, x / INTEGERS, x**INTEGERS),
        shapes=[(), (3,), (2, 3)],
        domain=POSITIVE,
        name="with_integer_array",
    ),
    Sample(lambda x: (x * TRUTHS, TRUTHS + x), shapes=[(), (3,), (2, 3)], dtypes=ALL, name="with_boolean_array"),
    Sample(lambda x: (x * SINGLE, SINGLE - x), shapes=[(), (3,), (2, 3)], dtypes=ALL, name="with_single_array"),
    Sample(
        lambda x: (x * DOUBLE, DOUBLE / x),
        shapes=[(), (3,), (2, 3)],
        domain=NONZERO,
        dtypes=ALL,
        name="with_double_array",
    ),
    Sample(
        lambda x: (x * np.float32(0.5), x + np.float64(0.1), x * np.int8(3)),
        shapes=ONE,
        dtypes=ALL,
        name="with_numpy_scalars",
    ),
    Sample(lambda x: (x - [1.0, 2.0, 3.0], (1.0, 2.0, 3.0) * x), shapes=[(3,), (2, 3)], name="with_lists"),
    # Powers.
    Sample(lambda x: (x**0, x**1, x**2, x**3, x**7), shapes=ONE, dtypes=ALL, special=SPECIAL, name="integer_powers"),
    Sample(
        lambda x: (x**-1, x**-2, x**-3), shapes=ONE, domain=NONZERO, dtypes=ALL, special=SPECIAL, name="negative_powers"
    ),
    Sample(
        lambda x: (x**0.5, x**1.5, x**-0.5, x**0.3, x**2.0, x**1.0, x**0.0, x**-1.0),
        shapes=ONE,
        domain=POSITIVE,
        dtypes=ALL,
        special=SPECIAL,
        name="fractional_powers",
    ),
    Sample(lambda x: (2**x, 0.5**x, np.e**x), shapes=ONE, dtypes=ALL, special=SPECIAL, name="exponential_powers"),
    Sample(
        lambda x: ((-2.0) ** x, (1 + 1j) ** x, x ** (1 - 2j)),
        shapes=ONE,
        domain=POSITIVE,
        dtypes=COMPLEX,
        name="complex_powers",
    ),
    Sample(lambda x, y: x**y, shapes=PAIRS, domain=(POSITIVE, REAL), special=FEW, name="power_operator"),
    Sample(
        lambda x: (np.power(x, 2), np.power(x, -1.5), np.power(3, x), pow(x, 2)),
        shapes=ONE,
        domain=POSITIVE,
        special=SPECIAL,
        name="power_function",
    ),
    # In place.
    Sample(
        in_place,
        shapes=[((3,), (3,)), ((3,), ()), ((2, 3), (3,)), ((0,), (0,))],
        domain=NONZERO,
        dtypes=ALL,
        special=FEW,
    ),
    Sample(in_place_power, shapes=[(3,), (2, 3)], domain=POSITIVE, dtypes=ALL),
    Sample(
        in_place_remainder, shapes=[((3,), (3,))], domain=(POSITIVE, lambda rng, s: np.full(s, 20.0)), analytic=False
    ),
    Sample(through_a_view, shapes=[(3,), (4, 2)], dtypes=ALL, protocols=False),
]
