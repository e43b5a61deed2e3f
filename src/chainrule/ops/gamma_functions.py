"""The gamma function, its logarithm and the derivatives of that, and what is made of them: beta, binomials.

SciPy evaluates them, and is imported when the first is.
"""

import math
from functools import cache
from typing import Any

import numpy as np
from numpy import asarray, dot, exp, expm1, log, log1p, minimum, result_type, where

from chainrule.ops.declaration import like_all_operands, like_operand, special, special_function
from chainrule.trace import BinaryOp, Op, UnaryOp
from chainrule.trace.silence import restore, silence

DOUBLE = np.dtype(np.float64)
sum_of, all_of = np.add.reduce, np.logical_and.reduce

gamma = special("gamma")
# log |Γ(x)| of real numbers, and its continuation to complex ones.
gammaln = special("gammaln")
loggamma = special("loggamma")
gammasgn = special("gammasgn", discrete=True)
# 1 / Γ(x), which has no poles.
rgamma = special("rgamma")
digamma = special("digamma")
# Γ(z + m) / Γ(z).
poch = special("poch", arity=2)
beta = special("beta", arity=2)
betaln = special("betaln", arity=2)
binom = special("binom", arity=2)
# Σ (k + q)⁻ˣ over k from 0 on.
zeta = special("zeta", arity=2)


def _polygamma_evaluate(n: Any, x: Any, /) -> Any:
    return np.asarray(special_function("polygamma")(n, x), dtype=x.dtype)[()]


# The derivative of order n of digamma, where n is a whole number in the dtype of x.
polygamma = BinaryOp("polygamma", _polygamma_evaluate, like_all_operands, core=(0, 0))


def _trigamma_evaluate(x: Any, /) -> Any:
    return _polygamma_evaluate(1, x)


# The derivative of digamma.
trigamma = UnaryOp("trigamma", _trigamma_evaluate, like_operand, core=(0,))

# B₂ₖ for k from 1 on: Olver et al., NIST Handbook of Mathematical Functions, 24.2.
_BERNOULLI = [1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510]
# From here on the asymptotic series has the accuracy of double precision.
_FAR = 12
_STEPS = np.arange(float(_FAR + 1))
# Of the recurrence of ψ, and the half of 1/z with which its asymptotic series begins after the logarithm.
_STEP_WEIGHTS = np.array([1.0] * _FAR + [0.5])


def _digamma_increment_evaluate(a: Any, b: Any, /) -> Any:
    dtype = result_type(a.dtype, b.dtype)
    token = silence()
    try:
        if dtype is not DOUBLE:
            a, b = asarray(a, DOUBLE), asarray(b, DOUBLE)
        digamma = special_function("digamma")
        after, before = digamma(a + b), digamma(a)
        difference = after - before
        # Of the terms, and of what the rounding of a + b moves them by, a quarter is left, and so most of the digits.
        clear = 4 * abs(difference) - abs(after) - abs(before) >= 1
        if not all_of(clear, None):
            difference = where(clear, difference, _increment_or_difference(a, b, 0, difference))[()]
    finally:
        restore(token)
    return difference if dtype is DOUBLE else difference.astype(dtype)


def _polygamma_increment_evaluate(a: Any, b: Any, /, *, order: int) -> Any:
    dtype = np.result_type(a.dtype, b.dtype)
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    token = silence()
    try:
        polygamma = special_function("polygamma")
        result = _increment_or_difference(a, b, order, polygamma(order, a + b) - polygamma(order, a))
    finally:
        restore(token)
    return result.astype(dtype)


def _increment_or_difference(a: Any, b: Any, order: int, difference: Any) -> Any:
    """ψ⁽ⁿ⁾(a + b) - ψ⁽ⁿ⁾(a), term by term where a and a + b are positive, elsewhere as a difference."""
    smooth = (minimum(a, a + b) > 0) & (b < np.inf)
    if all_of(smooth, None):
        return _increment(a, b, order)
    increment = _increment(np.where(smooth, a, 1.0), np.where(smooth, b, 1.0), order)
    return np.where(smooth, increment, difference)[()]


def _increment(a: Any, b: Any, order: int) -> Any:
    """ψ⁽ⁿ⁾(a + b) - ψ⁽ⁿ⁾(a) for positive a and a + b, term by term, so that nothing cancels for a small b."""
    # Terms stand one after the other along a first axis.
    stack = (-1,) + (1,) * max(a.ndim, b.ndim)
    near, far = a + _STEPS[: _FAR + (order == 0)].reshape(stack), a + _FAR
    logarithm = log1p(b / far)
    exponents, factors = _series(order)
    exponents = exponents.reshape(stack)
    # (z + b)⁻ᵖ - z⁻ᵖ, which for p = 1 is -b / (z (z + b)), for the exponents -p.
    increments = expm1(exponents * logarithm)
    if order == 0:
        # These are beyond the fourth digit, and need few of their own.
        beyond = dot((increments * exp(exponents * log(far))).T, factors).T
        return dot((b / (near + b) / near).T, _STEP_WEIGHTS).T + (logarithm - beyond)
    steps = near ** -(order + 1.0) * expm1(-(order + 1) * log1p(b / near))
    total = math.factorial(order) * sum_of(steps, 0) + dot((increments * far**exponents).T, factors).T
    return -total if order % 2 == 0 else total


@cache
def _series(order: int) -> tuple[Any, Any]:
    """The exponents of the asymptotic series of ψ⁽ⁿ⁾ and its factors, but for the sign, and without the logarithm."""
    exponents = [2 * k + order for k in range(1, len(_BERNOULLI) + 1)]
    factors = [
        bernoulli * math.factorial(p - 1) / math.factorial(p - order)
        for bernoulli, p in zip(_BERNOULLI, exponents, strict=True)
    ]
    if order:
        exponents = [order, order + 1, *exponents]
        factors = [math.factorial(order - 1), math.factorial(order) / 2, *factors]
    return -np.array(exponents, np.float64), np.array(factors, np.float64)


# ψ(a + b) - ψ(a), to full accuracy, and for n from 1 on ψ⁽ⁿ⁾(a + b) - ψ⁽ⁿ⁾(a).
digamma_increment = BinaryOp("digamma_increment", _digamma_increment_evaluate, like_all_operands, core=(0, 0))
polygamma_increment = Op("polygamma_increment", _polygamma_increment_evaluate, like_all_operands, core=(0, 0))
