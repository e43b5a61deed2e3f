"""Whose code is it: the user's, which a derivative opens, or that of the standard library or an installed package."""

from __future__ import annotations

import sys
import sysconfig
import threading
import weakref
from functools import lru_cache
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

_PACKAGE = Path(__file__).resolve().parents[2]
_LIBRARIES = tuple({Path(sysconfig.get_path(key)).resolve() for key in ("stdlib", "platstdlib", "purelib", "platlib")})

_lock = threading.Lock()
# The packages that are opened like the user's code. NumPy's polynomials are written in Python, over the rest of it.
_entered: set[str] = {"numpy.polynomial"}
_classes: weakref.WeakKeyDictionary[type, bool] = weakref.WeakKeyDictionary()
# What others found out about classes, and `trace_into` may change.
remembered_by_class: weakref.WeakKeyDictionary[type, Any] = weakref.WeakKeyDictionary()


def trace_into(package: str) -> None:
    """Let differentiated functions run an installed package, too, over our NumPy.

    Code of the user is always opened: its `np.zeros(3)`, `math.sin(x)` and `float(x)` carry derivatives. Code of the
    standard library and of installed packages runs as it is, unless it is named here.

    Parameters
    ----------
    package : str
        The name of a package or module, whose functions and classes are then opened like the user's own.

    Examples
    --------
    >>> trace_into("my_models")
    """
    with _lock:
        _entered.add(package)
        is_user_file.cache_clear()
        _classes.clear()
        remembered_by_class.clear()


@lru_cache(maxsize=4096)
def is_user_file(filename: str, module: str) -> bool:
    """Whether the code of a file, in a module of that name, belongs to the user.

    Code that was typed or generated (`<stdin>`, `<string>`, a notebook's cell) belongs to whom its module belongs to;
    an example of a docstring is the user's.
    """
    if any(module == package or module.startswith(package + ".") for package in _entered):
        return True
    if filename.startswith("<"):
        if filename.startswith(("<frozen", "<__array_function__")):
            return False
        if filename.startswith("<doctest"):
            # An example in a docstring is written as a user would write it, whatever module it explains.
            return True
        origin = None if module == "__main__" else getattr(sys.modules.get(module), "__file__", None)
        return origin is None or is_user_file(origin, module)
    path = Path(filename).resolve()
    if any(part in ("site-packages", "dist-packages") for part in path.parts):
        return False
    return not any(path.is_relative_to(folder) for folder in (_PACKAGE, *_LIBRARIES))


def is_user_function(f: FunctionType) -> bool:
    """Whether a function belongs to the user."""
    return is_user_file(f.__code__.co_filename, f.__globals__.get("__name__") or "")


def is_user_module(module: ModuleType) -> bool:
    """Whether a module belongs to the user; one without a file or folder is built in, or the interactive session."""
    name = module.__name__
    file = getattr(module, "__file__", None) or next(iter(getattr(module, "__path__", ())), None)
    if file is None:
        return name == "__main__" or (name not in sys.builtin_module_names and name not in sys.stdlib_module_names)
    return is_user_file(file, name)


def is_user_class(kind: type) -> bool:
    """Whether a class is the user's: it stands in a module of the user's, or has a method that is."""
    known = _classes.get(kind)
    if known is None:
        module = sys.modules.get(kind.__module__)
        known = (module is not None and is_user_module(module)) or any(
            is_user_function(function) for function in _functions(kind)
        )
        with _lock:
            _classes[kind] = known
    return known


def _functions(kind: type) -> list[FunctionType]:
    found: list[FunctionType] = []
    for base in kind.__mro__:
        for attribute in vars(base).values():
            function: Any = getattr(attribute, "fget", None) or getattr(attribute, "__func__", attribute)
            if isinstance(function, FunctionType):
                found.append(function)
    return found
