"""Samples of the incomplete gamma and beta functions."""

from typing import Any

import numpy as np
import scipy.special

from chainrule.testing.sample import NONZERO, POSITIVE, Domain, Sample

# SciPy does not say the types of its functions.
special: Any = scipy.special

PAIRS = [((), ()), ((3,), (3,)), ((2, 3), (3,))]
TRIPLES = [((), (), ()), ((3,), (3,), (3,)), ((2, 3), (3,), ())]
PROBABILITY = Domain(lambda rng, shape: rng.uniform(0.2, 0.8, size=shape))

SAMPLES = [
    Sample(special.stdtr, shapes=PAIRS, domain=(POSITIVE, NONZERO), analytic=False),
    Sample(special.stdtrit, shapes=PAIRS, domain=(POSITIVE, PROBABILITY), analytic=False),
    *(
        Sample(getattr(special, name), shapes=PAIRS, domain=POSITIVE, special=[0.0, 1.0, 2.5, 100.0], analytic=False)
        for name in ("gammainc", "gammaincc")
    ),
    *(
        Sample(getattr(special, name), shapes=PAIRS, domain=(POSITIVE, PROBABILITY), analytic=False)
        for name in ("gammaincinv", "gammainccinv")
    ),
    *(
        Sample(getattr(special, name), shapes=TRIPLES, domain=(POSITIVE, POSITIVE, PROBABILITY), analytic=False)
        for name in ("betainc", "betaincc", "betaincinv")
    ),
    *(
        Sample(
            getattr(special, name),
            shapes=[((3,),) * count],
            domain=POSITIVE,
            dtypes=(np.dtype(np.float64),),
            analytic=False,
            exact=False,
        )
        for count, names in ((2, ("chdtr", "chdtrc")), (3, ("gdtr", "gdtrc", "fdtr", "fdtrc")))
        for name in names
    ),
    Sample(
        lambda m: (special.pdtr(3, m), special.pdtrc(2, m)),
        shapes=[(3,)],
        domain=POSITIVE,
        analytic=False,
        exact=False,
        name="pdtr",
    ),
]
