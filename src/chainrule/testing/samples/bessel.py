"""Samples of functions that are Bessel functions under other names."""

import numpy as np

from chainrule.testing.sample import ALL, Sample

ONE = [(), (0,), (3,), (2, 3)]

SAMPLES = [
    Sample(np.sinc, shapes=ONE, dtypes=ALL, special=[0.0, 1.0, 1e-200, 1e300, np.inf, np.nan]),
    Sample(np.i0, shapes=ONE, special=[0.0, 1.0, 8.0, 20.0, np.inf, np.nan], analytic=False),
    Sample(
        lambda beta: np.kaiser(5, beta),
        shapes=[()],
        analytic=False,
        protocols=False,
        name="kaiser",
    ),
    Sample(lambda beta: np.kaiser(1, beta) * beta, shapes=[()], protocols=False, name="kaiser of one point"),
]
