"""Samples of factorizations and spectra.

Eigenvectors and singular vectors are defined but for a factor of modulus 1 each. Of these, samples return what does not
depend on it: projections, and products of both sides.
"""

from typing import Any

import numpy as np

from chainrule.testing.sample import ALL, COMPLEX, REAL, SPD, SYMMETRIC, WELL_CONDITIONED, Domain, Sample

# NumPy's type information does not know all arguments.
linalg: Any = np.linalg

SQUARE = [(1, 1), (3, 3), (2, 3, 3), (0, 0)]
OBLONG = [(3, 3), (4, 2), (2, 4), (2, 3, 2), (2, 2, 3), (1, 1), (0, 2), (3, 0)]


def rotating(rng: Any, shape: Any) -> Any:
    """Matrices whose eigenvalues are pairs of complex numbers, and whose eigenvectors have one greatest component."""
    turn = np.kron(np.diag(np.arange(1.0, shape[-1] // 2 + 1)), [[0.0, 6.0], [-2.0, 0.0]])
    return turn + rng.uniform(-0.4, 0.4, size=shape)


def rotating_complex(rng: Any, shape: Any) -> Any:
    """The same, and complex."""
    return rotating(rng, shape) + 1j * rng.uniform(-0.4, 0.4, size=shape)


ROTATING = Domain(rotating, rotating_complex)


def with_ties(rng: Any, shape: Any) -> Any:
    """Symmetric matrices with two equal eigenvalues."""
    q = np.linalg.qr(rng.normal(size=shape))[0]
    values = np.append(np.arange(1.0, shape[-1]), 1.0)
    return (q * values) @ np.swapaxes(q, -1, -2)


def with_ties_complex(rng: Any, shape: Any) -> Any:
    """Hermitian matrices with two equal eigenvalues."""
    q = np.linalg.qr(rng.normal(size=shape) + 1j * rng.normal(size=shape))[0]
    values = np.append(np.arange(1.0, shape[-1]), 1.0)
    return (q * values) @ np.swapaxes(q.conj(), -1, -2)


def identity(rng: Any, shape: Any) -> Any:
    """A multiple of the identity."""
    return np.broadcast_to(2.0 * np.eye(*shape[-2:]), shape)


def zeros(rng: Any, shape: Any) -> Any:
    """Zeros."""
    return np.zeros(shape)


TIED = Domain(with_ties, with_ties_complex)
IDENTITY = Domain(identity, identity)
ZEROS = Domain(zeros, zeros)


def exponential_by_eigh(a: Any) -> Any:
    """The exponential of a Hermitian matrix, by its eigenvectors."""
    w, v = np.linalg.eigh(a)
    return (v * np.exp(w)[..., None, :]) @ np.swapaxes(v.conj(), -1, -2)


def exponential_by_eig(a: Any) -> Any:
    """The exponential of a matrix, by its eigenvectors."""
    w, v = np.linalg.eig(a)
    return (v * np.exp(w)[..., None, :]) @ np.linalg.inv(v)


def reassembled(a: Any) -> Any:
    """The product of the factors of a singular value decomposition."""
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    return (u * s[..., None, :]) @ vh


def polar_factor(a: Any) -> Any:
    """The unitary matrix that is nearest."""
    u, _, vh = np.linalg.svd(a)
    return u @ vh


def projections(v: Any) -> Any:
    """v vᴴ for each column."""
    return np.einsum("...ik,...jk->...kij", v, np.conj(v))


def spectral_projections(a: Any, triangle: str = "L") -> Any:
    """Eigenvalues, and the projection on each eigenvector."""
    w, v = linalg.eigh(a, triangle)
    return w, projections(v)


def eigen_projections(a: Any) -> Any:
    """Eigenvalues, and the projection on each eigenvector along the others."""
    w, v = np.linalg.eig(a)
    return w, np.einsum("...ik,...kj->...kij", v, np.linalg.inv(v))


def singular_products(a: Any) -> Any:
    """Singular values, and u vᴴ for each."""
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    return s, np.einsum("...ik,...kj->...kij", u, vh)


def completed_spaces(a: Any) -> Any:
    """The projections on what completes the singular vectors, and the product of all three factors."""
    u, s, vh = np.linalg.svd(a)
    k = s.shape[-1]
    left, right = u[..., :, k:], vh[..., k:, :]
    product = (u[..., :, :k] * s[..., None, :]) @ vh[..., :k, :]
    return left @ np.conj(np.swapaxes(left, -1, -2)), np.conj(np.swapaxes(right, -1, -2)) @ right, product


def hermitian_singular_products(a: Any) -> Any:
    """Singular values of a Hermitian matrix, and u vᴴ for each."""
    u, s, vh = np.linalg.svd(a, hermitian=True)
    return s, np.einsum("...ik,...kj->...kij", u, vh)


SAMPLES = [
    Sample(np.linalg.cholesky, shapes=SQUARE, domain=SPD, dtypes=ALL, analytic=False, name="cholesky"),
    Sample(
        lambda a: linalg.cholesky(a, upper=True),
        shapes=[(3, 3), (2, 2, 2)],
        domain=SPD,
        dtypes=ALL,
        analytic=False,
        name="cholesky upper",
    ),
    Sample(np.linalg.qr, shapes=OBLONG, domain=REAL, dtypes=ALL, analytic=False, name="qr"),
    Sample(
        lambda a: np.linalg.qr(a, "complete"),
        shapes=[*OBLONG, (5, 2)],
        domain=REAL,
        dtypes=ALL,
        analytic=False,
        name="qr complete",
    ),
    Sample(lambda a: np.linalg.qr(a, mode="r"), shapes=OBLONG, domain=REAL, dtypes=ALL, analytic=False, name="qr r"),
    Sample(spectral_projections, shapes=SQUARE, domain=SYMMETRIC, dtypes=ALL, analytic=False, name="eigh"),
    Sample(
        lambda a: spectral_projections(a, "U"),
        shapes=[(3, 3)],
        domain=SYMMETRIC,
        dtypes=ALL,
        analytic=False,
        name="eigh upper",
    ),
    Sample(np.linalg.eigvalsh, shapes=SQUARE, domain=SYMMETRIC, dtypes=ALL, analytic=False, name="eigvalsh"),
    Sample(
        lambda a: np.linalg.eigvalsh(a, UPLO="U"),
        shapes=[(3, 3)],
        domain=SYMMETRIC,
        dtypes=ALL,
        analytic=False,
        name="eigvalsh upper",
    ),
    Sample(np.linalg.eig, shapes=[(2, 2), (4, 4), (2, 2, 2)], domain=ROTATING, dtypes=ALL, analytic=False, name="eig"),
    Sample(eigen_projections, shapes=SQUARE, domain=SYMMETRIC, dtypes=ALL, analytic=False, name="eig of real spectra"),
    Sample(
        eigen_projections, shapes=[(2, 2), (4, 4)], domain=ROTATING, dtypes=ALL, analytic=False, name="eig projections"
    ),
    Sample(
        np.linalg.eigvals,
        shapes=[(2, 2), (4, 4), (2, 2, 2)],
        domain=ROTATING,
        dtypes=ALL,
        analytic=False,
        name="eigvals",
    ),
    Sample(
        np.linalg.eigvals, shapes=SQUARE, domain=SYMMETRIC, dtypes=ALL, analytic=False, name="eigvals of real spectra"
    ),
    Sample(singular_products, shapes=OBLONG, domain=WELL_CONDITIONED, dtypes=ALL, analytic=False, name="svd"),
    Sample(completed_spaces, shapes=OBLONG, domain=WELL_CONDITIONED, dtypes=ALL, analytic=False, name="svd full"),
    Sample(
        hermitian_singular_products,
        shapes=[(3, 3), (2, 2, 2)],
        domain=SYMMETRIC,
        dtypes=ALL,
        analytic=False,
        name="svd of Hermitian matrices",
    ),
    Sample(
        lambda a: linalg.svd(a, compute_uv=False) + linalg.svd(a, compute_uv=False, hermitian=True),
        shapes=[(3, 3)],
        domain=SYMMETRIC,
        dtypes=ALL,
        analytic=False,
        name="svd of values alone",
    ),
    Sample(np.linalg.svdvals, shapes=OBLONG, domain=WELL_CONDITIONED, dtypes=ALL, analytic=False, name="svdvals"),
    Sample(
        lambda a: linalg.eigh(a @ np.conj(a).T)[0] * linalg.cholesky(a @ np.conj(a).T + np.eye(3)).real,
        shapes=[(3, 2)],
        dtypes=COMPLEX,
        analytic=False,
        exact=False,
        name="eigh and cholesky of a product",
    ),
    *(
        Sample(
            function,
            shapes=[(3, 3), (2, 4, 4)],
            domain=domain,
            dtypes=ALL,
            analytic=False,
            name=f"{function.__name__} at {name}",
        )
        for function in (exponential_by_eigh, exponential_by_eig, reassembled, polar_factor)
        for name, domain in (("ties", TIED), ("the identity", IDENTITY))
    ),
    Sample(reassembled, shapes=[(3, 2), (2, 3)], domain=ZEROS, dtypes=ALL, analytic=False, name="reassembled at zero"),
    Sample(
        lambda a: np.sum(np.linalg.eigvalsh(a) ** 3) + np.sum(np.linalg.svdvals(a) ** 3),
        shapes=[(3, 3)],
        domain=TIED,
        dtypes=ALL,
        analytic=False,
        name="symmetric functions of equal eigenvalues",
    ),
    Sample(
        lambda a: np.sum(np.linalg.eigvals(a) ** 3),
        shapes=[(3, 3)],
        domain=TIED,
        dtypes=ALL,
        analytic=False,
        name="eigvals at ties",
    ),
]
