"""The local Jacobians of exponentials, logarithms and roots: diagonals."""

import math

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
    return (y * math.log(2),)


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
    """y = log₂ x, so dy = log₂ e dx / x."""
    return (math.log2(math.e) / x,)


@partials(ops.log10)
def log10_partials(_y, x):
    """y = log₁₀ x, so dy = log₁₀ e dx / x."""
    return (math.log10(math.e) / x,)


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
def logaddexp_partial_lhs(_z, x, y):
    """z = log(eˣ + eʸ), so ∂z/∂x = eˣ⁻ᶻ = 1 / (1 + eʸ⁻ˣ), without z, which is rounded where x and y are large."""
    return ops.share(x, y, base=math.e)


@partial(ops.logaddexp, operand=1)
def logaddexp_partial_rhs(_z, x, y):
    """z = log(eˣ + eʸ), so ∂z/∂y = 1 / (1 + eˣ⁻ʸ)."""
    return ops.share(y, x, base=math.e)


@partial(ops.logaddexp2, operand=0)
def logaddexp2_partial_lhs(_z, x, y):
    """z = log₂(2ˣ + 2ʸ), so ∂z/∂x = 1 / (1 + 2ʸ⁻ˣ)."""
    return ops.share(x, y, base=2.0)


@partial(ops.logaddexp2, operand=1)
def logaddexp2_partial_rhs(_z, x, y):
    """z = log₂(2ˣ + 2ʸ), so ∂z/∂y = 1 / (1 + 2ˣ⁻ʸ)."""
    return ops.share(y, x, base=2.0)


@partial(ops.share, operand=0)
def share_partial_lhs(z, x, y, *, base):
    """z = bˣ / (bˣ + bʸ), so ∂z/∂x = log b · z (1 - z), where 1 - z is the share of y."""
    return _slope_of_share(z, x, y, base)


@partial(ops.share, operand=1)
def share_partial_rhs(z, x, y, *, base):
    """z = bˣ / (bˣ + bʸ), so ∂z/∂y = -log b · z (1 - z)."""
    return -_slope_of_share(z, x, y, base)


def _slope_of_share(z, x, y, base):
    slope = z * ops.share(y, x, base=base)
    return slope if base == math.e else slope * math.log(base)
