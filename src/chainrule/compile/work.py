"""How long a program runs, roughly: whether other threads should go on meanwhile."""

from __future__ import annotations

from chainrule.compile.lowerings.table import COSTS
from chainrule.compile.nests import Callback, Nest
from chainrule.compile.schedule import Schedule
from chainrule.graph import Node

# A vector of additions takes a nanosecond, and of multiplications by BLAS many more are done in that time.
_NANOSECONDS_OF_COST = 0.25
_NANOSECONDS_OF_PRODUCT = 0.02


def nanoseconds(schedule: Schedule) -> float:
    """About how long the steps take that are not NumPy's."""
    total = 0.0
    for step in schedule.steps:
        if isinstance(step, Nest):
            total += _NANOSECONDS_OF_COST * step.size * _cost(schedule, step)
        elif not isinstance(step, Callback):
            x, y = step.node.operands
            total += _NANOSECONDS_OF_PRODUCT * x.size * y.shape[-1]
    return total


def _cost(schedule: Schedule, nest: Nest) -> int:
    """The cost of what is computed for one element of the domain."""
    found = {source for root in nest.roots for source, _ in schedule.expressions(root) if type(source) is Node}
    return len(nest.roots) + sum(COSTS.get(node.op, 1) for node in found if node.op is not None)
