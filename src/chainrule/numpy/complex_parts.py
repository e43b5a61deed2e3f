"""Parts of complex numbers, and questions about them."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import ops
from chainrule.numpy.handle import Handle, fresh, look_for, wrap
from chainrule.numpy.operands import array_of, converted, value_of
from chainrule.numpy.table import implements
from chainrule.numpy.ufuncs import UFUNCS


@implements(np.real)
def real(val: Any) -> Any:
    """The real part: of an array a view, through which it can be written."""
    return _part(val, "real")


@implements(np.imag)
def imag(val: Any) -> Any:
    """The imaginary part: of a complex array a view, of a real one zeros."""
    return _part(val, "imag")


def _part(val: Any, name: str) -> Any:
    return wrap(getattr(val if hasattr(val, name) else array_of(value_of(val)), name))


def conjugate_method(self: Handle, *args: Any, **kwargs: Any) -> Any:
    """The complex conjugate; a real array is its own."""
    if self.dtype.kind != "c" and not args and not kwargs:
        return self
    return UFUNCS[np.conjugate](self, *args, **kwargs)


Handle.conj = conjugate_method  # type: ignore[attr-defined]  # handles get their methods from the modules that own them
Handle.conjugate = conjugate_method  # type: ignore[attr-defined]


@implements(np.angle)
def angle(z: Any, deg: bool = False) -> Any:
    """The angle of a complex number with the positive real axis, in (-π, π]; of a real number a step, 0 or π."""
    x = value_of(z)
    if x.dtype.kind == "c":
        result = ops.arctan2(ops.imag(x), ops.real(x))
    else:
        dtype = np.arctan2.resolve_dtypes((int, x.dtype, None))[2]
        x = converted(x, dtype)
        step = ops.select(ops.signbit(x), dtype.type(np.pi), dtype.type(0))
        result = ops.select(ops.isnan(x), dtype.type(np.nan), step)
    return wrap(result * (180 / np.pi) if deg else result)


@implements(np.iscomplexobj)
def iscomplexobj(x: Any) -> bool:
    """Whether the dtype is complex."""
    return bool(value_of(x).dtype.kind == "c")


@implements(np.isrealobj)
def isrealobj(x: Any) -> bool:
    """Whether the dtype is not complex."""
    return not iscomplexobj(x)


@implements(np.iscomplex)
def iscomplex(x: Any) -> Any:
    """Whether each entry has an imaginary part that is not zero."""
    value = value_of(x)
    if value.dtype.kind == "c":
        return wrap(ops.imag(value) != 0)
    answer = np.zeros(value.shape, bool)
    return fresh(answer) if value.shape else answer[()]


@implements(np.isreal)
def isreal(x: Any) -> Any:
    """Whether each entry has no imaginary part, or one that is zero."""
    return ~iscomplex(x)


@implements(np.real_if_close)
def real_if_close(a: Any, tol: float = 100) -> Any:
    """The real part of a complex array if all imaginary parts are within `tol` spacings of zero."""
    array: Any = array_of(a)
    if array.dtype.kind != "c":
        return array
    if tol > 1:
        tol = float(np.finfo(array.dtype).eps) * tol
    imaginary = ops.absolute(ops.imag(value_of(array)))
    return array.real if look_for(ops.reduce_all, ops.less(imaginary, imaginary.dtype.type(tol))) else array
