"""Samples of hyperbolic functions and their inverses."""

import numpy as np

from chainrule.testing.sample import ABOVE_ONE, ALL, UNIT, Sample

ONE = [(), (0,), (3,), (2, 3)]
SPECIAL = [0.0, -0.0, 1.0, -1.0, 5e-324, 190.0, -800.0, 1e300, np.inf, -np.inf, np.nan]

SAMPLES = [
    Sample(np.sinh, shapes=ONE, dtypes=ALL, special=SPECIAL),
    Sample(np.cosh, shapes=ONE, dtypes=ALL, special=SPECIAL),
    Sample(np.tanh, shapes=ONE, domain=UNIT, dtypes=ALL, special=SPECIAL),
    Sample(np.arcsinh, shapes=ONE, domain=UNIT, dtypes=ALL, special=SPECIAL),
    Sample(np.arccosh, shapes=ONE, domain=ABOVE_ONE, dtypes=ALL, special=SPECIAL),
    Sample(np.arctanh, shapes=ONE, domain=UNIT, dtypes=ALL, special=SPECIAL),
]
