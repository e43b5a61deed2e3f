"""The portable entry: the same paths and the same results, tried by Python and called through ctypes.

It takes tens of microseconds where the native entry takes a tenth of one, and depends on nothing but NumPy's own words.
"""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Sized
from types import CellType
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np

from chainrule.compile.entry.entry import Entry
from chainrule.compile.entry.path import (
    Argument,
    Array,
    Attribute,
    Cell,
    Container,
    Defaults,
    Equal,
    Expectation,
    FastPath,
    Held,
    InClass,
    Instance,
    Item,
    Missing,
    Name,
    Number,
    Own,
    Place,
    Result,
    Same,
)

E = TypeVar("E", bound=Entry)

_NOTHING, _FAILED, _MISSED = object(), object(), object()
_POINTERS = (ctypes.c_void_p,) * 3
# By whether other threads may go on meanwhile. Made once: `PYFUNCTYPE` makes a class each time.
_PROTOTYPES = {
    True: ctypes.CFUNCTYPE(ctypes.c_int32, *_POINTERS),
    False: ctypes.PYFUNCTYPE(ctypes.c_int32, *_POINTERS),
}
_INT64 = np.iinfo(np.int64)


class _Owner(NamedTuple):
    paths: tuple[FastPath, ...]


def portable_type(base: type[E]) -> type[E]:
    """The subclass of a class whose instances try their fast paths by Python."""

    def call(self: Any, /, *args: Any, **kwargs: Any) -> Any:
        if not kwargs:
            for path in self.fast_paths:
                value = attempt(path, args)
                if value is not _MISSED:
                    return value
        return self._call_slowly(*args, **kwargs)

    def publish(self: Any, paths: tuple[FastPath, ...]) -> None:
        self._owner = _Owner(paths)

    names = {"__call__": call, "_publish": publish, "__module__": base.__module__, "__doc__": base.__doc__}
    return type(base.__name__, (base,), {**names, "__qualname__": base.__qualname__})


def attempt(path: FastPath, arguments: tuple[Any, ...]) -> Any:
    """What the path gives for these arguments, or `_MISSED`."""
    if len(arguments) != path.arguments:
        return _MISSED
    found: list[Any] = []
    inputs: list[np.ndarray[Any, Any]] = []
    for check in path.checks:
        value = _find(check.place, found, arguments)
        if not _matches(check.expected, value):
            return _MISSED
        found.append(value)
        if check.is_input:
            inputs.append(_data(check.expected, value))
    try:
        outputs = [np.empty(result.shape or (), result.dtype) for result in path.results]
        memory = np.empty(path.workspace + 63, np.uint8)
    except MemoryError:
        return _MISSED
    workspace = -(-memory.ctypes.data // 64) * 64
    program = _PROTOTYPES[path.releases_gil](path.program)
    if program(_addresses(inputs), _addresses(outputs), workspace):
        return _MISSED
    values = tuple(_given(result, output) for result, output in zip(path.results, outputs, strict=True))
    if callable(path.structure):
        return path.structure(values)
    return values[0] if path.structure == "one" else values


def _find(place: Place, found: list[Any], arguments: tuple[Any, ...]) -> Any:
    """The object in that place, `_NOTHING`, or `_FAILED` if that could not be found out."""
    try:
        match place:
            case Argument(position):
                return arguments[position]
            case Held(value):
                return value
            case Name(namespace, name):
                return dict.get(namespace, name, _NOTHING)
            case Cell(cell):
                return _contents(cell)
            case Defaults(function):
                return function.__defaults__
            case Item(parent, key):
                container = found[parent]
                if type(container) is dict:
                    return container.get(key, _NOTHING)
                return container[key] if type(container) is list else tuple.__getitem__(container, key)
            case Attribute(parent, name):
                return getattr(found[parent], name)
            case Own(owner, name):
                return dict.get(object.__getattribute__(owner, "__dict__"), name, _NOTHING)
            case InClass(kind, name):
                return next((vars(each)[name] for each in kind.__mro__ if name in vars(each)), _NOTHING)
    except Exception:
        # Also what a key's own `__eq__` raises: the ordinary run will meet the same.
        return _FAILED


def _contents(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return _NOTHING


def _matches(expected: Expectation, value: Any) -> bool:
    match expected:
        case Array(dtype, shape, written):
            if type(value) is not np.ndarray or value.dtype != dtype or value.shape != shape:
                return False
            if type(value.dtype) is not type(dtype):  # `long` and `long long`, of equal size
                return False
            flags = value.flags
            return bool(flags.c_contiguous and flags.aligned and (flags.writeable or not written))
        case Number(kind):
            return type(value) is kind and (not isinstance(value, int) or _INT64.min < value <= _INT64.max)
        case Same(same):
            return value is same
        case Equal(float(equal)):
            return type(value) is float and struct.pack("d", value) == struct.pack("d", equal)
        case Equal(equal):
            return type(value) is type(equal) and bool(value == equal)
        case Missing():
            return value is _NOTHING
        case Instance(kind):
            return type(value) is kind
        case Container(kind, length):
            return type(value) is kind and len(cast(Sized, value)) == length


def _data(expected: Expectation, value: Any) -> np.ndarray[Any, Any]:
    """The value itself if it is an array, or an array of the number."""
    if isinstance(expected, Array):
        array: np.ndarray[Any, Any] = value
        return array
    return np.array(value, np.int64) if type(value) is int else np.array(value)


def _given(result: Result, output: np.ndarray[Any, Any]) -> Any:
    if result.shape is not None:
        return output
    return output[()] if result.type is None else result.type(output[()])


def _addresses(arrays: list[np.ndarray[Any, Any]]) -> Any:
    return (ctypes.c_void_p * len(arrays))(*(array.ctypes.data for array in arrays))
