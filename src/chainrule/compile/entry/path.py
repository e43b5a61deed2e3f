"""A fast path: what one compiled specialisation asks of a call, and what it gives back.

A path is a list of checks, taken in order. Each check says where an object is found (an argument, a global, a cell, an
item of a container checked before) and what it has to be. Where that is an array or a number, its data is also an
input of the program; inputs are numbered in the order of the checks. So the arguments of a call, the leaves of nested
arguments and the surroundings that a run depends on are all one list:

    g(x, [w, b]) with a global `scale` and the module `np`

    check                                                     input
    Argument(0)        is  Array(float64, (3,))               0
    Argument(1)        is  Container(list, 2)
    Item(1, 0)         is  Array(float64, (3, 3))             1
    Item(1, 1)         is  Array(float64, (3,))               2
    Name(globals, "scale")  is  Number(float)                 3
    Name(globals, "np")     is  Same(numpy)

Nothing here knows how the checks are carried out: natively (`native.py`) or by Python (`portable.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import CellType, FunctionType
from typing import Any, Literal, NamedTuple

import numpy as np


class Argument(NamedTuple):
    """A positional argument of the call."""

    position: int


class Held(NamedTuple):
    """An object that the path itself keeps: a live array that no name leads to."""

    value: Any


class Name(NamedTuple):
    """What a name stands for in a namespace, now."""

    namespace: dict[str, Any]
    name: str


class Cell(NamedTuple):
    """What a closure's cell contains, now."""

    cell: CellType


class Defaults(NamedTuple):
    """The tuple of the defaults of a function's parameters, now."""

    function: FunctionType


class Item(NamedTuple):
    """An item of a container, which an earlier check found; `check` is that check's place in the list."""

    check: int
    key: Any


class Attribute(NamedTuple):
    """What Python finds under a name in an object, which an earlier check found."""

    check: int
    name: str


class Own(NamedTuple):
    """What an object that the path keeps holds itself under a name, now; not its class."""

    owner: Any
    name: str


class InClass(NamedTuple):
    """What a class or those that it inherits from hold under a name, now."""

    type: type
    name: str


class Array(NamedTuple):
    """An exact `numpy.ndarray` of a native dtype, C-contiguous and aligned; an input.

    written
        The program writes to it, so it has to be writeable.
    """

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    written: bool = False


class Number(NamedTuple):
    """A number of exactly this type, one of NumPy's, `float`, `complex`, or an `int` that int64 holds and also -x."""

    type: type


class Same(NamedTuple):
    """Exactly one object: None, a module, a function, a string that was met before."""

    value: Any


class Equal(NamedTuple):
    """An int, a str or bytes, exactly, of this value, or a float of these bits: a static argument."""

    value: int | str | bytes | float


class Missing(NamedTuple):
    """Nothing: the name is not bound, the cell is empty, so that what it would hide is found."""


class Instance(NamedTuple):
    """An object of exactly this type."""

    type: type


class Container(NamedTuple):
    """A list, a tuple, a namedtuple of a type or a dict, exactly, of so many items."""

    type: type
    length: int


Place = Argument | Held | Name | Cell | Defaults | Item | Attribute | Own | InClass
Expectation = Array | Number | Same | Equal | Missing | Instance | Container


class Check(NamedTuple):
    """An object in this place has to be as expected."""

    place: Place
    expected: Expectation

    @property
    def is_input(self) -> bool:
        """Whether the program reads its data."""
        return isinstance(self.expected, (Array, Number))


class Result(NamedTuple):
    """What the program fills: an array of a native dtype, or, where `shape` is None, a scalar.

    type
        Of a scalar: `float` or `complex` for a number of Python's; None for NumPy's.
    """

    dtype: np.dtype[Any]
    shape: tuple[int, ...] | None
    type: type | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class FastPath:
    """One compiled specialisation.

    arguments
        The number of positional arguments. Each has to be checked.
    checks
        What has to hold, in order.
    results
        What the program fills.
    structure
        How the results are given back: the only one, a flat tuple, or what a function makes of that tuple.
    program
        The address of `int32_t program(void **inputs, void **outputs, void *workspace)`: 0 if the results are filled,
        else a guard was missed and nothing has happened. It raises nothing.
    workspace
        The bytes of scratch memory that it is given, 64-byte aligned and not cleared.
    releases_gil
        Whether other threads may run meanwhile; not if the program calls Python.
    code
        What keeps the code at that address alive.
    """

    arguments: int
    checks: Sequence[Check]
    results: Sequence[Result]
    structure: Literal["one", "tuple"] | Callable[[tuple[Any, ...]], Any]
    program: int
    workspace: int = 0
    releases_gil: bool = False
    code: Any = None

    def __post_init__(self) -> None:
        positions = {check.place.position for check in self.checks if isinstance(check.place, Argument)}
        assert positions == set(range(self.arguments)), "an argument that is not checked could be anything"
        assert self.structure != "one" or len(self.results) == 1, "one result"
        for number, check in enumerate(self.checks):
            if isinstance(check.place, Item):
                assert check.place.check < number, "a container is checked before its items"
                assert isinstance(self.checks[check.place.check].expected, Container), "only containers have items"
            if isinstance(check.place, Attribute):
                assert check.place.check < number, "an object is checked before its attributes"
                assert isinstance(self.checks[check.place.check].expected, Instance), "its type is known"
            if isinstance(check.expected, Equal):
                # Others are equal that are not the same.
                assert type(check.expected.value) in (int, str, bytes, float), "compared by value"
            if isinstance(check.expected, Array):
                assert is_native(check.expected.dtype), "arrays have NumPy's own dtypes"
        for result in self.results:
            assert result.type is None or result.shape is None, "numbers have no axes"
            assert result.type in (None, float, complex), "Python's numbers that keep their value as NumPy's do"
            assert result.type is None or result.dtype == np.dtype(result.type), "of the same bytes"
        assert all(is_native(result.dtype) for result in self.results), "results have NumPy's own dtypes"


def is_native(dtype: np.dtype[Any]) -> bool:
    """Whether this is NumPy's own object for a number type of at most 64 bits a part, in the machine's byte order."""
    return dtype.char in "?bhilqBHILQefdFD" and dtype is np.dtype(dtype.type)
