"""Samples of rounding, whose derivative is zero, and of the parts of a floating-point number."""

import numpy as np

from chainrule.testing.sample import BETWEEN_INTEGERS, COMPLEX, NONZERO, Sample

ONE = [(), (0,), (3,), (2, 3)]
SPECIAL = [0.0, -0.0, 0.5, -1.5, 2.5, 5e-324, 1e300, np.inf, -np.inf, np.nan]
EXPONENTS = np.array([2, -1, 0])

SAMPLES = [
    Sample(np.floor, shapes=ONE, domain=BETWEEN_INTEGERS, special=SPECIAL, analytic=False),
    Sample(np.ceil, shapes=ONE, domain=BETWEEN_INTEGERS, special=SPECIAL, analytic=False),
    Sample(np.trunc, shapes=ONE, domain=BETWEEN_INTEGERS, special=SPECIAL, analytic=False),
    Sample(np.rint, shapes=ONE, domain=BETWEEN_INTEGERS, special=SPECIAL, analytic=False, order=0),
    Sample(np.fix, shapes=ONE, domain=BETWEEN_INTEGERS, special=SPECIAL, analytic=False),
    Sample(np.round, shapes=ONE, special=SPECIAL, order=0),
    Sample(np.around, shapes=ONE, order=0),
    Sample(lambda z: np.round(z, 2), shapes=ONE, dtypes=COMPLEX, order=0, name="round_complex"),
    Sample(
        lambda x: (np.round(x, 2), np.round(x, decimals=-1), x.round(1)), shapes=ONE, order=0, name="round_decimals"
    ),
    Sample(
        lambda x: x * np.floor(x) + np.round(x, 1) * x,
        shapes=ONE,
        domain=BETWEEN_INTEGERS,
        analytic=False,
        name="steps_as_factors",
        order=0,
    ),
    Sample(
        lambda x: x * np.floor(x) - np.trunc(x), shapes=ONE, domain=BETWEEN_INTEGERS, analytic=False, name="sawtooth"
    ),
    Sample(np.modf, shapes=ONE, domain=BETWEEN_INTEGERS, special=SPECIAL, analytic=False),
    Sample(np.frexp, shapes=ONE, domain=NONZERO, special=SPECIAL, analytic=False),
    Sample(lambda x: np.ldexp(x, 3), shapes=ONE, special=SPECIAL, analytic=False, name="ldexp"),
    Sample(lambda x: np.ldexp(x, EXPONENTS), shapes=[(), (3,), (2, 3)], analytic=False, name="ldexp_array"),
    Sample(np.spacing, shapes=ONE, domain=NONZERO, special=SPECIAL, order=0),
    Sample(
        lambda x: np.nextafter(x, 0.0), shapes=ONE, domain=NONZERO, special=SPECIAL, analytic=False, name="nextafter"
    ),
]
