"""Choices between operands, element by element."""

from __future__ import annotations

from llvmlite import ir

from chainrule import ops
from chainrule.compile.lowerings.table import Scalars, lower


@lower(ops.select)
def select(s: Scalars, condition: ir.Value, x: ir.Value, y: ir.Value) -> ir.Value:
    """x where the condition holds, else y."""
    x, y = s.convert(x, s.dtypes[1], s.dtype), s.convert(y, s.dtypes[2], s.dtype)
    return s.builder.select(s.is_true(condition, s.dtypes[0]), x, y)


def _is_nan(s: Scalars, x: ir.Value) -> ir.Value:
    return s.builder.fcmp_unordered("uno", x, x)


def _relation(s: Scalars, sign: str, x: ir.Value, y: ir.Value) -> ir.Value:
    if s.is_floating:
        return s.builder.fcmp_ordered(sign, x, y)
    return (s.builder.icmp_signed if s.is_signed else s.builder.icmp_unsigned)(sign, x, y)


def _extreme(s: Scalars, sign: str, x: ir.Value, y: ir.Value) -> ir.Value:
    """The greater or the lesser, and NaN if one of them is."""
    b = s.builder
    first = _relation(s, sign, x, y)
    if s.is_floating:
        first = b.or_(first, _is_nan(s, x))
    return b.select(first, x, y)


@lower(ops.maximum)
def maximum(s: Scalars, x: ir.Value, y: ir.Value) -> ir.Value:
    """The greater, and NaN if one of them is."""
    return _extreme(s, ">=", x, y)


@lower(ops.minimum)
def minimum(s: Scalars, x: ir.Value, y: ir.Value) -> ir.Value:
    """The lesser, and NaN if one of them is."""
    return _extreme(s, "<=", x, y)


@lower(ops.fmax)
def fmax(s: Scalars, x: ir.Value, y: ir.Value) -> ir.Value:
    """The greater; of a number and NaN the number."""
    first = _relation(s, ">=", x, y)
    return s.builder.select(s.builder.or_(first, _is_nan(s, y)) if s.is_floating else first, x, y)


@lower(ops.fmin)
def fmin(s: Scalars, x: ir.Value, y: ir.Value) -> ir.Value:
    """The lesser; of a number and NaN the number."""
    first = _relation(s, "<=", x, y)
    return s.builder.select(s.builder.or_(first, _is_nan(s, y)) if s.is_floating else first, x, y)


@lower(ops.clip)
def clip(s: Scalars, x: ir.Value, low: ir.Value, high: ir.Value) -> ir.Value:
    """min(max(x, low), high), where a bound that is NaN makes the result NaN."""
    return minimum(s, maximum(s, x, low), high)


@lower(ops.heaviside)
def heaviside(s: Scalars, x: ir.Value, y: ir.Value) -> ir.Value:
    """0, y or 1 where x is negative, 0 or positive."""
    b, zero = s.builder, s.number(0)
    nonzero = b.select(b.fcmp_ordered("<", x, zero), zero, s.number(1))
    value = b.select(b.fcmp_ordered("==", x, zero), y, nonzero)
    return b.select(_is_nan(s, x), x, value)
