"""NumPy as differentiated functions see it: the same names, on arrays that remember where they came from.

A differentiated function that says `import numpy as np` gets this namespace without asking. It can also be imported
openly, `import chainrule.numpy as np`, and then works alike inside and outside of derivatives.
"""

from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as _numpy

from chainrule.numpy import (
    attachments,
    reduction,
    table,
    ufuncs,
)
from chainrule.numpy.handle import Array, Captured, Scalar, fresh


class _ArrayType(type):
    """What makes `isinstance(x, np.ndarray)` true of our arrays inside a differentiated function."""

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, (_numpy.ndarray, Array))

    def __subclasscheck__(cls, subclass: type) -> bool:
        return issubclass(subclass, (_numpy.ndarray, Array))

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        return fresh(_numpy.ndarray(*args, **kwargs))

    def __eq__(cls, other: object) -> bool:
        # A dict of types that holds one is found by the other.
        return other is cls or other is _numpy.ndarray

    def __hash__(cls) -> int:
        return hash(_numpy.ndarray)


class ndarray(metaclass=_ArrayType):
    """The array type: NumPy's arrays and traced ones are instances."""


def counterpart(original: Any) -> Any:
    """What stands for one of NumPy's objects: our function, or the object itself if it is a constant or a dtype."""
    if original is _numpy.ndarray:
        return ndarray
    if type(original) is ufuncs.Ufunc:
        return original
    if isinstance(original, _numpy.ufunc):
        return table.FUNCTIONS.get(original) or ufuncs.entry_of(original) or _foreign(original)
    try:
        known = table.function_of(original)
    except TypeError:
        return original
    if known is not None:
        return known
    if isinstance(original, (type, ModuleType)) or not callable(original):
        return original
    return table.without_rule(original)


def _foreign(ufunc: _numpy.ufunc) -> Any:
    from chainrule.numpy.foreign_ufuncs import foreign

    return foreign(ufunc)


def _opened_polynomials() -> ModuleType:
    """The package of polynomials, whose functions are opened in a differentiated function."""
    from chainrule.numpy.swap.modules import ModuleLookAlike

    return ModuleLookAlike(_numpy.polynomial)


# Modules of ours that stand for NumPy's.
_MODULES = frozenset(("fft", "lib", "linalg", "random"))


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    if name in _MODULES:
        return import_module(f"{__name__}.{name}")
    # Kept as an attribute: the next look-up does not come here.
    found = globals()[name] = _opened_polynomials() if name == "polynomial" else counterpart(getattr(_numpy, name))
    return found


def __dir__() -> list[str]:
    return sorted(set(dir(_numpy)))
