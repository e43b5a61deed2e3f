"""How each op is computed for one element. One file for each branch of mathematics, as in `ops/`."""

from chainrule.compile.lowerings import arithmetic, choices, comparison, division, functions, numbers
from chainrule.compile.lowerings.table import LOWERINGS, Scalars

__all__ = ["LOWERINGS", "Scalars", "arithmetic", "choices", "comparison", "division", "functions", "numbers"]
