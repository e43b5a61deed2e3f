"""The arguments of a call: which of them are differentiated, and how all of them reach the function."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from chainrule.api.trees import flatten, paths, unflatten
from chainrule.errors import ArgumentError, DTypeError
from chainrule.graph.position import describe, here
from chainrule.numpy.handle import Array, Handle, Scalar
from chainrule.trace import Value

Argnums = int | Sequence[int] | None
Argnames = str | Sequence[str] | None


class Call:
    """One call of a function, with some arguments picked out.

    picked
        The values of the leaves of the picked arguments, in order.
    inside
        Whether a handle was among the arguments, so that results are handles too.
    """

    __slots__ = ("_args", "_kwargs", "_places", "_single", "_structure", "_trees", "inside", "picked", "scalar")

    def __init__(
        self, f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], argnums: Argnums, argnames: Argnames
    ) -> None:
        if argnames is None and type(argnums) is int and 0 <= argnums < len(args):
            self._places: tuple[int | str, ...] = (argnums,)
            self._single = True
        else:
            self._places, self._single = places_of(f, args, kwargs, argnums, argnames)
        trees = tuple([args[place] if isinstance(place, int) else kwargs[place] for place in self._places])
        self._trees = trees[0] if self._single else trees
        leaves, self._structure = flatten(self._trees)
        self.inside = False
        self.scalar = [not isinstance(leaf, (np.ndarray, Array)) for leaf in leaves]
        self.picked = [self._value(leaf) for leaf in leaves]
        places = self._places
        self._args = [arg if k in places else self._constant(arg) for k, arg in enumerate(args)]
        self._kwargs = {name: arg if name in places else self._constant(arg) for name, arg in kwargs.items()}

    @property
    def names(self) -> list[str] | None:
        """Where each picked leaf stands, if the picked arguments are containers."""
        trees = (self._trees,) if self._single else self._trees
        return paths(trees) if any(isinstance(tree, (dict, list, tuple)) for tree in trees) else None

    def _value(self, leaf: Any) -> Any:
        if type(leaf) is np.ndarray:
            return leaf
        if isinstance(leaf, Handle):
            self.inside = True
            return leaf._read()
        if isinstance(leaf, (float, complex)) and not isinstance(leaf, np.generic):
            return np.asarray(leaf)[()]
        if isinstance(leaf, (int, bool)):
            return np.asarray(leaf)[()]
        return leaf

    def _constant(self, arg: Any) -> Any:
        kind = type(arg)
        if kind is float or kind is int or kind is str or arg is None:
            return arg
        if kind is np.ndarray:
            return Array(arg)
        if not isinstance(arg, (Handle, dict, list, tuple)):
            return arg
        leaves, structure = flatten(arg)
        return unflatten(structure, [self._constant_leaf(leaf) for leaf in leaves])

    def _constant_leaf(self, leaf: Any) -> Any:
        if isinstance(leaf, Handle):
            self.inside = True
            return Scalar(leaf._read()) if isinstance(leaf, Scalar) else Array(leaf._read())
        return Array(leaf) if type(leaf) is np.ndarray else leaf

    def run(self, f: Callable[..., Any], values: Sequence[Any]) -> Any:
        """Call the function, with values in place of the leaves of the picked arguments."""
        handles = [self._handle(v, scalar) for v, scalar in zip(values, self.scalar, strict=True)]
        trees = unflatten(self._structure, handles)
        args, kwargs = list(self._args), dict(self._kwargs)
        for place, tree in zip(self._places, (trees,) if self._single else trees, strict=True):
            if isinstance(place, int):
                args[place] = tree
            else:
                kwargs[place] = tree
        return f(*args, **kwargs)

    @staticmethod
    def _handle(value: Any, scalar: bool) -> Any:
        if scalar and type(value) is not Value:
            return value
        return Scalar(value) if scalar else Array(value)

    def in_shape_of_arguments(self, leaves: Sequence[Any]) -> Any:
        """Leaves in the structure of the picked arguments: a tree, or a tuple of trees if several were picked."""
        return unflatten(self._structure, leaves)

    def flat_like_arguments(self, tree: Any) -> tuple[list[Any], Any]:
        """The leaves of a tree that should look like the picked arguments, and its structure."""
        return flatten(tree if self._single else tuple(tree))

    @property
    def structure(self) -> Any:
        """The structure of the picked arguments."""
        return self._structure

    def check_differentiable(self, transformation: str, holomorphic: bool = False) -> None:
        """Raise if a picked leaf cannot vary: integers, booleans and what is no number have no tangent."""
        for k, value in enumerate(self.picked):
            kind = getattr(getattr(value, "dtype", None), "kind", None)
            if kind == "c" or (kind == "f" and not holomorphic):
                continue
            names = self.names
            where = names[k] if names else f"argument {self._places[0]!r}"
            if kind in ("f",):
                raise DTypeError(
                    f"`{transformation}` with `holomorphic=True` needs complex input, and {where} is {value.dtype}."
                    f"{describe(here())}\n  Pass it as complex, or leave `holomorphic` away."
                )
            shown = f"{value}" if np.ndim(value) == 0 else f"of dtype {value.dtype}"
            advice = "Pass floating-point numbers: `3.0` for `3`, `x.astype(float)` for an integer array."
            if kind is None or kind not in "iub":
                shown = f"a {type(value).__name__}"
                advice = "Choose the arguments to differentiate with `argnums` or `argnames`."
            raise DTypeError(
                f"`{transformation}`: {where} is {shown}, which has no derivative: it cannot vary continuously."
                f"{describe(here())}\n  {advice}"
            )


def places_of(
    f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], argnums: Argnums, argnames: Argnames
) -> tuple[tuple[int | str, ...], bool]:
    """Where the picked arguments stand, positions or keywords, and whether one tree (not a tuple of them) was asked."""
    numbers = () if argnums is None else (argnums,) if isinstance(argnums, int) else tuple(argnums)
    names = () if argnames is None else (argnames,) if isinstance(argnames, str) else tuple(argnames)
    single = (isinstance(argnums, int) or isinstance(argnames, str)) and len(numbers) + len(names) == 1
    parameters = _parameters(f)
    places: list[int | str] = []
    for number in numbers:
        position = number + len(args) if number < 0 else number
        if 0 <= position < len(args):
            places.append(position)
        elif 0 <= number < len(parameters) and parameters[number] in kwargs:
            places.append(parameters[number])
        else:
            raise ArgumentError(
                f"`argnums={argnums!r}` names an argument that the call does not pass.{describe(here())}\n"
                f"  The call has {len(args)} positional and {len(kwargs)} keyword arguments."
            )
    for name in names:
        if name in kwargs:
            places.append(name)
        elif name in parameters[: len(args)]:
            places.append(parameters.index(name))
        else:
            raise ArgumentError(
                f"`argnames={argnames!r}` names an argument that the call does not pass.{describe(here())}\n"
                f"  The function takes {', '.join(parameters) or 'no named arguments'}."
            )
    if len(set(places)) != len(places):
        raise ArgumentError(f"an argument is named twice by `argnums={argnums!r}`, `argnames={argnames!r}`.{describe(here())}")
    return tuple(places), single


def _parameters(f: Callable[..., Any]) -> tuple[str, ...]:
    try:
        return _named_parameters(f)
    except TypeError:
        return ()


@lru_cache(maxsize=1024)
def _named_parameters(f: Callable[..., Any]) -> tuple[str, ...]:
    try:
        parameters = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):
        return ()
    return tuple(p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD))


def default_argnums(argnums: Argnums, argnames: Argnames) -> Argnums:
    """The first argument, unless something else was named."""
    return 0 if argnums is None and argnames is None else argnums
