"""Limits: a value moved a few steps along a line, and what is read off the results at these steps.

`level` is a `transforms.limits.LimitLevel`, whose Values hold one lane for each step, the first at step 0.
"""

from typing import Any

from chainrule.ops.declaration import like_operand
from chainrule.trace import Op, Value


def has_steps(x: Any, level: Any) -> bool:
    """Whether a value differs from step to step of a level."""
    while type(x) is Value:
        if x.level is level:
            return True
        x = x.below
    return False


def _lifted_evaluate(x: Any, direction: Any, /, *, level: Any) -> Any:
    return level.moved(x, direction)


def _itself(x: Any, /, *, level: Any) -> Any:
    return x


def _total_evaluate(x: Any, /, *, level: Any) -> Any:
    return x * x.dtype.type(level.size - 1)


# x + step · direction, one lane for each step.
lifted = Op("lifted", _lifted_evaluate, like_operand, core=(0, 0), composite=True)
# x, which is the same at every step, where it meets what is not.
spread = Op("spread", _itself, like_operand, core=(0,), composite=True)
# What is there at step 0; its derivative is the limit of the derivatives at the other steps.
centre = Op("centre", _itself, like_operand, core=(0,), composite=True)
# The limit at step 0 of what is there at the other steps: a weighted sum of lanes.
extrapolated = Op("extrapolated", _itself, like_operand, core=(0,), composite=True)
# The sum over all steps but step 0.
total = Op("total", _total_evaluate, like_operand, core=(0,), composite=True)
