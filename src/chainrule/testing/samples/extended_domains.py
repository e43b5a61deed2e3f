"""Samples of `np.emath`: functions that become complex where the real ones are not defined."""

import numpy as np

from chainrule.testing.sample import ALL, NONZERO, POSITIVE, UNIT, Sample

ONE = [(), (0,), (3,), (2, 3)]
ROOTS = (np.emath.sqrt, np.emath.log, np.emath.log2, np.emath.log10)
INVERSES = (np.emath.arcsin, np.emath.arccos, np.emath.arctanh)

SAMPLES = [
    *(Sample(f, shapes=ONE, domain=POSITIVE, dtypes=ALL, name=f"emath_{f.__name__}") for f in ROOTS),
    *(Sample(f, shapes=ONE, domain=UNIT, dtypes=ALL, name=f"emath_{f.__name__}") for f in INVERSES),
    *(
        Sample(
            lambda x, f=f: f(-2.0 - x), shapes=ONE, domain=POSITIVE, analytic=False, name=f"emath_{f.__name__}_outside"
        )
        for f in ROOTS + INVERSES
    ),
    Sample(
        lambda x, n: np.emath.logn(n, x),
        shapes=[((3,), (3,)), ((), ())],
        domain=NONZERO,
        analytic=False,
        name="emath_logn",
    ),
    Sample(
        lambda x: (np.emath.power(-x, 2.5), np.emath.power(x, -2), np.emath.power([2, 4], -2) * x[:2]),
        shapes=[(3,)],
        domain=POSITIVE,
        analytic=False,
        name="emath_power",
    ),
]
