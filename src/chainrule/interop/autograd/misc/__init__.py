"""Containers as flat vectors, optimizers, fixed points, graphs of constants."""

from chainrule.interop.autograd.misc.flatten import flatten
from chainrule.interop.autograd.misc.tracers import const_graph

__all__ = ["const_graph", "flatten"]
