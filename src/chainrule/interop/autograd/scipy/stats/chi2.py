"""`scipy.stats.chi2`: the chi-squared distribution."""

from typing import Any

import scipy
import scipy.stats as _stats

import chainrule.interop.autograd.numpy as np
from chainrule.interop.autograd.core import defvjp
from chainrule.interop.autograd.numpy.numpy_vjps import unbroadcast_f
from chainrule.interop.autograd.numpy.wrapping import wrapped
from chainrule.interop.autograd.scipy.special import gamma
from chainrule.interop.autograd.tracer import primitive

cdf = wrapped(_stats.chi2.cdf)
logpdf = wrapped(_stats.chi2.logpdf)
pdf = wrapped(_stats.chi2.pdf)


def grad_chi2_logpdf(x: Any, df: Any) -> Any:
    """∂ log p/∂x = (df/2 - 1)/x - 1/2."""
    return (df / 2 - 1) / x - 0.5


__all__ = [
    "cdf",
    "defvjp",
    "gamma",
    "grad_chi2_logpdf",
    "logpdf",
    "np",
    "pdf",
    "primitive",
    "scipy",
    "unbroadcast_f",
]
