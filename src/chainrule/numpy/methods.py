"""The methods and attributes of arrays that are functions of the namespace under another roof."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.numpy import creation, movement
from chainrule.numpy.handle import Array, Handle, Scalar, wrap
from chainrule.numpy.operands import converted
from chainrule.numpy.table import FUNCTIONS, without_rule

# Methods that take the arguments of the function of the same name.
FUNCTION_METHODS = (
    "all any argmax argmin argpartition argsort choose clip compress conj conjugate cumprod cumsum diagonal dot max "
    "mean min nonzero prod put ravel repeat round searchsorted squeeze std sum swapaxes take trace var"
).split()


def _method(name: str) -> Callable[..., Any]:
    original = getattr(np, name)

    def method(self: Handle, *args: Any, **kwargs: Any) -> Any:
        return _function(original)(self, *args, **kwargs)

    method.__name__ = name
    method.__doc__ = original.__doc__
    return method


def _function(original: Any) -> Callable[..., Any]:
    if isinstance(original, np.ufunc):
        from chainrule.numpy.ufuncs import UFUNCS

        return UFUNCS[original]
    return FUNCTIONS.get(original) or without_rule(original)


def reshape(self: Handle, *shape: Any, order: Any = "C", copy: Any = None) -> Any:
    """The elements in another shape, given as a tuple or as integers."""
    return movement.reshape(self, shape[0] if len(shape) == 1 else shape, order, copy=copy)


def transpose(self: Handle, *axes: Any) -> Any:
    """The axes in another order, given as a tuple or as integers; reversed if none is given."""
    order = axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes
    return movement.transpose(self, order or None)


def matrix_transpose(self: Handle) -> Any:
    """The last two axes exchanged."""
    if self.ndim < 2:
        raise ValueError("matrix transpose with ndim < 2 is undefined")
    return movement.transpose(self, (*range(self.ndim - 2), self.ndim - 1, self.ndim - 2))


def astype(self: Handle, dtype: Any, order: Any = "K", casting: Any = "unsafe", subok: Any = True, copy: Any = True) -> Any:
    """The elements in another dtype; a conversion to integers or booleans is a step, without a derivative."""
    if not np.can_cast(self.dtype, dtype, casting):
        raise TypeError(f"Cannot cast array data from {self.dtype!r} to {np.dtype(dtype)!r} according to the rule '{casting}'")
    if self.dtype == dtype and not copy:
        return self
    value = converted(self._read(), dtype)
    return wrap(ops.index(value, path=((...,),), copy=True) if self.dtype == dtype else value)


def copy(self: Handle, order: Any = "C") -> Any:
    """A copy."""
    return creation.array(self) if isinstance(self, Array) else self


def flatten(self: Handle, order: Any = "C") -> Any:
    """A copy with one axis."""
    return movement.reshape(creation.array(self), (-1,), order, copy=True)


def fill(self: Array, value: Any) -> None:
    """Write a value everywhere."""
    self[...] = value  # type: ignore[index]  # attached by indexing.py


def install_methods() -> None:
    """Give handles the methods and attributes of NumPy's arrays."""
    for name in FUNCTION_METHODS:
        setattr(Handle, name, _method(name))
    for function in (reshape, transpose, astype, copy, flatten):
        setattr(Handle, function.__name__, function)
    Array.fill = fill  # type: ignore[attr-defined]  # attached here, with the other methods
    Handle.T = property(transpose)  # type: ignore[attr-defined]
    Handle.mT = property(matrix_transpose)  # type: ignore[attr-defined]
    Handle.__matmul__ = lambda self, other: FUNCTIONS[np.matmul](self, other)  # type: ignore[attr-defined]
    Handle.__rmatmul__ = lambda self, other: FUNCTIONS[np.matmul](other, self)  # type: ignore[attr-defined]


install_methods()

__all__ = ["FUNCTION_METHODS", "Scalar", "install_methods"]
