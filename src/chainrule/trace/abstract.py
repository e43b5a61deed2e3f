"""What is known of an array without its numbers."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np


class Abstract(NamedTuple):
    """A shape and a dtype.

    >>> Abstract((2, 3), np.dtype(float)).ndim
    2
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)


def abstract_of(x: Any) -> Abstract:
    """The shape and dtype of an array, a NumPy scalar, a Value or a node."""
    return Abstract(x.shape, x.dtype)
