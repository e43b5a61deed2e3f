"""Arithmetic, element by element."""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir

from chainrule import ops
from chainrule.compile.elements import register_type
from chainrule.compile.lowerings.table import Scalars, lower


@lower(ops.add)
def add(s: Scalars, x: ir.Value, y: ir.Value) -> ir.Value:
    """x + y; of truth values, whether one of them holds."""
    if s.dtype.kind == "b":
        return s.builder.or_(x, y)
    return s.builder.fadd(x, y) if s.is_floating else s.builder.add(x, y)


@lower(ops.subtract)
def subtract(s: Scalars, x: ir.Value, y: ir.Value) -> ir.Value:
    """x - y."""
    return s.builder.fsub(x, y) if s.is_floating else s.builder.sub(x, y)


@lower(ops.multiply)
def multiply(s: Scalars, x: ir.Value, y: ir.Value) -> ir.Value:
    """x y; of truth values, whether both hold."""
    if s.dtype.kind == "b":
        return s.builder.and_(x, y)
    return s.builder.fmul(x, y) if s.is_floating else s.builder.mul(x, y)


@lower(ops.divide, cost=4)
def divide(s: Scalars, x: ir.Value, y: ir.Value) -> ir.Value:
    """x / y."""
    return s.builder.fdiv(x, y)


@lower(ops.negative)
def negative(s: Scalars, x: ir.Value) -> ir.Value:
    """-x."""
    return s.builder.fneg(x) if s.is_floating else s.builder.neg(x)


@lower(ops.square)
def square(s: Scalars, x: ir.Value) -> ir.Value:
    """x²."""
    return multiply(s, x, x)


@lower(ops.reciprocal, cost=4)
def reciprocal(s: Scalars, x: ir.Value) -> ir.Value:
    """1 / x."""
    return s.builder.fdiv(s.number(1), x)


@lower(ops.absolute)
def absolute(s: Scalars, x: ir.Value) -> ir.Value:
    """|x|; that of the least integer is itself, as in NumPy."""
    if s.is_floating:
        return s.intrinsic("llvm.fabs", x)
    if not s.is_signed:
        return x
    return s.builder.select(s.builder.icmp_signed("<", x, s.number(0)), s.builder.neg(x), x)


@lower(ops.sign)
def sign(s: Scalars, x: ir.Value) -> ir.Value:
    """1, -1 or x itself where that is 0 or NaN (and 0, not -0)."""
    b, zero = s.builder, s.number(0)
    if not s.is_floating:
        negative_one = b.select(b.icmp_signed("<", x, zero), s.number(-1), zero) if s.is_signed else zero
        positive = b.icmp_signed(">", x, zero) if s.is_signed else b.icmp_unsigned(">", x, zero)
        return b.select(positive, s.number(1), negative_one)
    rest = b.select(b.fcmp_unordered("uno", x, x), x, zero)
    return b.select(
        b.fcmp_ordered(">", x, zero), s.number(1), b.select(b.fcmp_ordered("<", x, zero), s.number(-1), rest)
    )


@lower(ops.copysign)
def copysign(s: Scalars, x: ir.Value, y: ir.Value) -> ir.Value:
    """|x| with the sign of y."""
    return s.intrinsic("llvm.copysign", x, y)


@lower(ops.sqrt, ops.root_of_squares, cost=4)
def sqrt(s: Scalars, x: ir.Value) -> ir.Value:
    """√x."""
    return s.intrinsic("llvm.sqrt", x)


@lower(ops.floor)
def floor(s: Scalars, x: ir.Value) -> ir.Value:
    """The greatest integer that is not above x."""
    return s.intrinsic("llvm.floor", x) if s.is_floating else x


@lower(ops.ceil)
def ceil(s: Scalars, x: ir.Value) -> ir.Value:
    """The least integer that is not below x."""
    return s.intrinsic("llvm.ceil", x) if s.is_floating else x


@lower(ops.trunc)
def trunc(s: Scalars, x: ir.Value) -> ir.Value:
    """x without what comes after the point."""
    return s.intrinsic("llvm.trunc", x) if s.is_floating else x


@lower(ops.rint)
def rint(s: Scalars, x: ir.Value) -> ir.Value:
    """The closest integer, of two the even one."""
    return s.intrinsic("llvm.rint", x)


@lower(ops.degrees)
def degrees(s: Scalars, x: ir.Value) -> ir.Value:
    """x · 180 / π."""
    return s.builder.fmul(x, s.number(180.0 / np.pi))


@lower(ops.radians)
def radians(s: Scalars, x: ir.Value) -> ir.Value:
    """x · π / 180."""
    return s.builder.fmul(x, s.number(np.pi / 180.0))


@lower(ops.convert)
def convert(s: Scalars, x: ir.Value, *, dtype: np.dtype[Any]) -> ir.Value:
    """The same number in another floating dtype."""
    return s.convert(x, s.dtypes[0], dtype)


@lower(ops.truncate)
def truncate(s: Scalars, x: ir.Value, *, dtype: np.dtype[Any]) -> ir.Value:
    """x as an integer or a truth value; what no integer is becomes the least one, as the processor does it."""
    if not s.is_floating or dtype.kind == "b":
        return s.convert(x, s.dtypes[0], dtype)
    b, kind = s.builder, register_type(dtype)
    # By way of 64 bits, as NumPy goes, so that larger numbers lose their upper bits.
    wide = ir.IntType(64)
    limit = s.number(2.0**63)
    fits = b.and_(b.fcmp_ordered(">=", x, s.number(-(2.0**63))), b.fcmp_ordered("<", x, limit))
    integer = b.select(fits, b.fptosi(b.select(fits, x, s.number(0)), wide), ir.Constant(wide, -(2**63)))
    return b.trunc(integer, kind) if kind.width < 64 else integer
