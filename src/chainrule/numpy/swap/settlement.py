"""What opened code leaves behind: the user's own objects again, and constant arrays as NumPy's.

While a derivative is taken, look-alikes, clones and handles may be stored wherever the user's code can store: in
attributes, lists, dicts, globals. When the outermost derivative has been taken they give way to what they stand for.
A value that still carries a derivative stays as it is, so that its next use says what happened; silently turning it
into a number would lose the derivative of a later run that reads it.
"""

from __future__ import annotations

import functools
from collections import ChainMap, UserDict, UserList, deque
from types import FunctionType, MethodType
from typing import Any

import numpy as np

from chainrule.numpy.handle import Array, Captured, Handle
from chainrule.numpy.python_numbers import Number
from chainrule.numpy.swap.clones import AS_IS
from chainrule.numpy.swap.look_alikes import LookAlikeType, is_look_alike, is_made, real_of, unwrapped
from chainrule.numpy.swap.modules import ModuleLookAlike, real_module
from chainrule.numpy.swap.namespaces import SwappedGlobals
from chainrule.numpy.swap.originals import original_of
from chainrule.numpy.views import View
from chainrule.trace import Value

_CONTAINERS = (list, dict, set, deque, UserDict, UserList, ChainMap)


class Settlement:
    """Finds what shall stay in place of what opened code stored or returned.

    `handles` says whether constant handles become plain arrays; of results they do not, which the api hands out.
    Containers are changed in place, tuples made anew; each object is visited once.
    """

    def __init__(self, clones: dict[Any, Any], handles: bool) -> None:
        self._clones = clones
        self._handles = handles
        # By identity; the objects are kept, so that no other one gets their place in memory.
        self._arrays: dict[int, tuple[Any, Any]] = {}
        self._visited: dict[int, Any] = {}
        self._made_inside: dict[type, bool] = {}

    def settled(self, value: Any) -> Any:
        """What shall stay in place of a value."""
        kind = type(value)
        if kind in AS_IS:
            return value
        if isinstance(value, Handle):
            return self._plain(value) if self._handles else value
        if type(kind) is LookAlikeType:
            real = real_of(value)
            if is_made(value):
                self._visit(real)
            return real
        if kind is LookAlikeType:
            return unwrapped(value)
        if kind is ModuleLookAlike:
            return real_module(value)
        if kind is tuple or (isinstance(value, tuple) and hasattr(kind, "_fields")):
            return self._tuple(value)
        if self._holds(value):
            self._visit(value)
            return value
        if kind is MethodType:
            function, owner = self.settled(value.__func__), self.settled(value.__self__)
            same = function is value.__func__ and owner is value.__self__
            return value if same else MethodType(function, owner)
        if kind is functools.partial:
            arguments = self.settled((value.func, *value.args))
            keywords = {name: self.settled(argument) for name, argument in value.keywords.items()}
            return functools.partial(*arguments, **keywords)
        if kind is FunctionType and value in self._clones:
            return self._clones[value]
        return original_of(value)

    def _visit(self, value: Any) -> None:
        """Settle what a mutable object holds."""
        # Not by recursion: a chain of objects may be long.
        pending = [value]
        while pending:
            owner = pending.pop()
            if id(owner) in self._visited:
                continue
            self._visited[id(owner)] = owner
            if isinstance(owner, (list, deque)):
                for k, item in enumerate(owner):
                    owner[k] = self._entry(item, pending)
            elif isinstance(owner, dict):
                self._visit_dict(owner, pending)
            elif isinstance(owner, set):
                final = [self._entry(item, pending) for item in owner]
                if any(new is not old for new, old in zip(final, owner, strict=True)):
                    owner.clear()
                    owner.update(final)
            self._visit_attributes(owner, pending)

    def _visit_dict(self, owner: dict[Any, Any], pending: list[Any]) -> None:
        keys = [self._entry(key, pending) for key in owner]
        same = all(new is old for new, old in zip(keys, owner, strict=True))
        for key, item in list(owner.items()):
            dict.__setitem__(owner, key, self._entry(item, pending))
        if not same:
            values = list(owner.values())
            owner.clear()
            owner.update(zip(keys, values, strict=True))

    def _visit_attributes(self, owner: Any, pending: list[Any]) -> None:
        variables = getattr(owner, "__dict__", None)
        if type(variables) is dict:
            self._visit_dict(variables, pending)
        for name in slot_names(type(owner)):
            try:
                value = object.__getattribute__(owner, name)
            except AttributeError:
                continue
            final = self._entry(value, pending)
            if final is not value:
                object.__setattr__(owner, name, final)

    def _entry(self, value: Any, pending: list[Any]) -> Any:
        """What shall stay of an entry; what it holds itself is settled later."""
        if self._holds(value):
            pending.append(value)
            return value
        if is_look_alike(value):
            real = real_of(value)
            if is_made(value):
                pending.append(real)
            return real
        return self.settled(value)

    def _holds(self, value: Any) -> bool:
        """Whether an object is a container, or of a class that opened code defined, and so made by it."""
        if isinstance(value, _CONTAINERS):
            return True
        kind = type(value)
        known = self._made_inside.get(kind)
        if known is None:
            known = self._made_inside[kind] = kind.__module__ != "builtins" and any(
                type(function) is FunctionType and type(function.__globals__) is SwappedGlobals
                for function in vars(kind).values()
            )
        return known

    def _tuple(self, value: tuple[Any, ...]) -> Any:
        items = [self.settled(item) for item in value]
        if all(new is old for new, old in zip(items, value, strict=True)):
            return value
        return tuple.__new__(type(value), items)

    def _plain(self, handle: Handle) -> Any:
        """The array behind a constant handle; the same one wherever the handle, or a view of it, was left."""
        _forget_records(handle)
        if handle._is_traced():
            return handle
        known = self._arrays.get(id(handle))
        if known is not None:
            return known[1]
        plain = self._array(handle)
        self._arrays[id(handle)] = (handle, plain)
        return plain

    def _array(self, handle: Handle) -> Any:
        if isinstance(handle, View):
            return handle._step.of(handle._in_shape_of_origin(self._plain(handle._base)))
        value = handle._peek()
        if type(handle) is Number:
            return handle.kind(value)
        if not isinstance(handle, Array):
            return value[()]
        if isinstance(handle, Captured) or handle._owned:
            return value
        # A rule may keep the memory for a pull that is yet to come.
        return np.array(value)


def _forget_records(handle: Handle) -> None:
    """Take from a handle the levels that have ended and carry nothing: those of recorded programs."""
    while isinstance(handle, View):
        handle = handle._base
    value = handle._referent
    while type(value) is Value and value.level.ended and value.level.stands_for_plain:
        handle.fall_back(value.level)
        value = handle._referent


def slot_names(kind: type) -> list[str]:
    """The names of the slots of a class, as attributes are found under them."""
    names = []
    for base in kind.__mro__:
        slots = vars(base).get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if name not in ("__dict__", "__weakref__"):
                mangled = name.startswith("__") and not name.endswith("__")
                names.append(f"_{base.__name__.lstrip('_')}{name}" if mangled else name)
    return names
