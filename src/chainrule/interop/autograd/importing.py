"""How `import autograd` finds this package."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType
from typing import Any

# The name that is served, and the version whose names those of this package are.
NAME = "autograd"
VERSION = "1.9.1"

_HERE = __name__.rpartition(".")[0]
_OURS = _HERE.partition(".")[0] + "."
# The beginnings of names that are looked at more closely.
_NAMES = (_OURS, NAME)

# A folder with a module of that name, for processes that a program starts: they get the path, but not the finder. What
# `importlib.metadata` says of the package stands beside it, where Python looks for it in either process.
_CHILDREN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "children")

# What autograd's boxes are called. Libraries with several back ends ask the class of an array which one it is of.
_BOX = (f"{NAME}.numpy.numpy_boxes", "ArrayBox", "ArrayBox")
_own_names: dict[type, tuple[str, str, str]] = {}


def _call(kind: type, names: tuple[str, str, str]) -> None:
    kind.__module__, kind.__name__, kind.__qualname__ = names


class Finder:
    """Finds `autograd` and its modules here."""

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> Any:
        """The spec of a module of autograd's, which is one of ours."""
        if not name.startswith(_NAMES):
            return None
        if name.startswith(_OURS):
            # Before pytest finds them, which takes this package for a plugin and would rewrite all of it.
            return _found(name, path)
        if name != NAME and not name.startswith(NAME + "."):
            return None
        ours = _HERE + name.removeprefix(NAME)
        try:
            package = importlib.import_module(ours.rpartition(".")[0])
        except ModuleNotFoundError:
            return None
        found = _found(ours, getattr(package, "__path__", ()))
        if found is None:
            return None
        # Not derived from the classes of `importlib.abc`, which take long to load.
        loader: Any = _Loader(ours)
        return ModuleSpec(name, loader, is_package=found.submodule_search_locations is not None)


def _found(name: str, path: Sequence[str] | None) -> ModuleSpec | None:
    """The spec of one of our modules: mostly a file in its package's folder, where Python tries five endings first."""
    if path:
        file = f"{path[0]}/{name.rpartition('.')[2]}.py"
        if os.path.isfile(file):
            spec = ModuleSpec(name, SourceFileLoader(name, file), origin=file)
            spec.has_location = True
            return spec
    return PathFinder.find_spec(name, path)


class _Loader:
    """Gives the module of ours, the same object under both names."""

    def __init__(self, ours: str) -> None:
        self._ours = ours
        self._spec: Any = None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = importlib.import_module(self._ours)
        self._spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        # It has run under its own name.
        module.__spec__ = self._spec


def install() -> None:
    """Make `import autograd` give this package, for the rest of the process and in the Python processes it starts.

    Raises
    ------
    ImportError
        Another package `autograd` has been imported already.
    """
    present = sys.modules.get(NAME)
    if present is not None and present is not sys.modules.get(_HERE):
        raise ImportError(
            f"`autograd` was imported already, from {getattr(present, '__file__', None) or 'elsewhere'}, so chainrule "
            "cannot take its name.\n"
            "  Call `chainrule.interop.autograd.install()` before the first `import autograd`, or run the program with "
            "`python -m chainrule.interop.autograd program.py`."
        )
    if not any(isinstance(finder, Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, Finder())
    _serve_children()
    from chainrule.api.foreign_values import HANDLES

    for handle in HANDLES:
        _own_names.setdefault(handle, (handle.__module__, handle.__name__, handle.__qualname__))
        _call(handle, _BOX)


def _environment_path() -> list[str]:
    """The folders that child processes search first, but ours."""
    listed = os.environ.get("PYTHONPATH", "")
    return [folder for folder in listed.split(os.pathsep) if folder != _CHILDREN] if listed else []


def _serve_children() -> None:
    """Let child processes find the package, whether they are given the environment or this process's path."""
    if _CHILDREN not in sys.path:
        # Behind the program's own folder.
        sys.path.insert(1, _CHILDREN)
    os.environ["PYTHONPATH"] = os.pathsep.join([_CHILDREN, *_environment_path()])


def _forget_children() -> None:
    sys.path[:] = [folder for folder in sys.path if folder != _CHILDREN]
    folders = _environment_path()
    if folders:
        os.environ["PYTHONPATH"] = os.pathsep.join(folders)
    else:
        os.environ.pop("PYTHONPATH", None)


def uninstall() -> None:
    """Give the name `autograd` back: undo `install`."""
    for handle, names in _own_names.items():
        _call(handle, names)
    _forget_children()
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, Finder)]
    for name in list(sys.modules):
        if (name == NAME or name.startswith(NAME + ".")) and sys.modules[name] is sys.modules.get(
            _HERE + name.removeprefix(NAME)
        ):
            del sys.modules[name]
