"""Numbers, bits and truths of one element, written with Python's operators and emitted as LLVM instructions.

What is written with them is straight-line code: a choice is a `choose`, never a branch, so that LLVM's loop vectoriser
can run it for as many elements at a time as the machine has lanes. No instruction has undefined results: there is no
conversion from floating point to integers, and shifts are by constants.

All numbers are float64; a float32 is widened before and rounded after (`function` in `__init__.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llvmlite import ir

DOUBLE = ir.DoubleType()
INT64 = ir.IntType(64)
BOOL = ir.IntType(1)


class Truth:
    """A condition."""

    __slots__ = ("builder", "value")

    def __init__(self, builder: ir.IRBuilder, value: Any) -> None:
        self.builder = builder
        self.value = value

    def __and__(self, other: Truth) -> Truth:
        return Truth(self.builder, self.builder.and_(self.value, other.value))

    def __or__(self, other: Truth) -> Truth:
        return Truth(self.builder, self.builder.or_(self.value, other.value))

    def __invert__(self) -> Truth:
        return Truth(self.builder, self.builder.not_(self.value))


class Bits:
    """A 64-bit integer, or the bits of a number."""

    __slots__ = ("builder", "value")

    def __init__(self, builder: ir.IRBuilder, value: Any) -> None:
        self.builder = builder
        self.value = value

    @property
    def real(self) -> Real:
        """The number that has these bits."""
        return Real(self.builder, self.builder.bitcast(self.value, like(self.value, DOUBLE)))

    def _with(self, emit: Any, other: Bits | int) -> Bits:
        return Bits(self.builder, emit(self.value, _integer(other, self.value)))

    def __add__(self, other: Bits | int) -> Bits:
        return self._with(self.builder.add, other)

    def __sub__(self, other: Bits | int) -> Bits:
        return self._with(self.builder.sub, other)

    def __mul__(self, other: Bits | int) -> Bits:
        return self._with(self.builder.mul, other)

    def __and__(self, other: Bits | int) -> Bits:
        return self._with(self.builder.and_, other)

    def __or__(self, other: Bits | int) -> Bits:
        return self._with(self.builder.or_, other)

    def __xor__(self, other: Bits | int) -> Bits:
        return self._with(self.builder.xor, other)

    def __neg__(self) -> Bits:
        return Bits(self.builder, self.builder.neg(self.value))

    def __lshift__(self, count: int) -> Bits:
        return self._with(self.builder.shl, count)

    def __rshift__(self, count: int) -> Bits:
        """A shift that keeps the sign."""
        return self._with(self.builder.ashr, count)

    def logical_shift(self, count: int) -> Bits:
        """A shift to the right that fills with zeros."""
        return self._with(self.builder.lshr, count)

    def at_least(self, bound: int) -> Bits:
        """The larger of two integers."""
        smaller = self.builder.icmp_signed("<", self.value, _integer(bound, self.value))
        return Bits(self.builder, self.builder.select(smaller, _integer(bound, self.value), self.value))

    def at_most(self, bound: int) -> Bits:
        """The smaller of two integers."""
        larger = self.builder.icmp_signed(">", self.value, _integer(bound, self.value))
        return Bits(self.builder, self.builder.select(larger, _integer(bound, self.value), self.value))

    def equals(self, other: Bits | int) -> Truth:
        """Whether all bits are the same."""
        return Truth(self.builder, self.builder.icmp_signed("==", self.value, _integer(other, self.value)))


class Real:
    """A number in float64. Comparisons with NaN are false."""

    __slots__ = ("builder", "value")

    def __init__(self, builder: ir.IRBuilder, value: Any) -> None:
        self.builder = builder
        self.value = value

    @property
    def bits(self) -> Bits:
        """The bits of the number."""
        return Bits(self.builder, self.builder.bitcast(self.value, like(self.value, INT64)))

    def constant(self, value: float) -> Real:
        """A number known when the code is written."""
        return Real(self.builder, _number(value, self.value))

    def _with(self, emit: Any, other: Real | float) -> Real:
        return Real(self.builder, emit(self.value, _number(other, self.value)))

    def __add__(self, other: Real | float) -> Real:
        return self._with(self.builder.fadd, other)

    def __sub__(self, other: Real | float) -> Real:
        return self._with(self.builder.fsub, other)

    def __mul__(self, other: Real | float) -> Real:
        return self._with(self.builder.fmul, other)

    def __truediv__(self, other: Real | float) -> Real:
        return self._with(self.builder.fdiv, other)

    def __radd__(self, other: float) -> Real:
        return self.constant(other) + self

    def __rsub__(self, other: float) -> Real:
        return self.constant(other) - self

    def __rmul__(self, other: float) -> Real:
        return self.constant(other) * self

    def __rtruediv__(self, other: float) -> Real:
        return self.constant(other) / self

    def __neg__(self) -> Real:
        return Real(self.builder, self.builder.fneg(self.value))

    def __abs__(self) -> Real:
        return self._intrinsic("llvm.fabs")

    def _compare(self, sign: str, other: Real | float) -> Truth:
        return Truth(self.builder, self.builder.fcmp_ordered(sign, self.value, _number(other, self.value)))

    def __lt__(self, other: Real | float) -> Truth:
        return self._compare("<", other)

    def __le__(self, other: Real | float) -> Truth:
        return self._compare("<=", other)

    def __gt__(self, other: Real | float) -> Truth:
        return self._compare(">", other)

    def __ge__(self, other: Real | float) -> Truth:
        return self._compare(">=", other)

    def equals(self, other: Real | float) -> Truth:
        """Whether two numbers are the same; the two zeros are."""
        return self._compare("==", other)

    def is_nan(self) -> Truth:
        """Whether this is no number."""
        return Truth(self.builder, self.builder.fcmp_unordered("uno", self.value, self.value))

    def sqrt(self) -> Real:
        """√x, correctly rounded."""
        return self._intrinsic("llvm.sqrt")

    def rint(self) -> Real:
        """The nearest whole number, the even one of two."""
        return self._intrinsic("llvm.nearbyint")

    def with_sign_of(self, other: Real) -> Real:
        """|x| with another number's sign."""
        return self._intrinsic("llvm.copysign", other)

    def times_sign_of(self, other: Real) -> Real:
        """x, negated where another number's sign bit is set."""
        return (self.bits ^ (other.bits & SIGN)).real

    def at_most(self, bound: float) -> Real:
        """The smaller of x and a bound; NaN stays."""
        return choose(self.constant(bound) < self, bound, self)

    def at_least(self, bound: float) -> Real:
        """The larger of x and a bound; NaN stays."""
        return choose(self.constant(bound) > self, bound, self)

    def look_up(self, symbol: str, table: Sequence[float], index: Bits) -> Real:
        """The number at an index of a table, which becomes a constant of the module."""
        module = self.builder.module
        if symbol not in module.globals:
            kind = ir.ArrayType(DOUBLE, len(table))
            made = ir.GlobalVariable(module, kind, symbol)
            made.initializer = ir.Constant(kind, list(table))
            made.global_constant = True
            made.linkage = "internal"
        zero = ir.Constant(INT64, 0)
        place = self.builder.gep(module.globals[symbol], [zero, index.value], inbounds=True)
        return Real(self.builder, self.builder.load(place))

    def _intrinsic(self, name: str, *others: Real) -> Real:
        operands = [self.value, *(other.value for other in others)]
        return Real(self.builder, call_intrinsic(self.builder, name, *operands))


