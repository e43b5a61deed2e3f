"""The local Jacobians of hyperbolic functions: diagonals."""

from chainrule import ops
from chainrule.jacobians.forms import partials


@partials(ops.sinh)
def sinh_partials(_y, x):
    """y = sinh x, so dy = cosh x dx."""
    return (ops.cosh(x),)


@partials(ops.cosh)
def cosh_partials(_y, x):
    """y = cosh x, so dy = sinh x dx."""
    return (ops.sinh(x),)


@partials(ops.tanh)
def tanh_partials(y, _x):
    """y = tanh x, so dy = (1 - y²) dx = (1 - y)(1 + y) dx: the output is reused, no second tanh."""
    return ((1 - y) * (1 + y),)


@partials(ops.arcsinh)
def arcsinh_partials(_y, x):
    """y = arsinh x, so dy = dx / √(1 + x²)."""
    return (1 / ops.sqrt(1 + x * x),)


@partials(ops.arccosh)
def arccosh_partials(_y, x):
    """y = arcosh x, so dy = dx / (√(x - 1) √(x + 1)), which also holds for complex x."""
    return (1 / (ops.sqrt(x - 1) * ops.sqrt(x + 1)),)


@partials(ops.arctanh)
def arctanh_partials(_y, x):
    """y = artanh x, so dy = dx / ((1 - x)(1 + x))."""
    return (1 / ((1 - x) * (1 + x)),)
