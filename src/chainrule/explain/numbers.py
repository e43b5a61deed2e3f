"""Arrays as an explanation keeps them."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.explain.program import Numbers


def numbers(array: Any, *, most: int | None = None) -> Numbers:
    """An array, of which more than `most` entries are not kept but described.

    >>> numbers(np.array([3.0, np.nan, 0.0, -4.0]), most=3)
    Numbers(shape=(4,), dtype='float64', values=None, least=-4.0, greatest=3.0, norm=5.0, nonfinite=1, zeros=1)
    """
    array = np.asarray(array)
    kept = array if most is None or array.size <= most else None
    size = np.abs(array) if array.dtype.kind == "c" else array
    if array.dtype.kind in "fc":
        finite = np.isfinite(array)
        size = size if finite.all() else size[finite]
    least, greatest = (float(size.min()), float(size.max())) if size.size else (None, None)
    with np.errstate(over="ignore"):
        norm = float(np.linalg.norm(size.astype(np.float64).ravel()))
    return Numbers(
        shape=array.shape,
        dtype=array.dtype.name,
        values=kept,
        least=least,
        greatest=greatest,
        norm=norm,
        nonfinite=int(array.size - size.size),
        zeros=int(array.size - np.count_nonzero(array)),
    )
