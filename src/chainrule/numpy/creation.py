"""Arrays made from nothing, from shapes, from lists, and as copies: what no protocol of NumPy sees."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.numpy.handle import WHOLE, Array, Frozen, Handle, fresh, wrap
from chainrule.numpy.operands import array_of, converted, holds_handles, is_traced, plain, value_of
from chainrule.numpy.table import implements
from chainrule.trace import Value


def _held(made: Any) -> Any:
    """A new array as opened code holds it: NumPy's own for records, which carry no derivative."""
    return made if made.dtype.kind == "V" else fresh(made)


def _make(original: Any) -> None:
    @implements(original)
    @functools.wraps(original)
    def create(*args: Any, **kwargs: Any) -> Any:
        result = original(*plain(args), **plain(kwargs))
        if type(result) is not np.ndarray:
            return wrap(result)
        if not result.flags.writeable and result.dtype.kind != "V":
            return Frozen(result)
        return _held(result) if result.base is None or result.dtype.kind == "V" else Array(result)


# These make constants, whatever their arguments are.
for _original in (
    np.zeros,
    np.ones,
    np.empty,
    np.eye,
    np.identity,
    np.tri,
    np.indices,
    np.frombuffer,
    np.fromstring,
    np.fromfile,
    np.fromregex,
    np.from_dlpack,
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
    object: Any,
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
    if not isinstance(object, Handle) and not (isinstance(object, (list, tuple)) and holds_handles(object)):
        plain_made = np.array(object, dtype=dtype, copy=copy, order=order, ndmin=ndmin)
        is_new = copy or not isinstance(object, np.ndarray) or plain_made.dtype.kind == "V"
        return _held(plain_made) if is_new else Array(plain_made)
    source = array_of(object)
    if dtype is not None and source.dtype != dtype:
        if copy is False:
            raise ValueError("Unable to avoid copy while creating an array as requested.")
        made = Array(_as_array(converted(source._read(), dtype)))
    elif copy or not _has_order(source, order):
        if copy is False:
            raise ValueError("Unable to avoid copy while creating an array as requested.")
        made = copied(source, order)
    else:
        made = source
    if made.ndim < ndmin:
        return made[(None,) * (ndmin - made.ndim)]
    return made


def _has_order(array: Array, order: Any) -> bool:
    """Whether an array lies in memory in the order that is asked for."""
    if order in ("K", "A", None):
        return True
    flags = array._layout().flags
    return bool(flags.f_contiguous if order == "F" else flags.c_contiguous)


def copied(array: Array, order: Any = "K") -> Array:
    """A copy in memory of its own, laid out in the order C, F, A or K (that of the array)."""
    value = array._read()
    flags = array._layout().flags
    if order in ("K", "A", None):
        order = "F" if flags.f_contiguous and not flags.c_contiguous else "C"
    if type(value) is not Value:
        return fresh(np.array(value, order=order))
    if flags.f_contiguous if order == "F" else flags.c_contiguous:
        # Values are immutable: whichever of the two is written to first is copied then.
        return Array(value)
    if order == "C":
        return Array(ops.index(value, path=WHOLE, copy=True))
    reverse = tuple(range(value.ndim))[::-1]
    return Array(ops.transpose(ops.index(ops.transpose(value, axes=reverse), path=WHOLE, copy=True), axes=reverse))


def _as_array(value: Any) -> Any:
    return value if type(value) is Value else np.asarray(value)


@implements(np.asarray)
def asarray(
    a: Any, dtype: Any = None, order: Any = None, *, device: Any = None, copy: Any = None, like: Any = None
) -> Any:
    """What is given as an array, itself if it is one."""
    return array(a, dtype, copy=copy, order=order or "K")


@implements(np.asanyarray)
def asanyarray(
    a: Any, dtype: Any = None, order: Any = None, *, device: Any = None, copy: Any = None, like: Any = None
) -> Any:
    """What is given as an array, itself if it is one."""
    return array(a, dtype, copy=copy, order=order or "K")


@implements(np.ascontiguousarray)
def ascontiguousarray(a: Any, dtype: Any = None, *, like: Any = None) -> Any:
    """What is given as an array of at least one axis, row by row in memory."""
    return array(a, dtype, copy=None, order="C", ndmin=1)


@implements(np.asfortranarray)
def asfortranarray(a: Any, dtype: Any = None, *, like: Any = None) -> Any:
    """What is given as an array of at least one axis, column by column in memory."""
    return array(a, dtype, copy=None, order="F", ndmin=1)


@implements(np.require)
def require(a: Any, dtype: Any = None, requirements: Any = None, *, like: Any = None) -> Any:
    """What is given as an array that meets requirements on its memory."""
    wanted = {requirements} if isinstance(requirements, str) else set(requirements or ())
    order = "F" if wanted & {"F", "F_CONTIGUOUS", "FORTRAN"} else "C" if wanted & {"C", "C_CONTIGUOUS"} else "K"
    made = array(a, dtype, copy=None, order=order)
    needs_copy = (wanted & {"W", "WRITEABLE"} and not made.flags.writeable) or (
        wanted & {"O", "OWNDATA"} and not made.flags.owndata
    )
    return copied(made) if needs_copy else made


@implements(np.asarray_chkfinite)
def asarray_chkfinite(a: Any, dtype: Any = None, order: Any = None) -> Any:
    """What is given as an array; raises if it holds NaN or infinity."""
    made = array(a, dtype, copy=None, order=order or "K")
    if made.dtype.kind in "fc" and not np.isfinite(_numbers(made)).all():
        raise ValueError("array must not contain infs or NaNs")
    return made


def _numbers(array: Array) -> Any:
    """The numbers of all lanes."""
    value = array._peek()
    while type(value) is Value:
        value = value.below
    return value


def astype(x: Any, dtype: Any, /, *, copy: bool = True, device: Any = None) -> Any:
    """The elements in another dtype."""
    if not isinstance(x, (Handle, np.ndarray)):
        raise TypeError(f"Input should be a NumPy array or scalar. It is a {type(x)} instead.")
    return (x if isinstance(x, Handle) else Array(x)).astype(dtype, copy=copy)


# New in NumPy 2.1.
if hasattr(np, "astype"):
    implements(np.astype)(astype)


@implements(np.copy)
def copy(a: Any, order: Any = "K", subok: bool = False) -> Any:
    """A copy."""
    if isinstance(a, np.ndarray) and a.dtype.kind == "V":
        return np.copy(a, order)
    return copied(array_of(a), order)


@implements(np.zeros_like)
def zeros_like(
    a: Any, dtype: Any = None, order: Any = "K", subok: bool = True, shape: Any = None, *, device: Any = None
) -> Any:
    """Zeros of the shape and dtype of an array."""
    return _held(np.zeros_like(array_of(a)._layout(), dtype, order, True, plain(shape)))


@implements(np.ones_like)
def ones_like(
    a: Any, dtype: Any = None, order: Any = "K", subok: bool = True, shape: Any = None, *, device: Any = None
) -> Any:
    """Ones of the shape and dtype of an array."""
    return _held(np.ones_like(array_of(a)._layout(), dtype, order, True, plain(shape)))


@implements(np.empty_like)
def empty_like(
    prototype: Any,
    /,
    dtype: Any = None,
    order: Any = "K",
    subok: bool = True,
    shape: Any = None,
    *,
    device: Any = None,
) -> Any:
    """An array of the shape and dtype of another, with nothing definite in it."""
    return _held(np.empty_like(array_of(prototype)._layout(), dtype, order, True, plain(shape)))


@implements(np.full)
def full(
    shape: Any, fill_value: Any, dtype: Any = None, order: Any = "C", *, device: Any = None, like: Any = None
) -> Any:
    """An array filled with a value."""
    if not is_traced(fill_value):
        return _held(np.full(plain(shape), plain(fill_value), dtype, order))
    value = value_of(fill_value)
    return filled(np.empty(plain(shape), value.dtype if dtype is None else dtype, order), value)


@implements(np.full_like)
def full_like(
    a: Any,
    fill_value: Any,
    dtype: Any = None,
    order: Any = "K",
    subok: bool = True,
    shape: Any = None,
    *,
    device: Any = None,
) -> Any:
    """An array of the shape and dtype of another, filled with a value."""
    like = array_of(a)._layout()
    if not is_traced(fill_value):
        return _held(np.full_like(like, plain(fill_value), dtype, order, True, plain(shape)))
    return filled(np.empty_like(like, dtype, order, True, plain(shape)), value_of(fill_value))


def filled(like: Any, value: Any) -> Array:
    """A new array with the shape, dtype and order of a plain one, with a traced value everywhere."""
    spread = Array(ops.broadcast_to(converted(value, like.dtype), shape=like.shape))
    return copied(spread, "F" if like.flags.f_contiguous and not like.flags.c_contiguous else "C")


@implements(np.fromfunction)
def fromfunction(function: Any, shape: Any, *, dtype: Any = float, like: Any = None, **kwargs: Any) -> Any:
    """What a function makes of the indices of an array of a shape."""
    return function(*map(fresh, np.indices(plain(shape), dtype=dtype)), **kwargs)


@implements(np.fromiter)
def fromiter(iter: Any, dtype: Any, count: int = -1, *, like: Any = None) -> Any:
    """The items of an iterable, one after the other."""
    items = [item for _, item in zip(range(count), iter, strict=False)] if count >= 0 else list(iter)
    if len(items) < count:
        raise ValueError(f"iterator too short: Expected {count} but iterator had only {len(items)} items.")
    if holds_handles(items):
        return array(items, dtype)
    return _held(np.fromiter(items, dtype))


__all__ = ["array", "asanyarray", "asarray", "copied", "copy", "filled", "fresh", "full", "full_like"]
