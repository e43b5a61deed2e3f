"""Elementary functions in LLVM IR, one element at a time, without a branch: what the loop vectoriser can widen."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from llvmlite import ir

from chainrule.compile.vector_math import (
    cube_root,
    exponential,
    hyperbolic,
    hypotenuse,
    inverse_hyperbolic,
    inverse_trigonometric,
    logarithm,
    logarithm_of_sum,
    power,
    trigonometric,
)
from chainrule.compile.vector_math.expression import DOUBLE, Real
from chainrule.compile.vector_math.trigonometric import MODERATE

__all__ = ["HAS_MODERATE", "MODERATE", "NAMES", "function"]

FLOAT = ir.FloatType()


class Formula(NamedTuple):
    """How a function is computed from float64 operands.

    `single` leaves out what a result in float32 does not need, and `moderate` what operands up to `MODERATE` do not.
    """

    double: Callable[..., Real]
    single: Callable[..., Real] | None = None
    arity: int = 1
    moderate: Callable[..., Real] | None = None


FORMULAS: dict[str, Formula] = {
    "exp": Formula(exponential.exp, exponential.exp_single),
    "exp2": Formula(exponential.exp2, exponential.exp2_single),
    "expm1": Formula(exponential.expm1),
    "log": Formula(logarithm.log, logarithm.log_single),
    "log2": Formula(logarithm.log2),
    "log10": Formula(logarithm.log10),
    "log1p": Formula(logarithm.log1p),
    "sinh": Formula(hyperbolic.sinh),
    "cosh": Formula(hyperbolic.cosh),
    "sin": Formula(trigonometric.sin, moderate=trigonometric.sin_moderate),
    "cos": Formula(trigonometric.cos, moderate=trigonometric.cos_moderate),
    "tan": Formula(trigonometric.tan, moderate=trigonometric.tan_moderate),
    "tanh": Formula(hyperbolic.tanh),
    "arcsin": Formula(inverse_trigonometric.arcsin),
    "arccos": Formula(inverse_trigonometric.arccos),
    "arctan": Formula(inverse_trigonometric.arctan),
    "arctan2": Formula(inverse_trigonometric.arctan2, arity=2),
    "arcsinh": Formula(inverse_hyperbolic.arcsinh),
    "arccosh": Formula(inverse_hyperbolic.arccosh),
    "arctanh": Formula(inverse_hyperbolic.arctanh),
    "cbrt": Formula(cube_root.cbrt),
    "power": Formula(power.power, power.power_single, arity=2),
    "hypot": Formula(hypotenuse.hypot, hypotenuse.hypot_single, arity=2),
    "logaddexp": Formula(logarithm_of_sum.logaddexp, arity=2),
    "logaddexp2": Formula(logarithm_of_sum.logaddexp2, arity=2),
}

NAMES = frozenset(FORMULAS)
"""The functions there are, named as the ops."""

HAS_MODERATE = frozenset(name for name, formula in FORMULAS.items() if formula.moderate)
"""The functions whose form for |x| ≤ `MODERATE` costs a fraction of the one for all x."""


def function(module: ir.Module, name: str, kind: ir.Type, *, moderate: bool = False) -> ir.Function:
    """The function of that name for float64 (`double`) or float32 (`float`), made in the module on first use.

    It is internal to the module, always inlined, free of branches and side effects, and within 1 ulp. A float32 is
    computed in float64, so that its results are rounded once, from nearly twice the digits.

    With `moderate` a function of `HAS_MODERATE` is right for |x| ≤ `MODERATE` and NaN only: who calls it has to know
    that the operands are, and to have the other form where they are not. Other functions are the same in both forms.
    """
    formula = FORMULAS[name]
    compute = formula.double
    if moderate and formula.moderate:
        compute, name = formula.moderate, f"{name}_of_moderate"
    elif kind == FLOAT and formula.single:
        compute = formula.single
    symbol = f"vector_math.{name}.{kind}"
    if symbol in module.globals:
        return module.globals[symbol]
    made = ir.Function(module, ir.FunctionType(kind, [kind] * formula.arity), symbol)
    made.linkage = "internal"
    made.attributes.update(("alwaysinline", "nounwind", "readnone"))
    builder = ir.IRBuilder(made.append_basic_block("entry"))
    operands = [Real(builder, x if kind == DOUBLE else builder.fpext(x, DOUBLE)) for x in made.args]
    result = compute(*operands).value
    builder.ret(result if kind == DOUBLE else builder.fptrunc(result, kind))
    return made
