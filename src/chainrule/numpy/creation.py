"""Arrays made from nothing, from shapes, and from lists: what no protocol of NumPy sees."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import ops
from chainrule.numpy.handle import Array, Captured, Handle, fresh
from chainrule.numpy.operands import converted, holds_handles, is_traced, plain, value_of
from chainrule.numpy.table import implements
from chainrule.trace import Value


def _make(original: Any) -> Any:
    def create(*args: Any, **kwargs: Any) -> Any:
        result = original(*plain(args), **plain(kwargs))
        return fresh(result) if type(result) is np.ndarray else result

    create.__name__ = original.__name__
    create.__doc__ = original.__doc__
    implements(original)(create)
    return create


for _original in (
    np.zeros,
    np.ones,
    np.empty,
    np.arange,
    np.eye,
    np.identity,
    np.tri,
    np.indices,
    np.fromfunction,
    np.frombuffer,
    np.fromstring,
    np.fromiter,
    np.fromfile,
    np.loadtxt,
    np.genfromtxt,
    np.hamming,
    np.hanning,
    np.blackman,
    np.bartlett,
):
    _make(_original)


@implements(np.array)
def array(
    object: Any,  # noqa: A002  # the name is NumPy's
    dtype: Any = None,
    *,
    copy: Any = True,
    order: Any = "K",
    subok: bool = False,
    ndmin: int = 0,
    ndmax: int = 0,
    like: Any = None,
) -> Any:
    """An array of what is given, traced if any element is."""
    if isinstance(object, Handle):
        value = object._peek()
        if isinstance(object, Array) and not copy and (dtype is None or value.dtype == dtype) and ndmin <= value.ndim:
            return object
        if copy is False and dtype is not None and value.dtype != dtype:
            raise ValueError("Unable to avoid copy while creating an array as requested.")
        value = ops.index(value, path=((...,),), copy=True)
    elif holds_handles(object):
        value = value_of(object)
    else:
        return fresh(np.array(object, dtype=dtype, copy=copy, order=order, ndmin=ndmin))
    if dtype is not None:
        value = converted(value, dtype)
    if value.ndim < ndmin:
        value = ops.reshape(value, shape=(*(1,) * (ndmin - value.ndim), *value.shape))
    return fresh(value if type(value) is Value else np.asarray(value))


@implements(np.asarray, np.asanyarray)
def asarray(a: Any, dtype: Any = None, order: Any = None, *, device: Any = None, copy: Any = None, like: Any = None) -> Any:
    """What is given as an array, itself if it is one."""
    return array(a, dtype, copy=copy, order=order or "K")


@implements(np.zeros_like)
def zeros_like(a: Any, dtype: Any = None, order: Any = "K", subok: bool = True, shape: Any = None, *, device: Any = None) -> Any:
    """Zeros of the shape and dtype of an array."""
    return full_like(a, 0, dtype, order, subok, shape)


@implements(np.ones_like)
def ones_like(a: Any, dtype: Any = None, order: Any = "K", subok: bool = True, shape: Any = None, *, device: Any = None) -> Any:
    """Ones of the shape and dtype of an array."""
    return full_like(a, 1, dtype, order, subok, shape)


@implements(np.empty_like)
def empty_like(a: Any, /, dtype: Any = None, order: Any = "K", subok: bool = True, shape: Any = None, *, device: Any = None) -> Any:
    """An array of the shape and dtype of another."""
    return full_like(a, 0, dtype, order, subok, shape)


@implements(np.full)
def full(shape: Any, fill_value: Any, dtype: Any = None, order: Any = "C", *, device: Any = None, like: Any = None) -> Any:
    """An array filled with a value."""
    if not is_traced(fill_value):
        return fresh(np.full(plain(shape), plain(fill_value), dtype, order))
    return filled(np.full(plain(shape), 0, dtype or fill_value.dtype), fill_value)


@implements(np.full_like)
def full_like(
    a: Any, fill_value: Any, dtype: Any = None, order: Any = "K", subok: bool = True, shape: Any = None, *, device: Any = None
) -> Any:
    """An array of the shape and dtype of another, filled with a value."""
    like = value_of(a)
    shape = like.shape if shape is None else plain(shape)
    dtype = like.dtype if dtype is None else dtype
    if not is_traced(fill_value):
        return fresh(np.full(shape, plain(fill_value), dtype))
    return filled(np.zeros(shape, dtype), fill_value)


def filled(zeros: Any, fill_value: Any) -> Array:
    """A new array with a traced value written everywhere."""
    made = fresh(zeros)
    made[...] = fill_value  # type: ignore[index]  # attached by indexing.py
    return made


@implements(np.copy)
def copy(a: Any, order: Any = "K", subok: bool = False) -> Any:
    """A copy."""
    return array(a)


__all__ = ["Captured", "array", "asarray", "full", "full_like"]
