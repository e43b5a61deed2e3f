"""The local Jacobians of hyperbolic functions: diagonals."""

from chainrule import ops
from chainrule.jacobians.forms import partials
from chainrule.ops.compositions import one_minus, one_plus, quarter_turn


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
    """y = arsinh x, so dy = dx / √(1 + x²): of a complex x in factors, which keep its branch cuts."""
    if x.dtype.kind == "c":
        turned = quarter_turn(x)
        return (1 / (ops.sqrt(one_minus(turned)) * ops.sqrt(one_plus(turned))),)
    return (1 / ops.hypot(x.dtype.type(1), x),)


@partials(ops.arccosh)
def arccosh_partials(_y, x):
    """y = arcosh x, so dy = dx / (√(x - 1) √(x + 1)), which also holds for complex x."""
    return (1 / (ops.sqrt(x - 1) * ops.sqrt(one_plus(x))),)


@partials(ops.arctanh)
def arctanh_partials(_y, x):
    """y = artanh x, so dy = dx / ((1 - x)(1 + x))."""
    return ((1 / (1 - x)) / (1 + x),)
