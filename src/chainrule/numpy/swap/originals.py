"""From what stands for an object of NumPy, of `math` or of Python in opened code, back to the object."""

from __future__ import annotations

import builtins
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

import chainrule.numpy as namespace
from chainrule.numpy import front_ends
from chainrule.numpy.swap import math_functions, statistics_functions
from chainrule.numpy.swap.namespaces import BUILTINS
from chainrule.numpy.table import FUNCTIONS
from chainrule.numpy.ufuncs import Ufunc

_PYTHON = vars(builtins)


def original_of(stand_in: Any) -> Any:
    """The object that something stands for; the thing itself if it stands for nothing."""
    kind = type(stand_in)
    if kind is Ufunc:
        return stand_in.ufunc
    if kind is ModuleType:
        return _module(stand_in)
    if kind is FunctionType or isinstance(stand_in, type):
        wrapped = getattr(stand_in, "__wrapped__", None)
        if wrapped is not None and namespace.counterpart(wrapped) is stand_in:
            return wrapped
        return _originals().get(stand_in, stand_in)
    return stand_in


def _module(module: ModuleType) -> ModuleType:
    for known, stand_in in (math_functions.MODULES | statistics_functions.MODULES).items():
        if module is stand_in:
            return known
    original = front_ends.original_module(module)
    if original is not None:
        return original
    name = module.__name__
    if name == namespace.__name__ or name.startswith(namespace.__name__ + "."):
        found: Any = np
        for part in name.removeprefix(namespace.__name__).split(".")[1:]:
            found = getattr(found, part, None)
        return found if isinstance(found, ModuleType) else module
    return module


_known: dict[Any, Any] = {}


def _originals() -> dict[Any, Any]:
    """The originals of all stand-ins; the table of functions may have grown since it was made."""
    if len(_known) < len(FUNCTIONS):
        for module in (math_functions, statistics_functions):
            _known.update({stand_in: original for original, stand_in in module.FUNCTIONS.items()})
        _known.update({BUILTINS[name]: _PYTHON[name] for name in BUILTINS if BUILTINS[name] is not _PYTHON.get(name)})
        _known.update({stand_in: original for original, stand_in in FUNCTIONS.items()})
        _known[namespace.ndarray] = np.ndarray
    return _known
