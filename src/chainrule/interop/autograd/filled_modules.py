"""Modules whose names are made when they are asked for, to programs that look at all of them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any

_of_module: Any = vars(ModuleType)["__dict__"]


class FilledModule(ModuleType):
    """A module with `__getattr__` and `__dir__`, the `__dict__` of which holds everything that they give.

    py_wake copies `autograd.numpy.__dict__`, and others read `vars(autograd.numpy)`.
    """

    @property
    def __dict__(self) -> dict[str, Any]:  # type: ignore[override]  # of a module it is no property
        names: dict[str, Any] = _of_module.__get__(self)
        for name in names["__dir__"]():
            if name not in names:
                names[name] = getattr(self, name)
        return names

    def __reduce__(self) -> tuple[Callable[[str], ModuleType], tuple[str]]:
        # cloudpickle, and joblib with it, knows modules by their exact type, and pickles others as what they hold.
        return import_module, (self.__name__,)


def fill(module: str) -> None:
    """Let a module have its names in its `__dict__`."""
    sys.modules[module].__class__ = FilledModule