SIGN = -(2**63)


def fma(x: Real, y: Real | float, z: Real | float) -> Real:
    """x y + z, rounded once."""
    return Real(x.builder, call_intrinsic(x.builder, "llvm.fma", x.value, _number(y, x.value), _number(z, x.value)))


def choose(condition: Truth, x: Real | float, y: Real | float) -> Real:
    """x where the condition holds, else y. Both are computed."""
    return Real(
        condition.builder,
        condition.builder.select(condition.value, _number(x, condition.value), _number(y, condition.value)),
    )


def like(value: Any, kind: ir.Type) -> ir.Type:
    """The type of as many lanes of a kind as a value has: the kind itself for one."""
    return ir.VectorType(kind, value.type.count) if isinstance(value.type, ir.VectorType) else kind


def call_intrinsic(builder: ir.IRBuilder, name: str, *operands: Any) -> Any:
    """The result of an intrinsic function whose operands and result are of one floating-point type."""
    kind = operands[0].type
    vector = isinstance(kind, ir.VectorType)
    symbol = f"{name}.v{kind.count}{kind.element.intrinsic_name}" if vector else f"{name}.{kind.intrinsic_name}"
    if symbol not in builder.module.globals:
        ir.Function(builder.module, ir.FunctionType(kind, [kind] * len(operands)), symbol)
    return builder.call(builder.module.globals[symbol], operands)


def _number(value: Real | float, lanes: Any) -> Any:
    return value.value if isinstance(value, Real) else _constant(DOUBLE, float(value), lanes)


def _integer(value: Bits | int, lanes: Any) -> Any:
    return value.value if isinstance(value, Bits) else _constant(INT64, value, lanes)


def _constant(kind: ir.Type, value: float, lanes: Any) -> Any:
    whole = like(lanes, kind)
    return ir.Constant(whole, [value] * whole.count if isinstance(whole, ir.VectorType) else value)
