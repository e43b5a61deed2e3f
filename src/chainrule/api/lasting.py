"""Levels of runs whose values are opaque and outlive them, as some libraries expect."""

from __future__ import annotations

from typing import Any

from chainrule.trace import Level, Value
from chainrule.transforms.reverse import ReverseLevel


class Lasting:
    """What is peculiar to the levels of runs, whose values may be used after their derivative was taken.

    Some libraries keep traced values in objects of theirs and compute with them in the pull. Nothing asks for the
    derivatives of that, and the numbers, with what the levels below know of them, are what counts.
    """

    __slots__ = ()
    opaque = True
    ended: bool
    over: bool

    def end(self) -> None:
        """Close the level: what is computed from its values from now on has no derivative."""
        Level.end(self)  # type: ignore[arg-type]  # of the level beside it
        self.ended = False  # type: ignore[misc]  # of the level beside it
        self.over = True  # type: ignore[misc]


class RunLevel(Lasting, ReverseLevel):
    """The level of a run that is pulled through at once."""

    __slots__ = ("over",)

    def __init__(self, f: Any = None) -> None:
        ReverseLevel.__init__(self, f)
        self.over = False


def living(value: Any) -> Any:
    """A value without the levels of runs that are over."""
    while type(value) is Value and isinstance(value.level, Lasting) and value.level.over:
        value = value.below
    return value
