"""Rounding, and the parts of a floating-point number."""

from typing import Any

import numpy as np

from chainrule.ops.declaration import elementwise, like_operand
from chainrule.trace import Abstract, Op, UnaryOp

floor = elementwise("floor", np.floor, discrete=True)
ceil = elementwise("ceil", np.ceil, discrete=True)
trunc = elementwise("trunc", np.trunc, discrete=True)
rint = elementwise("rint", np.rint, discrete=True)
spacing = elementwise("spacing", np.spacing, discrete=True)
nextafter = elementwise("nextafter", np.nextafter)
ldexp = elementwise("ldexp", np.ldexp)


def _round_evaluate(x: Any, /, *, decimals: int) -> Any:
    return np.round(x, decimals)


def _fraction_evaluate(x: Any, /) -> Any:
    return np.modf(x)[0]


def _mantissa_evaluate(x: Any, /) -> Any:
    return np.frexp(x)[0]


def _exponent_evaluate(x: Any, /) -> Any:
    return np.frexp(x)[1]


def _exponent_infer(x: Any) -> Abstract:
    return Abstract(x.shape, np.dtype(np.intc))


round_decimals = Op("round_decimals", _round_evaluate, like_operand, core=(0,), discrete=True)
# x - trunc(x).
fraction = UnaryOp("fraction", _fraction_evaluate, like_operand, core=(0,))
# x = mantissa · 2^exponent with 1/2 ≤ |mantissa| < 1.
mantissa = UnaryOp("mantissa", _mantissa_evaluate, like_operand, core=(0,))
exponent = Op("exponent", _exponent_evaluate, _exponent_infer, core=(0,), discrete=True)
