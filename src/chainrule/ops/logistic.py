"""The logistic function, its logarithm and its inverse. SciPy evaluates them, and is imported when the first is."""

from typing import Any

from chainrule.ops.declaration import like_operand, special, special_function
from chainrule.trace import UnaryOp


def _density_evaluate(x: Any, /) -> Any:
    return special_function("expit")(x) * special_function("expit")(-x)


# 1 / (1 + e⁻ˣ).
expit = special("expit")
log_expit = special("log_expit")
# log(x / (1 - x)).
logit = special("logit")
# The density of the logistic distribution, expit(x) expit(-x) = (sech(x/2) / 2)².
logistic_density = UnaryOp("logistic_density", _density_evaluate, like_operand, core=(0,))
