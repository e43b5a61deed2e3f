"""Hyperbolic functions and their inverses, element by element."""

from typing import Any

import numpy as np

from chainrule.ops.declaration import elementwise, like_operand
from chainrule.ops.trigonometric import reciprocal_or_zero
from chainrule.trace import UnaryOp

sinh = elementwise("sinh", np.sinh)
cosh = elementwise("cosh", np.cosh)
tanh = elementwise("tanh", np.tanh)
arcsinh = elementwise("arcsinh", np.arcsinh)
arccosh = elementwise("arccosh", np.arccosh)
arctanh = elementwise("arctanh", np.arctanh)


def _sech_evaluate(x: Any, /) -> Any:
    return reciprocal_or_zero(np.cosh(x))


# 1 / cosh x, by which tanh and itself are differentiated without overflow or loss of digits, to any order.
sech = UnaryOp("sech", _sech_evaluate, like_operand, core=(0,))


def _hyperbolic_leg_evaluate(x: Any, /) -> Any:
    # x - (-1), unlike x + 1, keeps the sign of a zero imaginary part.
    return np.sqrt(x - 1) * np.sqrt(x - (-1))


# √(x - 1) √(x + 1), which is √(x² - 1) with digits near ±1 and the branch cuts of arcosh.
hyperbolic_leg = UnaryOp("hyperbolic_leg", _hyperbolic_leg_evaluate, like_operand, core=(0,))
