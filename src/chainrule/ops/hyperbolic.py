"""Hyperbolic functions and their inverses, element by element."""

from typing import Any

import numpy as np

from chainrule.ops.declaration import elementwise, like_operand
from chainrule.ops.trigonometric import reciprocal_or_zero
from chainrule.trace import Op

sinh = elementwise("sinh", np.sinh)
cosh = elementwise("cosh", np.cosh)
tanh = elementwise("tanh", np.tanh)
arcsinh = elementwise("arcsinh", np.arcsinh)
arccosh = elementwise("arccosh", np.arccosh)
arctanh = elementwise("arctanh", np.arctanh)


def _sech_evaluate(x: Any, /) -> Any:
    return reciprocal_or_zero(np.cosh(x))


# 1 / cosh x, by which tanh and itself are differentiated without overflow or loss of digits, to any order.
sech = Op("sech", _sech_evaluate, like_operand, core=(0,))
