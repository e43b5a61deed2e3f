"""Elementary functions in LLVM IR, one element at a time, without a branch: what the loop vectoriser can widen."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
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


class Formula(NamedTuple):
    """How a function is computed from float64 operands: for float64, and with what a float32 needs of it.

    The two `moderate` forms leave out what operands up to `MODERATE` do not need.
    """

    double: Callable[..., Real]
    single: Callable[..., Real]
    arity: int = 1
    moderate: Callable[..., Real] | None = None
    moderate_single: Callable[..., Real] | None = None


def _circular(by: Callable[..., Real], by_single: Callable[..., Real]) -> Formula:
    return Formula(
        partial(by, trigonometric.reduce_any),
        partial(by_single, trigonometric.reduce_any_single),
        moderate=partial(by, trigonometric.reduce_moderate),
        moderate_single=partial(by_single, trigonometric.reduce_moderate_single),
    )


FORMULAS: dict[str, Formula] = {
    "exp": Formula(exponential.exp, exponential.exp_single),
    "exp2": Formula(exponential.exp2, exponential.exp2_single),
    "expm1": Formula(exponential.expm1, exponential.expm1_single),
    "log": Formula(logarithm.log, logarithm.log_single),
    "log2": Formula(logarithm.log2, logarithm.log2_single),
    "log10": Formula(logarithm.log10, logarithm.log10_single),
    "log1p": Formula(logarithm.log1p, logarithm.log1p_single),
    "logaddexp": Formula(logarithm_of_sum.logaddexp, logarithm_of_sum.logaddexp_single, arity=2),
    "logaddexp2": Formula(logarithm_of_sum.logaddexp2, logarithm_of_sum.logaddexp2_single, arity=2),
    "power": Formula(power.power, power.power_single, arity=2),
    "cbrt": Formula(cube_root.cbrt, cube_root.cbrt_single),
    "hypot": Formula(hypotenuse.hypot, hypotenuse.hypot_single, arity=2),
    "sin": _circular(trigonometric.sin_by, trigonometric.sin_by_single),
    "cos": _circular(trigonometric.cos_by, trigonometric.cos_by_single),
    "tan": _circular(trigonometric.tan_by, trigonometric.tan_by_single),
    "arcsin": Formula(inverse_trigonometric.arcsin, inverse_trigonometric.arcsin_single),
    "arccos": Formula(inverse_trigonometric.arccos, inverse_trigonometric.arccos_single),
    "arctan": Formula(inverse_trigonometric.arctan, inverse_trigonometric.arctan_single),
    "arctan2": Formula(inverse_trigonometric.arctan2, inverse_trigonometric.arctan2_single, arity=2),
    "sinh": Formula(hyperbolic.sinh, hyperbolic.sinh_single),
    "cosh": Formula(hyperbolic.cosh, hyperbolic.cosh_single),
    "tanh": Formula(hyperbolic.tanh, hyperbolic.tanh_single),
    "arcsinh": Formula(inverse_hyperbolic.arcsinh, inverse_hyperbolic.arcsinh_single),
    "arccosh": Formula(inverse_hyperbolic.arccosh, inverse_hyperbolic.arccosh_single),
    "arctanh": Formula(inverse_hyperbolic.arctanh, inverse_hyperbolic.arctanh_single),
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
    compute = formula.double if kind == DOUBLE else formula.single
    if moderate and formula.moderate and formula.moderate_single:
        compute = formula.moderate if kind == DOUBLE else formula.moderate_single
        name += "_of_moderate"
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
