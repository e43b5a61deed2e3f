"""Samples of the gamma function and what is made of it."""

from typing import Any

import numpy as np
import scipy.special
import scipy.stats

from chainrule.api.products import jvp
from chainrule.testing.sample import POSITIVE, Domain, Sample

# SciPy does not say the types of its functions.
special: Any = scipy.special
stats: Any = scipy.stats

ONE = [(), (0,), (3,), (2, 3)]
PAIRS = [((), ()), ((3,), (3,)), ((2, 3), (3,)), ((2, 1), (1, 3))]
SPECIAL = [1.0, 0.5, 2.0, 1e-300, 30.0, 170.0, 1e10, 0.0, -1.0, -2.5, np.inf, np.nan]
FEW = [1.0, 2.5, 1e-10, 1e10, np.inf, np.nan]
BETWEEN_POLES = Domain(lambda rng, shape: rng.integers(-4, 3, size=shape) + rng.uniform(0.2, 0.8, size=shape))
LARGE = Domain(lambda rng, shape: rng.uniform(3.0, 6.0, size=shape))
# All but one of three numbers that add up to 1.
PARTS = Domain(lambda rng, shape: rng.uniform(0.1, 0.4, size=shape))


def dirichlet_logarithm(x, a):
    """The logarithm of Dirichlet's density."""
    return stats.dirichlet.logpdf(x, a)


SAMPLES = [
    Sample(special.gamma, shapes=ONE, domain=BETWEEN_POLES, special=SPECIAL, analytic=False),
    Sample(special.gammaln, shapes=ONE, domain=BETWEEN_POLES, special=SPECIAL, analytic=False),
    Sample(special.loggamma, shapes=ONE, domain=POSITIVE, special=SPECIAL),
    Sample(special.rgamma, shapes=ONE, domain=BETWEEN_POLES, special=SPECIAL, analytic=False),
    Sample(special.digamma, shapes=ONE, domain=POSITIVE, special=SPECIAL, analytic=False),
    Sample(special.gammasgn, shapes=ONE, domain=BETWEEN_POLES, order=0),
    *(
        Sample(getattr(special, name), shapes=PAIRS, domain=POSITIVE, special=FEW, analytic=False)
        for name in ("beta", "betaln", "poch")
    ),
    Sample(
        dirichlet_logarithm,
        shapes=[((2,), (3,)), ((2, 4), (3,))],
        domain=(PARTS, POSITIVE),
        analytic=False,
        exact=False,
        protocols=False,
    ),
    Sample(special.binom, shapes=PAIRS, domain=(LARGE, POSITIVE), analytic=False),
    Sample(
        lambda x: special.polygamma(2, x),
        shapes=ONE,
        domain=POSITIVE,
        name="polygamma",
        analytic=False,
        protocols=False,
    ),
    Sample(
        lambda x: special.polygamma(np.array([[0], [1], [3]]), x),
        shapes=[(3,)],
        domain=POSITIVE,
        dtypes=[np.float64],
        name="polygamma of several orders",
        analytic=False,
        protocols=False,
    ),
    Sample(lambda q: special.zeta(2.5, q), shapes=ONE, domain=POSITIVE, name="zeta", analytic=False, protocols=False),
    Sample(
        lambda a, b: jvp(lambda a: special.betaln(a, b), (a,), (np.ones_like(a),))[1],
        shapes=[((), ()), ((3,), (3,))],
        domain=POSITIVE,
        name="derivative of betaln",
        analytic=False,
        protocols=False,
    ),
    Sample(
        lambda a: special.multigammaln(a, 3),
        shapes=[(), (3,)],
        domain=LARGE,
        name="multigammaln",
        analytic=False,
        exact=False,
        protocols=False,
    ),
]
