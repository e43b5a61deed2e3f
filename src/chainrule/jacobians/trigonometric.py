"""The local Jacobians of circular functions: diagonals."""

from chainrule import ops
from chainrule.jacobians import kinks
from chainrule.jacobians.forms import linear, partial, partials


@partials(ops.sin)
def sin_partials(_y, x):
    """y = sin x, so dy = cos x dx."""
    return (ops.cos(x),)


@partials(ops.cos)
def cos_partials(_y, x):
    """y = cos x, so dy = -sin x dx."""
    return (-ops.sin(x),)


@partials(ops.tan)
def tan_partials(y, _x):
    """y = tan x, so dy = (1 + y²) dx."""
    return (1 + y * y,)


@partials(ops.arcsin)
def arcsin_partials(_y, x):
    """y = arcsin x, so dy = dx / √((1 - x)(1 + x)), a product that keeps its digits near ±1."""
    return (1 / (ops.sqrt(1 - x) * ops.sqrt(1 + x)),)


@partials(ops.arccos)
def arccos_partials(_y, x):
    """y = arccos x, so dy = -dx / √((1 - x)(1 + x))."""
    return (-1 / (ops.sqrt(1 - x) * ops.sqrt(1 + x)),)


@partials(ops.arctan)
def arctan_partials(_y, x):
    """y = arctan x, so dy = dx / (1 + x²)."""
    return (1 / (1 + x * x),)


@partial(ops.arctan2, operand=0)
def arctan2_partial_ordinate(_z, y, x):
    """z = the angle of (x, y), so ∂z/∂y = x / r², computed as (x / r) / r, which does not overflow."""
    r = ops.hypot(x, y)
    return (x / r) / r


@partial(ops.arctan2, operand=1)
def arctan2_partial_abscissa(_z, y, x):
    """z = the angle of (x, y), so ∂z/∂x = -y / r²."""
    r = ops.hypot(x, y)
    return -(y / r) / r


@partial(ops.hypot, operand=0)
def hypot_partial_lhs(z, x, _y):
    """z = √(x² + y²), so ∂z/∂x = x / z, and 0 at the origin (kinks)."""
    return kinks.quotient(x, z)


@partial(ops.hypot, operand=1)
def hypot_partial_rhs(z, _x, y):
    """z = √(x² + y²), so ∂z/∂y = y / z, and 0 at the origin (kinks)."""
    return kinks.quotient(y, z)


@linear(ops.degrees)
def degrees_transpose(y_bar, _x):
    """y = x · 180/π, so x̄ = ȳ · 180/π."""
    return ops.degrees(y_bar)


@linear(ops.radians)
def radians_transpose(y_bar, _x):
    """y = x · π/180, so x̄ = ȳ · π/180."""
    return ops.radians(y_bar)
