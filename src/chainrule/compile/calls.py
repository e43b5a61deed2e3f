"""Calls of functions outside of a program, in LLVM's language: products by BLAS, and operations by NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir

from chainrule.compile import blas, callbacks
from chainrule.compile.elements import INDEX, POINTER, constant
from chainrule.compile.views import View

_FORTRAN_INT = ir.IntType(32)
_LETTERS = {np.dtype(np.float32): "s", np.dtype(np.float64): "d"}


def emit_product(
    builder: ir.IRBuilder, z: ir.Value, x: tuple[ir.Value, View], y: tuple[ir.Value, View], dtype: np.dtype[Any]
) -> None:
    """z = x y, of matrices that lie row by row or column by column; Fortran, which transposes, finds zᵀ = yᵀ xᵀ."""
    (x_pointer, x_view), (y_pointer, y_view) = x, y
    m, k = x_view.shape
    n = y_view.shape[1]
    x_lies, y_lies = blas.leading(x_view), blas.leading(y_view)
    assert x_lies is not None
    assert y_lies is not None
    integers = [_slot(builder, ir.Constant(_FORTRAN_INT, number)) for number in (n, m, k, y_lies[1], x_lies[1], n)]
    letters = [_slot(builder, ir.Constant(ir.IntType(8), letter[0])) for letter in (y_lies[0], x_lies[0])]
    one, zero = (_slot(builder, constant(dtype, number)) for number in (1, 0))
    columns, rows, inner, y_leading, x_leading, z_leading = integers
    arguments = [*letters, columns, rows, inner, one, y_pointer, y_leading, x_pointer, x_leading, zero, z, z_leading]
    builder.call(_function(builder.module, _LETTERS[dtype] + "gemm", len(arguments)), arguments)


def _function(module: ir.Module, name: str, arity: int) -> ir.Function:
    """A function of BLAS in a module; all of its arguments are pointers."""
    symbol = blas.PREFIX + name
    if symbol not in module.globals:
        ir.Function(module, ir.FunctionType(ir.VoidType(), [POINTER] * arity), symbol)
    return module.globals[symbol]


def _slot(builder: ir.IRBuilder, value: ir.Constant) -> ir.Value:
    with builder.goto_entry_block():
        slot = builder.alloca(value.type)
    builder.store(value, slot)
    return slot


def emit_callback(builder: ir.IRBuilder, number: int, pointers: list[ir.Value]) -> ir.Value:
    """Call NumPy for the operation of a number; whether it succeeded."""
    module = builder.module
    if callbacks.SYMBOL not in module.globals:
        ir.Function(module, ir.FunctionType(INDEX, [INDEX, INDEX, POINTER]), callbacks.SYMBOL)
        # Set when the code is loaded: in each process the program has another number.
        program = ir.GlobalVariable(module, INDEX, callbacks.PROGRAM)
        program.initializer = INDEX(-1)
    with builder.goto_entry_block():
        table = builder.alloca(POINTER, size=INDEX(max(len(pointers), 1)))
    for k, pointer in enumerate(pointers):
        builder.store(pointer, builder.gep(table, [INDEX(k)], source_etype=POINTER))
    program = builder.load(module.globals[callbacks.PROGRAM], typ=INDEX)
    succeeded = builder.call(module.globals[callbacks.SYMBOL], [program, INDEX(number), table])
    return builder.icmp_signed("!=", succeeded, INDEX(0))
