"""Sorting, partitioning, and places in sorted arrays."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.numpy.axes import one_axis
from chainrule.numpy.constants import traced_form
from chainrule.numpy.handle import look, wrap
from chainrule.numpy.operands import common_dtype, converted, value_of
from chainrule.trace import Value


@traced_form(np.sort)
def sort(a: Any, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None) -> Any:
    """Entries in ascending order along an axis, or all of them. Ties keep their order in the derivative (kinks)."""
    _refuse_fields(order)
    _kind(kind, stable)
    x, axis = _along(value_of(a), axis)
    return wrap(sorted_values(x, axis))


@traced_form(np.argsort)
def argsort(a: Any, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None) -> Any:
    """Indices that sort along an axis, or all entries."""
    _refuse_fields(order)
    x, axis = _along(value_of(a), axis)
    return wrap(ops.argsort(x, axis=axis, kind=_kind(kind, stable)))


@traced_form(np.partition)
def partition(a: Any, kth: Any, axis: Any = -1, kind: str = "introselect", order: Any = None) -> Any:
    """Entries arranged so that the kth is where sorting would put it, the lesser before it and the greater after."""
    _refuse_fields(order)
    x, axis = _along(value_of(a), axis)
    return wrap(ops.permuted(x, ops.partition_order(x, kth=_places(kth, x, axis), axis=axis), axis=axis))


@traced_form(np.argpartition)
def argpartition(a: Any, kth: Any, axis: Any = -1, kind: str = "introselect", order: Any = None) -> Any:
    """Indices that partition along an axis, or all entries."""
    _refuse_fields(order)
    x, axis = _along(value_of(a), axis)
    return wrap(ops.argpartition(x, kth=_places(kth, x, axis), axis=axis))


@traced_form(np.sort_complex)
def sort_complex(a: Any) -> Any:
    """Entries in ascending order along the last axis, as complex numbers."""
    x = value_of(a)
    y = sorted_values(x, one_axis(-1, x.ndim))
    return wrap(y if y.dtype.kind == "c" else converted(y, np.complex64 if y.dtype.char in "bhBH" else np.complex128))


@traced_form(np.lexsort)
def lexsort(keys: Any, axis: Any = -1) -> Any:
    """Indices that sort by several keys, of which the last counts most."""
    values = [value_of(key) for key in keys]
    if not values:
        raise TypeError("need sequence of keys with len > 0 in lexsort")
    if not values[0].ndim:
        return wrap(np.intp(0))
    return wrap(ops.lexsort(*values, axis=one_axis(axis, values[0].ndim)))


@traced_form(np.searchsorted)
def searchsorted(a: Any, v: Any, side: Any = "left", sorter: Any = None) -> Any:
    """Where numbers belong in a sorted array so that it stays sorted."""
    table, numbers = common_dtype([value_of(a), value_of(v)])
    if table.ndim != 1:
        raise ValueError("object too deep for desired array")
    if sorter is not None:
        table = ops.gather(table, converted(value_of(sorter), np.intp))
    return wrap(places_of(table, numbers, side))


@traced_form(np.digitize)
def digitize(x: Any, bins: Any, right: Any = False) -> Any:
    """The number of the bin that each entry belongs to; bins ascend or descend."""
    numbers, edges = value_of(x), value_of(bins)
    if numbers.dtype.kind == "c":
        raise TypeError("x may not be complex")
    numbers, edges = common_dtype([numbers, edges])
    before = ops.index(edges, path=((slice(0, max(edges.shape[0] - 1, 0)),),))
    after = ops.index(edges, path=((slice(1, None),),))
    side = "left" if right else "right"
    if look(ops.reduce_all(before <= after, axes=(0,))):
        return wrap(places_of(edges, numbers, side))
    if not look(ops.reduce_all(before >= after, axes=(0,))):
        raise ValueError("bins must be monotonically increasing or decreasing")
    return edges.shape[0] - wrap(places_of(ops.flip(edges, axes=(0,)), numbers, side))


def sorted_values(x: Any, axis: int) -> Any:
    """A value sorted along an axis."""
    return ops.permuted(x, ops.argsort(x, axis=axis, kind="stable"), axis=axis)


def places_of(table: Any, numbers: Any, side: Any) -> Any:
    """Where numbers of any shape belong in a sorted array."""
    places = ops.searchsorted(table, ops.reshape(numbers, shape=(numbers.size,)), side=side)
    places = ops.reshape(places, shape=numbers.shape)
    return places if type(places) is Value or places.ndim else places[()]


def _along(x: Any, axis: Any) -> tuple[Any, int]:
    """A value and the axis to order it along; all entries in one axis for None."""
    if axis is None:
        return ops.reshape(x, shape=(x.size,)), 0
    return x, one_axis(axis, x.ndim)


def _kind(kind: Any, stable: Any) -> Any:
    if stable is None:
        return kind
    if kind is not None:
        raise ValueError("`kind` and `stable` parameters can't be provided at the same time. Use only one of them.")
    return "stable" if stable else None


def _places(kth: Any, x: Any, axis: int) -> tuple[int, ...]:
    """The places of a partition, counted from the front; among no entries any place will do."""
    length = x.shape[axis]
    places = []
    for k in np.ravel(look(value_of(kth))).tolist():
        place = operator.index(k)
        if not x.size:
            return (0,)
        if not -length <= place < length:
            raise ValueError(f"kth(={place}) out of bounds ({length})")
        places.append(place % length)
    return tuple(places)


def _refuse_fields(order: Any) -> None:
    if order is not None:
        raise ValueError("Cannot specify order when the array has no fields.")
