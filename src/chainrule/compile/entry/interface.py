"""What the entry calls and compares with: functions of CPython and NumPy, and a few objects, by address.

The addresses stand in a table beside the code, filled when the code is loaded. So the code itself contains none, and
is the same in every process.
"""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
from llvmlite import ir

POINTER = ir.PointerType()
I1, I8, I32, I64, VOID = ir.IntType(1), ir.IntType(8), ir.IntType(32), ir.IntType(64), ir.VoidType()

FUNCTIONS: dict[str, ir.FunctionType] = {
    "Py_IncRef": ir.FunctionType(VOID, [POINTER]),
    "Py_DecRef": ir.FunctionType(VOID, [POINTER]),
    "PyCell_Get": ir.FunctionType(POINTER, [POINTER]),
    "PyDict_GetItemWithError": ir.FunctionType(POINTER, [POINTER, POINTER]),
    "PyDict_Size": ir.FunctionType(I64, [POINTER]),
    "PyErr_Clear": ir.FunctionType(VOID, []),
    "PyErr_Occurred": ir.FunctionType(POINTER, []),
    "PyEval_RestoreThread": ir.FunctionType(VOID, [POINTER]),
    "PyEval_SaveThread": ir.FunctionType(POINTER, []),
    "PyFunction_GetDefaults": ir.FunctionType(POINTER, [POINTER]),
    "PyList_GetItem": ir.FunctionType(POINTER, [POINTER, I64]),
    "PyList_Size": ir.FunctionType(I64, [POINTER]),
    "PyLong_AsLongLongAndOverflow": ir.FunctionType(I64, [POINTER, POINTER]),
    "PyMem_RawFree": ir.FunctionType(VOID, [POINTER]),
    "PyMem_RawMalloc": ir.FunctionType(POINTER, [I64]),
    "PyObject_CallOneArg": ir.FunctionType(POINTER, [POINTER, POINTER]),
    "PyObject_GetAttr": ir.FunctionType(POINTER, [POINTER, POINTER]),
    "PyObject_RichCompareBool": ir.FunctionType(I32, [POINTER, POINTER, I32]),
    "PyObject_Vectorcall": ir.FunctionType(POINTER, [POINTER, POINTER, I64, POINTER]),
    "PyTuple_GetItem": ir.FunctionType(POINTER, [POINTER, I64]),
    "PyTuple_New": ir.FunctionType(POINTER, [I64]),
    "PyTuple_SetItem": ir.FunctionType(I32, [POINTER, I64, POINTER]),
    "PyTuple_Size": ir.FunctionType(I64, [POINTER]),
    "PyType_GenericAlloc": ir.FunctionType(POINTER, [POINTER, I64]),
    "PyArray_EquivTypes": ir.FunctionType(I8, [POINTER, POINTER]),
    "PyArray_NewFromDescr": ir.FunctionType(POINTER, [POINTER, POINTER, I32, POINTER, POINTER, POINTER, I32, POINTER]),
}

OBJECTS: dict[str, Any] = {"ndarray": np.ndarray, "True_": np.True_, "False_": np.False_, "slowly": "_call_slowly"}


class Interface(ctypes.Structure):
    """The table: an address for each name."""

    _fields_ = tuple((name, ctypes.c_void_p) for name in (*FUNCTIONS, *OBJECTS))


def fill(interface: Interface) -> None:
    """Enter the addresses of this process."""
    numpy_table = _numpy_table()
    for name in FUNCTIONS:
        if name in _PLACES:
            address = numpy_table[_PLACES[name]]
        else:
            address = ctypes.cast(ctypes.pythonapi[name], ctypes.c_void_p).value
        setattr(interface, name, address)
    for name, value in OBJECTS.items():
        setattr(interface, name, id(value))


def python_function(name: str, result: Any, *arguments: Any) -> Any:
    """A function of CPython, to be called from Python; not an attribute of `ctypes.pythonapi`, which all share."""
    return ctypes.PYFUNCTYPE(result, *arguments)((name, ctypes.pythonapi))


def surprise() -> str | None:
    """Why NumPy's functions cannot be called by address, or None."""
    if _numpy_table()[_NDARRAY] != id(np.ndarray):
        return "NumPy's table of functions has another order"
    return None


# Places in NumPy's table, the same since its first version: numpy/_core/code_generators/numpy_api.py.
_NDARRAY = 2
_PLACES = {"PyArray_NewFromDescr": 94, "PyArray_EquivTypes": 182}


def _numpy_table() -> Any:
    capsule = np._core._multiarray_umath._ARRAY_API  # type: ignore[attr-defined]
    pointer = python_function("PyCapsule_GetPointer", ctypes.c_void_p, ctypes.py_object, ctypes.c_char_p)
    return ctypes.cast(pointer(capsule, None), ctypes.POINTER(ctypes.c_void_p))
