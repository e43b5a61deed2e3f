"""The immutable traced value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


class Value:
    """An array as one level sees it: the value below and what the level attaches to it.

    `attached` is the node (reverse), the tangent (forward), or nothing (vmap, whose batch axis is always the first of
    `below`). Values are immutable; their operators are strict ops, looked up in a table that `ops/` fills.

    Made by `make_value`. There is no `__init__`, since every operation makes one.
    """

    __slots__ = ("attached", "below", "dtype", "level", "shape")

    # NumPy's arrays leave binary operators with a Value to the Value.
    __array_ufunc__ = None

    level: Any
    below: Any
    attached: Any
    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of elements."""
        size = 1
        for n in self.shape:
            size *= n
        return size

    @property
    def mT(self) -> Any:
        """The last two axes exchanged."""
        return OPERATORS["mT"](self)

    def __bool__(self) -> bool:
        raise TypeError("a Value has no truth value; rules choose with `select`")

    def __repr__(self) -> str:
        return f"<Value {self.dtype}{list(self.shape)} of level {self.level.number}>"

    def __add__(self, other: Any) -> Any:
        return OPERATORS["add"](self, _like(other, self))

    def __radd__(self, other: Any) -> Any:
        return OPERATORS["add"](_like(other, self), self)

    def __sub__(self, other: Any) -> Any:
        return OPERATORS["subtract"](self, _like(other, self))

    def __rsub__(self, other: Any) -> Any:
        return OPERATORS["subtract"](_like(other, self), self)

    def __mul__(self, other: Any) -> Any:
        return OPERATORS["multiply"](self, _like(other, self))

    def __rmul__(self, other: Any) -> Any:
        return OPERATORS["multiply"](_like(other, self), self)

    def __truediv__(self, other: Any) -> Any:
        return OPERATORS["divide"](self, _like(other, self))

    def __rtruediv__(self, other: Any) -> Any:
        return OPERATORS["divide"](_like(other, self), self)

    def __matmul__(self, other: Any) -> Any:
        return OPERATORS["matmul"](self, other)

    def __rmatmul__(self, other: Any) -> Any:
        return OPERATORS["matmul"](other, self)

    def __neg__(self) -> Any:
        return OPERATORS["negative"](self)

    def __pos__(self) -> Any:
        return self

    def __eq__(self, other: Any) -> Any:
        return OPERATORS["equal"](self, _like(other, self))

    def __ne__(self, other: Any) -> Any:
        return OPERATORS["not_equal"](self, _like(other, self))

    def __lt__(self, other: Any) -> Any:
        return OPERATORS["less"](self, _like(other, self))

    def __le__(self, other: Any) -> Any:
        return OPERATORS["less_equal"](self, _like(other, self))

    def __gt__(self, other: Any) -> Any:
        return OPERATORS["greater"](self, _like(other, self))

    def __ge__(self, other: Any) -> Any:
        return OPERATORS["greater_equal"](self, _like(other, self))

    def __and__(self, other: Any) -> Any:
        return OPERATORS["logical_and"](self, other)

    def __rand__(self, other: Any) -> Any:
        return OPERATORS["logical_and"](other, self)

    def __or__(self, other: Any) -> Any:
        return OPERATORS["logical_or"](self, other)

    def __ror__(self, other: Any) -> Any:
        return OPERATORS["logical_or"](other, self)

    def __invert__(self) -> Any:
        return OPERATORS["logical_not"](self)

    __hash__ = object.__hash__


def make_value(level: Any, below: Any, attached: Any, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Value:
    """A new value."""
    value = Value()
    value.level = level
    value.below = below
    value.attached = attached
    value.shape = shape
    value.dtype = dtype
    return value


OPERATORS: dict[str, Callable[..., Any]] = {}


def install_operators(**table: Callable[..., Any]) -> None:
    """Give Values their operators; called once, by `ops/`."""
    OPERATORS.update(table)


def _like(other: Any, value: Value) -> Any:
    """A Python number in the dtype of the value it meets; anything else as it is."""
    if type(other) in (int, float, complex, bool):
        return value.dtype.type(other)
    return other
