"""Arithmetic, element by element."""

import operator

import numpy as np

from chainrule.ops.declaration import elementwise

add = elementwise("add", np.add, evaluate=operator.add)
subtract = elementwise("subtract", np.subtract, evaluate=operator.sub)
multiply = elementwise("multiply", np.multiply, evaluate=operator.mul)
divide = elementwise("divide", np.divide, evaluate=operator.truediv)
negative = elementwise("negative", np.negative, evaluate=operator.neg)
reciprocal = elementwise("reciprocal", np.reciprocal)
square = elementwise("square", np.square)
power = elementwise("power", np.power)
absolute = elementwise("absolute", np.absolute)
sign = elementwise("sign", np.sign)
copysign = elementwise("copysign", np.copysign)
remainder = elementwise("remainder", np.remainder)
fmod = elementwise("fmod", np.fmod)
floor_divide = elementwise("floor_divide", np.floor_divide, discrete=True)
heaviside = elementwise("heaviside", np.heaviside)
