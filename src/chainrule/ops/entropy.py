"""x log x and its kin, which are 0 at 0. SciPy evaluates them, and is imported when the first is."""

from typing import Any

import numpy as np

from chainrule.ops.declaration import like_all_operands, special
from chainrule.trace import BinaryOp

# x log y and x log(1 + y), and 0 where x is 0.
xlogy = special("xlogy", arity=2)
xlog1py = special("xlog1py", arity=2)
# -x log x.
entr = special("entr")
# x log(x / y), and with - x + y.
rel_entr = special("rel_entr", arity=2)
kl_div = special("kl_div", arity=2)


def _log_ratio_evaluate(x: Any, y: Any, /) -> Any:
    with np.errstate(all="ignore"):
        ratio = x / y
        near = (ratio > 0.5) & (ratio < 2)
        far = (ratio == 0) | np.isinf(ratio)
        by_difference = np.log1p((x - y) / y)
        return np.where(near & (x > 0), by_difference, np.where(far | (x < 0), np.log(x) - np.log(y), np.log(ratio)))[
            ()
        ]


# log x - log y, to full accuracy where these are close, or far apart.
log_ratio = BinaryOp("log_ratio", _log_ratio_evaluate, like_all_operands, core=(0, 0))
