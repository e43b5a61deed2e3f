"""Results on their way to the user: plain arrays with memory of their own, or handles inside another derivative."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from chainrule.jacobians.zeros import without_exclusions
from chainrule.numpy.handle import Array, Handle, Scalar, fresh
from chainrule.trace import Value


class Exporter:
    """Hands values over to the user, each array in writable memory that nothing else holds.

    `inside` keeps arrays as handles, for a transformation that is called within another one.
    """

    __slots__ = ("_given", "_inside")

    def __init__(self, inside: bool, held: Iterable[Any] = ()) -> None:
        self._inside = inside
        self._given: list[Any] = [x for x in held if isinstance(x, np.ndarray)]

    def value(self, value: Any, scalar: bool | None = None) -> Any:
        """A value as the user gets it; `scalar` says whether a 0-d one is a number or an array (by its kind if None)."""
        if type(value) is Value:
            return Scalar(value) if not value.shape and scalar is not False else Array(value)
        if type(value) is not np.ndarray:
            return np.asarray(value) if scalar is False else value
        if scalar and not value.shape:
            return value[()]
        if value.base is not None or not value.flags.writeable or any(value is other for other in self._given):
            value = np.array(value)
        self._given.append(value)
        return fresh(value) if self._inside else value

    def leaf(self, leaf: Any) -> Any:
        """A leaf of what a function returned."""
        return self.value(leaf._read(), isinstance(leaf, Scalar)) if isinstance(leaf, Handle) else leaf

    def tangent(self, t: Any, like: Any, scalar: bool | None = None) -> Any:
        """A tangent or cotangent of a value, zeros included."""
        return self.value(without_exclusions(t, like), scalar)


def value_of_leaf(leaf: Any) -> Any:
    """The value of a leaf that a function returned: of a handle its own; numbers as NumPy's."""
    if isinstance(leaf, Handle):
        return leaf._read()
    if isinstance(leaf, (np.ndarray, np.generic)):
        return leaf
    if isinstance(leaf, (bool, int, float, complex)):
        return np.asarray(leaf)[()]
    return leaf
