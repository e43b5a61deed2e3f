"""Packages beside NumPy that have a front end of ours, such as SciPy: it is loaded when code meets the package.

The front end lies on a floor above. Its functions stand in the table of functions.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache, wraps
from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np

from chainrule.numpy.handle import wrap
from chainrule.numpy.operands import plain, resists
from chainrule.numpy.table import FUNCTIONS
from chainrule.transforms.reverse import missing_rule

# The module of ours for each package. Its `stand_in` is given the name of a module of the package, fills the tables for
# it, and returns what stands for it; None if nothing does.
_FRONT_ENDS = {"scipy": "chainrule.scipy"}
# The modules whose ufuncs have entries of ours.
_UFUNC_MODULES = ("scipy.special",)
# Ours for each module that was met, and the other way round.
_MODULES: dict[str, ModuleType | None] = {}


# What stands for an instance of a class of such a package, made for it.
CONVERSIONS: dict[type, Callable[[Any], Any]] = {}


def has_front_end(module: str | None) -> bool:
    """Whether a module, given by its name, is of a package with a front end."""
    return module is not None and module.partition(".")[0] in _FRONT_ENDS


def stand_in_module(name: str) -> ModuleType | None:
    """What stands for a module of a package with a front end."""
    if name not in _MODULES:
        front_end = _FRONT_ENDS.get(name.partition(".")[0])
        _MODULES[name] = None if front_end is None else import_module(front_end).stand_in(name)
    return _MODULES[name]


def original_module(stand_in: ModuleType) -> ModuleType | None:
    """The module that one of ours stands for."""
    for name, module in _MODULES.items():
        if module is stand_in:
            return sys.modules.get(name)
    return None


def home_module(original: Any) -> str | None:
    """The public module that an object of a package comes from, such as `scipy.special`."""
    module = getattr(original, "__module__", None) or getattr(type(original), "__module__", None)
    return ".".join(module.split(".")[:2]) if isinstance(module, str) and has_front_end(module) else None


def entry(original: Any) -> Any:
    """What stands for an object of a package with a front end; None if nothing does."""
    home = home_module(original)
    if home is None or stand_in_module(home) is None:
        return None
    convert = CONVERSIONS.get(type(original))
    if convert is not None:
        return convert(original)
    try:
        known = FUNCTIONS.get(original)
    except TypeError:
        return None
    if known is not None:
        return known
    if isinstance(original, type) or not callable(original) or not hasattr(original, "__name__"):
        return None
    return constant_only(original)


def ufunc_entry(ufunc: np.ufunc) -> Any:
    """What stands for a ufunc of a package with a front end; None if nothing does."""
    from chainrule.numpy.ufuncs import entry_of

    for name in _UFUNC_MODULES:
        module = sys.modules.get(name)
        if module is not None and getattr(module, ufunc.__name__, None) is ufunc:
            stand_in_module(name)
            return FUNCTIONS.get(ufunc) or entry_of(ufunc)
    return None


@cache
def constant_only(original: Any) -> Callable[..., Any]:
    """A function that its package computes for constants, and that is refused for traced values."""

    @wraps(original)
    def computed(*args: Any, **kwargs: Any) -> Any:
        if any(map(resists, args)) or any(map(resists, kwargs.values())):
            raise missing_rule(f"{home_module(original)}.{original.__name__}")
        return wrap(original(*plain(args), **plain(kwargs)))

    return computed
