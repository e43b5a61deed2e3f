"""Samples of differences, gradients, interpolation, convolution and integration."""

import numpy as np

from chainrule.testing.domains import INCREASING, POSITIVE, REAL, UNIT
from chainrule.testing.sample import ALL, COMPLEX, Sample

DOUBLE = (np.dtype(np.float64),)
PLACES = np.array([0.0, 0.3, 1.0, 1.2, 2.0])
KNOTS = np.array([-1.0, 0.0, 0.5, 2.0])
VALUES = np.array([1.0, -1.0, 2.0, 0.5])


def sampled(function, shapes, *, domain=REAL, dtypes=DOUBLE, **kwargs):
    return Sample(function, shapes=shapes, domain=domain, dtypes=dtypes, **kwargs)


SAMPLES = [
    sampled(np.diff, [(5,), (2, 3), (1,), (0,)], dtypes=ALL, order=1, name="diff"),
    sampled(lambda x: np.diff(x, n=2, axis=0), [(4, 2)], order=1, name="diff n"),
    sampled(lambda x: np.diff(x, n=0), [(3,)], order=1, name="diff none"),
    sampled(lambda x, y: np.diff(x, prepend=0.5, append=y), [((3,), (2,)), ((2, 3), ())], order=1, name="diff ends"),
    sampled(np.ediff1d, [(4,), (2, 3), (1,)], dtypes=ALL, order=1, name="ediff1d"),
    sampled(
        lambda x, y: np.ediff1d(x, to_begin=y, to_end=[1.0, 2.0]),
        [((4,), ()), ((4,), (2,))],
        order=1,
        name="ediff1d ends",
    ),
    sampled(np.gradient, [(5,), (3, 4), (2,)], dtypes=ALL, order=1, name="gradient"),
    sampled(
        lambda x: np.gradient(x, 0.5, edge_order=2), [(5,), (3, 4)], dtypes=ALL, order=1, name="gradient edge order"
    ),
    sampled(lambda x: np.gradient(x, 0.5, axis=1), [(3, 4)], order=1, name="gradient axis"),
    sampled(lambda x: np.gradient(x, 2.0, PLACES), [(3, 5)], dtypes=ALL, order=1, name="gradient places"),
    sampled(lambda x: np.gradient(x, PLACES, edge_order=2), [(5,)], order=1, name="gradient places edge order"),
    sampled(lambda x: np.gradient(x, PLACES, 1.0, axis=(1, 0)), [(3, 5)], order=1, name="gradient axes"),
    sampled(lambda x: np.gradient(x, np.arange(5.0)), [(5,)], order=1, name="gradient even places"),
    sampled(
        lambda x, h: np.gradient(x, h), [((5,), ()), ((3, 4), ())], domain=POSITIVE, name="gradient traced spacing"
    ),
    sampled(
        lambda x, h: np.gradient(x, h, edge_order=2),
        [((5,), ()), ((5,), (5,))],
        domain=(REAL, INCREASING),
        name="gradient traced places",
    ),
    sampled(
        lambda h: np.gradient(PLACES**2, h), [(5,)], domain=INCREASING, analytic=False, name="gradient of constants"
    ),
    sampled(np.trapezoid, [(5,), (3, 4), (1,)], dtypes=ALL, order=1, name="trapezoid"),
    sampled(lambda y: np.trapezoid(y, dx=0.1, axis=0), [(3, 4)], order=1, name="trapezoid dx"),
    sampled(lambda y, x: np.trapezoid(y, x), [((5,), (5,)), ((3, 4), (4,)), ((3, 4), (3, 4))], name="trapezoid x"),
    sampled(lambda y, dx: np.trapezoid(y, dx=dx), [((5,), ()), ((3, 4), (3,))], name="trapezoid traced dx"),
    sampled(lambda y, x: np.trapezoid(y, x, axis=0), [((3, 4), (3,))], name="trapezoid axis"),
    sampled(lambda x: np.unwrap(5 * x), [(6,), (2, 5)], order=1, analytic=False, name="unwrap"),
    sampled(lambda x: np.unwrap(5 * x, discont=4.0, axis=0), [(5, 2)], order=1, analytic=False, name="unwrap discont"),
    sampled(
        lambda x, p: np.unwrap(5 * x, period=p),
        [((6,), ())],
        domain=(REAL, POSITIVE),
        order=1,
        analytic=False,
        name="unwrap period",
    ),
    sampled(
        lambda x: np.interp(x, KNOTS, VALUES),
        [(), (5,), (2, 3), (0,)],
        special=[-1.0, 0.5, 2.0, 3.0, np.nan, np.inf],
        analytic=False,
        name="interp",
    ),
    sampled(
        lambda x: np.interp(x, KNOTS, VALUES, left=-5.0, right=x[0]),
        [(5,)],
        order=1,
        analytic=False,
        name="interp ends",
    ),
    sampled(
        lambda x: np.interp(x, KNOTS, VALUES, period=2.5), [(), (5,)], order=1, analytic=False, name="interp period"
    ),
    sampled(
        lambda fp: np.interp([-2.0, 0.0, 0.7, 2.0, 9.0], KNOTS, fp), [(4,)], order=1, dtypes=ALL, name="interp values"
    ),
    sampled(
        lambda x, xp, fp: np.interp(x, xp, fp),
        [((4,), (5,), (5,)), ((), (2,), (2,))],
        domain=(POSITIVE, INCREASING, REAL),
        analytic=False,
        name="interp all",
    ),
    sampled(
        lambda xp, fp: np.interp(1.3, xp, fp, period=3),
        [((4,), (4,))],
        domain=(INCREASING, REAL),
        analytic=False,
        order=1,
        name="interp traced period",
    ),
    sampled(lambda fp: np.interp(0.3, [0.0], fp), [(1,)], order=1, name="interp one knot"),
    sampled(np.convolve, [((5,), (3,)), ((3,), (5,)), ((1,), (4,)), ((), (2,))], dtypes=ALL, name="convolve"),
    sampled(
        lambda a, v: np.convolve(a, v, "same"),
        [((5,), (3,)), ((4,), (4,)), ((5,), (2,))],
        dtypes=ALL,
        name="convolve same",
    ),
    sampled(
        lambda a, v: np.convolve(a, v, mode="valid"), [((5,), (3,)), ((3,), (5,))], dtypes=ALL, name="convolve valid"
    ),
    sampled(lambda a: np.convolve(a, [1.0, 2.0, 0.5]), [(5,)], dtypes=ALL, order=1, name="convolve constants"),
    sampled(np.correlate, [((5,), (3,)), ((3,), (5,))], analytic=False, name="correlate"),
    sampled(
        lambda a, v: np.correlate(a, v, "full"), [((5,), (3,)), ((3,), (5,))], analytic=False, name="correlate full"
    ),
    sampled(
        lambda a, v: np.correlate(a, v, "same"), [((5,), (3,)), ((3,), (4,))], analytic=False, name="correlate same"
    ),
    sampled(
        lambda a, v: np.correlate(a, v, "full"),
        [((4,), (2,))],
        dtypes=COMPLEX,
        analytic=False,
        name="correlate complex",
    ),
    sampled(lambda x: np.correlate(x, x, "full"), [(4,)], domain=UNIT, analytic=False, name="autocorrelation"),
]
