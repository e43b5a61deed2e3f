"""What the entry calls and compares with: functions of CPython and NumPy, and a few objects, by address.

The addresses stand in a table beside the code, filled when the code is loaded. So the code itself contains none, and
is the same in every process.
"""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np

FUNCTIONS: dict[str, tuple[str, ...]] = {
    "Py_IncRef": ("void", "ptr"),
    "Py_DecRef": ("void", "ptr"),
    "PyCell_Get": ("ptr", "ptr"),
    "PyDict_GetItemWithError": ("ptr", "ptr", "ptr"),
    "PyDict_Next": ("i32", "ptr", "ptr", "ptr", "ptr"),
    "PyDict_Size": ("i64", "ptr"),
    "PyErr_Clear": ("void",),
    "PyErr_Occurred": ("ptr",),
    "PyEval_RestoreThread": ("void", "ptr"),
    "PyEval_SaveThread": ("ptr",),
    "PyFunction_GetDefaults": ("ptr", "ptr"),
    "PyList_GetItem": ("ptr", "ptr", "i64"),
    "PyList_Size": ("i64", "ptr"),
    "PyLong_AsLongLongAndOverflow": ("i64", "ptr", "ptr"),
    "PyMem_RawFree": ("void", "ptr"),
    "PyMem_RawMalloc": ("ptr", "i64"),
    "PyObject_CallOneArg": ("ptr", "ptr", "ptr"),
    "PyObject_GenericGetDict": ("ptr", "ptr", "ptr"),
    "PyObject_GetAttr": ("ptr", "ptr", "ptr"),
    "PyObject_Hash": ("i64", "ptr"),
    "PyObject_RichCompareBool": ("i32", "ptr", "ptr", "i32"),
    "PyObject_Vectorcall": ("ptr", "ptr", "ptr", "i64", "ptr"),
    "PyTuple_GetItem": ("ptr", "ptr", "i64"),
    "PyTuple_New": ("ptr", "i64"),
    "PyTuple_SetItem": ("i32", "ptr", "i64", "ptr"),
    "PyTuple_Size": ("i64", "ptr"),
    "PyType_GenericAlloc": ("ptr", "ptr", "i64"),
    "_PyType_Lookup": ("ptr", "ptr", "ptr"),
    "PyArray_EquivTypes": ("i8", "ptr", "ptr"),
    "PyArray_NewFromDescr": ("ptr", "ptr", "ptr", "i32", "ptr", "ptr", "ptr", "i32", "ptr"),
}
"""By name, the types of the result and of the arguments, in LLVM's words."""

OBJECTS: dict[str, Any] = {"ndarray": np.ndarray, "True_": np.True_, "False_": np.False_, "slowly": "_call_slowly"} | {
    kind.__name__: kind for kind in (bool, str, tuple, list, dict)
}


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
