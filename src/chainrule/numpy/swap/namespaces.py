"""The globals of opened functions: a module's real ones, read live, with what stands for each object."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from types import FrameType, ModuleType
from typing import TYPE_CHECKING, Any

from chainrule.numpy.swap.places import Item
from chainrule.numpy.swap.watching import NOTHING, Global

if TYPE_CHECKING:
    from chainrule.numpy.swap.run import Run

_MISSING: Any = object()

# Which warnings were given already is kept in the globals of the function that warns, under this name.
_REGISTRY = "__warningregistry__"

# The builtins of opened functions; `python_builtins.py` fills in what differs from Python's.
BUILTINS: dict[str, Any] = dict(vars(builtins))

# Who asks for one of these wants to look at the names of a frame, which needs them in the storage of the dict.
_DEBUGGERS = frozenset(("breakpoint", "pdb", "ipdb", "pudb", "code", "IPython"))


class SwappedGlobals(dict[str, Any]):
    """Globals that read a namespace's real ones, live, and give what stands for each object.

    A function's globals must be a dict; for a subclass LOAD_GLOBAL asks `__getitem__`. STORE_GLOBAL goes to the storage
    of the dict without asking, so names that the code stores to are kept there and synchronised with the real ones.
    Debuggers read the storage, too: it is filled for them. After its run has ended, the real objects are given.

    Made by `swapped_globals`.
    """

    __slots__ = ("_known", "_passing", "_stored", "clones", "real", "run")

    real: dict[str, Any]
    run: Run
    # What the namespace held when a name was looked up, and what stands for that.
    _known: dict[str, tuple[Any, Any]]
    # The known names of what is the user's or the run's: of all but builtins and modules that others stand for.
    _passing: list[str]
    # For each name that code stores to: what the storage and the namespace held when they agreed.
    _stored: dict[str, tuple[Any, Any]]
    # How many clones have these globals.
    clones: int

    def __getitem__(self, name: str) -> Any:
        value = self.real.get(name, _MISSING)
        known = self._known.get(name)
        if known is not None and known[0] is value:
            return known[1]
        return self._look_up(name, value)

    def _look_up(self, name: str, value: Any) -> Any:
        if name in _DEBUGGERS:
            self.fill()
        if self._stored:
            # What is looked up may be a function that is not opened, and reads the real globals.
            self.synchronise()
            if name in self._stored:
                return self._synchronised(name)
        if name == "__builtins__":
            found: Any = BUILTINS
        else:
            place = Global(self.real, name)
            found = self._builtin(place) if value is _MISSING else self.run.found(place, value)
        if not self._stored and not self.run.ended:
            self._known[name] = (value, found)
            if value is not _MISSING and (type(value) is not ModuleType or found is value):
                self._passing.append(name)
        return found

    def _builtin(self, place: Global) -> Any:
        """A builtin, in place of a global that is not there."""
        found = BUILTINS[place.name]
        if self.run.watcher is not None:
            self.run.watcher.found(place, NOTHING)
        return found

    def __setitem__(self, name: str, value: Any) -> None:
        if name in self._stored:
            dict.__setitem__(self, name, value)
            self._synchronised(name)
        else:
            self.real[name] = value
            self.run.note(value, Item, self.real, name)

    def __delitem__(self, name: str) -> None:
        if name in self._stored:
            dict.pop(self, name, None)
        del self.real[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.real)

    def __len__(self) -> int:
        return len(self.real)

    def __contains__(self, name: object) -> bool:
        return name in self.real

    if not TYPE_CHECKING:
        # In terms of the methods above, as in any mapping; those of `dict` would read the storage.
        get, keys, values, items = Mapping.get, Mapping.keys, Mapping.values, Mapping.items
        pop, popitem, clear = MutableMapping.pop, MutableMapping.popitem, MutableMapping.clear
        update, setdefault = MutableMapping.update, MutableMapping.setdefault

        def copy(self):
            """A plain dict of what stands for the objects."""
            return dict(self.items())

    def store(self, names: Iterable[str]) -> None:
        """Keep names in the storage, because code stores to them there."""
        self._known.clear()
        for name in names:
            if name not in self._stored:
                real = self.real.get(name, _MISSING)
                stored = real if real is _MISSING else self.run.swapped(real)
                self._stored[name] = (stored, real)
                if stored is not _MISSING:
                    dict.__setitem__(self, name, stored)

    def synchronise(self) -> None:
        """Write what code stored through to the real globals."""
        if self._stored:
            for name in self._stored:
                self._synchronised(name, required=False)

    def _synchronised(self, name: str, required: bool = True) -> Any:
        """The value of a stored name, after the last store, of opened or of other code, has reached both places."""
        stored = dict.get(self, name, _MISSING)
        real = self.real.get(name, _MISSING)
        stored_before, real_before = self._stored[name]
        if stored is not stored_before:
            if stored is _MISSING:
                self.real.pop(name, None)
            else:
                self.real[name] = stored
                self.run.note(stored, Item, self.real, name)
            self._stored[name] = (stored, stored)
        elif real is not real_before:
            stored = real if real is _MISSING else self.run.swapped(real)
            if stored is _MISSING:
                dict.pop(self, name, None)
            else:
                dict.__setitem__(self, name, stored)
            self._stored[name] = (stored, real)
        if stored is _MISSING and required:
            return BUILTINS[name]
        return stored

    def fill(self) -> None:
        """Show the real globals in the storage, where debuggers and their expressions read them."""
        for name, value in list(self.real.items()):
            if not dict.__contains__(self, name):
                dict.__setitem__(self, name, value)

    def close(self) -> None:
        """Give the real objects from now on, and hold none of those that stood for them."""
        self._known.clear()
        if self._stored:
            self.synchronise()
            for name in self._stored:
                real = self.real.get(name, _MISSING)
                self._stored[name] = (real, real)
                if real is not _MISSING:
                    dict.__setitem__(self, name, real)
        registry = dict.get(self, _REGISTRY)
        if registry is not None:
            self.real.setdefault(_REGISTRY, registry)

    def lets_go(self) -> bool:
        """Forget what is the user's or the run's; whether the storage holds no more than it did at first.

        What stands for the rest is the same in any run.
        """
        if self._passing:
            for name in self._passing:
                self._known.pop(name, None)
            self._passing.clear()
        return not self._stored and self.holds_little()

    def holds_little(self) -> bool:
        """Whether the storage holds no more than it did at first, and maybe which warnings were given."""
        count = len(_stored_names(self))
        if count == 2:
            return True
        registry = dict.get(self, _REGISTRY)
        if count > 3 or registry is None:
            return False
        self.real.setdefault(_REGISTRY, registry)
        return True

    def begin_again(self, real: dict[str, Any]) -> None:
        """Stand for a namespace, maybe after a rest, and share with it which warnings were given."""
        self.real = real
        registry = real.get(_REGISTRY)
        if registry is not None:
            # The same as before, most often; to store it again would take longer.
            if dict.get(self, _REGISTRY) is not registry:
                dict.__setitem__(self, _REGISTRY, registry)
        elif len(_stored_names(self)) > 2:
            dict.pop(self, _REGISTRY, None)


# What globals stand for that belong to a run at rest.
NO_NAMES: dict[str, Any] = {}

# The names that the storage holds.
_stored_names = dict.keys


def swapped_globals(real: dict[str, Any], run: Run) -> SwappedGlobals:
    """The globals of a run that stand for a namespace."""
    # Without __init__: this is part of the cost of every derivative.
    made = SwappedGlobals(__builtins__=BUILTINS, __name__=real.get("__name__"))
    made.run = run
    made.clones = 0
    made._known = {}
    made._passing = []
    made._stored = {}
    made.begin_again(real)
    if sys.gettrace() is not None:
        made.fill()
    return made


def run_of(frame: FrameType) -> Run | None:
    """The run to which the code of a frame belongs, if it is opened code."""
    namespace = frame.f_globals
    if type(namespace) is SwappedGlobals and not namespace.run.ended:
        return namespace.run
    return None


def surrounding_run(frame: FrameType | None) -> Run | None:
    """The run of the innermost opened code that, directly or through a library, called a frame."""
    while frame is not None:
        run = run_of(frame)
        if run is not None:
            return run
        frame = frame.f_back
    return None
