"""The error function and its kin: integrals of e^(-x²), the normal distribution, and their inverses.

SciPy evaluates them, and is imported when the first is.
"""

import math
from typing import Any

import numpy as np
from numpy import exp, maximum, minimum, rint

from chainrule.ops.declaration import like_operand, special, special_function
from chainrule.trace import ParameterOp

DOUBLE = np.dtype(np.float64)

erf = special("erf")
erfc = special("erfc")
# e^(x²) erfc x.
erfcx = special("erfcx")
erfi = special("erfi")
erfinv = special("erfinv")
erfcinv = special("erfcinv")
dawsn = special("dawsn")
# e^(-z²) erfc(-iz) of complex z.
wofz = special("wofz")
# The normal distribution: the probability below x, its inverse and its logarithm.
ndtr = special("ndtr")
ndtri = special("ndtri")
log_ndtr = special("log_ndtr")
ndtri_exp = special("ndtri_exp")

# The probability that X > h and 0 < Y < a X, of normal X and Y.
owens_t = special("owens_t", arity=2)


# The bells are 0 from here on, and the squares of what is larger might overflow.
_BELL_VANISHES = 60.0


def _bell_evaluate(x: Any, /, *, rate: float) -> Any:
    if x.dtype.kind == "c":
        return np.exp(-x.dtype.type(rate) * x * x)
    # x = head + tail, where head has few digits and so an exact square: the rounding of x² would be enlarged by exp.
    is_double = x.dtype is DOUBLE
    z = maximum(minimum(x if is_double else x.astype(DOUBLE), _BELL_VANISHES), -_BELL_VANISHES)
    head = rint(z * 16) * 0.0625
    y = exp(head * head * -rate) * exp((head - z) * (head + z) * rate)
    return y if is_double else y.astype(x.dtype)


# e^(-rate x²), where the rate is a power of 2.
bell = ParameterOp("bell", _bell_evaluate, like_operand, core=(0,))

_FORWARD_BELOW = 1.0
_FRACTION_TERMS = 400


def _scaled_erfc_evaluate(x: Any, /, *, order: int) -> Any:
    if x.dtype.kind == "c":
        return _forward(x, special_function("erfcx")(x), order)
    with np.errstate(all="ignore"):
        z = np.asarray(x, np.float64)
        near = z < _FORWARD_BELOW
        by_recurrence = _forward(z, special_function("erfcx")(z), order)
        # The ratio of each order to the one below, as a continued fraction from its end.
        far = np.where(near, _FORWARD_BELOW, z)
        ratio = np.zeros_like(far)
        product = special_function("erfcx")(far)
        for n in range(order + _FRACTION_TERMS, 0, -1):
            ratio = 1 / (2 * far + 2 * (n + 1) * ratio)
            if n <= order:
                product = product * ratio
        return np.where(near, by_recurrence, product).astype(x.dtype)[()]


def _forward(x: Any, lowest: Any, order: int) -> Any:
    """Eₙ from Eₙ₋₂ - 2x Eₙ₋₁ = 2n Eₙ, in which terms cancel for large x only."""
    before, current = lowest, 1 / math.sqrt(math.pi) - x * lowest
    for n in range(2, order + 1):
        before, current = current, (before - 2 * x * current) / (2 * n)
    return current


# Eₙ(x) = e^(x²) iⁿerfc(x), the scaled n-th integral of erfc from x to infinity, for n from 1 on; for n = 0 it is erfcx.
scaled_erfc = ParameterOp("scaled_erfc", _scaled_erfc_evaluate, like_operand, core=(0,))


# Beyond this the asymptotic series is exact to the last digit.
_SERIES_BEYOND = 6.5
_SERIES_TERMS = 32


def _dawson_evaluate(x: Any, /, *, order: int) -> Any:
    lowest = special_function("dawsn")(x)
    if x.dtype.kind == "c":
        return _dawson_forward(x, lowest, order)
    with np.errstate(all="ignore"):
        z = np.asarray(x, np.float64)
        far = np.abs(z) > _SERIES_BEYOND
        near = np.where(far, 0.0, z)
        by_recurrence = _dawson_forward(near, special_function("dawsn")(near), order)
        # D ~ Σ (2k-1)!! / (2ᵏ⁺¹ x²ᵏ⁺¹), each term differentiated, from its end.
        inverse = 1 / np.where(far, z, np.inf)
        total = np.ones_like(inverse)
        for k in range(_SERIES_TERMS, 0, -1):
            total = 1 + inverse * inverse * ((2 * k + order) * (2 * k + order - 1) / (4 * k)) * total
        series = (-1) ** order * math.factorial(order) / 2 * inverse ** (order + 1) * total
        return np.where(far, series, by_recurrence).astype(x.dtype)[()]


def _dawson_forward(x: Any, lowest: Any, order: int) -> Any:
    """D⁽ⁿ⁾ = -2x D⁽ⁿ⁻¹⁾ - 2(n-1) D⁽ⁿ⁻²⁾, and D′ = 1 - 2x D, in which terms cancel for large x only."""
    before, current = lowest, 1 - 2 * x * lowest
    for n in range(2, order + 1):
        before, current = current, -2 * x * current - 2 * (n - 1) * before
    return current


# The n-th derivative of Dawson's integral D, n > 0.
dawson_derivative = ParameterOp("dawson_derivative", _dawson_evaluate, like_operand, core=(0,))
