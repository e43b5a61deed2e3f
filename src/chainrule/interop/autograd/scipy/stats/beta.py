"""`scipy.stats.beta`: the beta distribution."""

from typing import Any

import scipy
import scipy.stats as _stats

import chainrule.interop.autograd.numpy as np
from chainrule.interop.autograd.core import defvjp
from chainrule.interop.autograd.numpy.numpy_vjps import unbroadcast_f
from chainrule.interop.autograd.numpy.wrapping import wrapped
from chainrule.interop.autograd.scipy.special import beta, psi
from chainrule.interop.autograd.tracer import primitive

cdf = wrapped(_stats.beta.cdf)
logpdf = wrapped(_stats.beta.logpdf)
pdf = wrapped(_stats.beta.pdf)


def grad_beta_logpdf_arg0(x: Any, a: Any, b: Any) -> Any:
    """∂ log p/∂x = (a - 1)/x - (b - 1)/(1 - x)."""
    return (a - 1) / x - (b - 1) / (1 - x)


def grad_beta_logpdf_arg1(x: Any, a: Any, b: Any) -> Any:
    """∂ log p/∂a = log x - ψ(a) + ψ(a + b)."""
    return np.log(x) - psi(a) + psi(a + b)


def grad_beta_logpdf_arg2(x: Any, a: Any, b: Any) -> Any:
    """∂ log p/∂b = log(1 - x) - ψ(b) + ψ(a + b)."""
    return np.log1p(-x) - psi(b) + psi(a + b)


__all__ = [
    "beta",
    "cdf",
    "defvjp",
    "grad_beta_logpdf_arg0",
    "grad_beta_logpdf_arg1",
    "grad_beta_logpdf_arg2",
    "logpdf",
    "np",
    "pdf",
    "primitive",
    "psi",
    "scipy",
    "unbroadcast_f",
]
