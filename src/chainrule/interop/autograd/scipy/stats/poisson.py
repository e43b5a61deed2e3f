"""`scipy.stats.poisson`: the Poisson distribution."""

from typing import Any

import scipy
import scipy.stats as _stats

import chainrule.interop.autograd.numpy as np
from chainrule.interop.autograd.core import defvjp
from chainrule.interop.autograd.numpy.numpy_vjps import unbroadcast_f
from chainrule.interop.autograd.numpy.wrapping import wrapped
from chainrule.interop.autograd.tracer import primitive

cdf = wrapped(_stats.poisson.cdf)
logpmf = wrapped(_stats.poisson.logpmf)
pmf = wrapped(_stats.poisson.pmf)


def grad_poisson_logpmf(k: Any, mu: Any) -> Any:
    """∂ log p/∂μ = k/μ - 1, and 0 where k is no count."""
    return np.where(k % 1 == 0, k / mu - 1, 0)


__all__ = [
    "cdf",
    "defvjp",
    "grad_poisson_logpmf",
    "logpmf",
    "np",
    "pmf",
    "primitive",
    "scipy",
    "unbroadcast_f",
]
