"""Questions about arrays that shapes, dtypes and comparisons answer. None has a derivative."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.numpy.axes import all_axes
from chainrule.numpy.handle import Handle, Scalar, look, wrap
from chainrule.numpy.operands import array_of, is_traced, plain, value_of
from chainrule.numpy.table import FUNCTIONS, implements


@implements(np.shape)
def shape(a: Any) -> tuple[int, ...]:
    """The lengths of the axes."""
    return tuple(value_of(a).shape)


@implements(np.ndim)
def ndim(a: Any) -> int:
    """The number of axes."""
    return len(shape(a))


@implements(np.size)
def size(a: Any, axis: Any = None) -> int:
    """The number of elements, or of those along some axes."""
    lengths = shape(a)
    return math.prod(lengths[k] for k in all_axes(axis, len(lengths)))


@implements(np.isscalar)
def isscalar(element: Any) -> bool:
    """Whether something is a number or text, and not an array."""
    return isinstance(element, Scalar) or np.isscalar(element)


@implements(np.iterable)
def iterable(y: Any) -> bool:
    """Whether something can be iterated over."""
    return bool(shape(y)) if isinstance(y, Handle) else np.iterable(y)


@implements(np.isfortran)
def isfortran(a: Any) -> bool:
    """Whether the first index varies fastest in memory, and not the last."""
    return bool(np.isfortran(array_of(a)._layout()))


def _of_dtypes(original: Callable[..., Any], stand_in: Callable[[Any], Any]) -> None:
    """A function of arrays that looks at their dtypes alone."""

    def answer(*args: Any) -> Any:
        return original(*(stand_in(arg) if isinstance(arg, Handle) else arg for arg in args))

    answer.__name__ = original.__name__
    answer.__doc__ = original.__doc__
    implements(original)(answer)


_of_dtypes(np.result_type, lambda x: x.dtype)
_of_dtypes(np.common_type, lambda x: np.empty(0, x.dtype))
# The only one that looks at the number itself, if it is given one.
_of_dtypes(np.min_scalar_type, lambda x: np.empty(0, x.dtype) if shape(x) else look(x._read()))


@implements(np.isin)
def isin(
    element: Any, test_elements: Any, assume_unique: bool = False, invert: bool = False, *, kind: Any = None
) -> Any:
    """Whether each element is among others."""
    if not is_traced(element) and not is_traced(test_elements):
        return wrap(np.isin(plain(element), plain(test_elements), assume_unique, invert, kind=kind))
    among = FUNCTIONS[np.ravel](test_elements)
    # One more axis, along which each element meets all the others.
    equal = array_of(element)[..., None] == among
    found = FUNCTIONS[np.any](equal, axis=-1)
    return ~found if invert else found
