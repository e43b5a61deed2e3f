"""The methods of arrays: functions of the namespace under another roof, and those that only arrays have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.errors import NoRuleError
from chainrule.graph.position import describe, here
from chainrule.numpy import movement, ufuncs
from chainrule.numpy.handle import Array, Handle, wrap
from chainrule.numpy.operands import array_of, converted
from chainrule.numpy.python_numbers import python_number
from chainrule.numpy.table import FUNCTIONS, function_of, without_rule

# Methods that take the arguments of the function of the same name.
FUNCTION_METHODS = (
    "all any argmax argmin argpartition argsort choose cumprod cumsum diagonal dot max "
    "mean min nonzero prod put ravel repeat round searchsorted squeeze std sum swapaxes take trace var"
).split()

# Methods that hand out, or change, the bytes of the memory.
_OF_MEMORY = "byteswap dump dumps getfield tobytes tofile tolist".split()


def _method(name: str) -> Callable[..., Any]:
    original = getattr(np, name)

    def method(self: Handle, *args: Any, **kwargs: Any) -> Any:
        return entry_of(original)(self, *args, **kwargs)

    method.__name__ = name
    method.__doc__ = original.__doc__
    return method


def entry_of(original: Any) -> Callable[..., Any]:
    """What stands for one of NumPy's functions."""
    known = ufuncs.entry_of(original) if isinstance(original, np.ufunc) else None
    return known or function_of(original) or without_rule(original)


def _method_of_memory(name: str) -> Callable[..., Any]:
    def method(self: Handle, *args: Any, **kwargs: Any) -> Any:
        return wrap(getattr(self._plain(f"{name}()"), name)(*args, **kwargs))

    method.__name__ = name
    method.__doc__ = f"`{name}` of NumPy's arrays, of constant arrays only."
    return method


def reshape(self: Handle, *shape: Any, order: Any = "C", copy: Any = None) -> Any:
    """The elements in another shape, given as a tuple or as integers."""
    return movement.reshape(self, shape[0] if len(shape) == 1 else shape, order, copy=copy)


def transpose(self: Handle, *axes: Any) -> Any:
    """The axes in another order, given as a tuple or as integers; reversed if none is given."""
    if not axes or axes[0] is None:
        return movement.transpose(self)
    return movement.transpose(self, axes[0] if len(axes) == 1 else axes)


def astype(
    self: Handle, dtype: Any, order: Any = "K", casting: Any = "unsafe", subok: Any = True, copy: Any = True
) -> Any:
    """The elements in another dtype; a conversion to integers or booleans is a step, without a derivative."""
    dtype = np.dtype(dtype)
    if not np.can_cast(self.dtype, dtype, casting):
        raise TypeError(f"Cannot cast array data from {self.dtype!r} to {dtype!r} according to the rule '{casting}'")
    if self.dtype != dtype:
        return _like(self, converted(self._read(), dtype))
    return self.copy() if copy else self  # type: ignore[attr-defined]  # attached below


def _like(self: Handle, value: Any) -> Any:
    """A result as an array if it is one of an array, also without axes."""
    if not isinstance(self, Array):
        return wrap(value)
    return Array(np.asarray(value) if isinstance(value, np.generic) else value)


def copy(self: Handle, order: Any = "C") -> Any:
    """A copy."""
    return FUNCTIONS[np.copy](self, order) if isinstance(self, Array) else self


def flatten(self: Handle, order: Any = "C") -> Any:
    """A copy with one axis."""
    return FUNCTIONS[np.copy](movement.flat_in_order(array_of(self), order))


def fill(self: Array, value: Any) -> None:
    """Write a value everywhere."""
    self[...] = value


def compress(self: Handle, condition: Any, axis: Any = None, out: Any = None) -> Any:
    """The slices along an axis for which a condition holds."""
    return FUNCTIONS[np.compress](condition, self, axis, out)


def sort(self: Array, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None) -> None:
    """Sort in place."""
    self[...] = FUNCTIONS[np.sort](self, axis, kind, order, stable=stable)


def partition(self: Array, kth: Any, axis: Any = -1, kind: Any = "introselect", order: Any = None) -> None:
    """Partition in place."""
    self[...] = FUNCTIONS[np.partition](self, kth, axis, kind, order)


def setfield(self: Array, val: Any, dtype: Any, offset: int = 0) -> None:
    """Write into some bytes of each element, of constant arrays only."""
    changed = np.array(self._plain("setfield()"))
    changed.setfield(val, dtype, offset)
    self._write(changed)


def resize(self: Array, *shape: Any, refcheck: bool = True) -> None:
    """Refuse: memory that views and derivatives refer to cannot be given another size."""
    raise NoRuleError(
        f"`resize` changes the size of an array in place, which no derivative can follow.{describe(here())}\n"
        "  Use `np.resize(x, shape)`, which makes a new array, or `x.reshape(shape)` for the same size."
    )


def item(self: Handle, *args: Any) -> Any:
    """One element as a number; a traced one stays traced, so that its derivative is not lost."""
    if not self._is_traced():
        return self._peek().item(*args)
    # The element of an array of positions, so that NumPy settles what the arguments mean.
    position = np.arange(self.size).reshape(self.shape).item(*args)
    index = np.unravel_index(position, self.shape) if self.shape else ()
    return python_number(wrap(ops.index(self._peek(), path=(tuple(int(i) for i in index),))))


def install_methods() -> None:
    """Give handles the methods of NumPy's arrays."""
    for name in FUNCTION_METHODS:
        setattr(Handle, name, _method(name))
    for name in _OF_MEMORY:
        setattr(Handle, name, _method_of_memory(name))
    of_handles: tuple[Callable[..., Any], ...] = (reshape, transpose, astype, copy, flatten, compress, item)
    of_arrays: tuple[Callable[..., Any], ...] = (fill, sort, partition, setfield, resize)
    for function in of_handles:
        setattr(Handle, function.__name__, function)
    for function in of_arrays:
        setattr(Array, function.__name__, function)


install_methods()

__all__ = ["FUNCTION_METHODS", "function_of", "install_methods"]
