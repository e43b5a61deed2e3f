"""The equations, one file for each branch of mathematics."""

from chainrule.compile.passes.rewrites import arithmetic, conversion, indexing, logic, movement, reduction, selection

FAMILIES = (arithmetic, conversion, indexing, logic, movement, reduction, selection)
