"""Elements of arrays in LLVM: the types they have in memory and in registers, and constants of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir

POINTER = ir.PointerType()
INDEX = ir.IntType(64)
TRUTH = ir.IntType(1)
DOUBLE = ir.DoubleType()
FLOAT = ir.FloatType()

# Booleans have a byte in memory and a bit in registers.
_IN_MEMORY: dict[str, ir.Type] = {
    "b": ir.IntType(8),
    **{f"{kind}{size}": ir.IntType(8 * size) for kind in "iu" for size in (1, 2, 4, 8)},
    "f4": FLOAT,
    "f8": DOUBLE,
}


def _code(dtype: np.dtype[Any]) -> str:
    return "b" if dtype.kind == "b" else f"{dtype.kind}{dtype.itemsize}"


def is_native(dtype: Any) -> bool:
    """Whether elements of a dtype can be computed with in registers; complex numbers and others cannot."""
    return isinstance(dtype, np.dtype) and dtype.isnative and _code(dtype) in _IN_MEMORY


def memory_type(dtype: np.dtype[Any]) -> ir.Type:
    """The type of an element in memory."""
    return _IN_MEMORY[_code(dtype)]


def register_type(dtype: np.dtype[Any]) -> ir.Type:
    """The type of an element in a register."""
    return TRUTH if dtype.kind == "b" else memory_type(dtype)


def constant(dtype: np.dtype[Any], number: Any) -> ir.Constant:
    """A number of a dtype in a register."""
    type_ = register_type(dtype)
    if dtype.kind == "f":
        return ir.Constant(type_, float(number))
    return ir.Constant(type_, int(number))


def load(builder: ir.IRBuilder, pointer: ir.Value, dtype: np.dtype[Any]) -> ir.Value:
    """The element that a pointer points to."""
    value = builder.load(pointer, typ=memory_type(dtype), align=dtype.itemsize)
    return builder.trunc(value, TRUTH) if dtype.kind == "b" else value


def store(builder: ir.IRBuilder, value: ir.Value, pointer: ir.Value, dtype: np.dtype[Any]) -> None:
    """Write an element to where a pointer points."""
    if dtype.kind == "b":
        value = builder.zext(value, memory_type(dtype))
    builder.store(value, pointer, align=dtype.itemsize)
