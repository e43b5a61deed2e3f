"""Samples of the decompositions, spectra and structured matrices of `scipy.linalg`."""

from typing import Any

import numpy as np
import scipy.linalg

from chainrule.testing.sample import ALL, FLOATS, REAL, SPD, SYMMETRIC, WELL_CONDITIONED, Sample
from chainrule.testing.samples.factorization import ROTATING

# SciPy does not say the types of its functions.
linalg: Any = scipy.linalg

DOUBLE = (np.dtype(np.float64),)
COMPLEX = (np.dtype(np.complex128),)
BOTH = DOUBLE + COMPLEX
OPTIONS: Any = {"exact": False, "protocols": False, "analytic": False}
RECTANGULAR = [(3, 3), (4, 2), (2, 4)]


def contracting(rng: Any, shape: Any) -> Any:
    """Matrices of small entries."""
    return rng.uniform(-0.4, 0.4, size=shape)


def projections(found: Any) -> Any:
    """Eigenvalues, and what does not depend on the factor of each eigenvector: v vᴴ."""
    w, v = found
    return w, v[..., :, None, :] * v.conj()[..., None, :, :]


def named(function: Any, shapes: Any, name: str, domain: Any = WELL_CONDITIONED, **options: Any) -> Sample:
    """A function of matrices, of which values are compared up to round-off."""
    return Sample(function, shapes=shapes, domain=domain, name=name, **{"dtypes": DOUBLE, **OPTIONS, **options})


def structured_by_one(c: Any) -> Any:
    """What one vector makes."""
    by_convolution = [linalg.convolution_matrix(c, n, mode) for n, mode in ((4, "full"), (2, "same"), (4, "valid"))]
    return (
        linalg.toeplitz(c), linalg.circulant(c), linalg.companion(c + 4.0), linalg.fiedler(c), linalg.hankel(c),
        *by_convolution,
    )  # fmt: skip


def structured_by_two(c: Any, r: Any) -> Any:
    """What two vectors make."""
    return (
        linalg.toeplitz(c, r), linalg.hankel(c, r), linalg.leslie(c, r[1:]), linalg.matmul_toeplitz(c, r),
        linalg.khatri_rao(c[:, None] * r, r[:, None] * r),
    )  # fmt: skip


