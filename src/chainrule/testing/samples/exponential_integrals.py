"""Samples of integrals of exponentials and their kin."""

from typing import Any

import numpy as np
import scipy.special

from chainrule.testing.sample import POSITIVE, REAL, Domain, Sample

# SciPy does not say the types of its functions.
special: Any = scipy.special

ONE = [(), (0,), (3,)]
PAIRS = [((), ()), ((3,), (3,)), ((2, 1), (3,))]
FAR = Domain(lambda rng, shape: rng.uniform(-1, 1, size=shape) + 3 * rng.choice([-1.0, 1.0], size=shape))
UNDER_ONE = Domain(lambda rng, shape: rng.uniform(-0.8, 0.8, size=shape))

SAMPLES = [
    *(
        Sample(getattr(special, name), shapes=ONE, domain=POSITIVE, analytic=False)
        for name in ("exp1", "expi", "sici", "spence")
    ),
    Sample(lambda x: special.expn([0, 1, 3], x), shapes=[(3,)], domain=POSITIVE, analytic=False, name="expn"),
    *(
        Sample(getattr(special, name), shapes=ONE, analytic=False, special=[0.0, -0.5, 1e-5, 3.0])
        for name in ("fresnel", "airy", "exprel")
    ),
    *(
        Sample(getattr(special, name), shapes=PAIRS, domain=(POSITIVE, REAL), analytic=False, special=[0.0, 1.0, 1e-9])
        for name in ("boxcox", "boxcox1p")
    ),
    Sample(
        lambda z: special.lambertw(z + 1.0),
        shapes=ONE,
        domain=POSITIVE,
        analytic=False,
        name="lambertw",
        protocols=False,
    ),
    Sample(
        lambda z: special.lambertw(z, -1),
        shapes=[(3,)],
        domain=POSITIVE,
        dtypes=(np.dtype(np.complex128),),
        name="lambertw on another branch",
        protocols=False,
        analytic=False,
    ),
    Sample(lambda r: special.huber(1.0, r), shapes=[(3,)], domain=FAR, analytic=False, name="huber far out"),
    Sample(special.huber, shapes=[((3,), (3,))], domain=(POSITIVE, UNDER_ONE), analytic=False, name="huber"),
    Sample(
        special.huber,
        shapes=[((2,), (2,))],
        domain=(Domain(lambda rng, shape: rng.uniform(0.2, 0.8, size=shape)), FAR),
        analytic=False,
        name="huber, linear",
    ),
    Sample(special.pseudo_huber, shapes=PAIRS, domain=(POSITIVE, REAL), analytic=False),
    Sample(lambda z: special.hyp0f1(1.5, z), shapes=[(3,)], analytic=False, name="hyp0f1"),
    Sample(lambda z: special.hyp1f1(0.7, 1.5, z), shapes=[(3,)], analytic=False, name="hyp1f1"),
    Sample(lambda z: special.hyp2f1(0.7, 1.2, 2.5, z), shapes=[(3,)], domain=UNDER_ONE, analytic=False, name="hyp2f1"),
]
