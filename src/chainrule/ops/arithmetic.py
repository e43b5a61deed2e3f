"""Arithmetic, element by element."""

import operator
from typing import Any

import numpy as np

from chainrule.ops.declaration import elementwise, like_operand
from chainrule.trace import Abstract, Op, ParameterOp

add = elementwise("add", np.add, evaluate=operator.add)
subtract = elementwise("subtract", np.subtract, evaluate=operator.sub)
multiply = elementwise("multiply", np.multiply, evaluate=operator.mul)
divide = elementwise("divide", np.divide, evaluate=operator.truediv)
negative = elementwise("negative", np.negative, evaluate=operator.neg)
reciprocal = elementwise("reciprocal", np.reciprocal)
square = elementwise("square", np.square)
# Three functions in NumPy, which may differ in the last bit: of its numbers the operator, and `float_power`, are the C
# library's, and `power` has a vectorised form of its own on some machines.
power = elementwise("power", np.power)
power_operator = elementwise("power_operator", np.power, evaluate=operator.pow)
float_power = elementwise("float_power", np.float_power)


def _raised_evaluate(x: Any, /, *, exponent: float, less: int = 0) -> Any:
    if less == 0:
        return x**exponent
    if (exponent - less) + less == exponent or x.dtype.kind == "c":
        return x ** (exponent - less)
    return _divided(x, x**exponent, x ** (exponent - less), False, less)


def _lowered_evaluate(x: Any, y: Any, /, *, less: int) -> Any:
    lowered = np.power(x, y - less)
    exact = (y - less) + less == y
    # A reduction of a number takes longer than the power.
    if x.dtype.kind == "c" or (exact.all() if exact.shape else exact):
        return lowered
    return _divided(x, np.power(x, y), lowered, exact, less)


def _divided(x: Any, power: Any, lowered: Any, exact: Any, less: int) -> Any:
    """xʸ / x / x ..., as accurate as xʸ; a power to y - n, rounded, is not, since |log x| magnifies the rounding."""
    for _ in range(less):
        power = power / x
    return np.where(exact | (x == 0) | np.isinf(x), lowered, power)[()]


def _power_logarithm_evaluate(x: Any, y: Any, /, *, less: int) -> Any:
    power = _lowered_evaluate(x, y, less=less) if less else np.power(x, y)
    product = power * np.log(x)
    if np.isfinite(product).all():
        return product
    vanishes = (power == 0) | ((x == 0) & (y == less))
    return np.where(vanishes, product.dtype.type(0), product)[()]


def _lowered_infer(x: Any, y: Any, *, less: int) -> Abstract:
    return Abstract(np.broadcast_shapes(x.shape, y.shape), x.dtype)


# x to the power of a Python number, which NumPy computes by ways of its own, divided by x so many times.
raised = ParameterOp("raised", _raised_evaluate, like_operand, core=(0,))
# x to the power y - n for a whole number n.
lowered_power = Op("lowered_power", _lowered_evaluate, _lowered_infer, core=(0, 0))
# xʸ⁻ⁿ log x, and 0 where the power is 0 or x and y - n are: what is the derivative of a power in its exponent.
power_logarithm = Op("power_logarithm", _power_logarithm_evaluate, _lowered_infer, core=(0, 0))
absolute = elementwise("absolute", np.absolute)
# Of real numbers; of a complex number the sign is its direction (complex_parts.py), which is no step.
sign = elementwise("sign", np.sign, discrete=True)
copysign = elementwise("copysign", np.copysign)
remainder = elementwise("remainder", np.remainder)
fmod = elementwise("fmod", np.fmod)
floor_divide = elementwise("floor_divide", np.floor_divide, discrete=True)
heaviside = elementwise("heaviside", np.heaviside)
