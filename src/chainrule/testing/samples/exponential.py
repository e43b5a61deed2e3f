"""Samples of exponentials, logarithms and roots."""

import numpy as np

from chainrule.testing.sample import ALL, NONZERO, POSITIVE, Sample

ONE = [(), (0,), (3,), (2, 3)]
PAIRS = [((), ()), ((0,), (0,)), ((3,), (3,)), ((2, 3), (3,)), ((2, 1), (1, 3)), ((), (3,))]
SPECIAL = [0.0, -0.0, 1.0, -1.0, 5e-324, 700.0, -800.0, 1e300, np.inf, -np.inf, np.nan]
FEW = [0.0, -800.0, 1e10, np.inf, -np.inf, np.nan]

SAMPLES = [
    Sample(np.exp, shapes=ONE, dtypes=ALL, special=SPECIAL),
    Sample(np.exp2, shapes=ONE, dtypes=ALL, special=SPECIAL),
    Sample(np.expm1, shapes=ONE, dtypes=ALL, special=SPECIAL),
    Sample(np.log, shapes=ONE, domain=POSITIVE, dtypes=ALL, special=SPECIAL),
    Sample(np.log2, shapes=ONE, domain=POSITIVE, dtypes=ALL, special=SPECIAL),
    Sample(np.log10, shapes=ONE, domain=POSITIVE, dtypes=ALL, special=SPECIAL),
    Sample(np.log1p, shapes=ONE, domain=POSITIVE, dtypes=ALL, special=SPECIAL),
    Sample(np.sqrt, shapes=ONE, domain=POSITIVE, dtypes=ALL, special=SPECIAL),
    Sample(np.cbrt, shapes=ONE, domain=NONZERO, special=SPECIAL, analytic=False),
    Sample(np.logaddexp, shapes=PAIRS, special=FEW, analytic=False),
    Sample(np.logaddexp2, shapes=PAIRS, special=FEW, analytic=False),
]
