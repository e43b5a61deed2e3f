"""Arithmetic, element by element."""

import operator
from typing import Any

import numpy as np

from chainrule.ops.declaration import elementwise, like_operand
from chainrule.trace import Op

add = elementwise("add", np.add, evaluate=operator.add)
subtract = elementwise("subtract", np.subtract, evaluate=operator.sub)
multiply = elementwise("multiply", np.multiply, evaluate=operator.mul)
divide = elementwise("divide", np.divide, evaluate=operator.truediv)
negative = elementwise("negative", np.negative, evaluate=operator.neg)
reciprocal = elementwise("reciprocal", np.reciprocal)
square = elementwise("square", np.square)
power = elementwise("power", np.power)


def _raised_evaluate(x: Any, /, *, exponent: float) -> Any:
    return x**exponent


# x to the power of a Python number, which NumPy computes by ways of its own.
raised = Op("raised", _raised_evaluate, like_operand, core=(0,))
absolute = elementwise("absolute", np.absolute)
# Of real numbers; of a complex number the sign is its direction (complex_parts.py), which is no step.
sign = elementwise("sign", np.sign, discrete=True)
copysign = elementwise("copysign", np.copysign)
remainder = elementwise("remainder", np.remainder)
fmod = elementwise("fmod", np.fmod)
floor_divide = elementwise("floor_divide", np.floor_divide, discrete=True)
heaviside = elementwise("heaviside", np.heaviside)