SAMPLES = [
    named(linalg.lu, [*RECTANGULAR, (2, 3, 3), (0, 2)], "lu", dtypes=ALL),
    named(lambda a: linalg.lu(a, permute_l=True) + linalg.lu(a, p_indices=True)[1:], [(3, 3)], "lu by indices"),
    named(linalg.lu_factor, [(4, 2)], "lu_factor", dtypes=COMPLEX, order=1),
    *(
        named(
            lambda a, b, trans=trans: linalg.lu_solve(linalg.lu_factor(a), b, trans=trans),
            shapes,
            f"lu_solve {trans}",
            (WELL_CONDITIONED, REAL),
            dtypes=dtypes,
        )
        for trans, shapes, dtypes in (
            (0, [((3, 3), (3,))], DOUBLE),
            (1, [((3, 3), (3, 2))], DOUBLE),
            (2, [((2, 3, 3), (3, 1))], COMPLEX),
        )
    ),
    named(lambda a: linalg.qr(a) + linalg.qr(a, mode="r"), [(4, 2)], "scipy qr"),
    named(
        lambda a: linalg.qr(a, mode="economic", pivoting=True)[:2], RECTANGULAR, "scipy qr with pivots", dtypes=COMPLEX
    ),
    named(linalg.polar, RECTANGULAR, "polar", dtypes=BOTH),
    named(lambda a: linalg.polar(a, "left"), [(3, 2)], "polar left"),
    named(linalg.eig, [(4, 4)], "scipy eig", ROTATING),
    named(lambda a: projections(linalg.eig(a)), [(3, 3)], "scipy eig of real spectra", SPD),
    named(lambda a: linalg.eig(a, right=False) * linalg.eigvals(a), [(4, 4)], "scipy eigvals", ROTATING, order=1),
    named(lambda a: projections(linalg.eigh(a)), [(3, 3), (2, 2, 2)], "scipy eigh", SYMMETRIC, dtypes=ALL),
    named(
        lambda a: projections(linalg.eigh(a, lower=False, subset_by_index=[0, 1])),
        [(3, 3)],
        "scipy eigh by index",
        SYMMETRIC,
        order=1,
    ),
    *(
        named(
            lambda a, b, kind=kind, lower=lower: projections(linalg.eigh(a, b, type=kind, lower=lower)),
            [((2, 2), (2, 2))],
            f"eigh of two matrices {kind}",
            (SYMMETRIC, SPD),
            dtypes=COMPLEX if kind == 2 else DOUBLE,
        )
        for kind, lower in ((1, True), (2, False), (3, True))
    ),
    named(lambda d, e: projections(linalg.eigh_tridiagonal(d, e)), [((4,), (3,))], "eigh_tridiagonal", REAL),
    named(
        lambda bands, b: linalg.solveh_banded(bands + np.array([[0.0], [0.0], [9.0]]), b),
        [((3, 4), (4,)), ((3, 5), (5, 2))],
        "solveh_banded",
        (contracting, REAL),
        dtypes=BOTH,
    ),
    named(linalg.pinv, [(3, 2), (2, 3)], "scipy pinv", dtypes=ALL),
    named(lambda a: linalg.pinv(a, atol=0.2, rtol=1e-3), [(3, 2)], "scipy pinv with limits"),
    named(linalg.pinvh, [(3, 3)], "pinvh", SYMMETRIC, dtypes=COMPLEX),
    named(
        lambda a, b: tuple(linalg.lstsq(a, b)[k] for k in (0, 1, 3)),
        [((4, 2), (4,)), ((4, 2), (4, 2)), ((2, 3), (2,))],
        "scipy lstsq",
        (WELL_CONDITIONED, REAL),
        dtypes=COMPLEX,
    ),
    named(linalg.orth, [(3, 2)], "orth", order=1),
    named(lambda a: (lambda v: v @ v.conj().T)(linalg.null_space(a)), [(2, 4)], "null_space", order=1),
    named(lambda a: (linalg.cosm(a), linalg.sinm(a), linalg.tanm(a)), [(2, 2)], "cosm", contracting, dtypes=BOTH),
    named(lambda a: (linalg.coshm(a), linalg.sinhm(a), linalg.tanhm(a)), [(2, 2)], "coshm", contracting),
    named(linalg.expm_frechet, [((2, 2), (2, 2))], "expm_frechet", REAL),
    named(
        lambda a, b: tuple(
            linalg.solve(a, b, assume_a=structure)
            for structure in ("diagonal", "tridiagonal", "upper triangular", "lower triangular", "sym")
        ),
        [((3, 3), (3,))],
        "scipy solve of every structure",
        (WELL_CONDITIONED, REAL),
        order=1,
    ),
    named(lambda a: linalg.inv(a, assume_a="pos", lower=True), [(3, 3)], "scipy inv pos", SPD, order=1),
    named(
        lambda c, b: linalg.solve_toeplitz(c + np.array([4.0, 0.0, 0.0]), b),
        [((3,), (3,))],
        "solve_toeplitz",
        (contracting, REAL),
        order=1,
    ),
    named(
        linalg.solve_discrete_lyapunov,
        [((2, 2), (2, 2))],
        "solve_discrete_lyapunov",
        (contracting, REAL),
        dtypes=COMPLEX,
    ),
    named(structured_by_one, [(3,), (4,)], "structured matrices of a vector", REAL, dtypes=FLOATS),
    named(structured_by_two, [((3,), (3,))], "structured matrices of two vectors", REAL),
]
