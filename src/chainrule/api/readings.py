"""What a recorded run reads from outside of its arguments: arrays, which become inputs, and what has to stay."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from chainrule.api.kinds import Kind, kind_of, same
from chainrule.graph import Node, Position, here
from chainrule.numpy.handle import Captured, Handle
from chainrule.numpy.swap.watching import NOTHING, Source
from chainrule.transforms.recording import RecordingLevel


class LiveArray(NamedTuple):
    """An array that is read afresh at each call: what a place holds then, or one object if no place is known."""

    place: Source | None
    array: np.ndarray[Any, Any]
    kind: Kind

    def current(self) -> Any:
        """The array as it is now; None if there is none of the kind."""
        array = self.array if self.place is None else self.place.contents()
        return array if type(array) is np.ndarray and kind_of(array) == self.kind else None

    def __str__(self) -> str:
        where = "an array that an object or a container holds" if self.place is None else str(self.place)
        return f"{where}: {self.kind}"


class Held(NamedTuple):
    """What a place held that is no array: it has to hold the same."""

    place: Source
    value: Any

    def holds(self) -> bool:
        """Whether it does."""
        return same(self.place.contents(), self.value)

    def __str__(self) -> str:
        value = self.value
        if value is NOTHING:
            return f"{self.place} is not there"
        name = getattr(value, "__qualname__", None) or getattr(value, "__name__", None)
        return f"{self.place} is {name if isinstance(name, str) else _brief(value)}"


def _brief(value: Any) -> str:
    text = repr(value) if isinstance(value, (int, float, complex, str, bytes, tuple, np.generic)) else ""
    return text if text and len(text) <= 60 else f"the same {type(value).__name__}"


class Effect(NamedTuple):
    """What a run did beside computing, and where."""

    what: str
    position: Position | None


class Readings:
    """Takes note of what a run reads and does, and gives it recorded values for the arrays that it finds.

    arrays
        The arrays, each with the node that it is an input of.
    held
        What else was found in places.
    effects
        What the run did that the recorded operations do not do again.
    """

    __slots__ = ("_copies", "_handles", "_level", "arrays", "effects", "held")

    def __init__(self, level: RecordingLevel) -> None:
        self._level = level
        self.arrays: list[tuple[LiveArray, Node]] = []
        self.held: list[Held] = []
        self.effects: list[Effect] = []
        # By place, or by array where none is known: what was found there and what stands for it.
        self._handles: dict[Any, tuple[Any, Any]] = {}
        # By identity, and kept, so that no other object gets their place in memory.
        self._copies: dict[int, Any] = {}

    def found(self, place: Source | None, value: Any) -> Any:
        """Take note of what was found in a place; answer with what stands for it, None for what is no array."""
        key = id(value) if place is None else place.key
        known = self._handles.get(key)
        if known is not None:
            if same(known[0], value):
                return known[1]
            if place is not None:
                self.affected(f"finds that {place} has changed meanwhile")
        if isinstance(value, Handle):
            self.affected("reads a value of a transformation around it")
        kind = kind_of(value) if type(value) is np.ndarray else None
        if kind is None:
            self._handles[key] = (value, None)
            if place is not None:
                self.held.append(Held(place, value))
            return None
        recorded = self._level.input(value)
        handle = Captured(recorded)
        self._handles[key] = (value, handle)
        self.arrays.append((LiveArray(place, value, kind), recorded.attached))
        return handle

    def copied(self, instance: Any) -> None:
        """Take note of an object that was made of an argument."""
        self._copies[id(instance)] = instance

    def is_copied(self, instance: Any) -> bool:
        """Whether an object is such a one: what it holds is the argument's, and nothing to watch."""
        return id(instance) in self._copies

    def affected(self, what: str) -> None:
        """Take note of an effect."""
        self.effects.append(Effect(what, here()))
