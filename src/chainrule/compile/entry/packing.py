"""A fast path as the records that native code reads."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from chainrule.compile.entry import memory, records
from chainrule.compile.entry.interface import python_function
from chainrule.compile.entry.path import (
    Argument,
    Array,
    Attribute,
    Cell,
    Check,
    Container,
    Defaults,
    Equal,
    FastPath,
    Held,
    InClass,
    Instance,
    Item,
    Missing,
    Name,
    Number,
    Own,
    Result,
    Same,
)
from chainrule.compile.entry.records import CheckRecord, Frame, PathRecord, ResultRecord, Table, placed
from chainrule.compile.entry.signature import signature

_CONTAINERS: dict[type, int] = {list: records.LIST, dict: records.DICT}
_ITEMS: dict[type, int] = {list: records.LIST_ITEM, dict: records.DICT_ITEM}
_TYPE_ALLOCATION = 47  # Py_tp_alloc

# A path that is not running keeps no more than this. To get more from the system anew takes little beside its use.
_KEPT_BYTES = 2**26


class Owner(NamedTuple):
    """What an instance owns: its paths, and all that its table leads to."""

    paths: tuple[FastPath, ...]
    packed: tuple[Packed, ...]
    table: np.ndarray[Any, Any]
    kept: tuple[np.ndarray[Any, Any], ...]


class Packed(NamedTuple):
    """A path, its record, and what the record refers to."""

    path: FastPath
    record: np.ndarray[Any, Any]
    kept: tuple[Any, ...]
    signature: int | None

    @property
    def address(self) -> int:
        """Where the record is."""
        return self.record.ctypes.data


def pack(path: FastPath) -> Packed:
    """The records of a path, with a frame of its own."""
    kept: list[Any] = [path.code]
    record = PathRecord(arguments=path.arguments, check_count=len(path.checks), result_count=len(path.results))
    inputs = 0
    checks = (CheckRecord * len(path.checks))()
    for entry, check in zip(checks, path.checks, strict=True):
        _find(entry, check, path.checks, kept)
        _expect(entry, check, kept)
        if check.is_input:
            entry.input = inputs
            inputs += 1
    results = (ResultRecord * len(path.results))()
    for filled, result in zip(results, path.results, strict=True):
        _create(filled, result, kept)
    record.checks, record.results = _place(checks, kept), _place(results, kept)
    record.owns = any(entry.owned for entry in checks)
    _structure(record, path, kept)
    record.program, record.releases_gil = path.program, path.releases_gil
    _frame(record, inputs, path.workspace, kept)
    return Packed(path, placed(record), tuple(kept), signature(path))


def owner(paths: Sequence[FastPath], before: Owner | None) -> Owner:
    """What an instance is to own for these paths; those that it had before stay as they are."""
    known = {packed.path: packed for packed in before.packed} if before else {}
    packed = tuple(known.get(path) or pack(path) for path in paths)
    # At most half of the places are taken.
    first = np.full(2 << len(packed).bit_length(), -1, np.int64)
    following = np.full(len(packed), -1, np.int64)
    signatures = np.array([each.signature or 0 for each in packed], np.uint64)
    addresses = np.array([each.address for each in packed], np.uint64)
    unsigned = -1
    # From the last to the first, so that they are tried from the first to the last.
    for number, each in reversed(list(enumerate(packed))):
        if each.signature is None:
            following[number], unsigned = unsigned, number
        else:
            place = each.signature & first.size - 1
            following[number], first[place] = first[place], number
    table = Table(count=len(packed), mask=first.size - 1, unsigned=unsigned)
    table.paths, table.signatures = addresses.ctypes.data, signatures.ctypes.data
    table.first, table.following = first.ctypes.data, following.ctypes.data
    return Owner(tuple(paths), packed, placed(table), (addresses, signatures, first, following))


def _find(entry: CheckRecord, check: Check, checks: Sequence[Check], kept: list[Any]) -> None:
    entry.owned = not isinstance(check.place, (Argument, Held))
    match check.place:
        case Argument(position):
            entry.place, entry.position = records.ARGUMENT, position
        case Held(value):
            entry.place, entry.origin = records.HELD, _address(value, kept)
        case Name(namespace, name):
            entry.place, entry.origin, entry.key = records.NAME, _address(namespace, kept), _address(name, kept)
        case Cell(cell):
            entry.place, entry.origin = records.CELL, _address(cell, kept)
        case Defaults(function):
            entry.place, entry.origin = records.DEFAULTS, _address(function, kept)
        case Item(parent, key):
            container = checks[parent].expected
            assert isinstance(container, Container)
            entry.place, entry.parent = _ITEMS.get(container.type, records.TUPLE_ITEM), parent
            if container.type is dict:
                entry.key = _address(key, kept)
            else:
                entry.position = key
        case Attribute(parent, name):
            entry.place, entry.parent, entry.key = records.ATTRIBUTE, parent, _address(name, kept)
        case Own(owner, name):
            entry.place, entry.origin, entry.key = records.OWN, _address(owner, kept), _address(name, kept)
        case InClass(kind, name):
            entry.place, entry.origin, entry.key = records.IN_CLASS, _address(kind, kept), _address(name, kept)


def _expect(entry: CheckRecord, check: Check, kept: list[Any]) -> None:
    match check.expected:
        case Array(dtype, shape, written):
            entry.expected, entry.type, entry.dtype = records.ARRAY, id(np.ndarray), _address(dtype, kept)
            entry.axes, entry.sizes = len(shape), _sizes(shape, kept)
            entry.flags = memory.C_CONTIGUOUS | memory.ALIGNED | (memory.WRITEABLE if written else 0)
        case Number(kind):
            entry.expected, entry.type = records.INTEGER if kind is int else records.NUMBER, _address(kind, kept)
            assert kind is int or kind in memory.NUMBERS, "a number keeps its value behind its type"
        case Same(value):
            entry.expected, entry.same = records.SAME, _address(value, kept)
        case Equal(float(value)):
            entry.expected, entry.type = records.BITS, id(float)
            entry.length = int(np.float64(value).view(np.int64))
        case Equal(value):
            entry.expected, entry.type, entry.same = records.EQUAL, id(type(value)), _address(value, kept)
        case Missing():
            entry.expected = records.MISSING
        case Instance(kind):
            entry.expected, entry.type = records.INSTANCE, _address(kind, kept)
        case Container(kind, length):
            entry.expected, entry.type = _CONTAINERS.get(kind, records.TUPLE), _address(kind, kept)
            entry.length = length


def _create(entry: ResultRecord, result: Result, kept: list[Any]) -> None:
    entry.dtype = _address(result.dtype, kept)
    if result.shape is not None:
        entry.kind, entry.axes, entry.sizes = records.NEW_ARRAY, len(result.shape), _sizes(result.shape, kept)
    elif result.dtype == np.bool_:
        entry.kind = records.BOOLEAN
    else:
        kind = result.type or result.dtype.type
        entry.kind, entry.type, entry.allocate = records.NEW_SCALAR, id(kind), _allocation(kind)


def _structure(record: PathRecord, path: FastPath, kept: list[Any]) -> None:
    if callable(path.structure):
        record.structure, record.callable = records.CALLED, _address(path.structure, kept)
    else:
        record.structure = records.ONE if path.structure == "one" else records.FLAT


def _frame(record: PathRecord, inputs: int, workspace: int, kept: list[Any]) -> None:
    """Where everything is in a frame, and, unless it is large, the one that the path keeps."""
    end = ctypes.sizeof(Frame) + 8 * record.check_count
    for name, size in (
        ("inputs", 8 * inputs),
        ("integers", 8 * inputs),
        ("outputs", 8 * record.result_count),
        ("created", 8 * record.result_count),
        ("booleans", record.result_count),
    ):
        setattr(record, name, end)
        end += size
    record.workspace = -(-end // 64) * 64
    # Any address is at most 63 bytes before the next multiple of 64.
    record.frame_bytes = record.workspace + workspace + 63
    if record.frame_bytes > _KEPT_BYTES:
        return
    frame = np.empty(record.frame_bytes, np.uint8)
    kept.append(frame)
    record.frame = -(-frame.ctypes.data // 64) * 64
    Frame.from_address(record.frame).memory = None


def _sizes(shape: tuple[int, ...], kept: list[Any]) -> int:
    sizes = np.array(shape, np.int64)
    kept.append(sizes)
    return sizes.ctypes.data


def _place(structures: Any, kept: list[Any]) -> int:
    copy = placed(structures)
    kept.append(copy)
    return copy.ctypes.data


def _address(value: Any, kept: list[Any]) -> int:
    kept.append(value)
    return id(value)


def _allocation(kind: type) -> int:
    slot = python_function("PyType_GetSlot", ctypes.c_void_p, ctypes.py_object, ctypes.c_int)
    return int(slot(kind, _TYPE_ALLOCATION))
