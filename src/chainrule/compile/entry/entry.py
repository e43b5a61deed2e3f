"""What the native and the portable entry have in common: the paths of an instance."""

from __future__ import annotations

import threading
from typing import Any, TypeVar

from chainrule.compile.entry.path import FastPath

E = TypeVar("E", bound="Entry")

# Of one thread, because a collection of garbage that begins meanwhile may run anything.
_adding = threading.RLock()


class Entry:
    """A callable with fast paths: those that a call fits are tried, and if all miss, `_call_slowly` is called.

    Where several paths are for the same call, any of them is taken.

    `entry_type` makes the class that can be called. A call with keyword arguments is a slow one.
    """

    _owner: Any

    @property
    def fast_paths(self) -> tuple[FastPath, ...]:
        """The paths, which may be set at any time, also while calls run."""
        owner = getattr(self, "_owner", None)
        return owner.paths if owner is not None else ()

    @fast_paths.setter
    def fast_paths(self, paths: tuple[FastPath, ...]) -> None:
        with _adding:
            self._publish(tuple(paths))

    def add_fast_path(self, path: FastPath) -> None:
        """Try one more path."""
        with _adding:
            self._publish((*self.fast_paths, path))

    def __copy__(self: E) -> E:
        """Itself, as of a function."""
        return self

    def __deepcopy__(self: E, memo: dict[int, Any]) -> E:
        """Itself, as of a function."""
        return self

    def _publish(self, paths: tuple[FastPath, ...]) -> None:
        """Let calls that begin from now on try these paths."""
        raise NotImplementedError

    def _call_slowly(self, *args: Any, **kwargs: Any) -> Any:
        """What is called where no path is for this call."""
        raise NotImplementedError
