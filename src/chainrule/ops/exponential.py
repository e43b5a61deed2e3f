"""Exponentials, logarithms and roots, element by element."""

from typing import Any

import numpy as np

from chainrule.ops.declaration import elementwise, like_operand
from chainrule.trace import Op

exp = elementwise("exp", np.exp)
# np.power at base two, np.exp2 and np.expm1 keep their own kernels: each is accurate where the others are not.
exp2 = elementwise("exp2", np.exp2)
expm1 = elementwise("expm1", np.expm1)
log = elementwise("log", np.log)
log2 = elementwise("log2", np.log2)
log10 = elementwise("log10", np.log10)
log1p = elementwise("log1p", np.log1p)
sqrt = elementwise("sqrt", np.sqrt)
# The root of a sum of squares, a length or a spread: at 0 it has the derivative 0 (kinks), and not an infinite one.
root_of_squares = elementwise("root_of_squares", np.sqrt)
cbrt = elementwise("cbrt", np.cbrt)
logaddexp = elementwise("logaddexp", np.logaddexp)
logaddexp2 = elementwise("logaddexp2", np.logaddexp2)


def _logistic_evaluate(x: Any, /, *, base: float) -> Any:
    # The power that is taken is at most 1, so nothing overflows, and small results keep their digits.
    power = (np.exp2 if base == 2 else np.exp)(-np.abs(x))
    return np.where(x >= 0, x.dtype.type(1), power)[()] / (1 + power)


# 1 / (1 + b⁻ˣ), the part that the greater of two terms has in the logarithm of their sum; base b is e or 2.
logistic = Op("logistic", _logistic_evaluate, like_operand, core=(0,))
