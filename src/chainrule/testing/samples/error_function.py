"""Samples of the error function and its kin."""

from typing import Any

import numpy as np
import scipy.special

from chainrule.testing.sample import ALL, NEGATIVE, UNIT, Domain, Sample

# SciPy does not say the types of its functions.
special: Any = scipy.special

ONE = [(), (0,), (3,), (2, 3)]
SPECIAL = [0.0, -0.0, 1.0, -1.0, 6.0, -40.0, 1e-300, 1e10, np.inf, -np.inf, np.nan]
INSIDE = [0.5, 0.0, 1.0, 1e-10, 1e-300, np.nan]
PROBABILITY = Domain(lambda rng, shape: rng.uniform(0.05, 0.95, size=shape))
UPPER = Domain(lambda rng, shape: rng.normal(size=shape))

SAMPLES = [
    *(Sample(getattr(special, name), shapes=ONE, dtypes=ALL, special=SPECIAL) for name in ("erf", "erfc")),
    *(Sample(getattr(special, name), shapes=ONE, special=SPECIAL) for name in ("erfcx", "dawsn", "ndtr")),
    Sample(special.log_ndtr, shapes=ONE, special=SPECIAL, analytic=False),
    Sample(special.erfi, shapes=ONE, dtypes=ALL, special=[0.0, 1.0, -20.0, np.nan]),
    Sample(special.wofz, shapes=ONE, dtypes=(np.dtype(np.complex64), np.dtype(np.complex128))),
    Sample(special.erfinv, shapes=ONE, domain=UNIT, special=[0.0, 0.5, 1e-300, np.nan], analytic=False),
    Sample(special.erfcinv, shapes=ONE, domain=PROBABILITY, special=INSIDE, analytic=False),
    Sample(special.ndtri, shapes=ONE, domain=PROBABILITY, special=INSIDE, analytic=False),
    Sample(special.ndtri_exp, shapes=ONE, domain=NEGATIVE, special=[-1.0, -1e3, -1e-10], analytic=False),
    Sample(special.owens_t, shapes=[((3,), (3,)), ((2, 1), (3,))], domain=UPPER, analytic=False),
]
