"""The entries of values, tangents and cotangents as plain arrays: which are finite, and which lanes are whose."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.jacobians.zeros import ZERO, Masked, Placed, parts
from chainrule.trace import Value, make_value
from chainrule.transforms import BatchLevel


def bottom(x: Any) -> Any:
    """The plain array at the bottom of a value, without a look at it: the same object each time."""
    while type(x) is Value:
        x = x.below
    return x


def bad_entries(x: Any) -> Any:
    """Which entries are infinite or NaN."""
    return ~np.isfinite(np.asarray(x))


def is_bad(x: Any) -> bool:
    """Whether an array or a number has an entry that is not finite."""
    if type(x) is np.float64:
        # The commonest, at a twentieth of the price.
        return not math.isfinite(x)
    dtype = getattr(x, "dtype", None)
    return dtype is not None and dtype.kind in "fc" and not bool(np.isfinite(x).all())


def is_bad_tangent(t: Any) -> bool:
    """The same for a value, tangent or cotangent, with its exclusions."""
    if t is ZERO or t is None or type(t) in (list, tuple):
        return False
    if type(t) is Placed:
        return is_bad_tangent(t.values)
    return is_bad(bottom(parts(t)[0]))


def layer_of(value: Any, level: Any) -> Any:
    """The layer of a value that belongs to a level, or what is below all layers."""
    while type(value) is Value and value.level is not level:
        value = value.below
    return value


def entries_of(t: Any) -> Any:
    """The plain array of a tangent."""
    return None if t is ZERO or t is None else np.asarray(bottom(parts(t)[0]))


def broadcast(arrays: Sequence[Any], shape: tuple[int, ...]) -> list[Any] | None:
    """Arrays in one shape; None if they do not fit."""
    try:
        return [np.broadcast_to(x, shape) for x in arrays]
    except ValueError:
        return None


def values_below(t: Any) -> Any:
    """What is below the exclusions of a tangent."""
    while type(t) in (Placed, Masked):
        t = t.values
    return t


def core_of(t: Any) -> Any:
    """The plain array of what was placed."""
    return bottom(values_below(t))


def ones_like(t: Any) -> Any:
    """A tangent of ones where all takes part, like another one."""
    if type(t) is list:
        return [one if one is ZERO else ones_like(one) for one in t]
    values = parts(t)[0]
    plain = bottom(values)
    return with_entries(values, np.ones(plain.shape, plain.dtype))


def with_entries(value: Any, entries: Any) -> Any:
    """A value with other numbers, in the lanes that it has."""
    if type(value) is not Value:
        return entries
    below = with_entries(value.below, entries)
    if not isinstance(value.level, BatchLevel):
        return below
    return make_value(value.level, below, None, value.shape, entries.dtype)


def batches_of(value: Any) -> list[Any]:
    """The batches that a value has lanes of, in the order of the axes of the plain array below."""
    found = []
    while type(value) is Value:
        if isinstance(value.level, BatchLevel):
            found.append(value.level)
        value = value.below
    return found[::-1]


def aligned(values: Sequence[Any], arrays: Sequence[Any], result: Any) -> list[Any] | None:
    """The plain arrays of some values, broadcast to a result's; None if it is not clear which lanes are whose.

    An array may be None, which stands for zeros.
    """
    shape, batches, ndim = bottom(result).shape, batches_of(result), len(result.shape)
    found = []
    for value, array in zip(values, arrays, strict=True):
        if array is None:
            found.append(np.zeros(shape))
            continue
        array = np.asarray(array)
        mine = batches_of(value)
        if len(mine) != array.ndim - len(value.shape) or any(level not in batches for level in mine):
            return None
        if mine:
            lengths = iter(array.shape)
            lanes = tuple(next(lengths) if level in mine else 1 for level in batches)
            array = array.reshape(lanes + (1,) * (ndim - len(value.shape)) + tuple(lengths))
        lined_up = broadcast([array], shape)
        if lined_up is None:
            return None
        found += lined_up
    return found
