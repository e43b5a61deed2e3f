"""Entries of a dict that a module makes, to programs that look one up before anything else has loaded the module."""

from __future__ import annotations

from importlib import import_module
from typing import Any


class LateEntries(dict[Any, Any]):
    """A dict; a module that enters something into it is loaded when a key is looked up that it lacks."""

    def __init__(self, module: str) -> None:
        super().__init__()
        self._module = module

    def __missing__(self, key: Any) -> Any:
        import_module(self._module)
        if key not in self:
            raise KeyError(key)
        return self[key]
