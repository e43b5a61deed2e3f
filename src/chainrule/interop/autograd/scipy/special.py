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
from chainrule.interop.autograd.numpy.numpy_vjps import repeat_to_match_shape, unbroadcast_f
from chainrule.interop.autograd.numpy.rule_makers import pull_of, push_of
from chainrule.interop.autograd.numpy.wrapping import serve
from chainrule.interop.autograd.tracer import primitive

_find, __all__ = serve(_original, globals())  # noqa: PLE0605, RUF100  # SciPy's names

if TYPE_CHECKING:
    # What is found.
    def __getattr__(name: str) -> Any: ...


root_pi = math.sqrt(math.pi)
inv_root_pi = 1 / root_pi
make_grad_logsumexp = pull_of(_find("logsumexp"))
fwd_grad_logsumexp = push_of(_find("logsumexp"))


def make_gammainc_vjp_arg1(sign: float) -> Callable[..., Any]:
    """The maker of the pull of `gammainc` (sign 1) or `gammaincc` (-1) for x: ∂P(a, x)/∂x = x^(a - 1) e^(-x)/Γ(a)."""

    def gammainc_vjp_arg1(ans: Any, a: Any, x: Any) -> Callable[[Any], Any]:
        density = sign * np.exp((a - 1) * np.log(x) - x - _find("gammaln")(a))
        return unbroadcast_f(x, lambda g: g * density)

    return gammainc_vjp_arg1
