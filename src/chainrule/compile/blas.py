"""Functions of BLAS, which come as pointers from SciPy."""

from __future__ import annotations

import ctypes
import sys
from functools import cache
from importlib import import_module
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from pathlib import Path
from typing import Any

from llvmlite import binding

from chainrule.compile.views import View

PREFIX = "blas."
"""What the symbols of functions of BLAS begin with."""


@cache
def address(name: str) -> int:
    """The address of a function of BLAS, in Fortran's calling convention."""
    capsule = _library().__pyx_capi__[name]
    api = ctypes.pythonapi
    api.PyCapsule_GetName.restype, api.PyCapsule_GetName.argtypes = ctypes.c_char_p, [ctypes.py_object]
    api.PyCapsule_GetPointer.restype = ctypes.c_void_p
    api.PyCapsule_GetPointer.argtypes = [ctypes.py_object, ctypes.c_char_p]
    return int(api.PyCapsule_GetPointer(capsule, api.PyCapsule_GetName(capsule)))


@cache
def _library() -> Any:
    """The module of SciPy that has the pointers; it loads in a hundredth of the time of all of `scipy.linalg`."""
    name = "scipy.linalg.cython_blas"
    if "scipy.linalg" not in sys.modules:
        import scipy

        spec = PathFinder.find_spec(name, [str(Path(path) / "linalg") for path in scipy.__path__])
        if spec is not None and spec.loader is not None:
            module = module_from_spec(spec)
            spec.loader.exec_module(module)
            # Who imports it afterwards is given the same module, and finds it in its package.
            sys.modules.pop(name, None)
            return module
    return import_module(name)


def register(symbol: str) -> None:
    """Let machine code find a function of BLAS."""
    binding.add_symbol(symbol, address(symbol.removeprefix(PREFIX)))


def leading(view: View) -> tuple[bytes, int] | None:
    """How a matrix lies, seen by Fortran: transposed or not, and the distance of its columns; None if as neither."""
    rows, columns = view.strides
    m, n = view.shape
    if columns == 1 and rows >= max(n, 1):
        return b"N", rows
    if rows == 1 and columns >= max(m, 1):
        return b"T", columns
    return None
