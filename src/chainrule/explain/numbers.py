"""Arrays as an explanation keeps them."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from chainrule.explain.program import Numbers

# The square of a norm that is less may have lost entries to underflow.
_SMALLEST = 1e-280
# Arrays of so few entries are quicker without NumPy.
_SMALL = 16


def numbers(array: Any, *, most: int | None = None) -> Numbers:
    """An array, of which more than `most` entries are not kept but described.

    >>> numbers(np.array([3.0, np.nan, 0.0, -4.0]), most=3)
    Numbers(shape=(4,), dtype='float64', values=None, least=-4.0, greatest=3.0, norm=5.0, nonfinite=1, zeros=1)
    """
    array = np.asarray(array)
    if array.ndim == 0 and array.dtype.kind == "f":
        return _number(array)
    kept = array if most is None or array.size <= most else None
    if array.dtype == np.float64 and array.size:
        if array.size <= _SMALL:
            few = array.ravel().tolist()
            square = sum([x * x for x in few])
            if _SMALLEST < square < math.inf:
                norm = math.sqrt(square)
                return Numbers(array.shape, "float64", kept, min(few), max(few), norm, 0, few.count(0.0))
        flat = array.ravel()
        square = float(np.dot(flat, flat))
        if _SMALLEST < square < math.inf:
            # So nothing is infinite or undefined, and no square was lost.
            low, high = float(flat.min()), float(flat.max())
            # Counting flags is quicker than counting the numbers themselves.
            zeros = int(np.count_nonzero(flat == 0)) if low <= 0 <= high else 0
            return Numbers(array.shape, "float64", kept, low, high, math.sqrt(square), 0, zeros)
    size = np.abs(array) if array.dtype.kind == "c" else array
    if array.dtype.kind in "fc":
        finite = np.isfinite(array)
        size = size if finite.all() else size[finite]
    least, greatest = (float(size.min()), float(size.max())) if size.size else (None, None)
    with np.errstate(over="ignore"):
        norm = float(np.linalg.norm(size.astype(np.float64).ravel()))
    return Numbers(
        shape=array.shape,
        dtype=name_of(array.dtype),
        values=kept,
        least=least,
        greatest=greatest,
        norm=norm,
        nonfinite=int(array.size - size.size),
        zeros=int(array.size - np.count_nonzero(array)),
    )


def _number(array: np.ndarray[Any, Any]) -> Numbers:
    """A single number: most values of a long program are."""
    x = float(array)
    if not math.isfinite(x):
        return Numbers((), name_of(array.dtype), array, None, None, 0.0, 1, 0)
    return Numbers((), name_of(array.dtype), array, x, x, abs(x), 0, int(x == 0))


# NumPy makes the name anew each time.
@functools.cache
def name_of(dtype: np.dtype[Any]) -> str:
    """The name of a dtype."""
    return dtype.name
