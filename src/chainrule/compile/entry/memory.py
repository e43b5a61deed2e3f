"""Where CPython and NumPy keep what the entry reads, checked against what they say of themselves.

An array is a C struct. The entry compares four of its fields and takes the address of the data:

    offset   0   reference count          (left to Py_IncRef and Py_DecRef)
             8   type                     numpy.ndarray, exactly
            16   data                     what the program gets
            24   number of axes
            32   → sizes of the axes
            40   → strides                (only looked at here)
            56   → dtype                  compared by address and type: its own fields changed with NumPy 2
            64   flags                    C-contiguous, aligned, writeable

Where an instance of the entry's type has its own fields, its type knows: they begin with the function pointer, whose
offset stands in the type at byte 56.

A number is a struct with the value at its end, right behind the type (a `float`, a `complex`, and each of NumPy's
scalars), so a program can read it, and fill a new one, in place.

These layouts are part of both projects' binary interfaces and have been what they are for many years. Still they are
tried out on real objects before the native entry is used.
"""

from __future__ import annotations

import ctypes
import struct
import sys
import sysconfig
from typing import Any

import numpy as np

TYPE = 8
DATA = 16
AXES = 24
SIZES = 32
STRIDES = 40
DTYPE = 56
FLAGS = 64
VALUE = 16
VECTORCALL_OFFSET = 56

C_CONTIGUOUS = 0x1
ALIGNED = 0x100
WRITEABLE = 0x400

NUMBERS: dict[type, np.dtype[Any]] = {float: np.dtype(float), complex: np.dtype(complex)} | {
    np.dtype(code).type: np.dtype(code) for code in "?bhilqBHILQefdFD"
}
"""The types that keep their value behind the type, and the dtype of that value."""


def surprise() -> str | None:
    """Why the native entry cannot be used here, or None."""
    if sys.implementation.name != "cpython":
        return f"{sys.implementation.name} has no CPython objects"
    if struct.calcsize("P") != 8:
        return "pointers do not have 64 bits"
    if sysconfig.get_config_var("Py_GIL_DISABLED"):
        return "this build of Python has no global lock"
    if sysconfig.get_config_var("Py_DEBUG") or hasattr(sys, "gettotalrefcount"):
        return "this is a debug build of Python"
    if np.ndarray.__basicsize__ < FLAGS + 4 or not all(_array_is_as_expected(array) for array in _arrays()):
        return "arrays have another layout"
    if not all(_number_is_as_expected(number) for number in _numbers()):
        return "numbers have another layout"
    return None


def word(address: int) -> int:
    """The eight bytes there, as a pointer."""
    return ctypes.c_uint64.from_address(address).value


def _arrays() -> list[np.ndarray[Any, Any]]:
    """Arrays that differ in each field."""
    readonly = np.arange(4.0)
    readonly.setflags(write=False)
    misaligned = np.frombuffer(bytes(17), np.uint8)[1:].view(float)
    grid = np.zeros((3, 4, 5), np.complex64)
    return [np.array(1.5), np.empty((0, 2)), np.arange(7), grid, grid.T, grid[1, ::2], readonly, misaligned]


def _array_is_as_expected(array: np.ndarray[Any, Any]) -> bool:
    at = id(array)
    flags = ctypes.c_int.from_address(at + FLAGS).value
    if word(at + TYPE) != id(np.ndarray) or word(at + DATA) != array.ctypes.data or word(at + DTYPE) != id(array.dtype):
        return False
    if ctypes.c_int.from_address(at + AXES).value != array.ndim:
        return False
    # The strides stand right behind the sizes, which says without following the pointer that it is one.
    if array.ndim and word(at + STRIDES) - word(at + SIZES) != 8 * array.ndim:
        return False
    if array.ndim and tuple((ctypes.c_int64 * array.ndim).from_address(word(at + SIZES))) != array.shape:
        return False
    said: Any = array.flags
    bits = {"C_CONTIGUOUS": C_CONTIGUOUS, "ALIGNED": ALIGNED, "WRITEABLE": WRITEABLE}
    return all(bool(flags & bit) == said[name] for name, bit in bits.items())


def _numbers() -> list[Any]:
    return [dtype.type(1) if kind not in (float, complex) else kind(1.25) for kind, dtype in NUMBERS.items()]


def _number_is_as_expected(number: Any) -> bool:
    kind = type(number)
    dtype = NUMBERS[kind]
    if word(id(number) + TYPE) != id(kind) or kind.__basicsize__ < VALUE + dtype.itemsize:
        return False
    return ctypes.string_at(id(number) + VALUE, dtype.itemsize) == np.array(number, dtype).tobytes()
