"""Samples of complete elliptic integrals."""

from typing import Any

import scipy.special

from chainrule.testing.sample import UNIT, Domain, Sample

# SciPy does not say the types of its functions.
special: Any = scipy.special

POSITIVE_UNIT = Domain(lambda rng, shape: rng.uniform(0.05, 1.5, size=shape))

SAMPLES = [
    *(
        Sample(getattr(special, name), shapes=[(), (0,), (3,)], domain=UNIT, analytic=False, special=[0.0, -3.0, 0.99])
        for name in ("ellipk", "ellipe")
    ),
    Sample(special.ellipkm1, shapes=[(), (3,)], domain=POSITIVE_UNIT, analytic=False, special=[1.0, 1e-300, 0.5]),
]
