"""Look-alikes of a user's objects and modules, whose functions are opened and whose arrays are constant handles."""

from __future__ import annotations

import enum
import sys
import threading
import weakref
from types import FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from chainrule.numpy.handle import Handle

_lock = threading.RLock()
_classes: weakref.WeakKeyDictionary[type, type | None] = weakref.WeakKeyDictionary()

# Special methods that make, name or destroy an object, and must see it as it is.
_KEPT = frozenset(
    "__new__ __init__ __del__ __getattribute__ __setattr__ __delattr__ __class__ __init_subclass__ __class_getitem__ "
    "__reduce__ __reduce_ex__ __getstate__ __setstate__ __subclasshook__ __set_name__ __dir__ __sizeof__".split()
)


def shadow_of(value: Any) -> Any:
    """The look-alike of a user's object or module; anything else as it is."""
    if isinstance(value, ModuleType):
        return ShadowModule(value)
    kind = shadow_class(type(value))
    if kind is None:
        return value
    try:
        shadow = object.__new__(kind)
        # Not a copy: what either of them stores, both have.
        object.__setattr__(shadow, "__dict__", value.__dict__)
    except (TypeError, AttributeError):
        return value
    return shadow


def is_shadow(value: Any) -> bool:
    """Whether an object is a look-alike."""
    return getattr(type(value), "_is_shadow", False)


def cast_off(value: Any) -> Any:
    """The user's own object for its look-alike; anything else as it is."""
    if not is_shadow(value):
        return value
    original = object.__new__(type(value).__mro__[1])
    object.__setattr__(original, "__dict__", object.__getattribute__(value, "__dict__"))
    return original


def shadow_class(kind: type) -> type | None:
    """The class of look-alikes of instances of a user's class; None for a class that has none."""
    if getattr(kind, "_is_shadow", False):
        return None
    try:
        return _classes[kind]
    except KeyError:
        pass
    with _lock:
        made = _classes[kind] = _make_class(kind)
        return made


def _make_class(kind: type) -> type | None:
    from chainrule.numpy import swap

    if issubclass(kind, (BaseException, enum.Enum, tuple, list, dict, set, np.ndarray, np.generic, Handle, type)):
        return None
    functions = _functions(kind)
    if not any(swap.is_user_function(f) for f in functions.values()) or kind.__dictoffset__ == 0:
        return None
    attributes: dict[str, Any] = {"_is_shadow": True, "__getattribute__": _getattribute, "__module__": kind.__module__}
    for name, function in functions.items():
        if name.startswith("__") and name.endswith("__") and name not in _KEPT and swap.is_user_function(function):
            attributes[name] = swap.clone_of(function)
    try:
        return type(kind)(kind.__name__, (kind,), attributes)
    except TypeError:
        return None


def _functions(kind: type) -> dict[str, FunctionType]:
    found: dict[str, FunctionType] = {}
    for base in kind.__mro__:
        for name, attribute in vars(base).items():
            function = getattr(attribute, "__func__", attribute)
            if isinstance(attribute, property):
                function = attribute.fget
            if isinstance(function, FunctionType) and name not in found:
                found[name] = function
    return found


def _getattribute(self: Any, name: str) -> Any:
    from chainrule.numpy import swap

    kind = type(self).__mro__[1]
    if name.startswith("__"):
        return kind.__getattribute__(self, name)
    descriptor = getattr(kind, name, None) if isinstance(_static(kind, name), property) else None
    if isinstance(descriptor, property) and isinstance(descriptor.fget, FunctionType):
        return swap.swapped(descriptor.fget)(self)
    value = kind.__getattribute__(self, name)
    if isinstance(value, MethodType) and value.__self__ is self:
        return MethodType(swap.swapped(value.__func__), self)
    return swap.swapped(value)


def _static(kind: type, name: str) -> Any:
    for base in kind.__mro__:
        if name in vars(base):
            return vars(base)[name]
    return None


class ShadowModule(ModuleType):
    """The look-alike of a user's module."""

    def __init__(self, module: ModuleType) -> None:
        super().__init__(module.__name__, module.__doc__)
        self.__dict__["_module"] = module

    def __getattribute__(self, name: str) -> Any:
        if name.startswith("__") or name == "_module":
            return super().__getattribute__(name)
        from chainrule.numpy import swap

        return swap.globals_of(vars(super().__getattribute__("_module")))[name]

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self.__dict__["_module"], name, value)


class OpenedSuper:
    """`super()` inside a differentiated function: the methods that it finds are opened."""

    def __init__(self, *args: Any) -> None:
        if not args:
            frame = sys._getframe(1)
            args = (frame.f_locals["__class__"], frame.f_locals[frame.f_code.co_varnames[0]])
        object.__getattribute__(self, "__dict__")["_super"] = super(*args)

    def __getattribute__(self, name: str) -> Any:
        from chainrule.numpy import swap

        own = object.__getattribute__(self, "__dict__")
        value = getattr(own["_super"], name)
        if isinstance(value, MethodType):
            return MethodType(swap.swapped(value.__func__), value.__self__)
        return swap.swapped(value)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(object.__getattribute__(self, "__dict__")["_super"], name, value)
