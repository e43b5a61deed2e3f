"""The incomplete gamma and beta functions, and their derivatives in the parameters that shape them.

SciPy evaluates the functions. Their derivatives in the shapes are integrals of the density times a polynomial in its
logarithmic derivatives. The integral over the whole range is 0, so that it can be taken on either side of x: on the one
where the integrand keeps its sign nothing cancels, and small derivatives have all their digits.

Source of the quadrature: Takahasi and Mori (1974), double exponential formulas for numerical integration.
"""

from typing import Any

import numpy as np

from chainrule.ops.declaration import like_all_operands, special, special_function
from chainrule.trace import Op

gammainc = special("gammainc", arity=2)
gammaincc = special("gammaincc", arity=2)
gammaincinv = special("gammaincinv", arity=2)
gammainccinv = special("gammainccinv", arity=2)
betainc = special("betainc", arity=3)
betaincc = special("betaincc", arity=3)
betaincinv = special("betaincinv", arity=3)

# Nodes s = exp(π/2 sinh τ) and weights for integrals over s from 0 to infinity.
_STEP = 1 / 40
_TAU = np.arange(-180, 181) * _STEP * 0.975
_NODES = np.exp(np.pi / 2 * np.sinh(_TAU))
_WEIGHTS = _STEP * 0.975 * np.pi / 2 * np.cosh(_TAU) * _NODES


def _columns(*operands: Any) -> list[Any]:
    """Operands broadcast, in double precision, with an axis of nodes at the end."""
    return [np.asarray(x, np.float64)[..., None] for x in np.broadcast_arrays(*operands)]


def _gammainc_shape_evaluate(a: Any, x: Any, /, *, order: int) -> Any:
    dtype = np.result_type(a.dtype, x.dtype)
    digamma, polygamma = special_function("digamma"), special_function("polygamma")
    a, x = _columns(a, x)
    with np.errstate(all="ignore"):
        above = x >= np.maximum(a, 1)
        rate = np.where(above, np.maximum(1 - (a - 1) / x, 0) + x**-0.5, np.maximum(a - x, 0) + np.minimum(a, a**0.5))
        s = _NODES / rate
        front = a * np.log(x) - x - special_function("gammaln")(a)
        # Above t = x + s, below t = x exp(-s).
        logarithm = np.where(above, np.log(x) + np.log1p(s / x), np.log(x) - s)
        density = np.where(
            above,
            np.exp(front + (a - 1) * np.log1p(s / x) - s) / x,
            np.exp(front - a * s - x * np.expm1(-s)),
        )
        score = logarithm - digamma(a)
        factor = score if order == 1 else score * score - polygamma(1, a)
        terms = np.where(density > 0, density * factor, 0.0)
        total = np.sum(terms * _WEIGHTS, axis=-1) / rate[..., 0]
        total = np.where(above[..., 0], -total, total)
        a, x = a[..., 0], x[..., 0]
        total = np.where((x == 0) | np.isposinf(x), 0.0, total)
        return np.where((a > 0) & (x >= 0), total, np.nan).astype(dtype)[()]


# ∂P/∂a or ∂²P/∂a² of the lower incomplete gamma function P(a, x).
gammainc_shape = Op("gammainc_shape", _gammainc_shape_evaluate, like_all_operands, core=(0, 0))


def _betainc_shape_evaluate(a: Any, b: Any, x: Any, /, *, orders: tuple[int, int]) -> Any:
    dtype = np.result_type(a.dtype, b.dtype, x.dtype)
    digamma, polygamma = special_function("digamma"), special_function("polygamma")
    a, b, x = _columns(a, b, x)
    with np.errstate(all="ignore"):
        joint = digamma(a + b)
        mean, mean_of_rest = digamma(a) - joint, digamma(b) - joint
        if orders == (1, 0):
            below = np.log(x) < mean
        elif orders == (0, 1):
            below = np.log1p(-x) > mean_of_rest
        else:
            below = x < a / (a + b)
        # On the upper side of x, 1 - t takes the place of t.
        p, q = np.where(below, a, b), np.where(below, b, a)
        z, rest = np.where(below, x, 1 - x), np.where(below, 1 - x, x)
        s = _NODES / p
        near = np.log(z) - s
        far = np.log(rest - z * np.expm1(-s))
        density = np.exp(p * near + (q - 1) * far - special_function("betaln")(a, b))
        score = np.where(below, near, far) - mean
        score_of_rest = np.where(below, far, near) - mean_of_rest
        factor = {
            (1, 0): lambda: score,
            (0, 1): lambda: score_of_rest,
            (2, 0): lambda: score * score - polygamma(1, a) + polygamma(1, a + b),
            (0, 2): lambda: score_of_rest * score_of_rest - polygamma(1, b) + polygamma(1, a + b),
            (1, 1): lambda: score * score_of_rest + polygamma(1, a + b),
        }[orders]()
        terms = np.where(density > 0, density * factor, 0.0)
        total = np.sum(terms * _WEIGHTS, axis=-1) / p[..., 0]
        total = np.where(below[..., 0], total, -total)
        a, b, x = a[..., 0], b[..., 0], x[..., 0]
        total = np.where((x == 0) | (x == 1), 0.0, total)
        return np.where((a > 0) & (b > 0) & (x >= 0) & (x <= 1), total, np.nan).astype(dtype)[()]


# The derivatives of the given orders, one or two together, in a and b of the incomplete beta function I(a, b, x).
betainc_shape = Op("betainc_shape", _betainc_shape_evaluate, like_all_operands, core=(0, 0, 0))


# Student's distribution of df degrees of freedom: the probability below t, and its inverse.
stdtr = special("stdtr", arity=2)
stdtrit = special("stdtrit", arity=2)
