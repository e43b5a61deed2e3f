"""The gamma function, its logarithm and the derivatives of that, and what is made of them: beta, binomials.

SciPy evaluates them, and is imported when the first is.
"""

import math
from functools import partial
from typing import Any

import numpy as np

from chainrule.ops.declaration import like_all_operands, like_operand, special, special_function
from chainrule.trace import BinaryOp, Op, UnaryOp

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


def _polygamma_increment_evaluate(a: Any, b: Any, /, *, order: int) -> Any:
    dtype = np.result_type(a.dtype, b.dtype)
    a, b = np.broadcast_arrays(np.asarray(a, np.float64), np.asarray(b, np.float64))
    with np.errstate(all="ignore"):
        smooth = (a > 0) & (a + b > 0)
        near, step = np.where(smooth, a, 1.0), np.where(smooth, b, 1.0)
        result = _increment(near, step, order)
        if not smooth.all():
            plain = special_function("polygamma")(order, a + b) - special_function("polygamma")(order, a)
            result = np.where(smooth, result, plain)
    return np.asarray(result, dtype)[()]


def _increment(a: Any, b: Any, order: int) -> Any:
    """ψ⁽ⁿ⁾(a + b) - ψ⁽ⁿ⁾(a) for positive a and a + b, term by term, so that nothing cancels for a small b."""

    def power_increment(z: Any, p: int) -> Any:
        # (z + b)⁻ᵖ - z⁻ᵖ
        return z**-p * np.expm1(-p * np.log1p(b / z))

    sign = -1.0 if order % 2 == 0 else 1.0
    total = np.zeros(np.shape(a))
    for k in range(_FAR):
        total = total + sign * math.factorial(order) * power_increment(a + k, order + 1)
    z = a + _FAR
    if order == 0:
        total = total + np.log1p(b / z) - power_increment(z, 1) / 2
    else:
        total = total + sign * (
            math.factorial(order - 1) * power_increment(z, order)
            + math.factorial(order) / 2 * power_increment(z, order + 1)
        )
    for k, bernoulli in enumerate(_BERNOULLI, 1):
        factor = bernoulli * math.factorial(2 * k + order - 1) / math.factorial(2 * k)
        total = total + sign * factor * power_increment(z, 2 * k + order)
    return total


# ψ(a + b) - ψ(a), to full accuracy, and for n from 1 on ψ⁽ⁿ⁾(a + b) - ψ⁽ⁿ⁾(a).
digamma_increment = BinaryOp(
    "digamma_increment", partial(_polygamma_increment_evaluate, order=0), like_all_operands, core=(0, 0)
)
polygamma_increment = Op("polygamma_increment", _polygamma_increment_evaluate, like_all_operands, core=(0, 0))
