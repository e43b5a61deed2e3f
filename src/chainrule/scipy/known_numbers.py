"""One look at the numbers behind values, where they are known: whether a formula holds for all of them.

They are not where a program is recorded, in which other numbers come in another run, and where lanes are mapped over.
Nothing is known then, which is said by NaN: no comparison with it holds.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chainrule.trace import Value
from chainrule.trace.silence import restore, silence

# Not looked up in NumPy's module, where Python finds names slowly.
ndarray, float64, floor = np.ndarray, np.float64, np.floor
least_of, greatest_of, sum_of = np.minimum.reduce, np.maximum.reduce, np.add.reduce

UNKNOWN = math.nan


def known(x: Any) -> Any:
    """The real numbers behind a value; NaN if they are not known, or there are none."""
    while type(x) is Value:
        if not x.level.differentiates:
            return UNKNOWN
        x = x.level.bared(x)
    if type(x) is float64:
        return x
    if x is None or x.dtype.kind != "f" or not x.size:
        return UNKNOWN
    return x if x.shape else x[()]


def least(x: Any) -> Any:
    """The least of the numbers behind a value; NaN if one is, or if they are not known."""
    numbers = known(x)
    return least_of(numbers, None) if type(numbers) is ndarray else numbers


def greatest(x: Any) -> Any:
    """The greatest of the numbers behind a value; NaN if one is, or if they are not known."""
    numbers = known(x)
    return greatest_of(numbers, None) if type(numbers) is ndarray else numbers


def total(x: Any) -> Any:
    """The sum of the numbers behind a value; NaN or infinite if one is, or if they are not known."""
    numbers = known(x)
    if type(numbers) is not ndarray:
        return numbers
    token = silence()
    try:
        return sum_of(numbers, None)
    finally:
        restore(token)


def are_whole(x: Any) -> bool:
    """Whether the numbers behind a value are known, and have no fractional part."""
    numbers = known(x)
    whole = floor(numbers) == numbers
    return bool(whole.all() if type(whole) is ndarray else whole)
