"""What `grad`, `check` and `explain` have in common: a function, a point, and the arguments that are differentiated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from chainrule.cli.failures import BadInputError
from chainrule.cli.points import points, varying
from chainrule.cli.target import Target, target

Function = Annotated[
    str,
    typer.Argument(
        metavar="FILE.py:FUNCTION",
        help="The function, plain NumPy code in a Python file.",
        show_default=False,
    ),
]
At = Annotated[
    list[str],
    typer.Option(
        metavar="VALUE",
        help="One argument: JSON or a Python literal, FILE.npy, FILE.csv, FILE.json, or - for standard input. "
        "Once for each argument, in their order; NAME=VALUE passes it by name.",
        show_default=False,
    ),
]
Argnum = Annotated[
    list[int] | None,
    typer.Option(
        metavar="K",
        help="Differentiate with respect to argument K, counted from 0; once for each. By default the first.",
        show_default=False,
    ),
]
Arg = Annotated[
    list[str] | None, typer.Option(metavar="NAME", help="The same, by the argument's name.", show_default=False)
]


@dataclass(frozen=True)
class Arguments:
    """A call of the user's function, with some arguments picked out.

    places
        Where the picked arguments stand: positions in `args`, or names in `kwargs`.
    names
        What the function calls them.
    """

    target: Target
    args: list[Any]
    kwargs: dict[str, Any]
    places: list[int | str]

    @property
    def names(self) -> list[str]:
        """What the function calls the picked arguments."""
        return [self.target.parameter(place) for place in self.places]

    @property
    def picked(self) -> list[Any]:
        """The values of the picked arguments."""
        return [self.args[place] if isinstance(place, int) else self.kwargs[place] for place in self.places]


def arguments(named: str, at: Sequence[str], argnum: Sequence[int] | None, arg: Sequence[str] | None) -> Arguments:
    """Load the function, read the point, and pick the arguments, whose numbers become floating-point ones."""
    args, kwargs = points(at)
    return call_at(target(named), args, kwargs, argnum, arg)


def call_at(
    found: Target, args: list[Any], kwargs: dict[str, Any], argnum: Sequence[int] | None, arg: Sequence[str] | None
) -> Arguments:
    """The call of a function at a point, with some of its arguments picked; by default the first."""
    found.bind(args, kwargs)
    places = [_position(number, args) for number in argnum or ()]
    places += [_place(name, found, args, kwargs) for name in arg or ()]
    if not places:
        places = [0 if args else next(iter(kwargs))]
    if len(set(places)) != len(places):
        raise BadInputError("--argnum and --arg name an argument twice")
    call = Arguments(found, args, kwargs, places)
    for place, name, value in zip(places, call.names, call.picked, strict=True):
        if isinstance(place, int):
            args[place] = varying(value, name)
        else:
            kwargs[place] = varying(value, name)
    return call


def _position(number: int, args: list[Any]) -> int | str:
    if 0 <= number < len(args):
        return number
    raise BadInputError(
        f"--argnum {number}: there are {len(args)} --at without a name, which are counted from 0"
        if len(args) != 1
        else f"--argnum {number}: there is one --at without a name, which is number 0"
    )


def _place(name: str, found: Target, args: list[Any], kwargs: dict[str, Any]) -> int | str:
    if name in kwargs:
        return name
    names = [found.parameter(place) for place in range(len(args))]
    if name in names:
        return names.index(name)
    known = ", ".join(f"`{known}`" for known in [*names, *kwargs])
    raise BadInputError(f"--arg {name}: the arguments that are given are {known}")
