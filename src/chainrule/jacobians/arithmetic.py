"""The local Jacobians of arithmetic: diagonals."""

from chainrule import ops
from chainrule.jacobians.forms import linear, partial, partials
from chainrule.trace import Value


@linear(ops.add)
def add_transpose(z_bar, _x, _y):
    """z = x + y, so x̄ = z̄ and ȳ = z̄."""
    return z_bar, z_bar


@linear(ops.subtract)
def subtract_transpose(z_bar, _x, _y):
    """z = x - y, so x̄ = z̄ and ȳ = -z̄."""
    return z_bar, -z_bar


@linear(ops.negative)
def negative_transpose(y_bar, _x):
    """y = -x, so x̄ = -ȳ."""
    return -y_bar


@partial(ops.multiply, operand=0)
def multiply_partial_lhs(_z, _x, y):
    """z = x y, so ∂z/∂x = y."""
    return y


@partial(ops.multiply, operand=1)
def multiply_partial_rhs(_z, x, _y):
    """z = x y, so ∂z/∂y = x."""
    return x


@partial(ops.divide, operand=0)
def divide_partial_numerator(_z, _x, y):
    """z = x / y, so ∂z/∂x = 1 / y."""
    return 1 / y


@partial(ops.divide, operand=1)
def divide_partial_denominator(z, _x, y):
    """z = x / y, so ∂z/∂y = -z / y."""
    return -z / y


@partials(ops.reciprocal)
def reciprocal_partials(y, _x):
    """y = 1 / x, so dy = -y² dx."""
    return (-y * y,)


@partials(ops.square)
def square_partials(_y, x):
    """y = x², so dy = 2 x dx."""
    return (x + x,)


@partial(ops.power, operand=0)
@partial(ops.power_operator, operand=0)
@partial(ops.float_power, operand=0)
def power_partial_base(_z, x, y):
    """z = xʸ, so ∂z/∂x = y xʸ⁻¹, and 0 where y = 0 (kinks): x⁰ is constant."""
    return _slope_of_power(x, y, 0)


@partial(ops.power, operand=1)
@partial(ops.power_operator, operand=1)
@partial(ops.float_power, operand=1)
def power_partial_exponent(_z, x, y):
    """z = xʸ, so ∂z/∂y = xʸ log x, and 0 where that vanishes with x (kinks): the limit for y ≥ 0 at x = 0."""
    return ops.power_logarithm(x, y, less=0)


@partial(ops.lowered_power, operand=0)
def lowered_power_partial_base(_z, x, y, *, less):
    """z = xʸ⁻ⁿ, so ∂z/∂x = (y - n) xʸ⁻ⁿ⁻¹."""
    return _slope_of_power(x, y, less)


@partial(ops.lowered_power, operand=1)
def lowered_power_partial_exponent(_z, x, y, *, less):
    """z = xʸ⁻ⁿ, so ∂z/∂y = z log x."""
    return ops.power_logarithm(x, y, less=less)


@partial(ops.power_logarithm, operand=0)
def power_logarithm_partial_base(_z, x, y, *, less):
    """z = xʸ⁻ⁿ log x, so ∂z/∂x = (y - n) xʸ⁻ⁿ⁻¹ log x + xʸ⁻ⁿ⁻¹."""
    return (y - less) * ops.power_logarithm(x, y, less=less + 1) + ops.lowered_power(x, y, less=less + 1)


@partial(ops.power_logarithm, operand=1)
def power_logarithm_partial_exponent(z, x, _y, *, less):
    """z = xʸ⁻ⁿ log x, so ∂z/∂y = z log x, and 0 where z is 0 (kinks)."""
    vanishes = z == 0
    return ops.select(vanishes, z.dtype.type(0), z * ops.log(ops.select(vanishes, x.dtype.type(1), x)))


def _slope_of_power(x, y, less):
    """The derivative of xʸ⁻ⁿ in x, and 0 where y = n."""
    constant = y == less
    if type(constant) is not Value and not (constant.any() if constant.shape else constant):
        return (y - less) * ops.lowered_power(x, y, less=less + 1)
    exponent = ops.select(constant, y.dtype.type(less + 1), y)
    slope = (exponent - less) * ops.lowered_power(x, exponent, less=less + 1)
    return ops.select(constant, y.dtype.type(0), slope)


@partials(ops.raised)
def raised_partials(_y, x, *, exponent, less=0):
    """y = xᵉ⁻ⁿ, so dy = (e - n) xᵉ⁻ⁿ⁻¹ dx, and 0 for e = n (kinks): x⁰ is constant."""
    if exponent == less:
        return (x.dtype.type(0),)
    if exponent == less + 2:
        return (2 * x,)
    return ((exponent - less) * ops.raised(x, exponent=exponent, less=less + 1),)


@partials(ops.absolute)
def absolute_partials(_y, x):
    """y = |x|, so dy = sign(x) dx, and 0 at x = 0 (kinks)."""
    return (ops.sign(x),)


@partial(ops.copysign, operand=0)
def copysign_partial_magnitude(_z, x, y):
    """z = |x| sign(y), so ∂z/∂x = sign(x) sign(y), where the sign of a zero y counts."""
    return ops.copysign(ops.sign(x), ops.sign(x) * ops.copysign(y.dtype.type(1), y))


@partial(ops.remainder, operand=0)
def remainder_partial_dividend(_z, x, _y):
    """z = x - y floor(x / y), so ∂z/∂x = 1."""
    return x.dtype.type(1)


@partial(ops.remainder, operand=1)
def remainder_partial_divisor(_z, x, y):
    """z = x - y floor(x / y), so ∂z/∂y = -floor(x / y)."""
    return -ops.floor_divide(x, y)


@partial(ops.fmod, operand=0)
def fmod_partial_dividend(_z, x, _y):
    """z = x - y trunc(x / y), so ∂z/∂x = 1."""
    return x.dtype.type(1)


@partial(ops.fmod, operand=1)
def fmod_partial_divisor(z, x, y):
    """z = x - y trunc(x / y), so ∂z/∂y = -trunc(x / y) = -(x - z) / y, rounded to the integer that it is."""
    return -ops.rint((x - z) / y)


@partial(ops.heaviside, operand=1)
def heaviside_partial_value(_z, x, y):
    """z = h where x = 0, so ∂z/∂h is 1 there and 0 elsewhere; in x the function is a step (kinks)."""
    return ops.convert(x == 0, dtype=y.dtype)
