"""`scipy.stats.gamma`: the gamma distribution."""

from typing import Any

import scipy
import scipy.stats as _stats

import chainrule.interop.autograd.numpy as np
from chainrule.interop.autograd.core import defvjp
from chainrule.interop.autograd.numpy.numpy_vjps import unbroadcast_f
from chainrule.interop.autograd.numpy.wrapping import wrapped
from chainrule.interop.autograd.scipy.special import gamma, psi
from chainrule.interop.autograd.tracer import primitive

cdf = wrapped(_stats.gamma.cdf)
logpdf = wrapped(_stats.gamma.logpdf)
pdf = wrapped(_stats.gamma.pdf)


def grad_gamma_logpdf_arg0(x: Any, a: Any) -> Any:
    """∂ log p/∂x = (a - 1)/x - 1."""
    return (a - 1) / x - 1


def grad_gamma_logpdf_arg1(x: Any, a: Any) -> Any:
    """∂ log p/∂a = log x - ψ(a)."""
    return np.log(x) - psi(a)


__all__ = [
    "cdf",
    "defvjp",
    "gamma",
    "grad_gamma_logpdf_arg0",
    "grad_gamma_logpdf_arg1",
    "logpdf",
    "np",
    "pdf",
    "primitive",
    "psi",
    "scipy",
    "unbroadcast_f",
]
