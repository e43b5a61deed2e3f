"""Samples of choices between arrays, element by element."""

import numpy as np

from chainrule.testing.sample import NONZERO, Sample

SAMPLES = [
    Sample(
        lambda x, y: np.where(x > 0, x * y, np.exp(x)),
        shapes=[((), ()), ((3,), (3,)), ((2, 3), (3,)), ((0,), (0,))],
        domain=NONZERO,
        special=[0.0, 1.0, np.nan, np.inf],
        name="where",
    ),
]
