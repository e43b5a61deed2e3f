"""What rules of pushes are written with. The pushes of NumPy's functions are chainrule's."""

from chainrule.interop.autograd.core import JVPNode, def_linear, defjvp, defjvp_argnum, vspace
from chainrule.interop.autograd.numpy.numpy_boxes import ArrayBox
from chainrule.interop.autograd.numpy.numpy_vjps import (
    balanced_eq,
    dot_adjoint_0,
    dot_adjoint_1,
    match_complex,
    nograd_functions,
    replace_zero,
    tensordot_adjoint_0,
    tensordot_adjoint_1,
    untake,
)
from chainrule.interop.autograd.tracer import register_notrace

__all__ = [
    "ArrayBox",
    "JVPNode",
    "balanced_eq",
    "def_linear",
    "defjvp",
    "defjvp_argnum",
    "dot_adjoint_0",
    "dot_adjoint_1",
    "match_complex",
    "nograd_functions",
    "register_notrace",
    "replace_zero",
    "tensordot_adjoint_0",
    "tensordot_adjoint_1",
    "untake",
    "vspace",
]
