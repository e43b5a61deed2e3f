"""Samples of `np.pad` in all its modes."""

import numpy as np

from chainrule.testing.domains import DISTINCT, REAL
from chainrule.testing.sample import ALL, Sample

DOUBLE = (np.dtype(np.float64),)


def padded(mode, width, shapes, *, domain=REAL, order=1, dtypes=DOUBLE, name="", exact=True, analytic=True, **kwargs):
    return Sample(
        lambda x: np.pad(x, width, mode, **kwargs),
        shapes=shapes,
        domain=domain,
        dtypes=dtypes,
        order=order,
        exact=exact,
        analytic=analytic,
        name=f"pad {mode} {name}".strip(),
    )


def framed(vector, width, axis, kwargs):
    """A padding function as users write them: it fills in a vector in place."""
    first, last = width
    if first:
        vector[:first] = 2 * vector[first]
    if last:
        vector[-last:] = kwargs.get("factor", 1) * vector[-last - 1]


SAMPLES = [
    Sample(lambda x: np.pad(x, 1), shapes=[(3,), (2, 3), (0,)], dtypes=ALL, name="pad"),
    padded("constant", ((1, 2), (0, 3)), [(2, 3), (0, 2)], constant_values=3.0),
    padded("constant", (1, 2), [(2, 3)], constant_values=((1.0, 2.0), (3.0, 4.0)), name="pairs"),
    padded("constant", 2, [(2, 3)], constant_values=(1.0, 2.0), name="pair"),
    padded("constant", {-1: 2, 0: (1, 0)}, [(2, 3)], name="by axis"),
    Sample(
        lambda x, y: np.pad(x, 2, constant_values=y), shapes=[((3,), ()), ((2, 2), (2,))], name="pad traced constants"
    ),
    padded("edge", ((1, 2), (0, 3)), [(2, 3), (1, 2)]),
    padded("wrap", 7, [(3,), (2, 3)]),
    padded("wrap", (0, 2), [(3,)], name="after"),
    padded("reflect", 2, [(3,), (4, 3), (1,)]),
    padded("reflect", (9, 4), [(3,)], name="far"),
    padded("reflect", 2, [(3,), (4, 3), (1,)], reflect_type="odd", name="odd"),
    padded("reflect", (9, 4), [(3,)], reflect_type="odd", name="odd far"),
    padded("symmetric", (2, 3), [(3,), (4, 3)]),
    padded("symmetric", (2, 8), [(3,)], name="far"),
    padded("symmetric", 2, [(3,), (4, 3)], reflect_type="odd", name="odd"),
    padded("symmetric", (7, 8), [(3,)], reflect_type="odd", name="odd far"),
    padded("linear_ramp", (2, 3), [(3,), (2, 3)]),
    padded("linear_ramp", 2, [(2, 3)], end_values=(1.0, -2.0), dtypes=ALL, name="end values"),
    Sample(lambda x, y: np.pad(x, 2, "linear_ramp", end_values=y), shapes=[((3,), ())], name="pad traced end values"),
    padded("mean", 2, [(3,), (2, 3)], exact=False),
    padded("mean", (1, 2), [(5,)], stat_length=(2, 3), exact=False, name="stat length"),
    padded("maximum", 2, [(3,), (2, 3)], domain=DISTINCT, analytic=False),
    padded("minimum", (1, 2), [(5,)], domain=DISTINCT, analytic=False, stat_length=2, name="stat length"),
    padded("median", 2, [(3,), (2, 4)], domain=DISTINCT, analytic=False),
    padded("median", 1, [(5,)], domain=DISTINCT, analytic=False, stat_length=((3, 2),), name="stat length"),
    Sample(lambda x: np.pad(x, 2, framed), shapes=[(3,), (2, 3)], dtypes=DOUBLE, name="pad function", protocols=False),
    Sample(
        lambda x: np.pad(x, ((0, 1),), framed, factor=3),
        shapes=[(3,)],
        dtypes=DOUBLE,
        name="pad function factor",
        protocols=False,
    ),
]
