"""Eigenvalues and singular values of traced matrices, differentiable also where some of them are equal.

Where they are, the matrix is moved a little in the direction in which they part, by the steps of a limit
(`transforms.limits`): what is then computed of them has the limit of its derivatives close by. The values stay.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import ops
from chainrule.ops.degeneracy import has_close_pairs, has_ties, has_zeros
from chainrule.ops.matrix_parts import column, conjugate, row
from chainrule.trace import Value
from chainrule.transforms.limits import LimitLevel, limit_level_of
from chainrule.transforms.looks import decide


def eigh(x: Any, *, lower: bool, driver: str | None = None) -> tuple[Any, Any]:
    """Eigenvalues and eigenvectors of Hermitian matrices, from a driver of LAPACK."""
    w, v = ops.eigh(x, lower=lower) if driver is None else ops.eigh(x, lower=lower, driver=driver)
    limit = limit_level_of(x) if type(x) is Value and decide(has_ties, w) else None
    if limit is None:
        return w, v
    v = ops.centre(v, level=limit)
    w, turned = ops.eigh(_parted_by_eigenvalues(x, ops.centre(w, level=limit), v, limit), lower=lower)
    return w, turned * row(ops.aligning(turned, v))


def eigvalsh(x: Any, *, lower: bool) -> Any:
    """Eigenvalues of Hermitian matrices."""
    w = ops.eigvalsh(x, lower=lower)
    limit = limit_level_of(x) if type(x) is Value and decide(has_ties, w) else None
    if limit is None:
        return w
    w, v = (ops.centre(part, level=limit) for part in ops.eigh(x, lower=lower))
    return ops.eigvalsh(_parted_by_eigenvalues(x, w, v, limit), lower=lower)


def eig(x: Any) -> tuple[Any, Any]:
    """Eigenvalues and eigenvectors, both complex."""
    w, v = ops.eig(x)
    limit = limit_level_of(x) if type(x) is Value and decide(has_close_pairs, w, v) else None
    if limit is None:
        return w, v
    w, v = ops.centre(w, level=limit), ops.centre(v, level=limit)
    values, turned = ops.eig(_parted_by_mixed_eigenvalues(x, w, v, limit))
    # In no order: each lane is put into that of the one that was not moved.
    order = ops.pairing(w, values)
    values = ops.permuted(values, order, axis=w.ndim - 1)
    turned = ops.permuted(turned, ops.broadcast_to(row(order), shape=v.shape), axis=v.ndim - 1)
    return values, turned * row(ops.aligning(turned, v))


def eigvals(x: Any) -> Any:
    """Eigenvalues, complex."""
    w = ops.eigvals(x)
    if type(x) is not Value:
        return w
    own, v = ops.eig(x)
    limit = limit_level_of(x) if decide(has_close_pairs, own, v) else None
    if limit is None:
        return w
    own, v = ops.centre(own, level=limit), ops.centre(v, level=limit)
    values = ops.eigvals(_parted_by_mixed_eigenvalues(x, own, v, limit))
    return ops.permuted(values, ops.pairing(ops.centre(w, level=limit), values), axis=w.ndim - 1)


def svd(x: Any, *, full: bool) -> tuple[Any, Any, Any]:
    """Singular vectors and values."""
    u, s, vh = ops.svd(x, full=full)
    limit = limit_level_of(x) if _is_degenerate(x, s) else None
    if limit is None:
        return u, s, vh
    u, s, vh = (ops.centre(part, level=limit) for part in (u, s, vh))
    turned, values, turned_back = ops.svd(_parted_by_singular_values(x, u, s, vh, limit), full=full)
    k = s.shape[-1]
    factor = ops.aligning(*(ops.index(part, path=((..., slice(0, k)),)) for part in (turned, u)))
    left, right = (_filled_up(factor, n) for n in (u.shape[-1], vh.shape[-2]))
    return turned * row(left), values, turned_back * column(conjugate(right))


def svdvals(x: Any) -> Any:
    """Singular values."""
    return svdvals_with_own(x)[0]


def svdvals_with_own(x: Any) -> tuple[Any, Any]:
    """Singular values, and those of the matrix itself, of which none was parted from others."""
    own = ops.svdvals(x)
    limit = limit_level_of(x) if _is_degenerate(x, own) else None
    if limit is None:
        return own, own
    u, s, vh = (ops.centre(part, level=limit) for part in ops.svd(x, full=False))
    return ops.svdvals(_parted_by_singular_values(x, u, s, vh, limit)), own


def _is_degenerate(x: Any, s: Any) -> bool:
    """Whether singular values are equal, or one is 0 where further singular vectors complete those of the values."""
    if type(x) is not Value:
        return False
    return decide(has_ties, s) or (x.shape[-1] != x.shape[-2] and decide(has_zeros, s))


def _parted_by_eigenvalues(x: Any, w: Any, v: Any, limit: LimitLevel) -> Any:
    return ops.lifted(x, ops.parting_of_eigenvalues(w, v), level=limit)


def _parted_by_mixed_eigenvalues(x: Any, w: Any, v: Any, limit: LimitLevel) -> Any:
    direction = ops.parting_of_mixed_eigenvalues(w, v)
    return ops.lifted(x, direction if x.dtype.kind == "c" else ops.real(direction), level=limit)


def _parted_by_singular_values(x: Any, u: Any, s: Any, vh: Any, limit: LimitLevel) -> Any:
    return ops.lifted(x, ops.parting_of_singular_values(u, s, vh), level=limit)


def _filled_up(factor: Any, n: int) -> Any:
    """The factors of the first of n vectors, and 1 for the others, of which none resembles another."""
    ones = np.ones((*factor.shape[:-1], n - factor.shape[-1]), factor.dtype)
    return ops.concatenate(factor, ones, axis=factor.ndim - 1) if ones.size else factor
