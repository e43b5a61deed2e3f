"""The local Jacobians of circular functions: diagonals."""

import math

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
def tan_partials(_y, x):
    """y = tan x, so dy = dx / cos² x; 1 + y² would lose its digits where a complex y is near ±i."""
    return (ops.square(ops.sec(x)),)


@partials(ops.sec)
def sec_partials(y, x):
    """y = 1 / cos x, so dy = y tan x dx."""
    return (y * ops.tan(x),)


@partials(ops.arcsin)
def arcsin_partials(_y, x):
    """y = arcsin x, so dy = dx / √(1 - x²)."""
    return (1 / ops.leg(x),)


@partials(ops.arccos)
def arccos_partials(_y, x):
    """y = arccos x, so dy = -dx / √(1 - x²)."""
    return (-1 / ops.leg(x),)


@partials(ops.leg)
def leg_partials(y, x):
    """y = √(1 - x²), so dy = -x / y dx."""
    return (-x / y,)


@partials(ops.arctan)
def arctan_partials(_y, x):
    """y = arctan x, so dy = dx / (1 + x²)."""
    return (ops.lorentzian(x),)


@partials(ops.lorentzian)
def lorentzian_partials(y, x):
    """y = 1 / (1 + x²), so dy = -2 x y² dx, with x y first, since y² may underflow."""
    return (-2 * (x * y) * y,)


@partial(ops.arctan2, operand=0)
def arctan2_partial_ordinate(_z, y, x):
    """z = the angle of (x, y), so ∂z/∂y = x / r² = cos z / r, which does not overflow."""
    return ops.cosine_of_angle(x, y) / ops.hypot(x, y)


@partial(ops.arctan2, operand=1)
def arctan2_partial_abscissa(_z, y, x):
    """z = the angle of (x, y), so ∂z/∂x = -y / r² = -sin z / r."""
    return -ops.cosine_of_angle(y, x) / ops.hypot(x, y)


@partial(ops.hypot, operand=0)
def hypot_partial_lhs(_z, x, y):
    """z = √(x² + y²), so ∂z/∂x = x / z, and 0 at the origin (kinks)."""
    return ops.cosine_of_angle(x, y)


@partial(ops.hypot, operand=1)
def hypot_partial_rhs(_z, x, y):
    """z = √(x² + y²), so ∂z/∂y = y / z, and 0 at the origin (kinks)."""
    return ops.cosine_of_angle(y, x)


@partial(ops.cosine_of_angle, operand=0)
def cosine_of_angle_partial_lhs(_c, x, y):
    """c = x / r, so ∂c/∂x = (y / r)² / r: a square, and not the difference 1 - c². At the origin it is 0 (kinks)."""
    return kinks.quotient(ops.square(ops.cosine_of_angle(y, x)), ops.hypot(x, y))


@partial(ops.cosine_of_angle, operand=1)
def cosine_of_angle_partial_rhs(c, x, y):
    """c = x / r, so ∂c/∂y = -(x / r) (y / r) / r, and 0 at the origin (kinks)."""
    return kinks.quotient(-c * ops.cosine_of_angle(y, x), ops.hypot(x, y))


@linear(ops.degrees)
def degrees_transpose(y_bar, _x):
    """y = x · 180/π, so x̄ = ȳ · 180/π."""
    return ops.degrees(y_bar)


@linear(ops.radians)
def radians_transpose(y_bar, _x):
    """y = x · π/180, so x̄ = ȳ · π/180."""
    return ops.radians(y_bar)


@partials(ops.cosm1)
def cosm1_partials(_y, x):
    """y = cos x - 1, so dy = -sin x dx."""
    return (-ops.sin(x),)


@partials(ops.sindg)
def sindg_partials(_y, x):
    """y = sin x of an angle in degrees, so dy = π/180 cos x dx."""
    return (math.pi / 180 * ops.cosdg(x),)


@partials(ops.cosdg)
def cosdg_partials(_y, x):
    """y = cos x of an angle in degrees, so dy = -π/180 sin x dx."""
    return (-math.pi / 180 * ops.sindg(x),)


@partials(ops.tandg)
def tandg_partials(y, _x):
    """y = tan x of an angle in degrees, so dy = π/180 (1 + y²) dx."""
    return (math.pi / 180 * (1 + y * y),)
