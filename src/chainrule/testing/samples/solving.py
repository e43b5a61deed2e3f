"""Samples of linear systems, inverses, determinants and powers of matrices."""

from typing import Any

import numpy as np

from chainrule.testing.sample import ALL, REAL, WELL_CONDITIONED, Sample

# NumPy's type information does not know all arguments.
linalg: Any = np.linalg

SQUARE = [(1, 1), (3, 3), (2, 3, 3), (0, 0), (0, 2, 2)]


def singular(rng: Any, shape: Any) -> Any:
    """Matrices of which two rows are equal."""
    a = rng.normal(size=shape)
    a[..., -1, :] = a[..., 0, :]
    return a


def doubly_singular(rng: Any, shape: Any) -> Any:
    """Matrices with a row of zeros, of which two other rows are equal."""
    a = singular(rng, shape)
    a[..., 1, :] = 0.0
    return a


def zeros(rng: Any, shape: Any) -> Any:
    """Matrices of zeros."""
    return np.zeros(shape)


def low_rank(a: Any) -> Any:
    """A 4 by 3 matrix of rank 2 whose entries vary smoothly while its rank stays."""
    return a @ np.array([[1.0, 0.5, -1.0], [0.0, 2.0, 1.0]])


def of_full_rank(a: Any, b: Any) -> Any:
    """All that lstsq returns but the rank."""
    x, residuals, _, values = np.linalg.lstsq(a, b)
    return x, residuals, values


SAMPLES = [
    Sample(
        np.linalg.solve,
        shapes=[
            ((3, 3), (3,)),
            ((3, 3), (3, 2)),
            ((2, 3, 3), (3, 2)),
            ((3, 3), (2, 3, 2)),
            ((2, 1, 3, 3), (4, 3, 2)),
            ((2, 3, 3), (3,)),
            ((0, 0), (0,)),
            ((0, 0), (0, 2)),
            ((3, 3), (3, 0)),
        ],
        domain=(WELL_CONDITIONED, REAL),
        dtypes=ALL,
        name="solve",
    ),
    Sample(
        lambda a: np.linalg.solve(a, np.arange(3)), shapes=[(3, 3)], domain=WELL_CONDITIONED, name="solve for integers"
    ),
    Sample(
        lambda b: np.linalg.solve([[2.0, 1.0], [0.0, 4.0]], b),
        shapes=[(2,), (2, 3)],
        dtypes=ALL,
        name="solve a constant system",
    ),
    Sample(np.linalg.inv, shapes=SQUARE, domain=WELL_CONDITIONED, dtypes=ALL, name="inv"),
    Sample(np.linalg.det, shapes=SQUARE, domain=WELL_CONDITIONED, dtypes=ALL, name="det"),
    Sample(
        np.linalg.det, shapes=[(3, 3), (4, 4), (2, 3, 3)], domain=singular, dtypes=ALL, name="det of singular matrices"
    ),
    Sample(
        lambda a: np.linalg.det(a) + np.sum(a),
        shapes=[(3, 3), (4, 4)],
        domain=doubly_singular,
        dtypes=ALL,
        name="det of rank n - 2",
    ),
    Sample(
        lambda a: np.linalg.det(a) + np.sum(a), shapes=[(1, 1), (2, 2)], domain=zeros, dtypes=ALL, name="det of zeros"
    ),
    Sample(lambda a: np.linalg.slogdet(a)[1], shapes=SQUARE, domain=WELL_CONDITIONED, analytic=False, name="slogdet"),
    Sample(
        np.linalg.slogdet,
        shapes=SQUARE,
        domain=WELL_CONDITIONED,
        dtypes=ALL,
        analytic=False,
        name="slogdet with its sign",
    ),
    Sample(
        np.linalg.pinv,
        shapes=[(3, 3), (4, 2), (2, 4), (2, 3, 2), (0, 2)],
        domain=WELL_CONDITIONED,
        dtypes=ALL,
        analytic=False,
        name="pinv",
    ),
    Sample(
        lambda a: np.linalg.pinv(low_rank(a), rtol=1e-10),
        shapes=[(4, 2)],
        dtypes=ALL,
        analytic=False,
        exact=False,
        name="pinv of low rank",
    ),
    Sample(
        lambda a: np.linalg.pinv(a + np.diag([8.0, 5.0, 0.1]), rcond=0.2),
        shapes=[(3, 3)],
        domain=lambda rng, shape: rng.uniform(-0.3, 0.3, size=shape),
        dtypes=ALL,
        analytic=False,
        name="pinv that truncates",
    ),
    Sample(
        lambda a: np.linalg.pinv(a[:, :2] + np.diag([8.0, 5.0, 0.1])[:, :2], rcond=0.7),
        shapes=[(3, 3)],
        domain=lambda rng, shape: rng.uniform(-0.3, 0.3, size=shape),
        dtypes=ALL,
        analytic=False,
        name="pinv that truncates a tall matrix",
    ),
    Sample(
        lambda a: linalg.pinv(a, hermitian=True) + linalg.pinv(a, rtol=None),
        shapes=[(3, 3)],
        domain=WELL_CONDITIONED,
        dtypes=ALL,
        analytic=False,
        name="pinv of Hermitian matrices",
    ),
    Sample(
        of_full_rank,
        shapes=[((4, 2), (4,)), ((4, 2), (4, 3)), ((2, 4), (2, 3)), ((3, 3), (3, 2)), ((4, 2), (4, 0)), ((3, 0), (3,))],
        dtypes=ALL,
        analytic=False,
        name="lstsq",
    ),
    Sample(
        lambda a, b: np.linalg.lstsq(low_rank(a), b, rcond=1e-10)[0],
        shapes=[((4, 2), (4,)), ((4, 2), (4, 2))],
        dtypes=ALL,
        analytic=False,
        exact=False,
        name="lstsq of low rank",
    ),
    Sample(
        lambda a, b: np.linalg.lstsq(a + np.diag([8.0, 5.0, 0.1]), b, rcond=0.2)[0],
        shapes=[((3, 3), (3,)), ((3, 3), (3, 2))],
        domain=lambda rng, shape: rng.uniform(-0.3, 0.3, size=shape),
        dtypes=ALL,
        analytic=False,
        name="lstsq that truncates",
    ),
    *(
        Sample(
            lambda a, n=n: linalg.matrix_power(a, n),
            shapes=[(2, 2), (2, 3, 3), (0, 0)],
            domain=WELL_CONDITIONED,
            dtypes=ALL,
            name=f"matrix_power {n}",
        )
        for n in (-3, -1, 1, 2, 3, 6)
    ),
    Sample(lambda a: np.linalg.matrix_power(a, 0) * a, shapes=[(2, 2)], name="matrix_power 0"),
    Sample(np.linalg.tensorinv, shapes=[(2, 3, 2, 3), (4, 1, 2, 2)], dtypes=ALL, name="tensorinv"),
    Sample(lambda a: np.linalg.tensorinv(a, ind=1), shapes=[(4, 2, 2)], name="tensorinv of one axis"),
    Sample(np.linalg.tensorsolve, shapes=[((2, 3, 6), (2, 3)), ((4, 2, 2), (4,))], dtypes=ALL, name="tensorsolve"),
    Sample(
        lambda a, b: np.linalg.tensorsolve(a, b, axes=(0, 2)),
        shapes=[((2, 6, 3), (6,))],
        name="tensorsolve axes",
    ),
]
