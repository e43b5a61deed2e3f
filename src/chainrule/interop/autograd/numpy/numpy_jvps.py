"""What rules of pushes are written with, and the pushes of NumPy's functions, which are chainrule's."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule.interop.autograd.core import JVPNode, def_linear, defjvp, defjvp_argnum, vspace
from chainrule.interop.autograd.following import pushed_forward
from chainrule.interop.autograd.numpy import numpy_vjps
from chainrule.interop.autograd.numpy import numpy_wrapper as anp
from chainrule.interop.autograd.numpy.numpy_vjps import (
    balanced_eq,
    dot_adjoint_0,
    dot_adjoint_1,
    match_complex,
    replace_zero,
    tensordot_adjoint_0,
    tensordot_adjoint_1,
    untake,
)
from chainrule.interop.autograd.numpy.rule_makers import push_of
from chainrule.interop.autograd.tracer import register_notrace
from chainrule.interop.autograd.util import func

if TYPE_CHECKING:
    from chainrule.interop.autograd.numpy.numpy_vjps import ArrayBox, nograd_functions

onp = np


def broadcast(x: Any, target: Any) -> Any:
    """A tangent in the shape to which its array was broadcast, complex if the target is."""
    shape, _, _, is_complex = anp.metadata(target)
    x = anp.broadcast_to(x, np.broadcast_shapes(anp.shape(x), shape))
    return x + 0j if is_complex and not anp.iscomplexobj(x) else x


forward_grad_np_std = push_of(anp.std)
forward_grad_np_var = push_of(anp.var)
fwd_grad_partition = push_of(anp.partition)
fwd_grad_sort = push_of(anp.sort)
np_abs_jvp = push_of(anp.abs)
np_conj_jvp = push_of(anp.conj)


def fwd_grad_chooser(g: Any, ans: Any, x: Any, axis: Any = None, keepdims: bool = False, **kwargs: Any) -> Any:
    """The push of a function that chooses an entry along axes, such as `max` and `min`; equal entries share."""
    if anp.ndim(x) == 0:
        return g
    if not keepdims and axis is not None:
        ans = anp.expand_dims(ans, axis)
    chosen = x == ans
    return anp.sum(g * chosen, axis=axis, keepdims=keepdims) / anp.sum(chosen, axis=axis, keepdims=keepdims)


def fwd_grad_concatenate_args(argnum: int, g: Any, ans: Any, axis_args: Any, kwargs: Any) -> Any:
    """The push of `concatenate_args`, as `defjvp_argnum` takes it."""
    return pushed_forward(anp.concatenate_args, (argnum,), kwargs, [g], *axis_args)


def atleast_jvpmaker(fun: Callable[[Any], Any]) -> Callable[..., Any]:
    """The push of a linear function of one array, such as `atleast_2d`: itself."""

    def jvp(g: Any, ans: Any, *arys: Any) -> Any:
        if len(arys) > 1:
            raise NotImplementedError(f"the push of a function of one array, of {len(arys)} arrays")
        return fun(g)

    return jvp


def __getattr__(name: str) -> Any:
    """Give what the module of pulls makes when it is asked for."""
    if name not in ("ArrayBox", "nograd_functions"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return globals().setdefault(name, getattr(numpy_vjps, name))


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


__all__ = [
    "ArrayBox",
    "JVPNode",
    "anp",
    "atleast_jvpmaker",
    "balanced_eq",
    "broadcast",
    "def_linear",
    "defjvp",
    "defjvp_argnum",
    "dot_adjoint_0",
    "dot_adjoint_1",
    "forward_grad_np_std",
    "forward_grad_np_var",
    "func",
    "fwd_grad_chooser",
    "fwd_grad_concatenate_args",
    "fwd_grad_partition",
    "fwd_grad_sort",
    "match_complex",
    "nograd_functions",
    "np_abs_jvp",
    "np_conj_jvp",
    "onp",
    "push_of",
    "register_notrace",
    "replace_zero",
    "tensordot_adjoint_0",
    "tensordot_adjoint_1",
    "untake",
    "vspace",
]
