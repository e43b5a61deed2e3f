"""What is known of an array without its numbers."""

from __future__ import annotations

from typing import Any

import numpy as np


class Abstract:
    """A shape and a dtype.

    >>> Abstract((2, 3), np.dtype(float)).ndim
    2
    """

    __slots__ = ("dtype", "shape")

    def __init__(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
        self.shape = shape
        self.dtype = dtype

    def __eq__(self, other: object) -> bool:
        return type(other) is Abstract and self.shape == other.shape and self.dtype == other.dtype

    def __hash__(self) -> int:
        return hash((self.shape, self.dtype))

    def __repr__(self) -> str:
        return f"Abstract(shape={self.shape}, dtype={self.dtype})"

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)


def abstract_of(x: Any) -> Abstract:
    """The shape and dtype of an array, a NumPy scalar, a Value or a node."""
    return Abstract(x.shape, x.dtype)
