"""How `import autograd` finds this package."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Iterator, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.metadata import Distribution, DistributionFinder
from types import ModuleType
from typing import Any

from chainrule.api.bridging import HANDLES

# The version of autograd whose names are served.
VERSION = "1.9.1"

_NAME = "autograd"
_HERE = __name__.rpartition(".")[0]

# What autograd's boxes are called. Libraries with several back ends ask the class of an array which one it is of.
_BOX = (f"{_NAME}.numpy.numpy_boxes", "ArrayBox", "ArrayBox")
_OWN_NAMES = {handle: (handle.__module__, handle.__name__, handle.__qualname__) for handle in HANDLES}


def _call(kind: type, names: tuple[str, str, str]) -> None:
    kind.__module__, kind.__name__, kind.__qualname__ = names


class Finder(MetaPathFinder):
    """Finds `autograd` and its modules here, and answers for its version."""

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> Any:
        """The spec of a module of autograd's, which is one of ours."""
        if name != _NAME and not name.startswith(_NAME + "."):
            return None
        ours = _HERE + name.removeprefix(_NAME)
        try:
            found = importlib.util.find_spec(ours)
        except ModuleNotFoundError:
            return None
        if found is None:
            return None
        return ModuleSpec(name, _Loader(ours), is_package=found.submodule_search_locations is not None)

    def find_distributions(self, context: Any = None) -> Iterator[Distribution]:
        """What `importlib.metadata.version("autograd")` asks for."""
        context = context or DistributionFinder.Context()
        if context.name is None or context.name.lower() == _NAME:
            yield _Distribution()


class _Loader(Loader):
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


class _Distribution(Distribution):
    def read_text(self, filename: str) -> str | None:
        if filename != "METADATA":
            return None
        return f"Metadata-Version: 2.1\nName: {_NAME}\nVersion: {VERSION}\n"

    def locate_file(self, path: Any) -> Any:
        raise FileNotFoundError(f"autograd is served by chainrule and has no files of its own: {path}")


def install() -> None:
    """Make `import autograd` give this package, for the rest of the process.

    Raises
    ------
    ImportError
        Another package `autograd` has been imported already.
    """
    present = sys.modules.get(_NAME)
    if present is not None and present is not sys.modules.get(_HERE):
        raise ImportError(
            f"`autograd` was imported already, from {getattr(present, '__file__', None) or 'elsewhere'}, so chainrule "
            "cannot take its name.\n"
            "  Call `chainrule.interop.autograd.install()` before the first `import autograd`, or run the program with "
            "`python -m chainrule.interop.autograd program.py`."
        )
    if not any(isinstance(finder, Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, Finder())
    for handle in HANDLES:
        _call(handle, _BOX)


def uninstall() -> None:
    """Give the name `autograd` back: undo `install`."""
    for handle, names in _OWN_NAMES.items():
        _call(handle, names)
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, Finder)]
    for name in list(sys.modules):
        if (name == _NAME or name.startswith(_NAME + ".")) and sys.modules[name] is sys.modules.get(
            _HERE + name.removeprefix(_NAME)
        ):
            del sys.modules[name]
