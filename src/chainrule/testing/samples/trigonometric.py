"""Samples of circular functions and their inverses."""

from typing import Any

import numpy as np
import scipy.special

from chainrule.testing.sample import ALL, NONZERO, UNIT, Sample

# SciPy does not say the types of its functions.
special: Any = scipy.special

ONE = [(), (0,), (3,), (2, 3)]
PAIRS = [((), ()), ((0,), (0,)), ((3,), (3,)), ((2, 3), (3,)), ((2, 1), (1, 3)), ((), (3,))]
SPECIAL = [0.0, -0.0, 1.0, -1.0, 5e-324, 1e5, 1e300, np.inf, -np.inf, np.nan]
FEW = [0.0, -0.0, -1.0, 1e200, np.inf, -np.inf, np.nan]

SAMPLES = [
    Sample(np.sin, shapes=ONE, dtypes=ALL, special=SPECIAL),
    Sample(np.cos, shapes=ONE, dtypes=ALL, special=SPECIAL),
    Sample(np.tan, shapes=ONE, domain=UNIT, dtypes=ALL, special=SPECIAL),
    Sample(np.arcsin, shapes=ONE, domain=UNIT, dtypes=ALL, special=SPECIAL),
    Sample(np.arccos, shapes=ONE, domain=UNIT, dtypes=ALL, special=SPECIAL),
    Sample(np.arctan, shapes=ONE, domain=UNIT, dtypes=ALL, special=SPECIAL),
    Sample(np.arctan2, shapes=PAIRS, domain=NONZERO, special=FEW, analytic=False),
    Sample(np.hypot, shapes=PAIRS, domain=NONZERO, special=FEW, analytic=False),
    Sample(np.degrees, shapes=ONE, special=SPECIAL, analytic=False),
    Sample(np.rad2deg, shapes=ONE, special=SPECIAL, analytic=False),
    Sample(np.radians, shapes=ONE, special=SPECIAL, analytic=False),
    Sample(np.deg2rad, shapes=ONE, special=SPECIAL, analytic=False),
    *(
        Sample(getattr(special, name), shapes=[(), (3,)], special=[0.0, 30.0, 180.0, 1e-10, np.nan], analytic=False)
        for name in ("cosm1", "sindg", "cosdg", "tandg")
    ),
]
