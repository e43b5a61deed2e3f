"""The structures that Python fills and native code reads: one description for both.

    Jitted instance            Table                 PathRecord
      … the base class's         count                 arguments
      vectorcall ─→ entry        paths ─→ ─→ ─→ ─→     checks ─→ [CheckRecord, …]
      owner                                            results ─→ [ResultRecord, …]
      table ─→                                         program, workspace, …
      recent                                           frame ─→ Frame

`owner` is a tuple that keeps everything alive that the table leads to: the memory of the records (NumPy arrays of
bytes) and the objects in them. It is never changed, only replaced, and each call holds on to the one that it began
with; so new paths are published, and old ones dropped, while other threads run. Python's garbage collector sees the
tuple, and through it whatever the paths refer to.

A Frame is the memory of one running call: the objects found, the pointers that the program is given, and its
workspace. Each path has one, unless that would be large; a call that finds it taken (another thread, or a call within
the call) makes its own.
"""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np

POINTER = ctypes.c_void_p


class Instance(ctypes.Structure):
    """What an instance has behind the fields of its base class."""

    _fields_ = (("vectorcall", POINTER), ("owner", POINTER), ("table", POINTER), ("recent", ctypes.c_int64))


class Table(ctypes.Structure):
    """The paths of an instance, found by the signature of a call.

    `paths` is an array of `count` pointers to their records, with `signatures` beside it. The lowest bits of a
    signature, those of `mask`, are a place in `first`, where the number of a path stands, from which `following` leads
    to the others of that place, up to −1. Paths without a signature are a chain of their own, from `unsigned` on.
    """

    _fields_ = (
        *(("count", ctypes.c_int64), ("paths", POINTER), ("mask", ctypes.c_int64), ("first", POINTER)),
        *(("following", POINTER), ("signatures", POINTER), ("unsigned", ctypes.c_int64)),
    )


class PathRecord(ctypes.Structure):
    """A path. `inputs` and what follows are places within the frame, in bytes from its start."""

    _fields_ = (
        ("arguments", ctypes.c_int64),
        ("checks", POINTER),
        ("check_count", ctypes.c_int64),
        ("results", POINTER),
        ("result_count", ctypes.c_int64),
        ("structure", ctypes.c_int32),
        ("releases_gil", ctypes.c_int32),
        ("owns", ctypes.c_int32),
        ("callable", POINTER),
        ("program", POINTER),
        ("frame", POINTER),
        ("frame_bytes", ctypes.c_int64),
        ("inputs", ctypes.c_int64),
        ("outputs", ctypes.c_int64),
        ("created", ctypes.c_int64),
        ("integers", ctypes.c_int64),
        ("booleans", ctypes.c_int64),
        ("workspace", ctypes.c_int64),
    )


class CheckRecord(ctypes.Structure):
    """A check: the first line says where the object is, the second what it has to be, the third what becomes of it."""

    _fields_ = (
        *(("place", ctypes.c_int32), ("parent", ctypes.c_int32), ("position", ctypes.c_int64)),
        *(("origin", POINTER), ("key", POINTER)),
        *(("expected", ctypes.c_int32), ("axes", ctypes.c_int32), ("type", POINTER), ("same", POINTER)),
        *(("dtype", POINTER), ("flags", ctypes.c_int32), ("sizes", POINTER), ("length", ctypes.c_int64)),
        *(("owned", ctypes.c_int32), ("input", ctypes.c_int32)),
    )


class ResultRecord(ctypes.Structure):
    """A result: an array (`axes` and `sizes`) or a scalar (its type and how that is allocated)."""

    _fields_ = (
        *(("kind", ctypes.c_int32), ("axes", ctypes.c_int32), ("sizes", POINTER), ("dtype", POINTER)),
        *(("type", POINTER), ("allocate", POINTER)),
    )


class Frame(ctypes.Structure):
    """The head of a frame; the objects found stand behind it. `memory` is what to free, unless the path owns it."""

    _fields_ = (("memory", POINTER), ("overflow", ctypes.c_int32))


ARGUMENT, HELD, NAME, CELL, TUPLE_ITEM, LIST_ITEM, DICT_ITEM, DEFAULTS, ATTRIBUTE, OWN, IN_CLASS = range(11)
"""CheckRecord.place"""

ARRAY, NUMBER, INTEGER, SAME, EQUAL, MISSING, TUPLE, LIST, DICT, BITS, INSTANCE = range(11)
"""CheckRecord.expected"""

NEW_ARRAY, NEW_SCALAR, BOOLEAN = range(3)
"""ResultRecord.kind"""

ONE, FLAT, CALLED = range(3)
"""PathRecord.structure"""


def placed(structure: Any) -> np.ndarray[Any, Any]:
    """A copy of a structure in memory that stays where it is: `.ctypes.data` is its address.

    An array of bytes and not the structure itself, because Python's garbage collector may empty a ctypes object while
    something still refers to it.
    """
    return np.frombuffer(structure, np.uint8).copy() if ctypes.sizeof(structure) else np.empty(0, np.uint8)
