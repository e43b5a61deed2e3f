"""One run of a user's code over our NumPy: what stands for each object that it meets.

Everything that a run makes (clones, globals, look-alikes) belongs to it, and is gone when it ends or rests. So globals,
closures and defaults are read afresh each time that a derivative is taken, threads share nothing, and neither a
namespace nor an array is kept alive by a table somewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType, MappingProxyType
from typing import Any

from chainrule.numpy.swap.clones import AS_IS, Opened, SwappedCell, cloned
from chainrule.numpy.swap.look_alikes import MISSING, Finder, LookAlikeType, finder, is_made, look_alike, real_of
from chainrule.numpy.swap.modules import ModuleLookAlike
from chainrule.numpy.swap.namespaces import SwappedGlobals, swapped_globals
from chainrule.numpy.swap.places import Attribute, Place
from chainrule.numpy.swap.stand_ins import BY_TYPE, has_look_alikes, swap_of
from chainrule.numpy.swap.watching import Source, Watcher

# In place of the tables of a run that has ended.
_GONE: Any = MappingProxyType({})

# The runs that have not ended, of all threads, and the blocks in which nothing is opened. While there are none, which
# compiled code looks at, a call is an ordinary one.
UNUSUAL: dict[Any, None] = {}


class Run:
    """One run of a user's code over our NumPy."""

    __slots__ = (
        "cells",
        "clones",
        "ended",
        "finders",
        "globals_made",
        "kinds",
        "known",
        "look_alikes",
        "modules",
        "namespaces",
        "opened",
        "originals",
        "places",
        "statics",
        "watcher",
    )

    def __init__(self, watcher: Watcher | None = None) -> None:
        self.ended = False
        # Who is told what the run reads, if anybody is.
        self.watcher = watcher
        # Clones by function, and functions by clone.
        self.clones: dict[Any, Any] = {}
        self.originals: dict[Any, Any] = {}
        # The functions that are open, in the order of the clones, and by identity also those that rest since.
        self.opened: list[Opened] = []
        self.known: dict[int, Opened] = {}
        self.cells: dict[int, SwappedCell] = {}
        # How many globals were made, which all refer to the run.
        self.globals_made = 0
        # Where something was left outside the run.
        self.places: list[Place] = []
        # Swapped globals, modules and look-alikes by the identity of what they stand for, which they keep alive.
        self.namespaces: dict[int, SwappedGlobals] = {}
        self.modules: dict[int, ModuleLookAlike] = {}
        self.look_alikes: dict[int, Any] = {}
        # How instances of a type are swapped, and what is found in classes.
        self.kinds: dict[type, Callable[[Run, Any], Any] | None] = {}
        self.statics: dict[tuple[type, str], Any] = {}
        self.finders: dict[tuple[type, str], Finder] = {}
        UNUSUAL[self] = None

    def swapped(self, value: Any) -> Any:
        """What stands for an object inside: often the object itself."""
        kind = type(value)
        if self.ended:
            return value
        try:
            swap = BY_TYPE[kind]
        except KeyError:
            if type(kind) is LookAlikeType:
                # Not a key of the table: it equals the class that it stands for.
                return value
            try:
                swap = self.kinds[kind]
            except KeyError:
                swap = self.kinds[kind] = swap_of(kind)
        return value if swap is None else swap(self, value)

    def globals_of(self, real: dict[str, Any]) -> SwappedGlobals:
        """The swapped globals of a namespace."""
        if type(real) is SwappedGlobals:
            if real.run is self:
                return real
            real = real.real
        known = self.namespaces.get(id(real))
        if known is None:
            known = self.namespaces[id(real)] = swapped_globals(real, self)
            self.globals_made += 1
        return known

    def clone(self, f: FunctionType) -> FunctionType:
        """The clone of a user's function."""
        known = self.clones.get(f)
        if known is not None:
            return known  # type: ignore[no-any-return]  # a function
        opened = self.known.get(id(f))
        if opened is not None:
            if opened.wakes(f, self):
                return opened.clone
            opened.globals_.clones -= 1
            del self.known[id(f)]
        real = f.__globals__
        if type(real) is SwappedGlobals and not real.run.ended:
            return f
        return cloned(self, f, self.globals_of(real))

    def static(self, kind: type, name: str) -> Any:
        """What the classes of an object hold under a name, past any descriptor."""
        key = (kind, name)
        try:
            return self.statics[key]
        except KeyError:
            for base in kind.__mro__:
                variables = vars(base)
                if name in variables:
                    found = variables[name]
                    break
            else:
                found = MISSING
            self.statics[key] = found
            return found

    def finder(self, kind: type, name: str) -> Finder:
        """How a name is found in look-alikes of instances of a class."""
        key = (kind, name)
        try:
            return self.finders[key]
        except KeyError:
            found = self.finders[key] = finder(self, kind, name)
            return found

    def forget_statics(self) -> None:
        """Look up what classes hold again, since one of them was changed."""
        self.statics.clear()
        self.finders.clear()

    def forget_objects(self) -> None:
        """Let go of what stands for objects, modules and what is found in classes, which may be another next time."""
        self.look_alikes.clear()
        self.modules.clear()
        self.kinds.clear()
        self.statics.clear()
        self.finders.clear()

    def adopted(self, real: Any) -> Any:
        """What stands for an object that opened code has made."""
        return look_alike(real, made=True) if has_look_alikes(type(real)) else real

    def found(self, place: Source, value: Any) -> Any:
        """What stands for what was found in a place."""
        if self.watcher is None:
            return self.swapped(value)
        stand_in = self.watcher.found(place, value)
        return self.swapped(value) if stand_in is None else stand_in

    def affected(self, what: str) -> None:
        """Tell that the run did, or may do, what another run of the same operations would not do."""
        if self.watcher is not None:
            self.watcher.affected(what)

    def note(self, value: Any, place: Callable[..., Place], *where: Any) -> None:
        """Remember that opened code left a value in a place."""
        self.affected("writes to a variable, an attribute or a container from outside of it")
        if type(value) not in AS_IS:
            self.places.append(place(*where))

    def note_attribute(self, shadow: Any, name: str, value: Any) -> None:
        """Remember that opened code left a value in an object; one that it made is visited anyway, if it stays."""
        if is_made(shadow):
            return
        self.affected("writes to an attribute of an object from outside of it")
        if type(value) not in AS_IS:
            self.places.append(Attribute(real_of(shadow), name))

    def end(self) -> None:
        """Write back what is still to be written, and let go of everything."""
        cells, namespaces = self.cells, self.namespaces
        if cells:
            for cell in cells.values():
                cell.write_back(self)
        for globals_ in namespaces.values():
            if globals_._stored:
                globals_.synchronise()
        self.ended = True
        UNUSUAL.pop(self, None)
        if cells:
            for cell in cells.values():
                cell.close()
        for globals_ in namespaces.values():
            globals_.close()
        # What stands for something refers to the run and the other way round.
        self.clones = self.cells = self.namespaces = self.modules = self.look_alikes = _GONE
        self.kinds = self.statics = self.finders = self.known = _GONE
        self.opened = []
        if not self.places:
            self.originals = _GONE

    def show_names(self) -> None:
        """Fill the storage of all globals, for a debugger that looks at the frames of an exception."""
        for globals_ in self.namespaces.values():
            globals_.fill()
