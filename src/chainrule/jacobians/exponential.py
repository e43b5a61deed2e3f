"""The local Jacobians of exponentials, logarithms and roots: diagonals."""

import numpy as np

from chainrule import ops
from chainrule.jacobians import kinks
from chainrule.jacobians.forms import partial, partials


@partials(ops.exp)
def exp_partials(y, _x):
    """y = eˣ, so dy = y dx: the output is reused."""
    return (y,)


@partials(ops.exp2)
def exp2_partials(y, _x):
    """y = 2ˣ, so dy = y log 2 dx."""
    return (y * y.dtype.type(np.log(2)),)


@partials(ops.expm1)
def expm1_partials(_y, x):
    """y = eˣ - 1, so dy = eˣ dx; y + 1 would lose digits where y is near -1."""
    return (ops.exp(x),)


@partials(ops.log)
def log_partials(_y, x):
    """y = log x, so dy = dx / x."""
    return (1 / x,)


@partials(ops.log2)
def log2_partials(_y, x):
    """y = log₂ x, so dy = dx / (x log 2)."""
    return (1 / (x * x.dtype.type(np.log(2))),)


@partials(ops.log10)
def log10_partials(_y, x):
    """y = log₁₀ x, so dy = dx / (x log 10)."""
    return (1 / (x * x.dtype.type(np.log(10))),)


@partials(ops.log1p)
def log1p_partials(_y, x):
    """y = log(1 + x), so dy = dx / (1 + x)."""
    return (1 / (1 + x),)


@partials(ops.sqrt)
def sqrt_partials(y, _x):
    """y = √x, so dy = dx / (2 y), infinite at 0 (kinks)."""
    return (0.5 / y,)


@partials(ops.root_of_squares)
def root_of_squares_partials(y, _s):
    """y = √s, so dy = ds / (2 y), and 0 at 0 (kinks)."""
    return (kinks.quotient(y.dtype.type(0.5), y),)


@partials(ops.cbrt)
def cbrt_partials(y, _x):
    """y = ∛x, so dy = dx / (3 y²)."""
    return (1 / (3 * y * y),)


@partial(ops.logaddexp, operand=0)
def logaddexp_partial_lhs(z, x, y):
    """z = log(eˣ + eʸ), so ∂z/∂x = eˣ⁻ᶻ, written so that it is differentiable where x = ±∞."""
    return _share(z, x, y, ops.exp)


@partial(ops.logaddexp, operand=1)
def logaddexp_partial_rhs(z, x, y):
    """z = log(eˣ + eʸ), so ∂z/∂y = eʸ⁻ᶻ."""
    return _share(z, y, x, ops.exp)


@partial(ops.logaddexp2, operand=0)
def logaddexp2_partial_lhs(z, x, y):
    """z = log₂(2ˣ + 2ʸ), so ∂z/∂x = 2ˣ⁻ᶻ."""
    return _share(z, x, y, ops.exp2)


@partial(ops.logaddexp2, operand=1)
def logaddexp2_partial_rhs(z, x, y):
    """z = log₂(2ˣ + 2ʸ), so ∂z/∂y = 2ʸ⁻ᶻ."""
    return _share(z, y, x, ops.exp2)


def _share(z, x, y, exponential):
    """The part of x in z = log(eˣ + eʸ): eˣ⁻ᶻ, and at equal infinities the half that ties have (kinks)."""
    tie = ops.logical_and(x == y, ops.isinf(x))
    difference = ops.select(tie, x.dtype.type(0), x - z)
    return ops.select(tie, x.dtype.type(0.5), exponential(difference))
