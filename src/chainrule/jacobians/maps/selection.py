"""Maps of zeros and ones: selections of entries, sums over them, and lists of entries in general."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.jacobians.maps.linear_map import Entries, LinearMap, Shape

# Places, or what gives them when they are asked for: most maps are never written out.
Places = np.ndarray[Any, Any] | Callable[[], Any]


class Placing(LinearMap):
    """A map that is known by a list of places, which is made when it is needed."""

    __slots__ = ("_places", "structure")
    sparse = True

    def __init__(
        self,
        places: Places,
        out_shape: Shape,
        in_shape: Shape,
        structure: str,
        out_complex: bool = False,
        in_complex: bool = False,
    ) -> None:
        super().__init__(out_shape, in_shape, out_complex, in_complex)
        self._places = places
        self.structure = structure

    def places(self) -> Any:
        """The list of places, flat."""
        places = self._places
        if callable(places):
            places = self._places = np.asarray(places()).reshape(-1)
        return places.reshape(-1)


class Selection(Placing):
    """Each entry of the result is one of the operand, or 0.

    Parameters
    ----------
    places : array of int, or a function that returns one
        For each entry of the result, in the order of the rows, the place in the flattened operand; -1 for a 0.
    structure : str
        "selection", "permutation" or "broadcast".
    """

    __slots__ = ()

    def _push(self, x_dot: Any) -> Any:
        return picked(x_dot, self.places())

    def _pull(self, y_bar: Any) -> Any:
        return gathered(y_bar, self.places(), self.columns)

    def entries(self) -> Entries:
        """A one in each row that is not 0."""
        places = self.places()
        rows = np.flatnonzero(places >= 0)
        return rows, places[rows], np.ones(rows.size)


class Summation(Placing):
    """Each entry of the operand is added to one of the result, or to none.

    Parameters
    ----------
    places : array of int, or a function that returns one
        For each entry of the operand the place in the flattened result; -1 if it is left out.
    structure : str
        "sum" or "ones".
    """

    __slots__ = ()

    def _push(self, x_dot: Any) -> Any:
        return gathered(x_dot, self.places(), self.rows)

    def _pull(self, y_bar: Any) -> Any:
        return picked(y_bar, self.places())

    def entries(self) -> Entries:
        """A one in each column that is not left out."""
        places = self.places()
        columns = np.flatnonzero(places >= 0)
        return places[columns], columns, np.ones(columns.size)


class Listed(LinearMap):
    """A map given by the list of its entries.

    Parameters
    ----------
    entries : function of no arguments
        It returns rows, columns and values, no place twice; called when they are needed.
    """

    __slots__ = ("_entries", "stored", "structure")
    sparse = True

    def __init__(
        self,
        entries: Callable[[], Entries],
        out_shape: Shape,
        in_shape: Shape,
        structure: str,
        stored: int,
        out_complex: bool = False,
        in_complex: bool = False,
    ) -> None:
        super().__init__(out_shape, in_shape, out_complex, in_complex)
        self._entries: Any = entries
        self.structure = structure
        self.stored = stored

    def entries(self) -> Entries:
        """The list."""
        entries: Any = self._entries
        if callable(entries):
            entries = self._entries = entries()
        return entries  # type: ignore[no-any-return]  # what the function returned

    def _push(self, x_dot: Any) -> Any:
        rows, columns, values = self.entries()
        return gathered(values * x_dot[columns], rows, self.rows)

    def _pull(self, y_bar: Any) -> Any:
        rows, columns, values = self.entries()
        return gathered(values * y_bar[rows], columns, self.columns)


def picked(x: Any, places: Any) -> Any:
    """The entries at places, and 0 for the place -1."""
    # The 0 that is put behind the last entry is what -1 names.
    return np.append(x, x.dtype.type(0))[places]


def gathered(x: Any, places: Any, count: int) -> Any:
    """The sums of the entries that go to each of `count` places; what goes to -1 is left out."""
    sums = np.zeros(count + 1, x.dtype)
    np.add.at(sums, places, x)
    return sums[:-1]
