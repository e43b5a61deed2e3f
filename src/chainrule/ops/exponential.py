"""Exponentials, logarithms and roots, element by element."""

from typing import Any

import numpy as np

from chainrule.ops.declaration import elementwise
from chainrule.trace import Abstract, Op

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


def _share_evaluate(x: Any, y: Any, /, *, base: float) -> Any:
    difference = x - y
    if np.isnan(difference).any():
        difference = np.where((x == y) & np.isinf(x), x.dtype.type(0), difference)[()]
    # The power that is taken is at most 1, so nothing overflows, and small results keep their digits.
    power = (np.exp2 if base == 2 else np.exp)(-np.abs(difference))
    return np.where(difference >= 0, power.dtype.type(1), power)[()] / (1 + power)


def _share_infer(x: Any, y: Any, *, base: float) -> Abstract:
    return Abstract(np.broadcast_shapes(x.shape, y.shape), x.dtype)


# bˣ / (bˣ + bʸ) for the base b = e or 2, the part of x in the logarithm of the sum; a half at equal infinities.
share = Op("share", _share_evaluate, _share_infer, core=(0, 0))
