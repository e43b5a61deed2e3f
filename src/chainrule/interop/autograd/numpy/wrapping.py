"""From a namespace of NumPy's to one of functions that follow derivatives."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from types import MethodType, ModuleType
from typing import Any

import numpy as np

from chainrule.api.bridging import counterpart_of
from chainrule.interop.autograd.tracer import followed, notrace_primitive, primitive

# They look at shapes and dtypes alone.
notrace_functions = [np.ndim, np.shape, np.iscomplexobj, np.result_type]

# What a ufunc has beside being called.
_UFUNC_ATTRIBUTES = ("accumulate", "at", "nargs", "nin", "nout", "ntypes", "outer", "reduce", "reduceat", "types")


def wrapped(original: Callable[..., Any]) -> Any:
    """The function that stands for one of NumPy's: ours for traced arguments, NumPy's own for plain ones."""
    if any(original is function for function in notrace_functions):
        return notrace_primitive(original)
    ours = _counterpart_of_method(original) if isinstance(original, MethodType) else counterpart_of(original)
    if ours is None:
        return primitive(original)
    function: Any = followed(original, ours)
    if isinstance(original, np.ufunc):
        for name in _UFUNC_ATTRIBUTES:
            setattr(function, name, getattr(ours if hasattr(ours, name) else original, name))
    return function


def _counterpart_of_method(original: MethodType) -> Callable[..., Any] | None:
    """Our method for one of an object of SciPy's, such as `scipy.stats.norm`; None if nothing stands for the object."""
    return getattr(counterpart_of(original.__self__), original.__name__, None)


_INTEGERS = (np.int8, np.int16, np.int32, np.int64, np.integer)


class _IntegerType(type):
    """What makes integers instances of what stands for their type."""

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, cls.__mro__[1])


def wrap_intdtype(cls: Any) -> Any:
    """An integer type that converts traced values, to constants."""
    convert = notrace_primitive(cls.__new__)
    return _IntegerType(cls.__name__, (cls,), {"__new__": lambda kind, *args: convert(cls, *args)})


def wrap_namespace(old: Any, new: MutableMapping[str, Any]) -> None:
    """Put what stands for the functions of a namespace into another one, and the rest as it is."""
    made: dict[int, Any] = {}
    for name, item in old.items():
        if name.startswith("__") or isinstance(item, ModuleType):
            continue
        if not callable(item) or (isinstance(item, type) and item not in _INTEGERS):
            new[name] = item
            continue
        if id(item) not in made:
            made[id(item)] = wrap_intdtype(item) if isinstance(item, type) else wrapped(item)
        new[name] = made[id(item)]


def public(module: ModuleType) -> dict[str, Any]:
    """The public names of a module."""
    return {name: item for name, item in vars(module).items() if not name.startswith("_")}


def holds_arrays(x: Any) -> bool:
    """Whether something is an array or a number of NumPy's or ours, or a list of such."""
    if isinstance(x, (list, tuple)):
        return any(map(holds_arrays, x))
    return not isinstance(x, (bool, int, float, complex, str, bytes, type(None)))
