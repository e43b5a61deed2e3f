"""Conversion of dtypes, as a function; the method is in methods.py."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.numpy.handle import Array
from chainrule.numpy.table import implements


def astype(x: Any, dtype: Any, /, *, copy: bool = True, device: Any = None) -> Any:
    """The elements of an array in another dtype."""
    if not isinstance(x, Array | np.ndarray):
        raise TypeError(f"Input should be a NumPy array. It is a {type(x).__name__} instead.")
    array: Any = x if isinstance(x, Array) else Array(x)
    return array.astype(dtype, copy=copy)


# New in NumPy 2.1.
if hasattr(np, "astype"):
    implements(np.astype)(astype)
