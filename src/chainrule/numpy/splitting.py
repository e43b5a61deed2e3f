"""Arrays taken apart along an axis, into views."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from chainrule.numpy.handle import Array, Handle
from chainrule.numpy.indexing import part_at
from chainrule.numpy.movement import moveaxis
from chainrule.numpy.operands import array_of, plain
from chainrule.numpy.table import implements


def parts(array: Array, bounds: list[int], axis: int) -> list[Any]:
    """The views between bounds along an axis."""
    before = (slice(None),) * axis
    return [part_at(array, (*before, slice(start, stop))) for start, stop in pairwise(bounds)]


@implements(np.array_split)
def array_split(ary: Any, indices_or_sections: Any, axis: Any = 0) -> Any:
    """Parts of almost equal length, or those between given places: views."""
    array = array_of(ary)
    axis = int(normalize_axis_index(axis, array.ndim))
    total = array.shape[axis]
    if _is_count(indices_or_sections):
        count = int(indices_or_sections)
        if count <= 0:
            raise ValueError("number sections must be larger than 0.")
        each, extra = divmod(total, count)
        bounds = [0, *np.cumsum([each + 1] * extra + [each] * (count - extra)).tolist()]
    else:
        bounds = [0, *(int(place) for place in plain(indices_or_sections)), total]
    return parts(array, bounds, axis)


def _is_count(indices_or_sections: Any) -> bool:
    if isinstance(indices_or_sections, Handle):
        return not indices_or_sections.shape
    return not hasattr(indices_or_sections, "__len__")


@implements(np.split)
def split(ary: Any, indices_or_sections: Any, axis: Any = 0) -> Any:
    """Parts of equal length, or those between given places: views."""
    array = array_of(ary)
    if _is_count(indices_or_sections) and array.shape[axis] % int(indices_or_sections):
        raise ValueError("array split does not result in an equal division")
    return array_split(array, indices_or_sections, axis)


@implements(np.hsplit)
def hsplit(ary: Any, indices_or_sections: Any) -> Any:
    """Parts along the second axis, or the only one: views."""
    array = array_of(ary)
    if not array.ndim:
        raise ValueError("hsplit only works on arrays of 1 or more dimensions")
    return split(array, indices_or_sections, 1 if array.ndim > 1 else 0)


@implements(np.vsplit)
def vsplit(ary: Any, indices_or_sections: Any) -> Any:
    """Parts along the first axis of two or more: views."""
    array = array_of(ary)
    if array.ndim < 2:
        raise ValueError("vsplit only works on arrays of 2 or more dimensions")
    return split(array, indices_or_sections, 0)


@implements(np.dsplit)
def dsplit(ary: Any, indices_or_sections: Any) -> Any:
    """Parts along the third axis: views."""
    array = array_of(ary)
    if array.ndim < 3:
        raise ValueError("dsplit only works on arrays of 3 or more dimensions")
    return split(array, indices_or_sections, 2)


def unstack(x: Any, /, *, axis: int = 0) -> Any:
    """The slices along an axis: views."""
    array = array_of(x)
    if not array.ndim:
        raise ValueError("Input array must be at least 1-d.")
    return tuple(moveaxis(array, axis, 0))


if hasattr(np, "unstack"):
    # NumPy has it since 2.1.
    implements(np.unstack)(unstack)
