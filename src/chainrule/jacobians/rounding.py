"""The local Jacobians of the parts of a floating-point number. Rounding itself is made of steps."""

from chainrule import ops
from chainrule.jacobians.forms import partial, partials


@partials(ops.fraction)
def fraction_partials(_y, x):
    """y = x - trunc(x), so dy = dx."""
    return (x.dtype.type(1),)


@partials(ops.mantissa)
def mantissa_partials(_y, x):
    """y = x 2⁻ᵉ with the exponent e of x, so dy = 2⁻ᵉ dx."""
    return (ops.ldexp(x.dtype.type(1), -ops.exponent(x)),)


@partial(ops.ldexp, operand=0)
def ldexp_partial_mantissa(_y, x, n):
    """y = x 2ⁿ, so ∂y/∂x = 2ⁿ."""
    return ops.ldexp(x.dtype.type(1), n)


@partial(ops.nextafter, operand=0)
def nextafter_partial_start(_z, x, _y):
    """z = x ± one spacing, so ∂z/∂x = 1 between the powers of 2, where the spacing is constant."""
    return x.dtype.type(1)
