"""What a recording asks of a call, described for the entry that answers calls without Python.

A description is exact or stricter: a call that it lets through is one that the slow path would answer by the same
recording. What cannot be described leaves all calls to the slow path.
"""

from __future__ import annotations

from collections.abc import Callable
from types import BuiltinFunctionType, FunctionType, MemberDescriptorType, ModuleType
from typing import Any

import numpy as np
import optree

from chainrule.api.kinds import Kind, kind_of
from chainrule.api.specialisation import Specialisation
from chainrule.api.trees import LEAF, NAMESPACE, fields_of, flatten, is_taken_apart, remade, unflatten
from chainrule.compile import entry
from chainrule.numpy.swap import UNUSUAL
from chainrule.numpy.swap.watching import NOTHING, Attribute, Cell, Default, Entry, Global, Source


class UndescribedError(Exception):
    """Something that a recording depends on has no description."""


# What is the same for as long as it is the same object.
_CONSTANT = (type(None), bool, type(Ellipsis), complex, range, FunctionType, BuiltinFunctionType, ModuleType, type)
# What is compared by value.
_BY_VALUE = (int, float, str, bytes)
_CONTAINERS = (list, tuple, dict)


def fast_path(
    specialisation: Specialisation, args: tuple[Any, ...], is_static: Callable[[int | str], bool]
) -> entry.FastPath | None:
    """The description of a recording for calls with arguments like these, by position; None if there is none."""
    from chainrule.compile.native import Native

    executable = specialisation.executable
    if type(executable) is not Native:
        return None
    description = _Description()
    try:
        for k, arg in enumerate(args):
            place: Any = entry.Argument(k)
            if is_static(k):
                description.static(place, arg)
            else:
                description.argument(place, arg)
        if description.kinds != list(specialisation.kinds):
            return None
        for live in specialisation.arrays:
            place = entry.Held(live.array) if live.place is None else description.place(live.place)
            description.checks.append(entry.Check(place, _expected(live.kind)))
        # Last, since they differ least between recordings.
        for held in specialisation.held:
            description.held(held.place, held.value)
        description.outside()
        results = [_result(kind) for kind, _ in specialisation.results if kind is not None]
    except UndescribedError:
        return None
    return entry.FastPath(
        arguments=len(args),
        checks=description.checks,
        results=results,
        structure=_structure(specialisation),
        program=executable.address,
        workspace=executable.workspace_bytes,
        releases_gil=executable.is_long and not executable.calls_python,
        code=executable,
    )


class _Description:
    """The checks of a path, as they are found out.

    kinds
        Those of the inputs among the arguments.
    """

    def __init__(self) -> None:
        self.checks: list[entry.Check] = []
        self.kinds: list[Kind] = []

    def argument(self, place: Any, x: Any) -> None:
        """An argument, or a part of one: leaf after leaf, as `flatten` finds them."""
        if type(x) in _CONTAINERS:
            parent = self._contain(place, x)
            for key in optree.tree_structure(x, lambda y: y is not x, namespace=NAMESPACE).entries():
                self.argument(entry.Item(parent, _key(x, key)), x[key])
            return
        if optree.is_namedtuple_instance(x):
            parent = self._contain(place, x)
            for k, item in enumerate(tuple.__iter__(x)):
                self.argument(entry.Item(parent, k), item)
            return
        if is_taken_apart(type(x)):
            parent = self._check(place, entry.Instance(type(x)))
            names, static_names = fields_of(type(x))
            for name in names:
                self.argument(self._attribute(parent, type(x), name), getattr(x, name))
            for name in static_names:
                self.static(self._attribute(parent, type(x), name), getattr(x, name))
            return
        kind = kind_of(x)
        if kind is not None:
            self.checks.append(entry.Check(place, _expected(kind)))
            self.kinds.append(kind)
            return
        if x is not None and flatten(x)[1] is not LEAF and not flatten(x)[1].is_leaf():
            raise UndescribedError
        self.static(place, x)

    def static(self, place: Any, x: Any) -> None:
        """An argument that is compared by value."""
        if type(x) is tuple:
            parent = self._contain(place, x)
            for k, item in enumerate(x):
                self.static(entry.Item(parent, k), item)
        elif type(x) in _BY_VALUE:
            self.checks.append(entry.Check(place, entry.Equal(x)))
        elif type(x) in _CONSTANT or isinstance(x, (np.generic, np.dtype)) or _is_compared_by_identity(type(x)):
            self.checks.append(entry.Check(place, entry.Same(x)))
        else:
            raise UndescribedError

    def held(self, place: Source, value: Any) -> None:
        """What a place has to hold."""
        if value is NOTHING:
            expected: Any = entry.Missing()
        else:
            # The same object is an equal number or tuple, too.
            expected = entry.Equal(value) if type(value) in _BY_VALUE else entry.Same(value)
        self.checks.append(entry.Check(self.place(place), expected))

    def place(self, place: Source) -> Any:
        """Where something is that is no argument."""
        match place:
            case Global(namespace, name) if type(namespace) is dict:
                return entry.Name(namespace, name)
            case Cell(cell, _):
                return entry.Cell(cell)
            case Default(_, int(k)):
                function: Any = place.function
                if function.__defaults__ is not None:
                    return entry.Item(self._contain(entry.Defaults(function), function.__defaults__), k)
            case Attribute(owner, name) if isinstance(owner, type):
                return entry.InClass(owner, name)
            case Attribute(owner, name) if type(owner).__dictoffset__ and _is_plain(type(owner)):
                return entry.Own(owner, name)
            case Attribute(owner, name) if place.contents() is not NOTHING and _is_plain(type(owner)):
                return self._attribute(self._check(entry.Held(owner), entry.Instance(type(owner))), type(owner), name)
            case Entry(container, key) if type(container) is dict and type(key) is str:
                return entry.Name(container, key)
            case Entry(container, int(k)) if type(container) in (list, tuple) and 0 <= k < len(container):
                return entry.Item(self._contain(entry.Held(container), container), k)
        raise UndescribedError

    def _attribute(self, parent: int, kind: type, name: str) -> entry.Attribute:
        """An attribute of an object, with checks that no code of the user's is asked for it in a call."""
        if not _is_plain(kind) or hasattr(kind, "__getattr__"):
            raise UndescribedError
        for each in ("__getattribute__", "__getattr__", name):
            static = Attribute(kind, each).contents()
            if each == name and hasattr(type(static), "__get__") and type(static) is not MemberDescriptorType:
                raise UndescribedError
            self._check(entry.InClass(kind, each), entry.Missing() if static is NOTHING else entry.Same(static))
        return entry.Attribute(parent, name)

    def outside(self) -> None:
        """The call is not made inside of a transformation, nor where nothing is opened."""
        self.checks.append(entry.Check(entry.Held(UNUSUAL), entry.Container(dict, 0)))

    def _contain(self, place: Any, container: Any) -> int:
        return self._check(place, entry.Container(type(container), len(container)))

    def _check(self, place: Any, expected: Any) -> int:
        """The number of a check, which is made unless there is an equal one."""
        check = entry.Check(place, expected)
        if check in self.checks:
            return self.checks.index(check)
        self.checks.append(check)
        return len(self.checks) - 1


