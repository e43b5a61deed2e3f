"""Results on their way to the user: plain arrays with memory of their own, or handles inside another derivative."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy import ndarray

from chainrule.jacobians.zeros import without_exclusions
from chainrule.numpy.handle import Array, Handle, Scalar
from chainrule.trace import Value

# What is an array to the user, and what is neither handle nor Value.
ARRAYS = (ndarray, Array)
_PLAIN = (ndarray, np.generic)
# The commonest of all leaves, which are known at a look: a check against two classes costs ten times as much.
_NUMBERS = frozenset((float, np.float64, Scalar))
_EXACT = frozenset((ndarray, np.float64))
_FLOAT = np.float64


class Exporter:
    """Hands values over to the user, each array in writable memory that nothing else holds.

    `inside` gives arrays as handles, for a transformation that is called within another one. `held` are arrays that
    somebody holds: the caller's own, and with `copies` any, since a pull that comes later reads the values of the run.
    """

    __slots__ = ("_copies", "_given", "_held", "_inside")

    def __init__(self, inside: bool, held: Iterable[Any] = (), copies: bool = False) -> None:
        self._inside = inside
        self._copies = copies
        self._held = held
        # Those, and what was handed over, by identity, which is theirs alone meanwhile; made for the first array.
        self._given: dict[int, Any] | None = None

    def value(self, value: Any, scalar: bool | None = None) -> Any:
        """A value as the user gets it; `scalar` says if a 0-d one is a number or an array (by its kind if None)."""
        if type(value) is Value:
            return Scalar(value) if not value.shape and scalar is not False else Array(value)
        if type(value) is not ndarray:
            if scalar is not False or not isinstance(value, np.generic):
                return value
            value = np.asarray(value)
        return value[()] if scalar and not value.shape else self._array(value)

    def _array(self, value: ndarray[Any, Any]) -> Any:
        given = self._given
        if given is None:
            given = self._given = {id(x): x for x in self._held}
        key = id(value)
        if self._copies or value.base is not None or not value.flags.writeable or key in given:
            value = np.array(value)
            key = id(value)
        given[key] = value
        # Not owned: the rule that made it may have kept it, and a write then copies it first.
        return Array(value) if self._inside else value

    def tangent(self, t: Any, like: Any, scalar: bool | None = None) -> Any:
        """A tangent or cotangent of a value, zeros included; None for what has none, as a string."""
        if type(t) is ndarray and not scalar:
            return self._array(t)
        if type(t) not in _EXACT and not isinstance(t, _PLAIN):
            if not hasattr(like, "dtype"):
                return None
            t = without_exclusions(t, like)
        return self.value(t, scalar)


def is_own(value: Any, held: Any) -> bool:
    """Whether a number or an array can be handed over as it is: its memory is that of no other array."""
    if type(value) is ndarray:
        return value.base is None and value is not held and value.flags.writeable
    return type(value) is _FLOAT


def value_of_leaf(leaf: Any) -> Any:
    """The value of a leaf that a function returned: of a handle its own; numbers as NumPy's."""
    if isinstance(leaf, Handle):
        return leaf._read()
    if isinstance(leaf, _PLAIN):
        return leaf
    if isinstance(leaf, (bool, int, float, complex)):
        return np.asarray(leaf)[()]
    return leaf


def result_of_leaf(leaf: Any) -> Any:
    """The value of a leaf that a function returned, in memory that neither the function nor its caller holds."""
    if isinstance(leaf, Handle):
        owned, value = leaf._owned, leaf._read()
    else:
        owned, value = False, value_of_leaf(leaf)
    return np.array(value) if type(value) is ndarray and not owned else value


def is_number(leaf: Any) -> bool:
    """Whether a leaf is a number, and not a 0-d array."""
    return type(leaf) in _NUMBERS or not isinstance(leaf, ARRAYS)
