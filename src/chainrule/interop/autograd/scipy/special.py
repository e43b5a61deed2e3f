"""`scipy.special`: special functions."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import scipy
import scipy.special as _original

import chainrule.interop.autograd.numpy as np
import chainrule.scipy.special  # its functions are known from then on
from chainrule.interop.autograd.core import defjvp, defvjp
from chainrule.interop.autograd.numpy.numpy_jvps import push_of
from chainrule.interop.autograd.numpy.numpy_vjps import pull_of, repeat_to_match_shape, unbroadcast_f
from chainrule.interop.autograd.numpy.wrapping import public, wrap_namespace
from chainrule.interop.autograd.tracer import primitive

_namespace = globals()
wrap_namespace(public(_original), _namespace)

if TYPE_CHECKING:
    # The functions that the namespace is filled with.
    def __getattr__(name: str) -> Any: ...


root_pi = math.sqrt(math.pi)
inv_root_pi = 1 / root_pi
make_grad_logsumexp = pull_of(_namespace["logsumexp"])
fwd_grad_logsumexp = push_of(_namespace["logsumexp"])


def make_gammainc_vjp_arg1(sign: float) -> Callable[..., Any]:
    """The maker of the pull of `gammainc` (sign 1) or `gammaincc` (-1) for x: ∂P(a, x)/∂x = x^(a - 1) e^(-x)/Γ(a)."""

    def gammainc_vjp_arg1(ans: Any, a: Any, x: Any) -> Callable[[Any], Any]:
        density = sign * np.exp((a - 1) * np.log(x) - x - _namespace["gammaln"](a))
        return unbroadcast_f(x, lambda g: g * density)

    return gammainc_vjp_arg1
