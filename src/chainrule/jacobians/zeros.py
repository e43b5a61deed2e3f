"""Structural zeros: what does not take part in a derivative, as opposed to what contributes the number 0.

A tangent or cotangent is one of

* `ZERO`: nothing takes part;
* an array or Value: everything takes part;
* `Masked(values, excluded)`: values are exactly 0 where the booleans `excluded` are true, and these stay out even of a
  product with an infinite or undefined local derivative;
* `Placed(values, path, shape)`, in the reverse mode only: nothing but the part of an array that was read. Adding it to
  a cotangent costs the size of the part, which keeps reading n elements one by one at O(n).

Exclusion follows the structure of the program (a branch not taken, an entry not read), and is never concluded from a
computed value: √x·√x at 0 stays undefined, as 0·∞ is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy import count_nonzero, logical_not, ndarray, where

from chainrule import ops
from chainrule.ops.compositions import reduced_to, sum_to
from chainrule.trace import Value, ground


class Zero:
    """The tangent or cotangent in which nothing takes part."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "ZERO"


ZERO: Final = Zero()

FLAG = np.dtype(bool)

# The types of a cotangent that is numbers alone, without exclusions, in the commonest dtype of numbers.
PLAIN = frozenset((np.ndarray, np.float64))


class Masked:
    """Values, with those excluded that do not take part; `values` is exactly 0 there."""

    __slots__ = ("excluded", "values")

    def __init__(self, values: Any, excluded: Any) -> None:
        self.values = values
        self.excluded = excluded

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the values."""
        shape: tuple[int, ...] = self.values.shape
        return shape

    @property
    def dtype(self) -> Any:
        """The dtype of the values."""
        return self.values.dtype

    def __repr__(self) -> str:
        return f"Masked({self.values!r}, excluded={self.excluded!r})"


class Placed:
    """The cotangent of an array of which only the part at a path was read.

    Made by `make_placed`. There is no `__init__`, since the pull of every read makes one.
    """

    __slots__ = ("path", "shape", "values")

    values: Any
    path: tuple[Any, ...]
    shape: tuple[int, ...]

    @property
    def dtype(self) -> Any:
        """The dtype of the values."""
        return self.values.dtype


def make_placed(values: Any, path: tuple[Any, ...], shape: tuple[int, ...]) -> Placed:
    """A new placed cotangent."""
    placed = Placed()
    placed.values = values
    placed.path = path
    placed.shape = shape
    return placed


# What a tangent is if it is more than its values: any other takes part whole.
STRUCTURED = frozenset((Zero, Masked, Placed))


def masked(values: Any, excluded: Any) -> Any:
    """A pair, in its simplest form: a flag known for a whole scalar leaves `ZERO` or the value itself."""
    if type(excluded) is np.bool_ or type(excluded) is bool:
        return ZERO if excluded else values
    if values.shape != excluded.shape:
        shape = np.broadcast_shapes(values.shape, excluded.shape)
        values = values if values.shape == shape else ops.broadcast_to(values, shape=shape)
        excluded = excluded if excluded.shape == shape else ops.broadcast_to(excluded, shape=shape)
    return Masked(values, excluded)


def parts(t: Any) -> tuple[Any, Any]:
    """The values of a tangent other than `ZERO`, and its exclusions (None if there are none)."""
    if type(t) is Masked:
        return t.values, t.excluded
    if type(t) is Placed:
        return parts(whole(t))
    return t, None


def whole(t: Placed) -> Any:
    """A placed cotangent as an array with everything else excluded."""
    values, excluded = parts(t.values)
    array = ops.place(values, path=t.path, shape=t.shape)
    if excluded is None:
        if not t.shape:
            return array
        return Masked(array, ops.update(np.ones(t.shape, FLAG), np.False_, path=t.path, donate=True))
    placed = ops.place(ops.logical_not(excluded), path=t.path, shape=t.shape)
    result = masked(array, ops.logical_not(placed))
    # A single entry may be placed and excluded all the same; where an array is asked for, it stays one.
    return Masked(array, np.ones((), FLAG)) if result is ZERO else result


def without_exclusions(t: Any, like: Any) -> Any:
    """The numbers of a tangent as one array, for a reader who multiplies nothing by it."""
    if type(t) is Placed:
        return ops.place(parts(t.values)[0], path=t.path, shape=t.shape)
    return values_of(t, like)


def zeros(shape: tuple[int, ...], dtype: Any) -> Any:
    """The number 0 in every place, where an op needs an array for `ZERO`."""
    return np.zeros(shape, dtype)


def values_of(t: Any, like: Any) -> Any:
    """The plain values of a tangent, zeros of the shape and dtype of `like` for `ZERO`."""
    if t is ZERO:
        return zeros(like.shape, like.dtype)
    return parts(t)[0]


def flags_of(t: Any, shape: tuple[int, ...]) -> Any:
    """The exclusions of a tangent as an array of a shape."""
    if t is ZERO:
        return np.ones(shape, FLAG)
    excluded = parts(t)[1]
    return np.zeros(shape, FLAG) if excluded is None else excluded


def excluded_of(t: Any) -> Any:
    """The exclusions of a tangent: true for `ZERO`, false where nothing is excluded, else an array."""
    if t is ZERO:
        return np.True_
    excluded = parts(t)[1]
    return np.False_ if excluded is None else excluded


def add(a: Any, b: Any) -> Any:
    """The sum of two tangents: excluded is what is excluded from both."""
    if a is ZERO:
        return b
    if b is ZERO:
        return a
    if type(a) not in STRUCTURED and type(b) not in STRUCTURED:
        return a + b
    a_values, a_excluded = parts(a)
    b_values, b_excluded = parts(b)
    values = a_values + b_values
    if a_excluded is None or b_excluded is None:
        return values
    return masked(values, ops.logical_and(a_excluded, b_excluded))


def scale(partial: Any, t: Any) -> Any:
    """A diagonal map applied to a tangent: partial · values, and still 0 where excluded, whatever the partial is."""
    if type(t) is np.ndarray:
        return partial * t
    if type(t) is Masked:
        product = partial * t.values
        return masked(ops.select(t.excluded, product.dtype.type(0), product), t.excluded)
    if type(t) is Placed:
        return scale(partial, whole(t))
    return t if t is ZERO else partial * t


def choose(weight: Any, t: Any) -> Any:
    """A diagonal map whose zeros are structural: an entry of weight 0 belongs to a branch that was not taken."""
    if type(t) is ndarray and type(weight) is ndarray and weight.dtype is FLAG and weight.shape == t.shape:
        # Written out for the commonest case.
        if count_nonzero(weight) == weight.size:
            return t
        return Masked(where(weight, t, t.dtype.type(0)), logical_not(weight))
    if t is ZERO:
        return t
    values, excluded = parts(t)
    if weight.dtype == FLAG:
        unchosen = ops.logical_not(weight)
        chosen = ops.select(weight, values, values.dtype.type(0))
    else:
        unchosen = weight == 0
        chosen = ops.select(unchosen, values.dtype.type(0), weight * values)
    if excluded is not None:
        unchosen = ops.logical_or(unchosen, excluded)
        chosen = ops.select(unchosen, values.dtype.type(0), chosen)
    return masked(chosen, unchosen)


def apply_linear(function: Callable[..., Any], t: Any) -> Any:
    """A linear map applied to the values of a tangent; exclusions are dropped, since the map mixes entries."""
    return t if t is ZERO else function(parts(t)[0])


def apply_movement(function: Callable[..., Any], t: Any) -> Any:
    """A map that puts entries elsewhere, each as often as it likes, applied to values and exclusions alike."""
    if type(t) not in STRUCTURED:
        return function(t)
    if t is ZERO:
        return t
    values, excluded = parts(t)
    moved = function(values)
    return moved if excluded is None else masked(moved, function(excluded))


def apply_selection(function: Callable[..., Any], t: Any) -> Any:
    """A linear map with a matrix of zeros and ones, applied to values and exclusions.

    An entry of the result takes part if any entry that it adds up does, so the same map is applied to the indicator of
    what takes part.
    """
    if type(t) not in STRUCTURED:
        return function(t)
    if t is ZERO:
        return t
    values, excluded = parts(t)
    moved = function(values)
    if excluded is None:
        return moved
    included = function(ops.convert(ops.logical_not(excluded), dtype=np.dtype(np.float64)))
    return masked(moved, included == 0)


def sum_tangent_to(t: Any, shape: tuple[int, ...]) -> Any:
    """`sum_to` for a tangent; excluded is a sum of what is excluded alone."""
    if type(t) not in STRUCTURED:
        return sum_to(t, shape)
    if t is ZERO:
        return t
    values, excluded = parts(t)
    total = sum_to(values, shape)
    return total if excluded is None else masked(total, reduced_to(ops.reduce_all, excluded, shape))


def seeded(seed: Any) -> Any:
    """A seed that the user gave: its exact zeros do not take part, lane by lane under vmap.

    Zeros of a seed that is itself differentiated are numbers: the product is linear in it there, too.
    """
    lanes = seed
    while type(lanes) is Value:
        if lanes.level.differentiates and lanes.attached is not None:
            return seed
        if not lanes.level.differentiates and lanes.attached is not None:
            return _seeded_where_recorded(seed, lanes)
        lanes = lanes.below
    if np.count_nonzero(lanes) == lanes.size:
        # What has no entries does not take part either.
        return seed if lanes.size else ZERO
    excluded = np.equal(lanes, 0)
    if excluded.all():
        return ZERO
    return masked(seed, excluded if seed is lanes else ops.equal(seed, seed.dtype.type(0)))


def _seeded_where_recorded(seed: Any, recorded: Any) -> Any:
    """The same for a seed that a recorded program computes: it looks at whether zeros are there, and not at where."""
    axes = tuple(range(recorded.ndim))
    excluded = ops.equal(recorded, recorded.dtype.type(0))
    if not ground(ops.reduce_any(excluded, axes=axes)):
        return seed
    if ground(ops.reduce_all(excluded, axes=axes)):
        return ZERO
    return masked(seed, excluded if seed is recorded else ops.equal(seed, seed.dtype.type(0)))
