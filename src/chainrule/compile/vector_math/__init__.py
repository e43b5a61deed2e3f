"""Elementary functions in LLVM IR, one element at a time, which LLVM's loop vectoriser can widen.

`function(module, name, kind)` gives the function of a name in `NAMES`; the names are those of the ops. A module that
uses them is optimised by LLVM's pipeline and then finished by `inline_forms(module, passes)`. Square root,
rounding, absolute value and sign have instructions of their own and are not here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from llvmlite import ir

from chainrule.compile.vector_math import (
    bessel,
    cube_root,
    entropy,
    error_function,
    exponential,
    gamma,
    hyperbolic,
    hypotenuse,
    inverse_hyperbolic,
    inverse_trigonometric,
    logarithm,
    logarithm_of_sum,
    logistic,
    power,
    trigonometric,
)
from chainrule.compile.vector_math.expression import DOUBLE, Real
from chainrule.compile.vector_math.lanes import guarded, inline_forms, inlined

__all__ = ["NAMES", "function", "inline_forms"]


class Formula(NamedTuple):
    """How a function is computed from float64 operands: for float64, and with what a float32 needs of it.

    The two `moderate` forms are for |x| ≤ `trigonometric.MODERATE`, where they cost a fifth.
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
    "lowered_power": Formula(power.lowered_power, power.lowered_power_single, arity=3),
    "power_logarithm": Formula(power.power_logarithm, power.power_logarithm_single, arity=3),
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
    "sech": Formula(hyperbolic.sech, hyperbolic.sech_single),
    "arcsinh": Formula(inverse_hyperbolic.arcsinh, inverse_hyperbolic.arcsinh_single),
    "arccosh": Formula(inverse_hyperbolic.arccosh, inverse_hyperbolic.arccosh_single),
    "arctanh": Formula(inverse_hyperbolic.arctanh, inverse_hyperbolic.arctanh_single),
    "expit": Formula(logistic.expit, logistic.expit_single),
    "log_expit": Formula(logistic.log_expit, logistic.log_expit_single),
    "logistic_density": Formula(logistic.density, logistic.density_single),
    "logit": Formula(logistic.logit, logistic.logit_single),
    "xlogy": Formula(entropy.xlogy, entropy.xlogy_single, arity=2),
    "xlog1py": Formula(entropy.xlog1py, entropy.xlog1py_single, arity=2),
    "entr": Formula(entropy.entr, entropy.entr_single),
    "rel_entr": Formula(entropy.rel_entr, entropy.rel_entr_single, arity=2),
    "kl_div": Formula(entropy.kl_div, entropy.kl_div_single, arity=2),
    "log_ratio": Formula(entropy.log_ratio, entropy.log_ratio_single, arity=2),
    "bell": Formula(error_function.bell, error_function.bell_single, arity=2),
    "erf": Formula(error_function.erf, error_function.erf_single),
    "erfc": Formula(error_function.erfc, error_function.erfc_single),
    "erfcx": Formula(error_function.erfcx, error_function.erfcx_single),
    "ndtr": Formula(error_function.ndtr, error_function.ndtr_single),
    "i0": Formula(bessel.i0, bessel.i0_single),
    "i1": Formula(bessel.i1, bessel.i1_single),
    "i0e": Formula(bessel.i0e, bessel.i0e_single),
    "i1e": Formula(bessel.i1e, bessel.i1e_single),
    "gammaln": Formula(gamma.gammaln, gamma.gammaln_single),
    "trigamma": Formula(gamma.trigamma, gamma.trigamma),
    "digamma_increment": Formula(gamma.digamma_increment, gamma.digamma_increment, arity=2),
    "digamma": Formula(gamma.digamma, gamma.digamma_single),
    "log_ndtr": Formula(error_function.log_ndtr, error_function.log_ndtr_single),
}

NAMES = frozenset(FORMULAS)
"""The functions there are, named as the ops."""


def function(module: ir.Module, name: str, kind: ir.Type) -> ir.Function:
    """The function of that name for float64 (`double`) or float32 (`float`), made in the module on first use.

    It is internal to the module, free of side effects, inlined wherever it is used, and within 1 ulp. A float32 is
    computed in float64, so that its results are rounded once, from nearly twice the digits. After optimisation of a
    module, `inline_forms` finishes sin, cos and tan; without it they are right, and slower by a call.
    """
    symbol = f"vector_math.{name}.{kind}"
    if symbol in module.globals:
        return module.globals[symbol]
    formula = FORMULAS[name]
    compute = formula.double if kind == DOUBLE else formula.single
    if formula.moderate and formula.moderate_single:
        compute_moderate = formula.moderate if kind == DOUBLE else formula.moderate_single
        return guarded(module, symbol, kind, compute, compute_moderate)
    return inlined(module, symbol, kind, compute, formula.arity)
