"""Bessel functions, of which NumPy has two: sinc is the spherical one of order 0, i0 the modified one.

The derivative of each order is made of its neighbours. SciPy evaluates all but those two, and is imported when the
first is.
"""

from typing import Any

import numpy as np

from chainrule.ops.declaration import like_operand, special
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

# The functions of the first and second kind, modified ones too, of an order that may be any number.
jv = special("jv", arity=2)
yv = special("yv", arity=2)
iv = special("iv", arity=2)
kv = special("kv", arity=2)
# Those of whole orders, with algorithms of their own.
j0, j1 = special("j0"), special("j1")
y0, y1, yn = special("y0"), special("y1"), special("yn", arity=2)
i0, i1 = special("i0"), special("i1")
k0, k1, kn = special("k0"), special("k1"), special("kn", arity=2)
# Scaled by e^(-|x|), and those of the second kind by eˣ.
i0e, i1e, ive = special("i0e"), special("i1e"), special("ive", arity=2)
k0e, k1e, kve = special("k0e"), special("k1e"), special("kve", arity=2)
