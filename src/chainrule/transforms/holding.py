"""Values held constant."""

from __future__ import annotations

from typing import Any

from chainrule.trace import Value, make_value
from chainrule.transforms.batch import BatchLevel


def held(value: Any) -> Any:
    """A value without the levels that differentiate; its lanes stay."""
    if type(value) is not Value:
        return value
    below = held(value.below)
    return (
        make_value(value.level, below, None, value.shape, value.dtype) if isinstance(value.level, BatchLevel) else below
    )


def carries_derivative(value: Any) -> bool:
    """Whether any level that differentiates is among those of a value; lanes alone carry none."""
    while type(value) is Value:
        if not isinstance(value.level, BatchLevel):
            return True
        value = value.below
    return False
