"""Axes and shapes as users give them, made definite."""

from __future__ import annotations

import operator
from typing import Any

from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from chainrule.ops.compositions import size_of

# All the axes that an array of NumPy's may have.
_AXES = tuple(range(64))


def all_axes(axis: Any, ndim: int) -> tuple[int, ...]:
    """The axes that `axis` names, sorted; all of them for None. A number has none, and NumPy calls it 0 or -1."""
    if axis is None:
        return _AXES[:ndim]
    if isinstance(axis, tuple):
        return tuple(sorted(normalize_axis_tuple(axis, ndim)))
    if not ndim and operator.index(axis) in (0, -1):
        return ()
    return (normalize_axis_index(operator.index(axis), ndim),)


def one_axis(axis: Any, ndim: int) -> int:
    """One axis, counted from the front."""
    if type(axis) is int and 0 <= axis < ndim:
        return axis
    return int(normalize_axis_index(operator.index(axis), ndim))


def definite_shape(shape: Any, size: int) -> tuple[int, ...]:
    """A shape with its -1 worked out for an array of a size."""
    lengths = [operator.index(n) for n in (shape if isinstance(shape, (tuple, list)) else (shape,))]
    unknown = [k for k, n in enumerate(lengths) if n < 0]
    if len(unknown) > 1:
        raise ValueError("can only specify one unknown dimension")
    if unknown:
        known = size_of(tuple(n for n in lengths if n >= 0))
        if not known or size % known:
            raise ValueError(f"cannot reshape array of size {size} into shape {tuple(lengths)}")
        lengths[unknown[0]] = size // known
    if size_of(tuple(lengths)) != size:
        raise ValueError(f"cannot reshape array of size {size} into shape {tuple(lengths)}")
    return tuple(lengths)
