"""Products of matrices by BLAS, whose functions come as pointers from SciPy."""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any

import numpy as np
from llvmlite import binding, ir

from chainrule.compile.elements import POINTER, constant
from chainrule.compile.views import View

_INT = ir.IntType(32)
_LETTERS = {np.dtype(np.float32): "s", np.dtype(np.float64): "d"}


@cache
def address(name: str) -> int:
    """The address of a function of BLAS, in Fortran's calling convention."""
    from scipy.linalg import cython_blas

    capsule = cython_blas.__pyx_capi__[name]
    api = ctypes.pythonapi
    api.PyCapsule_GetName.restype, api.PyCapsule_GetName.argtypes = ctypes.c_char_p, [ctypes.py_object]
    api.PyCapsule_GetPointer.restype = ctypes.c_void_p
    api.PyCapsule_GetPointer.argtypes = [ctypes.py_object, ctypes.c_char_p]
    return int(api.PyCapsule_GetPointer(capsule, api.PyCapsule_GetName(capsule)))


def is_served(dtype: np.dtype[Any]) -> bool:
    """Whether BLAS has functions for a dtype that we call."""
    return dtype in _LETTERS


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
    symbol = f"blas.{name}"
    if symbol not in module.globals:
        binding.add_symbol(symbol, address(name))
        ir.Function(module, ir.FunctionType(ir.VoidType(), [POINTER] * arity), symbol)
    return module.globals[symbol]


def _slot(builder: ir.IRBuilder, value: ir.Constant) -> ir.Value:
    with builder.goto_entry_block():
        slot = builder.alloca(value.type)
    builder.store(value, slot)
    return slot
