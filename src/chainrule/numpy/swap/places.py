"""Where opened code left something: a place outside the run that is put in order when the derivative has been taken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import CellType
from typing import Any

Settled = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of a user's object or class."""

    owner: Any
    name: str

    def settle(self, settled: Settled) -> None:
        """Put what shall stay there into the attribute, past any `__setattr__` of the user's."""
        try:
            value = object.__getattribute__(self.owner, self.name)
        except AttributeError:
            return
        final = settled(value)
        if final is not value:
            assign = type.__setattr__ if isinstance(self.owner, type) else object.__setattr__
            assign(self.owner, self.name, final)


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a list or dict."""

    container: Any
    key: Any

    def settle(self, settled: Settled) -> None:
        """Put what shall stay there into the item."""
        try:
            value = self.container[self.key]
        except LookupError:
            return
        final = settled(value)
        if final is not value:
            self.container[self.key] = final


@dataclass(frozen=True, slots=True)
class Contents:
    """All that a container holds."""

    container: Any

    def settle(self, settled: Settled) -> None:
        """Put what shall stay there into the container."""
        settled(self.container)


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of an enclosing function."""

    cell: CellType

    def settle(self, settled: Settled) -> None:
        """Put what shall stay there into the variable."""
        try:
            value = self.cell.cell_contents
        except ValueError:
            return
        final = settled(value)
        if final is not value:
            self.cell.cell_contents = final


Place = Attribute | Item | Contents | Variable
