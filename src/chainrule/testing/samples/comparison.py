"""Samples of comparisons, logic and tests of elements: what carries no derivative, and what is chosen by it."""

import numpy as np

from chainrule.testing.sample import ALL, COMPLEX, NONZERO, Sample

ONE = [(), (0,), (3,), (2, 3)]
PAIRS = [((), ()), ((0,), (0,)), ((3,), (3,)), ((2, 3), (3,)), ((2, 1), (1, 3)), ((), (3,))]
SPECIAL = [0.0, -0.0, 1.0, np.inf, -np.inf, np.nan]

SAMPLES = [
    *(
        Sample(function, shapes=PAIRS, dtypes=ALL, special=SPECIAL, order=0)
        for function in (
            np.equal,
            np.not_equal,
            np.less,
            np.less_equal,
            np.greater,
            np.greater_equal,
            np.logical_and,
            np.logical_or,
            np.logical_xor,
        )
    ),
    *(
        Sample(function, shapes=ONE, dtypes=ALL, special=SPECIAL, order=0)
        for function in (np.logical_not, np.isnan, np.isinf, np.isfinite, np.iscomplex, np.isreal)
    ),
    *(Sample(function, shapes=ONE, special=SPECIAL, order=0) for function in (np.signbit, np.isposinf, np.isneginf)),
    Sample(
        lambda x, y: (x == y, x != y, x < y, x <= y, x > y, x >= y),
        shapes=PAIRS,
        special=SPECIAL,
        order=0,
        name="comparison_operators",
    ),
    Sample(
        lambda x, zero=0: (x > 0, zero < x, x == 1, zero != x, zero >= x),
        shapes=ONE,
        special=SPECIAL,
        order=0,
        name="comparison_with_numbers",
    ),
    Sample(
        lambda x: ((x > 0) & (x < 1), (x < 0) | (x > 1), ~(x > 0), (x > 0) ^ (x > 1)),
        shapes=ONE,
        special=SPECIAL,
        order=0,
        name="logic_operators",
    ),
    Sample(
        lambda x: (np.isclose(x, x + 1e-9), np.isclose(x, 1.0, atol=0.5), np.isclose(x, x, equal_nan=True)),
        shapes=ONE,
        special=SPECIAL,
        order=0,
        name="isclose",
    ),
    Sample(
        lambda x: (x > 0) * x + (x < 0.5) * x**2,
        shapes=ONE,
        domain=NONZERO,
        analytic=False,
        name="comparison_as_factor",
    ),
    Sample(lambda z: np.isclose(z, z + 1e-9j), shapes=ONE, dtypes=COMPLEX, order=0, name="isclose_complex"),
    Sample(lambda x: np.bitwise_and((x * 8).astype(int), 6) << 1, shapes=ONE, domain=NONZERO, order=0, name="bits"),
    Sample(
        lambda x: np.bitwise_count(np.bitwise_or((x * 8).astype(int) >> 1, 5) ^ 3),
        shapes=ONE,
        domain=NONZERO,
        order=0,
        name="counted_bits",
    ),
    Sample(
        lambda x: np.gcd((x * 8).astype(int), 6) + np.lcm((x * 4).astype(int), 3),
        shapes=ONE,
        domain=NONZERO,
        order=0,
        name="divisors",
    ),
]
