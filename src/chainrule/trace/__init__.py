"""How a value remembers: ops, values and levels."""

from chainrule.trace.abstract import Abstract, abstract_of
from chainrule.trace.level import NO_PARAMETERS, Level
from chainrule.trace.op import BinaryOp, Op, ParameterOp, UnaryOp, ground, projection
from chainrule.trace.value import Value, install_operators, make_value

__all__ = [
    "NO_PARAMETERS",
    "Abstract",
    "BinaryOp",
    "Level",
    "Op",
    "ParameterOp",
    "UnaryOp",
    "Value",
    "abstract_of",
    "ground",
    "install_operators",
    "make_value",
    "projection",
]
