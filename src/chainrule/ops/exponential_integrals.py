"""Integrals of exponentials, sines and cosines, powers made linear by Box and Cox, and the function of Lambert.

SciPy evaluates them, and is imported when the first is.
"""

import math
from typing import Any

import numpy as np

from chainrule.ops.declaration import like_operand, special, special_function
from chainrule.trace import Op, ParameterOp

# ∫ e⁻ᵗ / t from x to ∞, the principal value of ∫ eᵗ / t from -∞ to x, and ∫ e^(-xt) / tⁿ from 1 to ∞.
exp1 = special("exp1")
expi = special("expi")
expn = special("expn", arity=2)


def _component(name: str, function: str, place: int) -> Op:
    """One of the results of a function that has several."""

    def evaluate(x: Any, /) -> Any:
        return special_function(function)(x)[place]

    return ParameterOp(name, evaluate, like_operand, core=(0,))


# ∫ sin t / t from 0 to x, and ∫ (cos t - 1) / t from 0 to x, plus γ + log x.
sine_integral = _component("sine_integral", "sici", 0)
cosine_integral = _component("cosine_integral", "sici", 1)
# ∫ sin(πt²/2) and ∫ cos(πt²/2) from 0 to x.
fresnel_sine = _component("fresnel_sine", "fresnel", 0)
fresnel_cosine = _component("fresnel_cosine", "fresnel", 1)
# The solutions of y″ = xy, and their derivatives.
airy_ai, airy_ai_slope, airy_bi, airy_bi_slope = (
    _component(name, "airy", place)
    for place, name in enumerate(("airy_ai", "airy_ai_slope", "airy_bi", "airy_bi_slope"))
)

# The dilogarithm of 1 - x: ∫ log t / (1 - t) from 1 to x.
spence = special("spence")

# Below this, five terms of the series are exact to the last digit.
_SERIES_BELOW = 1e-3


def _moment_evaluate(u: Any, /, *, order: int) -> Any:
    with np.errstate(all="ignore"):
        z = np.asarray(u, np.float64)
        if order == 0:
            return special_function("exprel")(z).astype(u.dtype)[()]
        tiny = np.abs(z) < _SERIES_BELOW
        series = sum(z**k / (math.factorial(k) * (order + k + 1)) for k in range(6))
        size = np.where(tiny | (z > 0), 1.0, -z)
        falling = special_function("gammainc")(order + 1, size) * math.factorial(order) / size ** (order + 1)
        rising = special_function("hyp1f1")(order + 1, order + 2, np.where(tiny | (z < 0), 1.0, z)) / (order + 1)
        return np.where(tiny, series, np.where(z < 0, falling, rising)).astype(u.dtype)[()]


# ∫ tⁿ e^(ut) dt from 0 to 1; for n = 0 (eᵘ - 1) / u.
exponential_moment = ParameterOp("exponential_moment", _moment_evaluate, like_operand, core=(0,))
# (x^λ - 1) / λ, and log x for λ = 0; and the same of 1 + x.
boxcox = special("boxcox", arity=2)
boxcox1p = special("boxcox1p", arity=2)


def _lambertw_evaluate(z: Any, /, *, branch: int) -> Any:
    return special_function("lambertw")(z, branch).astype(z.dtype)[()]


# The w with w eʷ = z, on one of its branches; of complex numbers.
lambertw = ParameterOp("lambertw", _lambertw_evaluate, like_operand, core=(0,))
# Losses that are quadratic for small residuals and linear for large ones: of the size δ where that changes, and r.
huber = special("huber", arity=2)
pseudo_huber = special("pseudo_huber", arity=2)
# Hypergeometric functions of parameters and an argument.
hyp0f1 = special("hyp0f1", arity=2)
hyp1f1 = special("hyp1f1", arity=3)
hyp2f1 = special("hyp2f1", arity=4)
