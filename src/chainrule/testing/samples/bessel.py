"""Samples of Bessel functions, also of those that go by other names."""

from typing import Any

import numpy as np
import scipy.special

from chainrule.testing.sample import ALL, POSITIVE, REAL, Sample

# SciPy does not say the types of its functions.
special: Any = scipy.special

ONE = [(), (0,), (3,), (2, 3)]


def of_order(function: Any, order: Any) -> Any:
    """A function of its argument alone."""
    return lambda x: function(order, x)


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
    *(
        Sample(getattr(special, name), shapes=ONE, domain=domain, analytic=False, special=[1.0, 30.0, np.nan])
        for names, domain in (("j0 j1 i0 i1 i0e i1e", REAL), ("y0 y1 k0 k1 k0e k1e", POSITIVE))
        for name in names.split()
    ),
    *(
        Sample(of_order(getattr(special, name), order), shapes=[(3,)], domain=POSITIVE, name=name, analytic=False)
        for name, order in (("jv", 1.5), ("yv", 0.7), ("iv", 2.5), ("kv", 1.2), ("ive", 0.5), ("kve", 1.3))
    ),
    *(
        Sample(
            of_order(getattr(special, name), np.arange(3)), shapes=[(3,)], domain=POSITIVE, name=name, analytic=False
        )
        for name in ("yn", "kn")
    ),
    *(
        Sample(
            getattr(special, name),
            shapes=[((3,), (3,)), ((), (2,))],
            domain=POSITIVE,
            name=f"{name} in its order",
            analytic=False,
        )
        for name in ("kv", "kve")
    ),
    Sample(of_order(special.jv, 2.0), shapes=[(3,)], dtypes=ALL, name="jv of complex numbers", analytic=False),
    *(
        Sample(
            of_order(getattr(special, name), 1.5),
            shapes=[(3,)],
            domain=POSITIVE,
            dtypes=(np.dtype(np.complex128),),
            name=name,
            analytic=False,
        )
        for name in ("hankel1", "hankel2")
    ),
]
