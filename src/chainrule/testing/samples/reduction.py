"""Samples of sums, means, products and extremes over axes."""

import numpy as np

from chainrule.testing.sample import ALL, Sample

SAMPLES = [
    Sample(np.sum, shapes=[(), (0,), (3,), (2, 3)], dtypes=ALL, special=[0.0, np.nan, np.inf]),
    Sample(lambda x: np.sum(x, axis=1, keepdims=True), shapes=[(2, 3), (2, 0), (2, 3, 2)], name="sum_keepdims"),
]
