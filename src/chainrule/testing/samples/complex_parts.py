"""Samples of the parts of complex numbers."""

import numpy as np

from chainrule.testing.sample import ALL, COMPLEX, NONZERO, Sample

ONE = [(), (0,), (3,), (2, 3)]
SPECIAL = [0.0, -0.0, 1.0, -2.0, 1e300, np.inf, -np.inf, np.nan]


def parts_written(z):
    """Real and imaginary part written on their own."""
    w = np.zeros(z.shape, dtype=z.dtype)
    w.real = z.imag
    w.imag[...] = z.real * 2
    w.real *= 3
    return w


def made_of_parts(x, y):
    """A complex number made of two real ones."""
    return np.exp((x + 1j * y) * 0.5)


SAMPLES = [
    Sample(np.real, shapes=ONE, dtypes=ALL, special=SPECIAL, analytic=False),
    Sample(np.imag, shapes=ONE, dtypes=ALL, special=SPECIAL, analytic=False),
    Sample(lambda z: (z.real, z.imag * z), shapes=ONE, dtypes=ALL, analytic=False, name="attributes"),
    Sample(np.conj, shapes=ONE, dtypes=ALL, special=SPECIAL, analytic=False),
    Sample(np.conjugate, shapes=[(3,)], dtypes=COMPLEX, analytic=False),
    Sample(lambda z: (z.conj() * z, z.conjugate()), shapes=ONE, dtypes=ALL, analytic=False, name="conj_method"),
    Sample(np.angle, shapes=ONE, domain=NONZERO, dtypes=ALL, special=SPECIAL, analytic=False),
    Sample(
        lambda z: np.angle(z, deg=True), shapes=ONE, domain=NONZERO, dtypes=ALL, analytic=False, name="angle_degrees"
    ),
    Sample(
        lambda z: np.abs(z) ** 2 + np.absolute(z),
        shapes=ONE,
        domain=NONZERO,
        dtypes=ALL,
        analytic=False,
        name="modulus",
    ),
    Sample(
        lambda z: np.sign(z) * 2,
        shapes=ONE,
        domain=NONZERO,
        dtypes=COMPLEX,
        special=SPECIAL,
        analytic=False,
        name="direction",
    ),
    Sample(lambda z: np.real_if_close(z), shapes=ONE, dtypes=ALL, analytic=False, name="real_if_close"),
    Sample(
        lambda z: np.real_if_close(z * 0.0 + np.real(z)),
        shapes=ONE,
        dtypes=COMPLEX,
        analytic=False,
        name="real_if_close_is",
    ),
    Sample(parts_written, shapes=[(3,), (2, 3)], dtypes=COMPLEX, analytic=False, protocols=False),
    Sample(made_of_parts, shapes=[((), ()), ((3,), (3,)), ((2, 1), (3,))], analytic=False),
]
