"""Samples of the logistic function and its kin."""

from typing import Any

import numpy as np
import scipy.special

from chainrule.testing.sample import Domain, Sample

# SciPy does not say the types of its functions.
special: Any = scipy.special

ONE = [(), (0,), (3,), (2, 3)]
SPECIAL = [0.0, 20.0, -20.0, 700.0, -700.0, np.inf, -np.inf, np.nan]
PROBABILITY = Domain(lambda rng, shape: rng.uniform(0.05, 0.95, size=shape))

SAMPLES = [
    Sample(special.expit, shapes=ONE, special=SPECIAL, analytic=False),
    Sample(special.log_expit, shapes=ONE, special=SPECIAL, analytic=False),
    Sample(special.logit, shapes=ONE, domain=PROBABILITY, special=[0.0, 0.5, 1.0, 1e-300, 2.0, np.nan], analytic=False),
]
