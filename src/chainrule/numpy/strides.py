"""Views that read memory several times: windows, and arrays of any strides.

Writing to one entry of theirs would write to several. They are read-only here, also where NumPy leaves it to callers.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from chainrule import ops
from chainrule.errors import NoRuleError
from chainrule.graph.position import describe, here
from chainrule.numpy.handle import Frozen, Handle, layout_of
from chainrule.numpy.operands import plain, value_of
from chainrule.numpy.table import implements
from chainrule.trace import Value


@implements(np.lib.stride_tricks.sliding_window_view)
def sliding_window_view(
    x: Any, window_shape: Any, axis: Any = None, *, subok: bool = False, writeable: bool = False
) -> Any:
    """All windows of a shape that lie in an array: the places of the windows, then the places in each; read-only."""
    value = value_of(x)
    windows = tuple(window_shape) if np.iterable(window_shape) else (window_shape,)
    if any(n < 0 for n in windows):
        raise ValueError("`window_shape` cannot contain negative values")
    axes = tuple(range(value.ndim)) if axis is None else normalize_axis_tuple(axis, value.ndim, allow_duplicate=True)
    if len(windows) != len(axes):
        raise ValueError(f"Must provide one window length for each of the axes; got {len(windows)} and {len(axes)}.")
    trimmed = list(value.shape)
    for place, n in zip(axes, windows, strict=True):
        trimmed[place] -= n - 1
        if trimmed[place] < 1:
            raise ValueError("window shape cannot be larger than input array shape")
    shape = (*trimmed, *windows)
    # Along each axis the place of the window, and what each window of that axis adds to it.
    places = list(np.ogrid[tuple(slice(n) for n in shape)])
    for k, place in enumerate(axes):
        places[place] = places[place] + places[value.ndim + k]
    windowed = ops.gather(value, *(np.broadcast_to(each, shape) for each in places[: value.ndim]))
    return Frozen(windowed if type(windowed) is Value else np.asarray(windowed))


@implements(np.lib.stride_tricks.as_strided)
def as_strided(x: Any, shape: Any = None, strides: Any = None, subok: bool = False, writeable: bool = True) -> Any:
    """The array of a shape whose entries lie so many bytes apart in the memory of another; read-only."""
    value = value_of(x)
    if type(value) is not Value:
        return Frozen(np.lib.stride_tricks.as_strided(plain(x), shape, strides))
    layout = x._layout() if isinstance(x, Handle) else layout_of(value)
    shape = layout.shape if shape is None else tuple(shape)
    held = _offsets(layout.shape, layout.strides).ravel()
    read = _offsets(shape, layout.strides if strides is None else tuple(strides))
    order = np.argsort(held, kind="stable")
    places = np.searchsorted(held, read, sorter=order)
    outside = places >= held.size
    numbers = order[np.where(outside, 0, places)] if held.size else np.zeros(shape, np.intp)
    if np.any(outside) or (held.size and np.any(held[numbers] != read)):
        raise NoRuleError(
            f"`np.lib.stride_tricks.as_strided` reads memory beside the entries of the array.{describe(here())}\n"
            f"  It has the shape {layout.shape} and strides of {layout.strides} bytes; what lies between or after its\n"
            "  entries belongs to no traced value. Take the strides of a view of the whole array, or index it."
        )
    return Frozen(ops.gather(ops.reshape(value, shape=(held.size,)), numbers))


def _offsets(shape: tuple[int, ...], strides: tuple[int, ...]) -> Any:
    """The distance of each entry from the first one, in bytes; of an array's own entries row by row."""
    offsets = np.zeros(shape, np.intp)
    for place, stride in zip(np.ogrid[tuple(slice(n) for n in shape)], strides, strict=True):
        offsets += place * stride
    return offsets
