"""Samples of conversions between dtypes."""

import numpy as np

from chainrule.testing.sample import ALL, BETWEEN_INTEGERS, COMPLEX, Sample

ONE = [(), (0,), (3,), (2, 3)]
F32, F64, C128 = np.dtype(np.float32), np.dtype(np.float64), np.dtype(np.complex128)

SAMPLES = [
    Sample(lambda x: x.astype(np.float64) * 2, shapes=ONE, name="to_double", analytic=False),
    Sample(lambda x: x.astype(np.float32), shapes=ONE, dtypes=[F32], name="to_single", analytic=False),
    Sample(lambda x: x.astype(np.complex128) * (1 + 2j), shapes=ONE, dtypes=ALL, name="to_complex", analytic=False),
    Sample(lambda x: x.astype(complex), shapes=ONE, name="to_python_complex", analytic=False),
    Sample(
        lambda z: z.real.astype(np.float64) + z.imag, shapes=ONE, dtypes=COMPLEX, name="from_complex", analytic=False
    ),
    Sample(
        lambda x: (x.astype(int), x.astype(np.int8), x.astype(bool)),
        shapes=ONE,
        domain=BETWEEN_INTEGERS,
        order=0,
        name="to_integers",
    ),
    Sample(lambda x: x.astype(int) * x, shapes=ONE, domain=BETWEEN_INTEGERS, analytic=False, name="integer_as_factor"),
    Sample(
        lambda x: x.astype(x.dtype, copy=False) + x.astype("f8", casting="same_kind"),
        shapes=ONE,
        analytic=False,
        name="astype_options",
    ),
]
