"""Samples of arrays made inside functions, from traced numbers and beside traced arrays."""

import numpy as np

from chainrule.testing.domains import NONZERO, POSITIVE, REAL
from chainrule.testing.sample import ALL, COMPLEX, Sample

SINGLE = (np.dtype(np.float32),)
DOUBLE = (np.dtype(np.float64),)


def made(function, shapes, *, dtypes=DOUBLE, order=1, domain=REAL, **kwargs):
    return Sample(function, shapes=shapes, domain=domain, dtypes=dtypes, order=order, protocols=False, **kwargs)


SAMPLES = [
    made(lambda x: np.array([x[0], 2.0, x[1] * x[0]]), [(2,)], dtypes=ALL, order=2, name="array"),
    made(lambda x: np.array([[x[0], 1], [0, x[1]]]), [(2,), (2, 3)][:1], dtypes=ALL, name="array nested"),
    made(lambda x: np.array([x, [1.0, 2.0, 3.0]]), [(3,)], name="array of arrays"),
    made(lambda x: np.array([x, 2 * x], dtype=np.complex128), [(3,), ()], analytic=False, name="array dtype"),
    made(lambda x: np.array(x, ndmin=3), [(), (2,)], name="array ndmin"),
    made(lambda x: np.array(x) * np.asarray(x) + np.asanyarray(x), [(), (2, 3)], order=2, name="asarray"),
    made(lambda x: np.asarray([x[0], x[1]], dtype=complex), [(2,)], analytic=False, name="asarray dtype"),
    made(lambda x: np.ascontiguousarray(x.T) + np.asfortranarray(x.T), [(), (2, 3)], name="ascontiguousarray"),
    made(lambda x: np.asarray_chkfinite(x), [(2, 3)], name="asarray_chkfinite"),
    made(lambda x: np.require(x, requirements=["C", "W"]), [(2, 3)], name="require"),
    made(lambda x: np.copy(x) + x.copy() + np.copy(x, order="F"), [(2, 3), (3,)], name="copy"),
    made(lambda x: x.astype(np.float64), [(), (3,)], dtypes=SINGLE, analytic=False, name="astype"),
    made(lambda x: np.astype(x, np.complex128), [(3,)], analytic=False, name="astype function"),
    made(lambda x: np.full((2, 3), x), [(), (3,), (2, 1)], dtypes=ALL, name="full"),
    made(lambda x: np.full(2, x, dtype=complex), [()], analytic=False, name="full dtype"),
    made(lambda x: np.full_like(np.ones((2, 3)), x), [(), (3,)], analytic=False, name="full_like"),
    made(
        lambda x: x * np.full_like(x, 2.5) + np.zeros_like(x) + np.ones_like(x), [(), (2, 3)], dtypes=ALL, name="like"
    ),
    made(
        lambda x: x * np.ones(3) + np.zeros((2, 3)) + np.eye(3)[:2] - np.arange(3), [(3,)], dtypes=ALL, name="constants"
    ),
    made(lambda x: np.fromfunction(lambda i, j: x * i + j, (2, 3)), [()], name="fromfunction"),
    made(lambda x: np.fromiter((v * v for v in x), float), [(3,)], order=2, analytic=False, name="fromiter"),
    made(lambda x, y: np.linspace(x, y), [((), ())], name="linspace"),
    made(
        lambda x, y: np.linspace(x, y, 5, axis=-1), [((2,), (2,)), ((2, 1), (3,))], dtypes=ALL, name="linspace arrays"
    ),
    made(lambda x: np.linspace(0, x, 4, endpoint=False), [(), (2,)], dtypes=ALL, name="linspace without end"),
    made(lambda x: np.linspace(x, 1.0, 4, retstep=True), [(), (2,)], name="linspace retstep"),
    made(lambda x: np.linspace(x, 1.0, 1), [()], name="linspace of one"),
    made(lambda x: np.linspace(x, x, 3), [()], name="linspace without length"),
    made(lambda x, y: np.logspace(x, y, 4), [((), ()), ((2,), ())], order=2, name="logspace"),
    made(
        lambda x, y: np.logspace(x, 1, 3, base=y), [((), ()), ((), (2,))], domain=(REAL, POSITIVE), name="logspace base"
    ),
    made(lambda x, y: np.geomspace(x, y, 4), [((), ()), ((2,), ())], domain=POSITIVE, order=2, name="geomspace"),
    made(lambda x: np.geomspace(-x, -4.0, 3, endpoint=False), [()], domain=POSITIVE, name="geomspace negative"),
    made(
        lambda x, y: np.geomspace(x, y, 3, axis=-1),
        [((2,), (2,))],
        domain=NONZERO,
        dtypes=COMPLEX[1:],
        exact=False,
        analytic=False,
        name="geomspace complex",
    ),
    made(lambda x: np.arange(x, x + 2, 0.5), [()], analytic=False, name="arange"),
    made(lambda x: np.arange(0, 3.2, x), [()], domain=POSITIVE, analytic=False, name="arange step"),
    made(lambda x, y: np.meshgrid(x, y), [((2,), (3,)), ((), (2,))], name="meshgrid"),
    made(lambda x, y: np.meshgrid(x, [1.0, 2.0], y, indexing="ij"), [((2,), (3,))], name="meshgrid ij"),
    made(lambda x, y: np.meshgrid(x, y, sparse=True), [((2,), (3,))], name="meshgrid sparse"),
    made(lambda x, y: np.meshgrid(x, y, copy=False), [((2,), (3,))], name="meshgrid views"),
    made(lambda x: np.r_[x, 0, x[0], np.ones(2)], [(2,)], dtypes=ALL, name="r_"),
    made(lambda x: np.r_["0,2", x, x * x] * np.r_["-1,2,0", x, x], [(2,)], order=2, name="r_ directive"),
    made(lambda x: np.r_[0 : x[0] : 3j, x], [(2,)], name="r_ slice"),
    made(lambda x: np.c_[x, 2 * x, np.arange(3.0)], [(3,), (3, 2)], name="c_"),
    made(lambda x: np.mgrid[0:x:3j, 0:2], [()], name="mgrid"),
    made(lambda x: np.ogrid[x : x + 1 : 0.4, 0:1:3j], [()], analytic=False, name="ogrid"),
    made(lambda x: np.mgrid[0:x:4j], [()], name="mgrid of one"),
]
