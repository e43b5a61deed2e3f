"""A run that left nothing behind, at rest until the next derivative of the same function.

To make a run, a clone and its globals costs as much as several operations, and most derivatives are taken of one
function again and again. So each thread keeps the last run, if its function is a plain one: no enclosing variables, no
defaults but modules and numbers, nothing else opened, nothing stored outside, and no one who holds the clone, its
globals or the run. While it rests it holds neither the function nor anything of its module.
"""

from __future__ import annotations

import sys
import sysconfig
import weakref
from types import FunctionType, ModuleType
from typing import Any

from chainrule.numpy.swap.clones import AS_IS, rebound_by
from chainrule.numpy.swap.namespaces import SwappedGlobals
from chainrule.numpy.swap.run import Run

# Who holds an object is known by counting, which CPython can where one thread runs at a time.
_COUNTS = hasattr(sys, "getrefcount") and not sysconfig.get_config_var("Py_GIL_DISABLED")


class Rested:
    """The run of a plain function, with its clone, for one derivative after the other."""

    __slots__ = ("_code", "_defaults", "_function", "_globals", "_holders", "clone", "run")

    def __init__(self, f: FunctionType, run: Run, clone: FunctionType) -> None:
        self._function = weakref.ref(f)
        self._code = f.__code__
        self._defaults = f.__defaults__
        self._globals: SwappedGlobals = clone.__globals__  # type: ignore[assignment]  # a clone's
        self.clone = clone
        self.run = run
        self._holders = (0, 0, 0)

    def wakes(self, f: Any) -> bool:
        """Begin a run of the function, if it is the one that rests, and still the same."""
        if (
            type(f) is not FunctionType
            or self._function() is not f
            or f.__code__ is not self._code
            or f.__defaults__ is not self._defaults
            or f.__kwdefaults__ is not None
            or sys.gettrace() is not None
        ):
            return False
        self.run.begin_again(f, self.clone, self._globals)
        return True

    def note_holders(self) -> None:
        """Count who holds the clone, its globals and the run before the function is called for the first time."""
        self._holders = self._counted()

    def rests(self, f: Any) -> bool:
        """End the run, if as many as before hold something of it, which are those who made it; else leave it."""
        return self._counted() == self._holders and not f.__dict__ and self.run.rests(self._globals)

    def _counted(self) -> tuple[int, int, int]:
        count = sys.getrefcount
        return count(self.clone), count(self._globals), count(self.run)


def able_to_rest(f: FunctionType, run: Run, clone: FunctionType) -> Rested | None:
    """The run of a function as one that can rest, if the function is a plain one; None for any other."""
    if (
        not _COUNTS
        or f.__closure__
        or f.__kwdefaults__
        or run.watcher is not None
        or rebound_by(f.__code__).globals
        or not all(type(value) in AS_IS or type(value) is ModuleType for value in f.__defaults__ or ())
    ):
        return None
    return Rested(f, run, clone)
