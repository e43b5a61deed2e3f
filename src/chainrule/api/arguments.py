"""The arguments of a call: which of them are differentiated, and how all of them reach the function."""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy import ndarray

from chainrule.api.results import is_number
from chainrule.api.surroundings import behind, called_inside
from chainrule.api.trees import LEAF, flatten, paths, unflatten
from chainrule.errors import ArgumentError, DTypeError
from chainrule.graph.position import describe, here
from chainrule.numpy.handle import Array, Handle, Scalar
from chainrule.numpy.swap import call_opened
from chainrule.trace import Value

_new = object.__new__

Argnums = int | Sequence[int] | None
Argnames = str | Sequence[str] | None


def as_argument(leaf: Any) -> Any:
    """A leaf of an argument that is not differentiated, as the function gets it: what it writes is its own."""
    if isinstance(leaf, Handle):
        return Scalar(leaf._read()) if isinstance(leaf, Scalar) else Array(leaf._read())
    if isinstance(leaf, np.memmap):
        return Array(np.asarray(leaf))
    return Array(leaf) if type(leaf) is ndarray else leaf


def plain_array(x: ndarray[Any, Any]) -> ndarray[Any, Any]:
    """An array of a subclass as an array, if it computes as one."""
    if isinstance(x, (np.matrix, np.ma.MaskedArray)):
        raise DTypeError(
            f"a {type(x).__name__} has other rules than an array, which derivatives do not follow.{describe(here())}\n"
            "  Pass a plain array: `np.asarray(x)` of a matrix, `x.filled(0.0)` of a masked array."
        )
    return np.asarray(x)


