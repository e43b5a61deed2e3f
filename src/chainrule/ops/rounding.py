"""Rounding and the parts of a floating-point number: steps, whose derivative is zero by nature."""

from typing import Any

import numpy as np

from chainrule.ops.declaration import elementwise, like_operand
from chainrule.trace import Op

floor = elementwise("floor", np.floor, discrete=True)
ceil = elementwise("ceil", np.ceil, discrete=True)
trunc = elementwise("trunc", np.trunc, discrete=True)
rint = elementwise("rint", np.rint, discrete=True)


def _round_evaluate(x: Any, /, *, decimals: int) -> Any:
    return np.round(x, decimals)


round_decimals = Op("round_decimals", _round_evaluate, like_operand, core=(0,), discrete=True)
