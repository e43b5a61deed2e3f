"""Division with a remainder, as NumPy defines it: the quotient is rounded down, and the rest has the divisor's sign."""

from __future__ import annotations

from llvmlite import ir

from chainrule import ops
from chainrule.compile.lowerings.table import Scalars, lower


@lower(ops.floor_divide, cost=24)
def floor_divide(s: Scalars, x: ir.Value, y: ir.Value) -> ir.Value:
    """⌊x / y⌋; of integers, 0 where y is 0."""
    if s.is_floating:
        return _floating(s, x, y)[0]
    return _integer(s, x, y)[0]


@lower(ops.remainder, cost=22)
def remainder(s: Scalars, x: ir.Value, y: ir.Value) -> ir.Value:
    """x - ⌊x / y⌋ y; of integers, 0 where y is 0."""
    if s.is_floating:
        return _floating(s, x, y)[1]
    return _integer(s, x, y)[1]


def _floating(s: Scalars, x: ir.Value, y: ir.Value) -> tuple[ir.Value, ir.Value]:
    """The quotient and the remainder, step by step as NumPy finds them."""
    b, zero, one = s.builder, s.number(0), s.number(1)
    rest = b.frem(x, y)
    by_zero = b.fcmp_ordered("==", y, zero)
    quotient = b.fdiv(b.fsub(x, rest), y)
    is_rest = b.fcmp_unordered("!=", rest, zero)
    differ = b.xor(b.fcmp_ordered("<", y, zero), b.fcmp_ordered("<", rest, zero))
    below = b.and_(is_rest, differ)
    quotient = b.select(below, b.fsub(quotient, one), quotient)
    found = b.select(below, b.fadd(rest, y), rest)
    found = b.select(is_rest, found, s.intrinsic("llvm.copysign", zero, y))
    # The quotient is close to an integer, and may lie on either side of it.
    down = s.intrinsic("llvm.floor", quotient)
    down = b.select(b.fcmp_ordered(">", b.fsub(quotient, down), s.number(0.5)), b.fadd(down, one), down)
    exact = b.fdiv(x, y)
    is_zero = b.fcmp_ordered("==", quotient, zero)
    down = b.select(is_zero, s.intrinsic("llvm.copysign", zero, exact), down)
    return b.select(by_zero, exact, down), b.select(by_zero, rest, found)


def _integer(s: Scalars, x: ir.Value, y: ir.Value) -> tuple[ir.Value, ir.Value]:
    """The quotient and the remainder; the processor stops at a division by 0, and at one of the least integer by -1."""
    b, zero, one = s.builder, s.number(0), s.number(1)
    by_zero = b.icmp_unsigned("==", y, zero)
    if not s.is_signed:
        divisor = b.select(by_zero, one, y)
        return b.select(by_zero, zero, b.udiv(x, divisor)), b.select(by_zero, zero, b.urem(x, divisor))
    negates = b.icmp_signed("==", y, s.number(-1))
    divisor = b.select(b.or_(by_zero, negates), one, y)
    quotient, rest = b.sdiv(x, divisor), b.srem(x, divisor)
    differ = b.xor(b.icmp_signed("<", rest, zero), b.icmp_signed("<", divisor, zero))
    below = b.and_(b.icmp_unsigned("!=", rest, zero), differ)
    quotient = b.select(below, b.sub(quotient, one), quotient)
    rest = b.select(below, b.add(rest, divisor), rest)
    return b.select(by_zero, zero, b.select(negates, b.neg(x), quotient)), rest
