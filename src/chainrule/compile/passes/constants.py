"""Constants: what they contain, and the least that says the same."""

from __future__ import annotations

import hashlib
import math
from typing import Any

import numpy as np

# From this number of bytes on, contents are compared by their digest.
_LONG = 256


def content(x: Any) -> tuple[Any, ...]:
    """What two constants have in common if they are equal bit by bit."""
    data: bytes = x.tobytes()
    if len(data) > _LONG:
        data = hashlib.blake2b(data).digest()
    return x.dtype, x.shape, data


class Constants:
    """One constant for all that are equal bit by bit."""

    __slots__ = ("_by_content", "_by_identity")

    def __init__(self) -> None:
        self._by_content: dict[tuple[Any, ...], Any] = {}
        # The array is held with its partner, so that its identity is not given to another.
        self._by_identity: dict[int, tuple[Any, Any]] = {}

    def merged(self, x: Any) -> Any:
        """The constant that stands for x."""
        known = self._by_identity.get(id(x))
        if known is not None:
            return known[1]
        same = self._by_content.setdefault(content(x), x)
        self._by_identity[id(x)] = (x, same)
        return same


def number_of(x: Any) -> Any:
    """The number that stands in every place of a constant, as a NumPy scalar; None if there is no such number."""
    if not x.shape:
        return x[()]
    if not x.size:
        return None
    first = x[(0,) * x.ndim]
    if math.prod(x.shape) == 1:
        return first
    bits = _bits(x)
    return first if bool((bits == bits[(slice(0, 1),) * x.ndim]).all()) else None


def narrowed(x: Any) -> Any:
    """A constant of the least shape that broadcasts to it: a row for equal rows, a number for equal numbers."""
    if not x.shape or not x.size:
        return x
    number = number_of(x)
    if number is not None:
        return number
    bits = _bits(x)
    for axis, n in enumerate(x.shape):
        if n > 1:
            first = (*(slice(None),) * axis, slice(0, 1))
            if (bits == bits[first]).all():
                x, bits = x[first], bits[first]
    while x.shape and x.shape[0] == 1:
        x = x[0]
    return x if x.flags.c_contiguous else x.copy()


def _bits(x: Any) -> Any:
    """The entries as what compares equal only if all bits are."""
    x = np.ascontiguousarray(x)
    size = x.dtype.itemsize
    if size in (1, 2, 4, 8):
        return x.view(f"u{size}")
    # A void of these bytes; NumPy compares such entries byte by byte.
    return x.view(f"V{size}")
