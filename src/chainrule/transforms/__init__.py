"""The orders in which the chain rule is multiplied out; one interpreter in one file."""

from chainrule.transforms.batch import BatchLevel
from chainrule.transforms.forward import ForwardLevel
from chainrule.transforms.reverse import ReverseLevel, Tape

__all__ = ["BatchLevel", "ForwardLevel", "ReverseLevel", "Tape"]
