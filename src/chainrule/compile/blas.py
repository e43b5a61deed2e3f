"""Products of matrices by BLAS, whose functions come as pointers from SciPy."""

from __future__ import annotations

import ctypes
import sys
from functools import cache
from importlib import import_module
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from pathlib import Path
from typing import Any

import numpy as np
from llvmlite import binding, ir

from chainrule.compile.elements import POINTER, constant
from chainrule.compile.views import View

_INT = ir.IntType(32)
_LETTERS = {np.dtype(np.float32): "s", np.dtype(np.float64): "d"}


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


def emit_product(
    builder: ir.IRBuilder, z: ir.Value, x: tuple[ir.Value, View], y: tuple[ir.Value, View], dtype: np.dtype[Any]
) -> None:
    """z = x y, of matrices that lie row by row or column by column; Fortran, which transposes, finds zᵀ = yᵀ xᵀ."""
    (x_pointer, x_view), (y_pointer, y_view) = x, y
    m, k = x_view.shape
    n = y_view.shape[1]
    x_lies, y_lies = leading(x_view), leading(y_view)
    assert x_lies is not None
    assert y_lies is not None
    integers = [_slot(builder, ir.Constant(_INT, number)) for number in (n, m, k, y_lies[1], x_lies[1], n)]
    letters = [_slot(builder, ir.Constant(ir.IntType(8), letter[0])) for letter in (y_lies[0], x_lies[0])]
    one, zero = (_slot(builder, constant(dtype, number)) for number in (1, 0))
    columns, rows, inner, y_leading, x_leading, z_leading = integers
    arguments = [*letters, columns, rows, inner, one, y_pointer, y_leading, x_pointer, x_leading, zero, z, z_leading]
    builder.call(_function(builder.module, _LETTERS[dtype] + "gemm", len(arguments)), arguments)


def _function(module: ir.Module, name: str, arity: int) -> ir.Function:
    """A function of BLAS in a module; all of its arguments are pointers."""
    symbol = PREFIX + name
    if symbol not in module.globals:
        ir.Function(module, ir.FunctionType(ir.VoidType(), [POINTER] * arity), symbol)
    return module.globals[symbol]


def _slot(builder: ir.IRBuilder, value: ir.Constant) -> ir.Value:
    with builder.goto_entry_block():
        slot = builder.alloca(value.type)
    builder.store(value, slot)
    return slot
