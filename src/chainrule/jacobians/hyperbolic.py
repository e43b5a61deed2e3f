"""The local Jacobians of hyperbolic functions: diagonals."""

from chainrule import ops
from chainrule.jacobians.forms import partials
from chainrule.ops.compositions import quarter_turn


@partials(ops.sinh)
def sinh_partials(_y, x):
    """y = sinh x, so dy = cosh x dx."""
    return (ops.cosh(x),)


@partials(ops.cosh)
def cosh_partials(_y, x):
    """y = cosh x, so dy = sinh x dx."""
    return (ops.sinh(x),)


@partials(ops.tanh)
def tanh_partials(_y, x):
    """y = tanh x, so dy = dx / cosh² x; 1 - y² would be 0 as soon as y is rounded to 1."""
    return (ops.square(ops.sech(x)),)


@partials(ops.sech)
def sech_partials(y, x):
    """y = 1 / cosh x, so dy = -y tanh x dx."""
    return (-y * ops.tanh(x),)


@partials(ops.arcsinh)
def arcsinh_partials(_y, x):
    """y = arsinh x, so dy = dx / √(1 + x²), of a complex x computed as √(1 - (ix)²), which keeps its branch cuts."""
    return (1 / (ops.leg(quarter_turn(x)) if x.dtype.kind == "c" else ops.hypot(x.dtype.type(1), x)),)


@partials(ops.arccosh)
def arccosh_partials(_y, x):
    """y = arcosh x, so dy = dx / (√(x - 1) √(x + 1)), which also holds for complex x and its branch cuts."""
    return (1 / ops.hyperbolic_leg(x),)


@partials(ops.hyperbolic_leg)
def hyperbolic_leg_partials(y, x):
    """y = √(x - 1) √(x + 1), so dy = x / y dx."""
    return (x / y,)


@partials(ops.arctanh)
def arctanh_partials(_y, x):
    """y = artanh x, so dy = dx / (1 - x²) = (dx / √(1 - x²)) / √(1 - x²)."""
    side = ops.leg(x)
    return ((1 / side) / side,)
