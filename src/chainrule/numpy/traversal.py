"""Arrays visited element by element or vector by vector, by functions of the user."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from chainrule.errors import NoRuleError
from chainrule.graph.position import describe, here
from chainrule.numpy.attributes import Flat
from chainrule.numpy.handle import Handle
from chainrule.numpy.joining import stack
from chainrule.numpy.movement import expand_dims, moveaxis
from chainrule.numpy.operands import array_of, is_traced, plain
from chainrule.numpy.table import implements


@implements(np.apply_along_axis)
def apply_along_axis(func1d: Callable[..., Any], axis: Any, arr: Any, *args: Any, **kwargs: Any) -> Any:
    """What a function makes of each vector along an axis, in the place of that axis."""
    array = array_of(arr)
    axis = int(normalize_axis_index(axis, array.ndim))
    vectors = moveaxis(array, axis, -1)
    places = list(np.ndindex(vectors.shape[:-1]))
    if not places:
        raise ValueError("Cannot apply_along_axis when any iteration dimensions are 0")
    # A scalar vector of an array of one axis is that array itself, not an element of it.
    results = [array_of(func1d(vectors[(*place, ...)], *args, **kwargs)) for place in places]
    # NumPy collects the results in an array of the dtype of the first.
    results = [result.astype(results[0].dtype, copy=False) for result in results]
    made = stack(results).reshape(vectors.shape[:-1] + results[0].shape)
    if not results[0].ndim:
        return made
    first = array.ndim - 1
    return moveaxis(made, tuple(range(first, made.ndim)), tuple(range(axis, axis + results[0].ndim)))


@implements(np.apply_over_axes)
def apply_over_axes(func: Callable[..., Any], a: Any, axes: Any) -> Any:
    """What a function of an array and an axis makes, axis after axis; axes that it removes are put back as ones."""
    array = array_of(a)
    ndim = array.ndim
    for axis in np.atleast_1d(plain(axes)).tolist():
        axis = axis + ndim if axis < 0 else axis
        result = array_of(func(array, axis))
        if result.ndim != array.ndim:
            result = expand_dims(result, axis)
            if result.ndim != array.ndim:
                raise ValueError("function is not returning an array of the correct shape")
        array = result
    return array


class IndexedElements:
    """What `np.ndenumerate` is on a traced array: each index with the element there."""

    __slots__ = ("_flat",)

    def __init__(self, arr: Any) -> None:
        self._flat = Flat(array_of(arr))

    def __iter__(self) -> Iterator[tuple[tuple[int, ...], Any]]:
        return self

    def __next__(self) -> tuple[tuple[int, ...], Any]:
        if self._flat.index >= len(self._flat):
            raise StopIteration
        coords = self._flat.coords
        return coords, next(self._flat)


@implements(np.ndenumerate)
def ndenumerate(arr: Any) -> Any:
    """Each index of an array with the element there."""
    return IndexedElements(arr) if isinstance(arr, Handle) or is_traced(arr) else np.ndenumerate(arr)


@implements(np.nditer)
def nditer(op: Any, *args: Any, **kwargs: Any) -> Any:
    """NumPy's iterator over constants; it hands out memory, so traced arrays are refused."""
    if is_traced(op):
        raise NoRuleError(
            f"`np.nditer` hands out the memory of an array, which cannot carry a derivative.{describe(here())}\n"
            "  Use `for i in np.ndindex(x.shape)` with `x[i]`, or `np.ndenumerate(x)`."
        )
    return np.nditer(plain(op), *plain(args), **plain(kwargs))
