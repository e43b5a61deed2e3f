"""Look-alikes of lists and dicts that opened code finds, whose items come as what stands for them.

The container is read and written live: `history.append(loss)` reaches the user's list. Tuples need no look-alike, since
nobody can tell an immutable copy apart.
"""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable, Iterator
from types import BuiltinFunctionType, MethodType, MethodWrapperType
from typing import TYPE_CHECKING, Any

from chainrule.numpy.swap.look_alikes import COPYING, LookAlike, class_of_look_alikes, look_alike, real_of
from chainrule.numpy.swap.namespaces import run_of, surrounding_run
from chainrule.numpy.swap.places import Contents, Item
from chainrule.numpy.swap.watching import Entry, Holdings

if TYPE_CHECKING:
    from chainrule.numpy.swap.run import Run

_METHODS = (BuiltinFunctionType, MethodWrapperType, MethodType)

# Methods that read only, and so leave nothing to be put in order.
_READING = frozenset(
    "__getitem__ __len__ __contains__ __eq__ __ne__ __lt__ __le__ __gt__ __ge__ __add__ __mul__ __rmul__ __or__ "
    "__ror__ __delitem__ __reversed__ __iter__ __repr__ __missing__ get keys values items index count copy pop popitem "
    "popleft clear remove reverse sort rotate move_to_end most_common elements total".split()
)


# Those that change the container all the same.
_REMOVING = frozenset("__delitem__ pop popitem popleft clear remove reverse sort rotate move_to_end".split())


class ContainerLookAlike(LookAlike):
    """What opened code meets in place of a list, a dict, or an object of a class derived from them.

    Methods run on the container itself, which C code reads without asking anyone; so those that a user wrote in a class
    derived from `list` or `dict` are not opened.
    """

    __slots__ = ()

    _equal = False

    def __getattribute__(self, name: str) -> Any:
        if name in COPYING:
            return object.__getattribute__(self, name)
        real = real_of(self)
        run = run_of(sys._getframe(1))
        found = getattr(real, name)
        if run is None or name == "__class__":
            return found
        if isinstance(found, _METHODS) and found.__self__ is real:
            return _method(run, self, real, name, found)
        return run.swapped(found)

    def __setattr__(self, name: str, value: Any) -> None:
        real = real_of(self)
        setattr(real, name, value)
        run = run_of(sys._getframe(1))
        if run is not None:
            run.affected("changes a container from outside of it")
            run.places.append(Contents(real))

    def __deepcopy__(self, memo: Any) -> Any:
        real = real_of(self)
        run = surrounding_run(sys._getframe(1))
        if run is None or type(real) not in (list, dict):
            return copy.deepcopy(real, memo)
        if type(real) is list:
            items: list[Any] = []
            memo[id(self)] = items
            items.extend(copy.deepcopy(run.swapped(item), memo) for item in real)
            return items
        table: dict[Any, Any] = {}
        memo[id(self)] = table
        table.update((key, copy.deepcopy(run.swapped(item), memo)) for key, item in real.items())
        return table

    def __copy__(self) -> Any:
        return copy.copy(real_of(self))

    def __radd__(self, other: Any) -> Any:
        # Python adds lists without asking the right one, unless it has this method, which lists have not.
        run = run_of(sys._getframe(1))
        result = _real_container(other) + real_of(self)
        return result if run is None else _swapped_result(run, result)


def _method(run: Run, self: Any, real: Any, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
    """A method of a container, with what stands for its result."""

    def call(*args: Any, **kwargs: Any) -> Any:
        if name == "sort" and kwargs.get("key") is not None:
            key = kwargs["key"]
            kwargs["key"] = lambda item: key(run.swapped(item))
        elif name in ("update", "extend"):
            args = tuple(map(_real_container, args))
        if run.watcher is not None:
            _watch(run, real, name, args)
        result = method(*args, **kwargs)
        _note(run, real, name, args, kwargs)
        return self if result is real else _found(run, real, name, args, result)

    call.__name__ = name
    call.__doc__ = method.__doc__
    return call


def _real_container(argument: Any) -> Any:
    """The container behind a look-alike, for methods in C that take no other."""
    return real_of(argument) if type.__instancecheck__(ContainerLookAlike, argument) else argument


def _entry(real: Any, name: str, args: tuple[Any, ...]) -> Entry | None:
    """The entry that a method reads, if it reads one."""
    one = name in ("__getitem__", "get") and args and type(args[0]) in (int, str)
    return Entry(real, args[0]) if one and type(real) in (list, dict) else None


def _watch(run: Run, real: Any, name: str, args: tuple[Any, ...]) -> None:
    """Tell what a method is about to read: one entry, or possibly all."""
    if _entry(real, name, args) is None:
        holdings = Holdings(real)
        run.found(holdings, holdings.contents())


def _found(run: Run, real: Any, name: str, args: tuple[Any, ...], result: Any) -> Any:
    """What stands for the result of a method."""
    entry = None if run.watcher is None else _entry(real, name, args)
    if entry is None:
        return _swapped_result(run, result)
    held = entry.contents()
    found = run.found(entry, held)
    return found if held is result else _swapped_result(run, result)


def _note(run: Run, real: Any, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Remember where a method may have stored something."""
    if name in _READING and name not in _REMOVING:
        return
    run.affected("changes a container from outside of it")
    if name in _REMOVING:
        return
    if name == "append" and type(real) is list:
        run.note(args[0], Item, real, len(real) - 1)
    elif name in ("__setitem__", "setdefault") and len(args) == 2 and not isinstance(args[0], slice):
        run.note(args[1], Item, real, args[0])
    elif args or kwargs:
        run.places.append(Contents(real))


class Items:
    """The values or items of a dict that opened code finds: a live view, whose entries come as what stands for them."""

    __slots__ = ("_run", "_view")

    def __init__(self, run: Run, view: Any) -> None:
        self._run = run
        self._view = view

    def __iter__(self) -> Iterator[Any]:
        return map(self._run.swapped, self._view)

    def __reversed__(self) -> Iterator[Any]:
        return map(self._run.swapped, reversed(self._view))

    def __len__(self) -> int:
        return len(self._view)

    def __contains__(self, item: object) -> bool:
        return item in self._view

    def __repr__(self) -> str:
        return repr(self._view)


_VIEWS: tuple[type, ...] = (type(vars(sys).values()), type(vars(sys).items()))


def _swapped_result(run: Run, result: Any) -> Any:
    """What stands for the result of a container's method."""
    if isinstance(result, _VIEWS):
        return Items(run, result)
    if isinstance(result, Iterator):
        return map(run.swapped, result)
    return run.swapped(result)


def _special_method(name: str) -> Callable[..., Any]:
    """The special method of look-alikes that calls the one of the container."""

    def forward(self: Any, *args: Any) -> Any:
        real = real_of(self)
        run = run_of(sys._getframe(1))
        if name != "__setitem__":
            args = tuple(map(_real_container, args))
        result = getattr(type(real), name)(real, *args)
        if run is None:
            return result
        if run.watcher is not None:
            _watch(run, real, name, args)
        _note(run, real, name, args, {})
        return self if result is real else _found(run, real, name, args, result)

    forward.__name__ = name
    return forward


def container_look_alike(real: Any) -> Any:
    """The look-alike of a list or dict, or of an object of a class derived from them."""
    class_of_look_alikes(type(real), ContainerLookAlike, _special_method)
    return look_alike(real)