class Call:
    """One call of a function, with some arguments picked out.

    tree, structure
        The picked arguments: a tree, or a tuple of trees if several were picked.
    picked, scalar
        The values of their leaves, in order, and which of them are numbers and not arrays.
    inside
        Whether the call is made inside a differentiated function, or a handle is among the arguments, so that results
        are handles too.
    """

    __slots__ = (
        "_args",
        "_function",
        "_kwargs",
        "_places",
        "_single",
        "inside",
        "picked",
        "scalar",
        "structure",
        "tree",
    )

    picked: list[Any]
    scalar: list[bool]

    def __init__(
        self, f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], argnums: Argnums, argnames: Argnames
    ) -> None:
        self._function = f
        # Appending in loops: this is part of the cost of every call, and a comprehension is a call of its own.
        if argnames is None and type(argnums) is int and 0 <= argnums < len(args):
            self._places: tuple[int | str, ...] = (argnums,)
            self._single = True
            self.tree = args[argnums]
        else:
            self._places, self._single = places_of(f, args, kwargs, argnums, argnames)
            trees = _found(args, kwargs, self._places)
            self.tree = trees[0] if self._single else trees
        self.inside = called_inside()
        self._args: Sequence[Any] = args
        self._kwargs = kwargs
        if len(args) > 1 or kwargs:
            self._hold_constant(args, kwargs)
        tree = self.tree
        if type(tree) is ndarray and tree.dtype.isnative:
            # One array, the commonest of all trees.
            self.structure = LEAF
            self.scalar = [False]
            self.picked = [tree]
            return
        leaves, self.structure = flatten(tree)
        self.scalar = scalar = []
        self.picked = picked = []
        for leaf in leaves:
            if type(leaf) is ndarray and leaf.dtype.isnative:
                scalar.append(False)
                picked.append(leaf)
            else:
                scalar.append(is_number(leaf))
                picked.append(self._value(leaf))

    def _hold_constant(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """The arguments that are not picked, as the function gets them."""
        places = self._places
        self._args = [arg if k in places else self._constant(arg) for k, arg in enumerate(args)]
        if kwargs:
            self._kwargs = {name: arg if name in places else self._constant(arg) for name, arg in kwargs.items()}

    @property
    def names(self) -> list[str]:
        """How each picked leaf is called: `x`, `params['w'][0]`."""
        parameters = parameters_of(self._function)
        roots = [
            place if isinstance(place, str) else parameters[place] if place < len(parameters) else f"args[{place}]"
            for place in self._places
        ]
        return paths((self.tree,) if self._single else self.tree, roots.__getitem__)

    def _value(self, leaf: Any) -> Any:
        kind = type(leaf)
        if kind is float:
            return np.float64(leaf)
        if kind is ndarray:
            return leaf.astype(leaf.dtype.newbyteorder("="))
        if isinstance(leaf, Handle):
            self.inside = True
            return leaf._read()
        if isinstance(leaf, ndarray):
            return plain_array(leaf)
        if isinstance(leaf, (float, complex, int)) and not isinstance(leaf, np.generic):
            return np.asarray(leaf)[()]
        return leaf

    def _constant(self, arg: Any) -> Any:
        kind = type(arg)
        if kind is float or kind is int or kind is str or arg is None:
            return arg
        if kind is ndarray:
            return Array(arg)
        leaves, structure = flatten(arg)
        return unflatten(structure, [self._constant_leaf(leaf) for leaf in leaves])

    def _constant_leaf(self, leaf: Any) -> Any:
        if isinstance(leaf, Handle):
            self.inside = True
        return as_argument(leaf)

    def run(self, f: Callable[..., Any], values: Sequence[Any]) -> Any:
        """Call a function, opened, with values in place of the leaves of the picked arguments."""
        if self.structure is LEAF:
            tree = _handle(values[0], self.scalar[0])
        else:
            tree = unflatten(self.structure, list(map(_handle, values, self.scalar)))
        args, kwargs = self.with_picked(tree)
        try:
            return call_opened(f, args, kwargs)
        except (ValueError, SystemError) as error:
            cause = behind(error)
            if cause is None:
                raise
            raise cause from None

    def with_picked(self, trees: Any) -> tuple[list[Any], dict[str, Any]]:
        """Other picked arguments and the same others: those by position and those by keyword."""
        args, kwargs = list(self._args), self._kwargs
        if self._single:
            (place,) = self._places
            if type(place) is int:
                args[place] = trees
                return args, kwargs
            trees = (trees,)
        if kwargs:
            kwargs = kwargs.copy()
        for place, tree in zip(self._places, trees, strict=True):
            if type(place) is int:
                args[place] = tree
            else:
                kwargs[place] = tree  # type: ignore[index]  # the name of a keyword
        return args, kwargs

    def check_differentiable(self, transformation: str, holomorphic: bool = False) -> None:
        """Raise if a picked leaf cannot vary: integers, booleans and what is no number have no tangent."""
        varying = "c" if holomorphic else "fc"
        for k, value in enumerate(self.picked):
            try:
                kind = value.dtype.kind
            except AttributeError:
                kind = "O"
            if kind in varying:
                continue
            name = self.names[k]
            if kind == "f":
                raise DTypeError(
                    f"`{transformation}` with `holomorphic=True` needs complex input, and `{name}` is {value.dtype}."
                    f"{describe(here())}\n  Pass it as complex, or leave `holomorphic` away."
                )
            if kind in "iub":
                found = f"{value} ({value.dtype})" if not value.shape else f"an array of {value.dtype}"
                advice = f"Pass floating-point numbers: `3.0` for `3`, `{name}.astype(float)` for an array of integers."
            else:
                found = f"an array of {value.dtype}" if isinstance(value, ndarray) else f"a {type(value).__name__}"
                advice = (
                    "Choose the arguments to differentiate with `argnums` or `argnames`. A field of a dataclass that\n"
                    '  is no number can be declared with `field(metadata={"static": True})`.'
                )
            raise DTypeError(
                f"`{transformation}`: `{name}` is {found}, which has no derivative, since it cannot vary continuously."
                f"{describe(here())}\n  {advice}"
            )


def _found(args: tuple[Any, ...], kwargs: dict[str, Any], places: tuple[int | str, ...]) -> tuple[Any, ...]:
    """The arguments in some places."""
    return tuple([args[place] if isinstance(place, int) else kwargs[place] for place in places])


def _handle(value: Any, scalar: bool) -> Any:
    """A picked leaf as the function gets it."""
    if scalar and type(value) is not Value:
        return value
    # Without __init__: there is one for every array that a function takes.
    handle = _new(Scalar if scalar else Array)
    handle._referent = value
    handle._owned = False
    return handle


def places_of(
    f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], argnums: Argnums, argnames: Argnames
) -> tuple[tuple[int | str, ...], bool]:
    """Where the picked arguments stand, positions or keywords, and whether one tree (not a tuple of them) was asked."""
    single_number, numbers = _several(argnums, int, "argnums")
    single_name, names = _several(argnames, str, "argnames")
    single = (single_number or single_name) and len(numbers) + len(names) == 1
    parameters = parameters_of(f)
    passed: list[int | str] = [*range(len(args)), *(name for name in parameters[len(args) :] if name in kwargs)]
    places: list[int | str] = []
    for number in numbers:
        if 0 <= number < len(args):
            places.append(number)
        elif 0 <= number < len(parameters) and parameters[number] in kwargs:
            places.append(parameters[number])
        elif -len(passed) <= number < 0:
            places.append(passed[number])
        else:
            raise ArgumentError(
                f"`argnums={argnums!r}`: there is no argument number {number} in the call.{describe(here())}\n"
                f"  It passes {len(args)} arguments by position"
                + (f", and by keyword {', '.join(kwargs)}." if kwargs else ".")
            )
    for name in names:
        if name in kwargs:
            places.append(name)
        elif name in parameters[: len(args)]:
            places.append(parameters.index(name))
        else:
            known = f"The function takes {', '.join(parameters)}." if parameters else "Its arguments have no names."
            raise ArgumentError(
                f"`argnames={argnames!r}`: there is no argument `{name}` in the call.{describe(here())}\n"
                f"  {known} An argument that is left to its default is not differentiated: pass it."
            )
    if len(set(places)) != len(places):
        raise ArgumentError(
            f"`argnums={argnums!r}`, `argnames={argnames!r}`: an argument is named twice.{describe(here())}"
        )
    return tuple(places), single


def _several(chosen: Any, kind: type, what: str) -> tuple[bool, tuple[Any, ...]]:
    """Whether one argument was chosen and not a sequence of them, and the sequence."""
    if chosen is None:
        return False, ()
    if isinstance(chosen, str) and kind is str:
        return True, (chosen,)
    try:
        if kind is int and not isinstance(chosen, bool) and hasattr(chosen, "__index__"):
            return True, (operator.index(chosen),)
        several = tuple(chosen)
        if kind is int:
            several = tuple(operator.index(number) for number in several)
        elif not all(isinstance(name, str) for name in several):
            raise TypeError
    except TypeError:
        one = "an integer" if kind is int else "a string"
        raise ArgumentError(f"`{what}` is {one} or a sequence of them, not {chosen!r}.{describe(here())}") from None
    return False, several


def parameters_of(f: Callable[..., Any]) -> tuple[str, ...]:
    """The names of the parameters that can be given by position, as far as they are known."""
    try:
        parameters = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):
        return ()
    return tuple(p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD))


def default_argnums(argnums: Argnums, argnames: Argnames) -> Argnums:
    """The first argument, unless something else was named.

    Checked here already, since `cr.hvp(f, x, v)`, meant for `cr.hvp(f)(x, v)`, would not be called otherwise.
    """
    _several(argnums, int, "argnums")
    _several(argnames, str, "argnames")
    return 0 if argnums is None and argnames is None else argnums
