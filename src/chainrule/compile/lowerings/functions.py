"""Elementary functions, which are polynomials in LLVM (`vector_math/`), and what the rules make of them."""

from __future__ import annotations

from collections.abc import Callable

from llvmlite import ir

from chainrule import ops
from chainrule.compile import vector_math
from chainrule.compile.lowerings.table import Scalars, lower
from chainrule.trace import Op

# The ops that one function of `vector_math` computes.
_FUNCTIONS: dict[Op, str] = {
    op: op.name
    for op in (
        ops.exp,
        ops.exp2,
        ops.expm1,
        ops.log,
        ops.log2,
        ops.log10,
        ops.log1p,
        ops.cbrt,
        ops.sin,
        ops.cos,
        ops.tan,
        ops.arcsin,
        ops.arccos,
        ops.arctan,
        ops.arctan2,
        ops.hypot,
        ops.sinh,
        ops.cosh,
        ops.tanh,
        ops.sech,
        ops.arcsinh,
        ops.arccosh,
        ops.arctanh,
        ops.power,
        ops.logaddexp,
        ops.logaddexp2,
        ops.erf,
        ops.erfc,
        ops.erfcx,
        ops.ndtr,
        ops.log_ndtr,
        ops.expit,
        ops.log_expit,
        ops.logistic_density,
        ops.logit,
        ops.xlogy,
        ops.xlog1py,
        ops.entr,
        ops.rel_entr,
        ops.kl_div,
        ops.log_ratio,
        ops.gammaln,
        ops.digamma,
        ops.digamma_increment,
        ops.trigamma,
        ops.i0,
        ops.i1,
        ops.i0e,
        ops.i1e,
    )
}
_FUNCTIONS[ops.power_operator] = _FUNCTIONS[ops.float_power] = "power"


def function(s: Scalars, name: str, *arguments: ir.Value) -> ir.Value:
    """A function of `vector_math`, of floating-point numbers of one dtype."""
    made = vector_math.function(s.module, name, arguments[0].type)
    return s.builder.call(_called(made) if s.calls else made, arguments)


def _called(function: ir.Function) -> ir.Function:
    """A function that is not written out where it is called."""
    symbol = f"{function.name}.called"
    known = function.module.globals.get(symbol)
    if known is not None:
        return known
    made = ir.Function(function.module, function.function_type, symbol)
    made.linkage = "internal"
    made.attributes.update(("noinline", "nounwind", "readnone"))
    builder = ir.IRBuilder(made.append_basic_block("entry"))
    builder.ret(builder.call(function, made.args))
    return made


def _lowering(name: str) -> Callable[..., ir.Value]:
    return lambda s, *arguments: function(s, name, *arguments)


for _op, _name in _FUNCTIONS.items():
    if _name in vector_math.NAMES:
        lower(_op, cost=20)(_lowering(_name))


@lower(ops.sec, cost=24)
def sec(s: Scalars, x: ir.Value) -> ir.Value:
    """1 / cos x."""
    return s.builder.fdiv(s.number(1), function(s, "cos", x))


@lower(ops.leg, cost=10)
def leg(s: Scalars, x: ir.Value) -> ir.Value:
    """√(1 - x) √(1 + x)."""
    b, one = s.builder, s.number(1)
    return b.fmul(s.intrinsic("llvm.sqrt", b.fsub(one, x)), s.intrinsic("llvm.sqrt", b.fadd(one, x)))


@lower(ops.hyperbolic_leg, cost=10)
def hyperbolic_leg(s: Scalars, x: ir.Value) -> ir.Value:
    """√(x - 1) √(x + 1)."""
    b, one = s.builder, s.number(1)
    return b.fmul(s.intrinsic("llvm.sqrt", b.fsub(x, one)), s.intrinsic("llvm.sqrt", b.fadd(x, one)))


@lower(ops.lorentzian, cost=6)
def lorentzian(s: Scalars, x: ir.Value) -> ir.Value:
    """1 / (1 + x²), and (1 / x) / x where the square overflows."""
    b, one = s.builder, s.number(1)
    denominator = b.fadd(one, b.fmul(x, x))
    infinite = b.fcmp_ordered("==", denominator, s.number(float("inf")))
    return b.select(infinite, b.fdiv(b.fdiv(one, x), x), b.fdiv(one, denominator))


@lower(ops.lowered_power, cost=30)
def lowered_power(s: Scalars, x: ir.Value, y: ir.Value, *, less: int) -> ir.Value:
    """xʸ⁻ⁿ."""
    return function(s, "lowered_power", x, y, s.number(less))


@lower(ops.power_logarithm, cost=30)
def power_logarithm(s: Scalars, x: ir.Value, y: ir.Value, *, less: int) -> ir.Value:
    """xʸ⁻ⁿ log x."""
    return function(s, "power_logarithm", x, y, s.number(less))


@lower(ops.bell, cost=20)
def bell(s: Scalars, x: ir.Value, *, rate: float) -> ir.Value:
    """e^(-rate x²)."""
    return function(s, "bell", x, s.number(rate))


@lower(ops.share, cost=24)
def share(s: Scalars, x: ir.Value, y: ir.Value, *, base: float) -> ir.Value:
    """bˣ / (bˣ + bʸ) by a power that is at most 1; a half at equal infinities."""
    b, one, zero = s.builder, s.number(1), s.number(0)
    difference = b.fsub(x, y)
    undefined = b.and_(b.fcmp_unordered("uno", difference, difference), b.fcmp_ordered("==", x, y))
    difference = b.select(undefined, zero, difference)
    power = function(s, "exp2" if base == 2 else "exp", b.fneg(s.intrinsic("llvm.fabs", difference)))
    numerator = b.select(b.fcmp_ordered(">=", difference, zero), one, power)
    return b.fdiv(numerator, b.fadd(one, power))
