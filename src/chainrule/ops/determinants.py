"""Determinants and their derivatives, of the matrices in the last two axes."""

import itertools
import string
from typing import Any

import numpy as np
from numpy import vdot

from chainrule.ops.complex_parts import real_dtype
from chainrule.ops.solving import evaluate_inverse_or_nan
from chainrule.trace import Abstract, Op, ParameterOp

# Beyond this condition number cofactors come from singular values, since an inverse has lost too many digits.
_WELL_CONDITIONED = 1e4


def _det_infer(a: Any) -> Abstract:
    return Abstract(a.shape[:-2], a.dtype)


def _slogdet_evaluate(a: Any, /) -> Any:
    return tuple(np.linalg.slogdet(a))


def _slogdet_infer(a: Any) -> tuple[Abstract, Abstract]:
    return Abstract(a.shape[:-2], a.dtype), Abstract(a.shape[:-2], real_dtype(a.dtype))


def _cofactors_evaluate(a: Any, /, *directions: Any) -> Any:
    dtype = a.dtype
    wide = np.result_type(dtype, np.float64)
    a = a.astype(wide, copy=False)
    if directions:
        found = _cofactors_by_singular_values(a, [e.astype(wide, copy=False) for e in directions])
    else:
        found = cofactors_of(a, np.linalg.det(a))
    return found.astype(dtype, copy=False)


def cofactors_of(a: Any, determinant: Any) -> Any:
    """The cofactors of matrices in double precision whose determinants are known."""
    inverse = evaluate_inverse_or_nan(a)
    if a.ndim == 2:
        # The norm of Frobenius, which is that of a vector, is found in two steps.
        if vdot(a, a).real * vdot(inverse, inverse).real < _WELL_CONDITIONED**2 and determinant != 0:
            return determinant * inverse.T
        return _cofactors_by_singular_values(a, [])
    determinant = np.asarray(determinant)
    well = (_size(a) * _size(inverse) < _WELL_CONDITIONED) & (determinant != 0)
    if well.all():
        return determinant[..., None, None] * inverse.mT
    found = np.empty_like(a)
    found[well] = determinant[well][:, None, None] * inverse[well].mT
    found[~well] = _cofactors_by_singular_values(a[~well], [])
    return found


def _size(a: Any) -> Any:
    """The greatest sum of absolute values along a column: a norm."""
    return np.abs(a).sum(-2).max(-1, initial=0.0)


def _cofactors_by_singular_values(a: Any, directions: list[Any]) -> Any:
    """The derivative of the cofactors along directions, without a division, so that it is exact for singular matrices.

    With a = u s vᴴ and e' = uᴴ e v, det(a + Σ tₖ eₖ + t e) = det(u) det(vᴴ) det(s + Σ tₖ e'ₖ + t e'). The coefficient
    of t₁ t₂ ... t in the last determinant takes one row from each direction and the remaining ones from s, which is
    diagonal: Σ over distinct rows i, and permutations σ of these, of sgn(σ) Π e'ₖ[iₖ, i_σ(k)] Π of the other s.
    """
    # A decomposition of NaN would raise, and what is computed here is a derivative, which does not.
    finite = np.isfinite(a).all((-2, -1), keepdims=True)
    u, s, vh = np.linalg.svd(np.where(finite, a, 0))
    turned = [np.swapaxes(u.conj(), -1, -2) @ e @ np.swapaxes(vh.conj(), -1, -2) for e in directions]
    count = len(directions) + 1
    rows = string.ascii_lowercase[:count]
    weights = _products_without(s, count).astype(a.dtype)
    shape = np.broadcast_shapes(a.shape, *(e.shape for e in directions))
    total = np.zeros(shape, a.dtype)
    diagonal = np.einsum("...ii->...i", total)
    for order in itertools.permutations(range(count)):
        terms = [f"...{row}{rows[k]}" for row, k in zip(rows, order, strict=True)]
        *factors, result = terms
        fixed = order[-1] == count - 1
        subscripts = f"{','.join((f'...{rows}', *factors))}->{result[:-1] if fixed else result}"
        term = _sign(order) * np.einsum(subscripts, weights, *turned)
        if fixed:
            diagonal += term
        else:
            total += term
    phase = np.linalg.det(u) * np.linalg.det(vh)
    return np.where(finite, phase[..., None, None] * (u.conj() @ total @ vh.conj()), np.nan)


def _products_without(s: Any, count: int) -> Any:
    """The products of all numbers along the last axis but `count`, for all choices of these; 0 if one comes twice."""
    n = s.shape[-1]
    # span[..., i, j] is the product of the numbers at the places from i to j, j left out.
    grown = np.cumprod(np.where(np.arange(n) >= np.arange(n + 1)[:, None], s[..., None, :], 1), axis=-1)
    span = np.concatenate([np.ones((*s.shape[:-1], n + 1, 1)), grown], axis=-1)
    places = np.sort(np.indices((n,) * count).reshape(count, -1), axis=0)
    ends = np.concatenate([np.full((1, places.shape[1]), -1), places, np.full((1, places.shape[1]), n)])
    products = np.ones((*s.shape[:-1], places.shape[1]))
    for first, second in itertools.pairwise(ends):
        products = products * span[..., first + 1, second]
    repeated = (np.diff(places, axis=0) == 0).any(axis=0)
    return np.where(repeated, 0.0, products).reshape(*s.shape[:-1], *(n,) * count)


def _sign(order: tuple[int, ...]) -> int:
    inversions = sum(a > b for a, b in itertools.combinations(order, 2))
    return -1 if inversions % 2 else 1


def _cofactors_infer(a: Any, *directions: Any) -> Abstract:
    return Abstract(np.broadcast_shapes(a.shape, *(e.shape for e in directions)), a.dtype)


det = ParameterOp("det", np.linalg.det, _det_infer, core=(2,))
# The sign of the determinant and the logarithm of its absolute value.
slogdet = Op("slogdet", _slogdet_evaluate, _slogdet_infer, core=(2,))
# The derivative of the determinant with respect to each entry of the first operand, and the derivatives of that along
# the other operands: det(a) a⁻ᵀ and so on, where a is not singular. Linear in every operand but the first.
cofactors = Op("cofactors", _cofactors_evaluate, _cofactors_infer)
