"""What is known of numbers that are not finite: where each entry of an array that has such was born.

Arrays are known by their identity: what an operation takes is what another one gave.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.explain.health.entries import bad_entries, bottom, entries_of, is_bad, with_entries
from chainrule.explain.health.nonfinite import Cause
from chainrule.explain.run.steps import numpy_name
from chainrule.graph import Node, Position, here
from chainrule.jacobians.zeros import ZERO, Masked, Placed, parts

# An entry's origin is the number of its birth and the place that it had there in one integer, which a float64 holds.
PLACES = 2**32
NONE = 0

# How many numbers (NumPy's scalars, which cannot be referred to weakly) are remembered.
_MOST_NUMBERS = 2**16


@dataclass(frozen=True, slots=True)
class Birth:
    """A first number that is not finite.

    phase
        "forward" for a value, "backward" for a cotangent, "push" for a tangent.
    lanes
        How many axes of the element are lanes of a `vmap` or of a Jacobian.
    cause
        Why, for the entry at a place of the flattened result.
    """

    op: str
    phase: str
    position: Position | None
    lanes: int
    cause: Callable[[int], Cause]
    # The first place that it happened at, and the node that was being noted, if it is known.
    place: int
    node: Node | None
    # Of a cotangent: that of which operand.
    slot: int | None


class Origins:
    """The births so far, and by array where its entries come from; of one thread.

    depth
        How many operations, pulls and pushes are being carried out: what happens inside of them is their business.
    pulled
        The node that is being pulled, whose line everything belongs to that is recorded meanwhile.
    births
        In the order in which they were noted.
    slot
        Which operand's cotangent is being noted.
    merged
        By birth the others whose descendants met its own in one number, which is known to be of the first.
    cotangents
        By node what reached it, if somebody wants to know; otherwise None.
    """

    __slots__ = ("_numbers", "_origins", "births", "cotangents", "depth", "merged", "pulled", "slot")

    def __init__(self) -> None:
        self.depth = 0
        self.pulled: Node | None = None
        self.births: list[Birth] = []
        self.slot: int | None = None
        self.merged: dict[int, set[int]] = {}
        self.cotangents: dict[Node, Any] | None = None
        # By identity, with what tells that the identity is still that of the same array.
        self._origins: dict[int, tuple[Callable[[], Any], Any]] = {}
        self._numbers: dict[int, Any] = {}

    def birth(self, origin: int) -> tuple[Birth, Cause]:
        """The birth that an entry descends from, and the cause for the entry there."""
        number, place = divmod(origin, PLACES)
        birth = self.births[number - 1]
        return birth, birth.cause(place)

    def origin(self, t: Any) -> int | None:
        """Where the first entry of a value, tangent or cotangent comes from that is not finite; None without one."""
        origins = self.of(t)
        if origins is None:
            return None
        bad = bad_entries(entries_of(t))
        return int(origins[bad][0]) if bad.shape == origins.shape else int(earliest([origins]))

    def descends_from(self, t: Any) -> set[int]:
        """The numbers, from 0, of all births that a value, tangent or cotangent descends from."""
        origins = self.of(t)
        return set() if origins is None else self._with_merged(birth_numbers([origins]))

    def entries(self, t: Any) -> list[tuple[tuple[int, ...], set[int]]]:
        """The entries of a tangent or cotangent that are not finite, and the births that each descends from."""
        origins = self.of(t)
        if origins is None:
            return []
        bad = np.argwhere(bad_entries(entries_of(t)) & (origins != NONE))
        elements = [tuple(int(n) for n in index) for index in bad]
        return [(element, self._with_merged({int(origins[element] // PLACES) - 1})) for element in elements]

    def _with_merged(self, numbers: set[int]) -> set[int]:
        waiting = list(numbers)
        found: set[int] = set()
        while waiting:
            number = waiting.pop()
            if number not in found:
                found.add(number)
                waiting.extend(self.merged.get(number, ()))
        return found

    def same(self, x: Any, y: Any) -> None:
        """Let what is known of one array be known of another one with the same entries."""
        origins = self.of_plain(x)
        if origins is not None and x is not y and np.shape(x) == np.shape(y):
            self.keep(y, origins)

    def joined(self, origins: Sequence[Any]) -> float:
        """The first of all births, which from now on stands for all of them."""
        first = earliest(origins)
        others = birth_numbers(origins)
        if len(others) > 1:
            self.merged.setdefault(int(first // PLACES) - 1, set()).update(others)
        return first

    def bear(
        self,
        origins: Any,
        born: Any,
        op: str,
        phase: str,
        position: Position | None,
        lanes: int,
        cause: Cause | Callable[[int], Cause],
    ) -> None:
        """Enter a birth, for all entries that are born at once."""
        shape = born.shape
        if isinstance(cause, Cause):
            fixed = cause

            def cause_at(place: int) -> Cause:
                return replace(fixed, element=tuple(int(n) for n in np.unravel_index(place, shape)))

            cause = cause_at
        places = np.flatnonzero(born)
        self.births.append(Birth(numpy_name(op), phase, position, lanes, cause, int(places[0]), self.pulled, self.slot))
        origins[born] = len(self.births) * PLACES + places

    def known(self, x: Any) -> Any:
        """The origins of all entries of a value, zeros if there are none."""
        plain = bottom(x)
        origins = self.of_plain(plain)
        return np.zeros(np.shape(plain)) if origins is None else origins

    def of(self, t: Any) -> Any:
        """The origins of the entries of a value, tangent or cotangent; None if all are finite."""
        if t is ZERO or t is None or type(t) is list:
            return None
        if type(t) is Masked:
            return self.of(t.values)
        if type(t) is Placed:
            origins = self.of(t.values)
            if origins is None:
                return None
            with Inside(self):
                placed = ops.place(with_entries(parts(t.values)[0], origins), path=t.path, shape=t.shape)
            return np.asarray(bottom(placed))
        plain = bottom(t)
        if not is_bad(plain):
            return None
        origins = self.of_plain(plain)
        if origins is None:
            # It came from outside.
            origins = np.zeros(np.shape(plain))
            bad = bad_entries(plain)
            happened = f"a number was {plain[bad].flat[0]:.6g} already" if np.ndim(plain) else f"it was {plain:.6g}"
            cause = Cause("imported", (), happened, "It was not finite before; look at where it is made.")
            self.bear(origins, bad, "input", "forward", here(), np.ndim(plain) - len(t.shape), cause)
            self.keep(plain, origins)
        return origins

    def of_plain(self, x: Any) -> Any:
        """The origins that are kept of an array; None if there are none."""
        known = self._origins.get(id(x))
        return known[1] if known is not None and known[0]() is x else None

    def keep(self, x: Any, origins: Any) -> None:
        """Know from now on where the entries of an array come from."""
        key = id(x)
        if isinstance(x, np.ndarray):
            table = self._origins
            self._origins[key] = (weakref.ref(x, lambda _reference: table.pop(key, None)), origins)
            return
        if len(self._numbers) >= _MOST_NUMBERS:
            oldest = next(iter(self._numbers))
            del self._numbers[oldest]
            self._origins.pop(oldest, None)
        self._numbers[key] = x
        self._origins[key] = (lambda: self._numbers.get(key), origins)

    def forget(self, x: Any) -> None:
        """Know no more of an array, which is finite now."""
        if self._origins and id(x) in self._origins:
            del self._origins[id(x)]
            self._numbers.pop(id(x), None)

    def next_origin(self) -> int:
        """A number above all origins that there are."""
        return (len(self.births) + 1) * PLACES


class Inside:
    """A block in which operations are part of another one."""

    __slots__ = ("_origins",)

    def __init__(self, origins: Origins) -> None:
        self._origins = origins

    def __enter__(self) -> None:
        self._origins.depth += 1

    def __exit__(self, *_: object) -> None:
        self._origins.depth -= 1


def birth_numbers(origins: Sequence[Any]) -> set[int]:
    """The numbers, from 0, of the births of some entries."""
    return {int(n) - 1 for o in origins for n in np.unique(np.asarray(o) // PLACES) if n}


def earliest(origins: Sequence[Any]) -> float:
    """The first of all births, at its first place."""
    return float(min(o[o != NONE].min() for o in origins if np.any(o)))


def earliest_of(origins: Iterable[Any]) -> float:
    """The first of all births of entries that may all be finite (None)."""
    return earliest([o for o in origins if o is not None])
