"""Arguments of SciPy's functions as values of the precision in which SciPy computes: mostly double at least."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.numpy.operands import common_dtype, converted, value_of

# Not looked up in NumPy's module, where Python finds names slowly.
float64 = np.float64

DOUBLE = np.dtype(float64)
SINGLE = np.dtype(np.float32)
# Python numbers that are known at a look.
NUMBERS = frozenset((float, int))


def value_or_number(x: Any) -> Any:
    """The value of an argument, in double precision for a Python number."""
    return float64(x) if type(x) in NUMBERS else value_of(x)


def real(x: Any) -> Any:
    """An argument as a value of double precision at least."""
    if type(x) in NUMBERS:
        return float64(x)
    value = value_of(x)
    return value if value.dtype is DOUBLE else converted(value, np.result_type(value.dtype, DOUBLE))


def reals(*xs: Any) -> list[Any]:
    """Arguments as values of one dtype, of double precision at least."""
    values = [real(x) for x in xs]
    for value in values:
        if value.dtype is not DOUBLE:
            return common_dtype(values)
    return values


def floats(*xs: Any) -> list[Any]:
    """Arguments as values of one dtype, in single precision if all are."""
    values = [value_or_number(x) for x in xs]
    for value in values:
        if value.dtype is not DOUBLE:
            dtype = np.result_type(SINGLE, *(value.dtype for value in values))
            return [converted(value, dtype) for value in values]
    return values
