"""Samples of norms and condition numbers."""

from typing import Any

import numpy as np

from chainrule.testing.sample import ALL, DISTINCT, NONZERO, WELL_CONDITIONED, Sample

# NumPy's type information does not know all arguments.
linalg: Any = np.linalg

INFINITE = np.inf
VECTORS = [(4,), (1,)]
MATRICES = [(3, 3), (4, 2), (2, 3)]

SAMPLES = [
    Sample(
        np.linalg.norm,
        shapes=[(), (3,), (2, 3), (2, 3, 2), (0,)],
        domain=NONZERO,
        dtypes=ALL,
        analytic=False,
        name="norm",
    ),
    *(
        Sample(
            lambda x, order=order: linalg.norm(x, order),
            shapes=VECTORS,
            domain=DISTINCT,
            dtypes=ALL,
            analytic=False,
            name=f"norm of vectors, order {order}",
        )
        for order in (None, 1, 2, 3, 2.5, 0.5, -1, -2.0, INFINITE, -INFINITE)
    ),
    *(
        Sample(
            lambda x, order=order: linalg.norm(x, order, axis=1, keepdims=True),
            shapes=[(2, 3, 2)],
            domain=DISTINCT,
            dtypes=ALL,
            analytic=False,
            name=f"norm along an axis, order {order}",
        )
        for order in (None, 1, 2, 3, INFINITE)
    ),
    Sample(
        lambda x: np.linalg.norm(x, 0) * x,
        shapes=[(3,)],
        domain=NONZERO,
        dtypes=ALL,
        analytic=False,
        name="norm of order 0",
    ),
    *(
        Sample(
            lambda x, order=order: linalg.norm(x, order),
            shapes=MATRICES,
            domain=DISTINCT,
            dtypes=ALL,
            analytic=False,
            name=f"norm of matrices, order {order}",
        )
        for order in ("fro", "f", "nuc", 1, -1, 2, -2, INFINITE, -INFINITE)
    ),
    *(
        Sample(
            lambda x, order=order: linalg.norm(x, order, axis=(-1, 0), keepdims=True) * linalg.norm(x, order, (0, 1)),
            shapes=[(3, 2, 2)],
            domain=DISTINCT,
            dtypes=ALL,
            analytic=False,
            name=f"norm along two axes, order {order}",
        )
        for order in (None, "fro", "nuc", 1, -1, 2, -2, INFINITE, -INFINITE)
    ),
    Sample(
        lambda x: linalg.norm(x, keepdims=True) * x,
        shapes=[(2, 3)],
        domain=NONZERO,
        analytic=False,
        name="norm keepdims",
    ),
    Sample(
        np.linalg.vector_norm, shapes=[(3,), (2, 3)], domain=NONZERO, dtypes=ALL, analytic=False, name="vector_norm"
    ),
    Sample(
        lambda x: (
            linalg.vector_norm(x, axis=(2, 0), ord=3, keepdims=True) + linalg.vector_norm(x, axis=1, ord=1)[:, None]
        ),
        shapes=[(2, 3, 2)],
        domain=NONZERO,
        dtypes=ALL,
        analytic=False,
        name="vector_norm along axes",
    ),
    Sample(
        lambda x: linalg.vector_norm(x, keepdims=True),
        shapes=[(2, 3)],
        domain=NONZERO,
        analytic=False,
        name="vector_norm keepdims",
    ),
    Sample(
        np.linalg.matrix_norm,
        shapes=[(2, 3), (2, 2, 3)],
        domain=NONZERO,
        dtypes=ALL,
        analytic=False,
        name="matrix_norm",
    ),
    Sample(
        lambda x: linalg.matrix_norm(x, keepdims=True, ord="nuc") * linalg.matrix_norm(x, ord=-2, keepdims=True),
        shapes=[(2, 2, 3)],
        domain=NONZERO,
        dtypes=ALL,
        analytic=False,
        name="matrix_norm by singular values",
    ),
    *(
        Sample(
            lambda x, order=order: linalg.cond(x, order),
            shapes=[(3, 3), (2, 2, 2)],
            domain=WELL_CONDITIONED,
            dtypes=ALL,
            analytic=False,
            name=f"cond, order {order}",
        )
        for order in (None, 2, -2, 1, -1, INFINITE, -INFINITE, "fro")
    ),
    Sample(np.linalg.cond, shapes=[(4, 2), (2, 3)], dtypes=ALL, analytic=False, name="cond of oblong matrices"),
    Sample(
        lambda x: x * linalg.matrix_rank(x) + x * linalg.matrix_rank(x, tol=0.5) + linalg.matrix_rank(x[0]),
        shapes=[(3, 3), (3, 2)],
        dtypes=ALL,
        analytic=False,
        name="matrix_rank",
    ),
]
