"""Values held constant."""

from __future__ import annotations

from typing import Any

from chainrule.trace import Value, make_value


def held(value: Any) -> Any:
    """A value without the levels that differentiate; its lanes stay, and so does the record of a program."""
    if type(value) is not Value:
        return value
    if value.level.differentiates:
        return held(value.level.bared(value))
    below = held(value.below)
    return value if below is value.below else make_value(value.level, below, None, value.shape, value.dtype)


def carries_derivative(value: Any) -> bool:
    """Whether any level that differentiates is among those of a value; lanes alone carry none."""
    while type(value) is Value:
        if value.level.differentiates:
            return True
        value = value.below
    return False
