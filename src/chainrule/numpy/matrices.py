"""What NumPy's linear algebra asks of its operands: floating-point numbers, and matrices in the last two axes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.linalg import LinAlgError

from chainrule.numpy.operands import converted, value_of

_FLOAT = np.dtype(np.float64)
_SINGLE = frozenset((np.dtype(np.float32), np.dtype(np.complex64)))
_DOUBLE = frozenset((np.dtype(np.float64), np.dtype(np.complex128)))


def floating(*arrays: Any) -> list[Any]:
    """Values in the one dtype of single or double, real or complex precision in which NumPy computes and answers."""
    values = [value_of(x) for x in arrays]
    for value in values:
        if value.dtype is not _FLOAT:
            return _in_one_dtype(values)
    return values


def _in_one_dtype(values: list[Any]) -> list[Any]:
    for value in values:
        if value.dtype.kind in "fc" and value.dtype not in _SINGLE | _DOUBLE:
            raise TypeError(f"array type {value.dtype.name} is unsupported in linalg")
    single = all(value.dtype in _SINGLE for value in values)
    wide: Any = np.float32 if single else np.float64
    dtype = np.result_type(wide, np.complex64) if any(value.dtype.kind == "c" for value in values) else np.dtype(wide)
    return [converted(value, dtype) for value in values]


def matrix(a: Any) -> Any:
    """A stack of matrices as a value."""
    value = value_of(a)
    if value.dtype is not _FLOAT:
        (value,) = _in_one_dtype([value])
    require_matrices(value)
    return value


def square_matrix(a: Any) -> Any:
    """A stack of square matrices as a value."""
    value = value_of(a)
    if value.dtype is not _FLOAT:
        (value,) = _in_one_dtype([value])
    require_square(value)
    return value


def require_matrices(x: Any) -> None:
    """Raise for an array with fewer than two axes."""
    if len(x.shape) < 2:
        raise LinAlgError(f"{x.ndim}-dimensional array given. Array must be at least two-dimensional")


def require_square(x: Any) -> None:
    """Raise unless the last two axes are equally long."""
    shape = x.shape
    if len(shape) < 2:
        require_matrices(x)
    if shape[-1] != shape[-2]:
        raise LinAlgError("Last 2 dimensions of the array must be square")


def is_lower(uplo: Any) -> bool:
    """Whether the lower triangle of a Hermitian matrix is to be read."""
    if uplo.upper() not in ("L", "U"):
        raise ValueError("UPLO argument must be 'L' or 'U'")
    return bool(uplo.upper() == "L")
