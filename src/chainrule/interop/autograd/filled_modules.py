"""Modules whose names are made when they are asked for, to programs that look at all of them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any

_of_module: Any = vars(ModuleType)["__dict__"]


class FilledModule(ModuleType):
    """A module the `__dict__` of which holds everything that its class finds.

    py_wake copies `autograd.numpy.__dict__`, and others read `vars(autograd.numpy)`. PennyLane wraps all functions that
    are there, for a module of its own: the module's `__getattr__` and `__dir__` must not be among them.
    """

    @property
    def __dict__(self) -> dict[str, Any]:  # type: ignore[override]  # of a module it is no property
        names: dict[str, Any] = _of_module.__get__(self)
        for name in dir(self):
            if name not in names:
                names[name] = getattr(self, name)
        return names

    def __reduce__(self) -> tuple[Callable[[str], ModuleType], tuple[str]]:
        # cloudpickle, and joblib with it, knows modules by their exact type, and pickles others as what they hold.
        return import_module, (self.__name__,)


def fill(module: str, find: Callable[[str], Any], listed: Callable[[], list[str]]) -> None:
    """Let a module find its names by a function, list them by another, and have them in its `__dict__`."""
    methods = {"__getattr__": staticmethod(find), "__dir__": staticmethod(listed)}
    sys.modules[module].__class__ = type(FilledModule.__name__, (FilledModule,), methods)
