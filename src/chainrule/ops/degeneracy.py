"""Equal eigenvalues and singular values: where they are, in what direction they part, and which vector is which."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from numpy import absolute, add

from chainrule.trace import Abstract, Op

# How far the steps of a limit move values, relative to the distance of the next ones.
_STEP = 1e-2

# Up to what condition number eigenvectors count as a basis.
_SOUND = 1e6


def round_off(values: Any) -> Any:
    """Below what difference the eigenvalues or singular values of a matrix cannot be told apart, with a last axis."""
    return add.reduce(absolute(values), axis=-1, keepdims=True) * _unit(values.dtype)


@functools.lru_cache(maxsize=16)
def _unit(dtype: Any) -> Any:
    return 4 * np.finfo(dtype).eps


def has_ties(values: Any) -> bool:
    """Whether any of ordered eigenvalues, or singular values, are equal."""
    gaps = absolute(values[..., 1:] - values[..., :-1])
    return (gaps <= round_off(values)).any().item()  # type: ignore[no-any-return]  # a bool


def has_close_pairs(values: Any, vectors: Any) -> bool:
    """Whether any two of eigenvalues in no order are equal."""
    near = absolute(values[..., :, None] - values[..., None, :]) <= round_off(values)[..., None] * _SOUND
    others = _others(values.shape[-1])
    # However uncertain the vectors are: each is near itself alone.
    if not (near & others).any():
        return False
    return bool(np.any(_close(values, vectors) & others))


@functools.lru_cache(maxsize=256)
def _others(n: int) -> Any:
    return ~np.eye(n, dtype=bool)


def _close(values: Any, vectors: Any) -> Any:
    """Which eigenvalues are equal: those of vectors that lie close together are less certain."""
    condition = np.linalg.cond(vectors) if vectors.size else np.ones(values.shape[:-1])
    limit = round_off(values)[..., None] * np.minimum(condition, _SOUND)[..., None, None]
    return np.abs(values[..., :, None] - values[..., None, :]) <= limit


def has_zeros(values: Any) -> bool:
    """Whether any singular value is 0."""
    return (values <= round_off(values)).any().item()  # type: ignore[no-any-return]  # a bool


def _parting(values: Any, from_zero: bool) -> Any:
    """By how much each of ordered values moves at step 1, so that equal ones part, and zeros part from 0 if asked."""
    moves = np.zeros(values.shape)
    least = round_off(values)
    for k in np.ndindex(values.shape[:-1]):
        row, limit = values[k].astype(np.float64), float(least[k][0])
        for group in np.split(np.arange(row.size), np.nonzero(np.abs(np.diff(row)) > limit)[0] + 1):
            at_zero = from_zero and bool(abs(row[group]).max(initial=0.0) <= limit)
            if group.size < 2 and not at_zero:
                continue
            distances = np.abs(np.delete(row, group) - row[group].mean())
            size = abs(row[group].mean())
            room = min([*distances, *([size] if size > limit else [])], default=1.0)
            places = np.arange(1, group.size + 1) if at_zero else np.arange(group.size) - (group.size - 1) / 2
            moves[(*k, group)] = places * (_STEP * room / group.size)
    return moves


def _parting_of_eigenvalues_evaluate(w: Any, v: Any, /) -> Any:
    moves = _parting(w, from_zero=False).astype(w.dtype)
    return ((v * moves[..., None, :]) @ np.swapaxes(v.conj(), -1, -2)).astype(v.dtype)


def _parting_of_singular_values_evaluate(u: Any, s: Any, vh: Any, /) -> Any:
    k = s.shape[-1]
    moves = _parting(s, from_zero=True).astype(s.dtype)
    return ((u[..., :, :k] * moves[..., None, :]) @ vh[..., :k, :]).astype(u.dtype)


def _parting_of_mixed_eigenvalues_evaluate(w: Any, v: Any, /) -> Any:
    moves = np.zeros(w.shape, v.dtype)
    for k in np.ndindex(w.shape[:-1]):
        moves[k] = _parting_in_no_order(w[k].astype(np.complex128), _close(w[k], v[k]))
    sound = np.linalg.cond(v) < _SOUND if v.size else np.ones(w.shape[:-1], bool)
    basis = np.where(sound[..., None, None], v, np.eye(w.shape[-1]))
    for k in np.ndindex(w.shape[:-1]):
        _make_real(basis[k], w[k], moves[k])
    direction = (basis * moves[..., None, :]) @ np.linalg.inv(basis)
    return np.where(sound[..., None, None], direction, 0).astype(v.dtype)


def _make_real(basis: Any, w: Any, moves: Any) -> None:
    """Put real and imaginary part in place of conjugate eigenvectors that move apart.

    Round-off makes conjugate ones of equal real eigenvalues. Moved apart, each along its own complex vector, they would
    take a real matrix out of the real ones; along the parts, which span the same plane, it stays there.
    """
    for i in np.nonzero(w.imag > 0)[0]:
        for j in np.nonzero((w == w[i].conj()) & (moves != moves[i]))[0]:
            if np.array_equal(basis[:, j], basis[:, i].conj()):
                basis[:, j] = basis[:, i].imag
                basis[:, i] = basis[:, i].real


def _parting_in_no_order(w: Any, close: Any) -> Any:
    """The same for eigenvalues in no order; conjugate ones move alike, so that the matrix stays real if it is."""
    moves = np.zeros(w.size)
    for i in range(w.size):
        group = np.nonzero(close[i])[0]
        if group.size < 2:
            continue
        away = np.abs(w[~close[i]] - w[i])
        size = abs(w[i])
        room = min([*away, *([size] if size > round_off(w)[0] else [])], default=1.0)
        place = int(np.sum(group < i)) - (group.size - 1) / 2
        moves[i] = place * (_STEP * room / group.size)
    return moves


def _aligning_evaluate(v: Any, reference: Any, /) -> Any:
    overlaps = np.swapaxes(reference.conj(), -1, -2) @ v
    if not overlaps.size:
        return np.ones(v.shape[:-2] + v.shape[-1:], v.dtype)
    greatest = np.take_along_axis(overlaps, np.abs(overlaps).argmax(-2)[..., None, :], -2)[..., 0, :]
    phase = greatest.conj() / np.abs(greatest)
    return np.where(np.abs(phase - 1) < _STEP, 1, phase).astype(v.dtype)


def _aligning_infer(v: Any, reference: Any) -> Abstract:
    return Abstract((*np.broadcast_shapes(v.shape[:-2], reference.shape[:-2]), v.shape[-1]), v.dtype)


def _parting_infer(w: Any, v: Any) -> Abstract:
    return Abstract(v.shape, v.dtype)


def _parting_of_singular_values_infer(u: Any, s: Any, vh: Any) -> Abstract:
    return Abstract((*s.shape[:-1], u.shape[-2], vh.shape[-1]), u.dtype)


# The Hermitian direction in which equal eigenvalues part, without a turn of the eigenvectors.
parting_of_eigenvalues = Op(
    "parting_of_eigenvalues", _parting_of_eigenvalues_evaluate, _parting_infer, core=(1, 2), discrete=True
)
# The direction in which equal singular values part, and zeros from 0, without a turn of the singular vectors.
parting_of_singular_values = Op(
    "parting_of_singular_values",
    _parting_of_singular_values_evaluate,
    _parting_of_singular_values_infer,
    core=(2, 1, 2),
    discrete=True,
)
# The direction in which equal eigenvalues of any matrix part; none where the eigenvectors do not make a basis.
parting_of_mixed_eigenvalues = Op(
    "parting_of_mixed_eigenvalues",
    _parting_of_mixed_eigenvalues_evaluate,
    _parting_infer,
    core=(1, 2),
    discrete=True,
)
# The factor of modulus 1 that turns each column to that of the reference which it resembles most.
aligning = Op("aligning", _aligning_evaluate, _aligning_infer, core=(2, 2), discrete=True)
