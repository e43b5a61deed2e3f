"""Samples of running sums and products."""

import numpy as np

from chainrule.testing.sample import ALL, Sample

BASIC = [(), (0,), (1,), (5,), (2, 3), (2, 0)]
SPECIAL = [0.0, 1.0, np.nan, np.inf]


def with_nan(x):
    y = x.copy()
    y[..., 1] = np.nan
    return y


def into_out(running):
    def written(x):
        out = np.zeros_like(x)
        running(x, axis=0, out=out)
        return out * x

    return written


def with_zeros(x):
    return np.cumprod(x * np.array([1.0, 0.0, 1.0, 1.0, 0.0, 1.0], x.dtype)) + np.cumprod(x)


SAMPLES = [
    Sample(np.cumsum, shapes=BASIC, dtypes=ALL, special=SPECIAL, name="cumsum"),
    Sample(lambda x: np.cumsum(x, axis=0), shapes=[(), (3,), (2, 3), (0, 3)], dtypes=ALL, name="cumsum axis"),
    Sample(lambda x: np.cumsum(x, axis=-2), shapes=[(2, 3, 2)], name="cumsum inner axis"),
    Sample(lambda x: np.cumsum(x, dtype=np.float64), shapes=[(5,)], analytic=False, name="cumsum dtype"),
    Sample(into_out(np.cumsum), shapes=[(2, 3)], name="cumsum out"),
    Sample(lambda x: x.cumsum() + x.ravel().cumsum(0), shapes=[(2, 3)], name="cumsum method"),
    Sample(np.cumprod, shapes=BASIC, dtypes=ALL, special=SPECIAL, name="cumprod"),
    Sample(
        lambda x: np.cumprod(x, axis=0), shapes=[(), (3,), (4, 3), (4, 20), (0, 3)], dtypes=ALL, name="cumprod axis"
    ),
    Sample(lambda x: np.cumprod(x, axis=-2), shapes=[(2, 3, 2)], name="cumprod inner axis"),
    Sample(lambda x: np.cumprod(x, dtype=np.float64), shapes=[(5,)], analytic=False, name="cumprod dtype"),
    Sample(into_out(np.cumprod), shapes=[(2, 3)], name="cumprod out"),
    Sample(lambda x: x.cumprod(-1), shapes=[(2, 3)], name="cumprod method"),
    Sample(with_zeros, shapes=[(6,)], name="cumprod with zeros"),
    Sample(lambda x: np.nancumsum(with_nan(x)), shapes=[(3,), (2, 3)], dtypes=ALL, name="nancumsum"),
    Sample(lambda x: np.nancumsum(with_nan(x), axis=-1), shapes=[(2, 3)], name="nancumsum axis"),
    Sample(lambda x: np.nancumprod(with_nan(x)), shapes=[(3,), (2, 3)], dtypes=ALL, name="nancumprod"),
    Sample(
        lambda x: np.nancumprod(with_nan(x), axis=0, dtype=np.float64),
        shapes=[(2, 3)],
        analytic=False,
        name="nancumprod axis",
    ),
    Sample(np.cumulative_sum, shapes=[(0,), (1,), (4,)], dtypes=ALL, name="cumulative_sum"),
    Sample(
        lambda x: np.cumulative_sum(x, axis=-1, include_initial=True),
        shapes=[(3,), (2, 3), (2, 0)],
        dtypes=ALL,
        name="cumulative_sum initial",
    ),
    Sample(np.cumulative_prod, shapes=[(0,), (1,), (4,)], dtypes=ALL, name="cumulative_prod"),
    Sample(
        lambda x: np.cumulative_prod(x, axis=0, include_initial=True),
        shapes=[(3,), (2, 3), (0, 2)],
        dtypes=ALL,
        name="cumulative_prod initial",
    ),
]
