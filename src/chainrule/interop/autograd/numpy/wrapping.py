"""From a namespace of NumPy's to one of functions that follow derivatives."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from functools import cache, cached_property
from importlib import import_module
from types import MethodType, ModuleType
from typing import Any

import numpy as np

from chainrule.api.bridging import counterpart_of, has_counterpart
from chainrule.interop.autograd.core import JVPNode, VJPNode
from chainrule.interop.autograd.filled_modules import fill
from chainrule.interop.autograd.following import followed
from chainrule.interop.autograd.importing import NAME
from chainrule.interop.autograd.tracer import notrace_primitive, primitive, register_notrace

# They look at shapes and dtypes alone.
notrace_functions = [np.ndim, np.shape, np.iscomplexobj, np.result_type]

# Functions whose results are constant between jumps.
CONSTANT = frozenset(
    getattr(np, name)
    for name in """
    floor ceil round rint around fix trunc all any argmax argmin argpartition argsort argwhere nonzero flatnonzero
    count_nonzero searchsorted sign ndim shape floor_divide logical_and logical_or logical_not logical_xor isfinite
    isinf isnan isneginf isposinf allclose isclose array_equal array_equiv greater greater_equal less less_equal equal
    not_equal iscomplexobj iscomplex size isscalar isreal zeros_like ones_like result_type
    """.split()
)

# The package that is served under autograd's name.
_OURS = __name__.removesuffix(".numpy.wrapping")

# What a ufunc has beside being called.
_UFUNC_ATTRIBUTES = ("nargs", "nin", "nout", "ntypes", "types")
_UFUNC_METHODS = ("accumulate", "at", "outer", "reduce", "reduceat")


def wrapped(original: Callable[..., Any]) -> Any:
    """The function that stands for one of NumPy's: ours for traced arguments, NumPy's own for plain ones."""
    function = _wrapped(original)
    if original in CONSTANT:
        register_notrace(VJPNode, function)
        register_notrace(JVPNode, function)
    return function


def _wrapped(original: Callable[..., Any]) -> Any:
    if any(original is function for function in notrace_functions):
        return notrace_primitive(original)
    if isinstance(original, MethodType):
        ours = _counterpart_of_method(original)
        return primitive(original) if ours is None else followed(original, ours)
    if not has_counterpart(original):
        return primitive(original)
    # Ours may have to be loaded.
    function: Any = followed(original, find=lambda: counterpart_of(original))
    if isinstance(original, np.ufunc):
        for name in _UFUNC_ATTRIBUTES:
            setattr(function, name, getattr(original, name))
        for name in _UFUNC_METHODS:
            setattr(function, name, _method_of_ufunc(original, name))
    return function


def _method_of_ufunc(original: np.ufunc, name: str) -> Callable[..., Any]:
    """A method of our ufunc for one of NumPy's, which is loaded when it is called."""

    def method(*args: Any, **kwargs: Any) -> Any:
        return getattr(counterpart_of(original), name)(*args, **kwargs)

    return method


def _counterpart_of_method(original: MethodType) -> Callable[..., Any] | None:
    """Our method for one of an object of SciPy's, such as `scipy.stats.norm`; None if nothing stands for the object."""
    return getattr(counterpart_of(original.__self__), original.__name__, None)


_INTEGERS = (np.int8, np.int16, np.int32, np.int64, np.integer)


class _IntegerType(type):
    """What makes integers instances of what stands for their type."""

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, cls.__mro__[1])


def wrap_intdtype(cls: Any) -> Any:
    """An integer type that converts traced values, to constants."""
    convert = notrace_primitive(cls.__new__)
    return _IntegerType(cls.__name__, (cls,), {"__new__": lambda kind, *args: convert(cls, *args)})


def wrap_namespace(old: Any, new: MutableMapping[str, Any]) -> None:
    """Put what stands for the functions of a namespace into another one, and the rest as it is."""
    stand_ins = StandIns(old, new.get("__name__"))
    for name in stand_ins.names:
        new[name] = stand_ins.made(name)


class StandIns:
    """What stands for the functions of a namespace, and the rest as it is; each is made when it is asked for.

    Modules are none of the names, nor is what begins with `hidden`.
    """

    def __init__(self, old: Mapping[str, Any], home: str | None = None, hidden: str = "__") -> None:
        self._old = old
        # The module that gives them.
        self._home = home
        self._hidden = hidden
        # By identity: one for all names of a function.
        self._made: dict[int, Any] = {}

    def __contains__(self, name: str) -> bool:
        return not name.startswith(self._hidden) and name in self._old and not isinstance(self._old[name], ModuleType)

    @cached_property
    def names(self) -> list[str]:
        """The names of the namespace. Most programs ask for a few, and not for all of them."""
        return [name for name in self._old if name in self]

    def made(self, name: str) -> Any:
        """What a name stands for."""
        item = self._old[name]
        if not callable(item) or (isinstance(item, type) and item not in _INTEGERS):
            return item
        if id(item) not in self._made:
            self._made[id(item)] = wrap_intdtype(item) if isinstance(item, type) else self._wrapped(name, item)
        return self._made[id(item)]

    def _wrapped(self, name: str, item: Any) -> Any:
        function = wrapped(item)
        if self._home is not None:
            # What pickle asks: other processes find it there. Not in our module, of which pytest would take NumPy's
            # docstring for a doctest.
            function.__module__, function.__qualname__ = self._home.replace(_OURS, NAME), name
        return function


# Of modules whose names are made when they are asked for: how each is, and its names.
_served: list[tuple[Callable[[str], Any], Callable[[], list[str]]]] = []


def serve(original: ModuleType, namespace: MutableMapping[str, Any]) -> tuple[Callable[[str], Any], list[str]]:
    """Let a module stand for one of NumPy's or SciPy's.

    Returns
    -------
    find, names
        What finds its functions by their names, and the names.
    """
    stand_ins = StandIns(public(original), namespace["__name__"])

    def find(name: str) -> Any:
        if name not in stand_ins:
            raise AttributeError(f"module {namespace['__name__']!r} has no attribute {name!r}")
        # Kept as an attribute: the next look-up does not come here. What a program put there stays.
        return namespace.setdefault(name, stand_ins.made(name))

    def listed() -> list[str]:
        return sorted({*namespace, *stand_ins.names})

    enter(find, lambda: stand_ins.names)
    fill(namespace["__name__"], find, listed)
    return find, stand_ins.names


def enter(find: Callable[[str], Any], names: Callable[[], list[str]]) -> None:
    """Make the names that a function gives known to those who look for what stands for a function by the function."""
    _served.append((find, names))
    make_all.cache_clear()


@cache
def make_all() -> None:
    """Make what stands for the functions of all namespaces."""
    import_module("chainrule.interop.autograd.numpy.linalg")
    import_module("chainrule.interop.autograd.numpy.fft")
    for find, names in tuple(_served):
        for name in names():
            find(name)


def public(module: ModuleType) -> dict[str, Any]:
    """The public names of a module."""
    return {name: item for name, item in vars(module).items() if not name.startswith("_")}


def holds_arrays(x: Any) -> bool:
    """Whether something is an array or a number of NumPy's or ours, or a list of such."""
    if isinstance(x, (list, tuple)):
        return any(map(holds_arrays, x))
    return not isinstance(x, (bool, int, float, complex, str, bytes, type(None)))
