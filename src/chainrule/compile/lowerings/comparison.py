"""Comparison and logic, element by element."""

from __future__ import annotations

from collections.abc import Callable

from llvmlite import ir

from chainrule import ops
from chainrule.compile.elements import TRUTH
from chainrule.compile.lowerings.table import Scalars, lower


def _comparison(sign: str) -> Callable[..., ir.Value]:
    def compare(s: Scalars, x: ir.Value, y: ir.Value) -> ir.Value:
        """Whether x stands in a relation to y; NaN in none but that of being different."""
        if s.is_floating:
            return (s.builder.fcmp_unordered if sign == "!=" else s.builder.fcmp_ordered)(sign, x, y)
        return (s.builder.icmp_signed if s.is_signed else s.builder.icmp_unsigned)(sign, x, y)

    return compare


for _op, _sign in {
    ops.equal: "==",
    ops.not_equal: "!=",
    ops.less: "<",
    ops.less_equal: "<=",
    ops.greater: ">",
    ops.greater_equal: ">=",
}.items():
    lower(_op)(_comparison(_sign))


@lower(ops.logical_and)
def logical_and(s: Scalars, x: ir.Value, y: ir.Value) -> ir.Value:
    """Whether both hold."""
    return s.builder.and_(s.is_true(x, s.dtypes[0]), s.is_true(y, s.dtypes[1]))


@lower(ops.logical_or)
def logical_or(s: Scalars, x: ir.Value, y: ir.Value) -> ir.Value:
    """Whether one of them holds."""
    return s.builder.or_(s.is_true(x, s.dtypes[0]), s.is_true(y, s.dtypes[1]))


@lower(ops.logical_xor)
def logical_xor(s: Scalars, x: ir.Value, y: ir.Value) -> ir.Value:
    """Whether exactly one of them holds."""
    return s.builder.xor(s.is_true(x, s.dtypes[0]), s.is_true(y, s.dtypes[1]))


@lower(ops.logical_not)
def logical_not(s: Scalars, x: ir.Value) -> ir.Value:
    """Whether it does not hold."""
    return s.builder.xor(s.is_true(x, s.dtypes[0]), ir.Constant(TRUTH, 1))


@lower(ops.isnan)
def isnan(s: Scalars, x: ir.Value) -> ir.Value:
    """Whether x is no number."""
    return s.builder.fcmp_unordered("uno", x, x) if s.is_floating else ir.Constant(TRUTH, 0)


@lower(ops.isinf)
def isinf(s: Scalars, x: ir.Value) -> ir.Value:
    """Whether x is infinite."""
    if not s.is_floating:
        return ir.Constant(TRUTH, 0)
    return s.builder.fcmp_ordered("==", s.intrinsic("llvm.fabs", x), s.number(float("inf")))


@lower(ops.isfinite)
def isfinite(s: Scalars, x: ir.Value) -> ir.Value:
    """Whether x is a finite number."""
    if not s.is_floating:
        return ir.Constant(TRUTH, 1)
    return s.builder.fcmp_ordered("<", s.intrinsic("llvm.fabs", x), s.number(float("inf")))


@lower(ops.signbit)
def signbit(s: Scalars, x: ir.Value) -> ir.Value:
    """Whether the sign is negative, that of zeros and NaN included."""
    if not s.is_floating:
        return s.builder.icmp_signed("<", x, s.number(0)) if s.is_signed else ir.Constant(TRUTH, 0)
    integer = ir.IntType(8 * s.dtypes[0].itemsize)
    return s.builder.icmp_signed("<", s.builder.bitcast(x, integer), ir.Constant(integer, 0))


def _bitwise(name: str) -> Callable[..., ir.Value]:
    return lambda s, x, y: getattr(s.builder, name)(x, y)


for _op, _name in {ops.bitwise_and: "and_", ops.bitwise_or: "or_", ops.bitwise_xor: "xor"}.items():
    lower(_op)(_bitwise(_name))


@lower(ops.invert)
def invert(s: Scalars, x: ir.Value) -> ir.Value:
    """Every bit the other way."""
    return s.builder.not_(x)
