"""Circular functions and their inverses, element by element."""

from typing import Any

import numpy as np
from numpy import reciprocal

from chainrule.ops.declaration import elementwise, like_operand, special
from chainrule.trace import UnaryOp

_FLOAT = np.dtype(np.float64)

sin = elementwise("sin", np.sin)
cos = elementwise("cos", np.cos)
tan = elementwise("tan", np.tan)
arcsin = elementwise("arcsin", np.arcsin)
arccos = elementwise("arccos", np.arccos)
arctan = elementwise("arctan", np.arctan)
arctan2 = elementwise("arctan2", np.arctan2)
hypot = elementwise("hypot", np.hypot)
degrees = elementwise("degrees", np.degrees)
radians = elementwise("radians", np.radians)


def _sec_evaluate(x: Any, /) -> Any:
    return reciprocal_or_zero(np.cos(x))


def reciprocal_or_zero(y: Any) -> Any:
    """1 / y, and 0 where y is infinite, which complex division does not know."""
    if y.dtype is _FLOAT:
        return reciprocal(y)
    return 1 / y if y.dtype.kind != "c" else np.where(np.isinf(y), 0, 1 / y).astype(y.dtype)[()]


def _leg_evaluate(x: Any, /) -> Any:
    if x.dtype.kind != "c":
        return np.sqrt(1 - x) * np.sqrt(1 + x)
    # 1 - x and 1 + x keep the sign of a zero imaginary part, which tells the sides of the branch cuts apart.
    return np.sqrt(-(x - 1)) * np.sqrt(x - (-1))


# √(1 - x²), the leg of a right triangle with hypotenuse 1 and other leg x, in factors that keep their digits near ±1.
leg = UnaryOp("leg", _leg_evaluate, like_operand, core=(0,))


def _cosine_evaluate(x: Any, y: Any, /) -> Any:
    cosine = x / np.hypot(x, y)
    if np.isfinite(cosine).all():
        return cosine
    # The direction that NumPy gives to a complex number: none at the origin, and the axis of a part that is infinite.
    z = np.empty(cosine.shape, np.result_type(cosine.dtype, np.complex64))
    z.real, z.imag = x, y
    return np.where(np.isfinite(cosine), cosine, np.sign(z).real)[()]


def _lorentzian_evaluate(x: Any, /) -> Any:
    if x.dtype.kind == "c":
        # In factors, which keep their digits near the poles ±i.
        return (1 / (1 - x * 1j)) / (1 + x * 1j)
    denominator = 1 + x * x
    if np.isfinite(denominator).all():
        return 1 / denominator
    return np.where(np.isinf(denominator), (1 / x) / x, 1 / denominator)[()]


# x / √(x² + y²), the cosine of the angle of (x, y); 0 at the origin (kinks).
cosine_of_angle = elementwise("cosine_of_angle", np.hypot, evaluate=_cosine_evaluate)
# 1 / (1 + x²).
lorentzian = UnaryOp("lorentzian", _lorentzian_evaluate, like_operand, core=(0,))
# 1 / cos x, by which tan and itself are differentiated without overflow or loss of digits, to any order.
sec = UnaryOp("sec", _sec_evaluate, like_operand, core=(0,))
# cos x - 1 without cancellation, and functions of angles in degrees; SciPy evaluates them.
cosm1 = special("cosm1")
sindg, cosdg, tandg = special("sindg"), special("cosdg"), special("tandg")
