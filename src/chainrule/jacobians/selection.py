"""The local Jacobians of choices: diagonals whose zeros are branches that were not taken."""

from chainrule import ops
from chainrule.jacobians import kinks
from chainrule.jacobians.forms import weights


@weights(ops.select, operand=1)
def select_weight_then(_z, condition, _x, _y):
    """z = x where the condition holds, so ∂z/∂x is 1 there; elsewhere x does not take part."""
    return condition


@weights(ops.select, operand=2)
def select_weight_else(_z, condition, _x, _y):
    """z = y where the condition does not hold, so ∂z/∂y is 1 there; elsewhere y does not take part."""
    return ops.logical_not(condition)


@weights(ops.maximum, operand=0)
def maximum_weight_lhs(_z, x, y):
    """z = max(x, y), so ∂z/∂x is 1 where x > y, 1/2 at ties (kinks)."""
    return kinks.wins(x, y)


@weights(ops.maximum, operand=1)
def maximum_weight_rhs(_z, x, y):
    """z = max(x, y), so ∂z/∂y is 1 where y > x, 1/2 at ties (kinks)."""
    return kinks.wins(y, x)


@weights(ops.minimum, operand=0)
def minimum_weight_lhs(_z, x, y):
    """z = min(x, y), so ∂z/∂x is 1 where x < y, 1/2 at ties (kinks)."""
    return kinks.wins(-x, -y)


@weights(ops.minimum, operand=1)
def minimum_weight_rhs(_z, x, y):
    """z = min(x, y), so ∂z/∂y is 1 where y < x, 1/2 at ties (kinks)."""
    return kinks.wins(-y, -x)


@weights(ops.fmax, operand=0)
def fmax_weight_lhs(_z, x, y):
    """z = max(x, y) without NaN, so ∂z/∂x is as for max, and 1 where y is NaN."""
    return kinks.wins_against_nan(x, y)


@weights(ops.fmax, operand=1)
def fmax_weight_rhs(_z, x, y):
    """z = max(x, y) without NaN, so ∂z/∂y is as for max, and 1 where x is NaN."""
    return kinks.other(kinks.wins_against_nan(x, y))


@weights(ops.fmin, operand=0)
def fmin_weight_lhs(_z, x, y):
    """z = min(x, y) without NaN, so ∂z/∂x is as for min, and 1 where y is NaN."""
    return kinks.wins_against_nan(-x, -y)


@weights(ops.fmin, operand=1)
def fmin_weight_rhs(_z, x, y):
    """z = min(x, y) without NaN, so ∂z/∂y is as for min, and 1 where x is NaN."""
    return kinks.other(kinks.wins_against_nan(-x, -y))


@weights(ops.clip, operand=0)
def clip_weight(_z, x, low, high):
    """z = min(max(x, low), high), so ∂z/∂x is 1 for low ≤ x ≤ high (kinks), and for a NaN that passes through."""
    return ~((x < low) | (x > high) | (low > high))


@weights(ops.clip, operand=1)
def clip_weight_low(_z, x, low, high):
    """z = low where x < low, unless high is lower still."""
    return ops.logical_and(x < low, low <= high)


@weights(ops.clip, operand=2)
def clip_weight_high(_z, x, low, high):
    """z = high where x > high, or where the bounds cross."""
    return ops.logical_or(ops.logical_and(x > high, low <= high), low > high)
