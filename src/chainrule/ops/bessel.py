"""Bessel functions, of which NumPy has two: sinc is the spherical one of order 0, i0 the modified one.

The derivative of each order is made of its neighbours. SciPy evaluates the higher orders, which occur in derivatives
only, and is imported when the first is.
"""

from typing import Any

import numpy as np

from chainrule.ops.declaration import like_operand
from chainrule.trace import Op


def _spherical_evaluate(x: Any, /, *, order: int) -> Any:
    if order == 0:
        return np.sinc(x)
    from scipy.special import spherical_jn

    z = np.pi * x.astype(np.result_type(x.dtype, np.float64))
    # Near 0 the series, since SciPy's way underflows there: zⁿ / (2n+1)!! (1 - z²/2/(2n+3) (1 - z²/4/(2n+5) ...)).
    double_factorial = float(np.prod(np.arange(1, 2 * order + 2, 2)))
    tail = 1 - z * z / (2 * (2 * order + 3)) * (1 - z * z / (4 * (2 * order + 5)))
    near_zero = z**order / double_factorial * tail
    return np.where(np.abs(z) < 1e-2, near_zero, spherical_jn(order, z)).astype(x.dtype)[()]


def _modified_evaluate(x: Any, /, *, order: int) -> Any:
    if order == 0:
        return np.i0(x)[()]
    from scipy.special import i1, iv

    return i1(x) if order == 1 else iv(x.dtype.type(order), x)


# jₙ(πx), the spherical Bessel function of the first kind; for n = 0 sin(πx) / (πx).
spherical_bessel = Op("spherical_bessel", _spherical_evaluate, like_operand, core=(0,))
# Iₙ(x), the modified Bessel function of the first kind.
modified_bessel = Op("modified_bessel", _modified_evaluate, like_operand, core=(0,))
