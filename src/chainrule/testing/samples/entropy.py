"""Samples of x log x and its kin."""

from typing import Any

import numpy as np
import scipy.special

from chainrule.testing.sample import POSITIVE, REAL, Sample

# SciPy does not say the types of its functions.
special: Any = scipy.special

ONE = [(), (0,), (3,), (2, 3)]
PAIRS = [((), ()), ((3,), (3,)), ((2, 3), (3,)), ((2, 1), (1, 3))]
SPECIAL = [0.0, 1.0, -1.0, 1e-300, 1e10, np.inf, np.nan]

SAMPLES = [
    Sample(special.xlogy, shapes=PAIRS, domain=(REAL, POSITIVE), special=SPECIAL),
    Sample(special.xlog1py, shapes=PAIRS, domain=(REAL, POSITIVE), special=SPECIAL),
    Sample(special.entr, shapes=ONE, domain=POSITIVE, special=SPECIAL, analytic=False),
    Sample(special.rel_entr, shapes=PAIRS, domain=POSITIVE, special=SPECIAL, analytic=False),
    Sample(special.kl_div, shapes=PAIRS, domain=POSITIVE, special=SPECIAL, analytic=False),
]
