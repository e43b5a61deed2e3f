"""Samples of functions of `scipy.linalg`."""

from typing import Any

import numpy as np
import scipy.linalg

from chainrule.testing.sample import ALL, REAL, SPD, WELL_CONDITIONED, Sample

# SciPy does not say the types of its functions.
linalg: Any = scipy.linalg

OPTIONS: dict[str, Any] = {"exact": False, "protocols": False}
SQUARE = [(1, 1), (3, 3)]


def triangular(**options: Any) -> Any:
    """A solution with a triangular matrix."""
    return lambda a, b: linalg.solve_triangular(a, b, **options)


def banded(bands: Any, b: Any) -> Any:
    """A solution with one diagonal below the main one, and two above."""
    return linalg.solve_banded((1, 2), bands + np.array([[0.0], [0.0], [6.0], [0.0]]), b)


def by_cholesky(a: Any, b: Any) -> Any:
    """A solution with a positive definite matrix."""
    return linalg.cho_solve(linalg.cho_factor(a, lower=True), b)


SAMPLES = [
    Sample(linalg.expm, shapes=SQUARE, dtypes=ALL, **OPTIONS),
    Sample(linalg.sqrtm, shapes=SQUARE, domain=SPD, analytic=False, **OPTIONS),
    Sample(linalg.logm, shapes=SQUARE, domain=SPD, analytic=False, dtypes=[np.float64], **OPTIONS),
    *(
        Sample(
            triangular(trans=trans, lower=lower, unit_diagonal=unit),
            shapes=[((3, 3), (3,)), ((3, 3), (3, 2))],
            domain=(WELL_CONDITIONED, REAL),
            dtypes=ALL,
            name=f"solve_triangular {trans} {lower} {unit}",
            analytic=trans != "C",
            **OPTIONS,
        )
        for trans, lower, unit in ((0, False, False), ("T", True, False), ("C", True, True), ("N", False, True))
    ),
    Sample(
        linalg.solve_sylvester,
        shapes=[((3, 3), (2, 2), (3, 2))],
        domain=(SPD, SPD, REAL),
        analytic=False,
        **OPTIONS,
    ),
    Sample(banded, shapes=[((4, 5), (5,)), ((4, 5), (5, 2))], domain=REAL, analytic=False, **OPTIONS),
    Sample(by_cholesky, shapes=[((3, 3), (3,)), ((3, 3), (3, 2))], domain=(SPD, REAL), analytic=False, **OPTIONS),
    Sample(linalg.cholesky, shapes=SQUARE, domain=SPD, analytic=False, name="scipy cholesky", **OPTIONS),
    Sample(
        lambda a, b: linalg.solve(a, b, assume_a="pos"),
        shapes=[((3, 3), (3,))],
        domain=(SPD, REAL),
        analytic=False,
        name="scipy solve",
        **OPTIONS,
    ),
    Sample(linalg.inv, shapes=SQUARE, domain=WELL_CONDITIONED, name="scipy inv", **OPTIONS),
    Sample(linalg.det, shapes=SQUARE, domain=WELL_CONDITIONED, name="scipy det", **OPTIONS),
    Sample(linalg.block_diag, shapes=[((2, 3), (1, 2))], **OPTIONS),
]