def _key(container: Any, key: Any) -> Any:
    # Other keys may be equal and not the same, and ask Python.
    if type(container) is dict and type(key) not in (str, int):
        raise UndescribedError
    return key


def _is_plain(kind: type) -> bool:
    """Whether attributes of instances are found without asking code of the user's where they are."""
    ways = ("__getattribute__", "__dict__")
    return not any(isinstance(vars(base).get(way), (FunctionType, property)) for base in kind.__mro__ for way in ways)


def _is_compared_by_identity(kind: Any) -> bool:
    return kind.__eq__ is object.__eq__ and kind.__hash__ is object.__hash__


def _expected(kind: Kind) -> entry.Array | entry.Number:
    dtype = _native(kind.dtype)
    if kind.form is np.ndarray:
        if kind.strides is not None:
            raise UndescribedError
        return entry.Array(dtype, kind.shape)
    return entry.Number(dtype.type if kind.form is np.generic else kind.form)


def _result(kind: Kind) -> entry.Result:
    dtype = _native(kind.dtype)
    if kind.form is np.ndarray:
        return entry.Result(dtype, kind.shape)
    return entry.Result(dtype, None, kind.form if kind.form in (float, complex) else None)


def _native(dtype: np.dtype[Any]) -> np.dtype[Any]:
    own = np.dtype(dtype.type)
    if own != dtype or own.char != dtype.char or not entry.is_native(own):
        raise UndescribedError
    return own


def _structure(specialisation: Specialisation) -> Any:
    """How the results are given back."""
    results, structure = specialisation.results, specialisation.structure
    if all(kind is not None and kind.form in (np.ndarray, np.generic, float, complex) for kind, _ in results):
        if structure is LEAF or structure.is_leaf():
            return "one"
        if structure == optree.tree_structure((0,) * len(results), namespace=NAMESPACE):  # type: ignore[arg-type]
            return "tuple"
        try:
            tree = unflatten(structure, [_Leaf(k) for k in range(len(results))])
            constants: list[Any] = []
            expression = _expression(tree, constants)
            return eval(f"lambda values: {expression}", {"constants": constants, "made": remade})
        except UndescribedError:
            return structure.unflatten

    def given_back(values: tuple[Any, ...]) -> Any:
        found = iter(values)
        leaves = [x if kind is None else _finished(kind, next(found)) for kind, x in results]
        return unflatten(structure, leaves)

    return given_back


class _Leaf(int):
    """The number of a leaf."""


def _expression(tree: Any, constants: list[Any]) -> str:
    """The expression that makes a tree of `values`, quicker than what walks a structure; classes are `constants`."""
    kind = type(tree)
    if kind is _Leaf:
        return f"values[{int(tree)}]"
    if kind is list:
        return f"[{', '.join(_expression(item, constants) for item in tree)}]"
    if kind is tuple:
        return _items(tree, constants)
    if kind is dict and all(type(key) is str for key in tree):
        return f"{{{', '.join(f'{key!r}: {_expression(item, constants)}' for key, item in tree.items())}}}"
    if tree is None:
        return "None"
    if optree.is_namedtuple_instance(tree):
        return f"{_constant(kind, constants)}(*{_items(tree, constants)})"
    if is_taken_apart(kind):
        names, static_names = fields_of(kind)
        children = _items([getattr(tree, name) for name in names], constants)
        static = [(name, getattr(tree, name)) for name in static_names]
        given = [_constant(each, constants) for each in (kind, names, static)]
        return f"made({given[0]}, {given[1]}, {children}, {given[2]})"
    raise UndescribedError


def _items(items: Any, constants: list[Any]) -> str:
    return f"({''.join(f'{_expression(item, constants)}, ' for item in items)})"


def _constant(value: Any, constants: list[Any]) -> str:
    constants.append(value)
    return f"constants[{len(constants) - 1}]"


def _finished(kind: Kind, value: Any) -> Any:
    return value if kind.form in (np.ndarray, np.generic, float, complex) else kind.form(value)
