"""Basic index keys, written out: one part for each axis of the array and for each new axis."""

from __future__ import annotations

from typing import Any, NamedTuple


class Picked(NamedTuple):
    """An axis of which one place is picked: it is gone."""

    place: int


class Sliced(NamedTuple):
    """An axis of which the places start, start + step, ... are kept, `length` of them."""

    start: int
    step: int
    length: int


class Added(NamedTuple):
    """A new axis of length one."""


Part = Picked | Sliced | Added


def parts(key: tuple[Any, ...], shape: tuple[int, ...]) -> list[Part]:
    """What a basic key does to each axis of an array of a shape."""
    missing = len(shape) - sum(part is not None and part is not Ellipsis for part in key)
    if Ellipsis in key:
        k = key.index(Ellipsis)
        full = (*key[:k], *(slice(None),) * missing, *key[k + 1 :])
    else:
        full = (*key, *(slice(None),) * missing)
    lengths = iter(shape)
    found: list[Part] = []
    for part in full:
        if part is None:
            found.append(Added())
            continue
        n = next(lengths)
        if isinstance(part, slice):
            places = range(n)[part]
            found.append(Sliced(places.start, places.step, len(places)))
        else:
            found.append(Picked(int(part) % n))
    return found


def selected_shape(key: list[Part]) -> tuple[int, ...]:
    """The shape of what a key selects."""
    return tuple(part.length if isinstance(part, Sliced) else 1 for part in key if not isinstance(part, Picked))
