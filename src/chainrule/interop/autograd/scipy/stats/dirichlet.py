"""`scipy.stats.dirichlet`: the Dirichlet distribution."""

import scipy
import scipy.stats as _stats

import chainrule.interop.autograd.numpy as np
from chainrule.interop.autograd.core import defvjp
from chainrule.interop.autograd.numpy.numpy_vjps import unbroadcast_f
from chainrule.interop.autograd.numpy.wrapping import wrapped
from chainrule.interop.autograd.scipy.special import digamma
from chainrule.interop.autograd.tracer import primitive

rvs = wrapped(_stats.dirichlet.rvs)
pdf = wrapped(_stats.dirichlet.pdf)
logpdf = wrapped(_stats.dirichlet.logpdf)

__all__ = [
    "defvjp",
    "digamma",
    "logpdf",
    "np",
    "pdf",
    "primitive",
    "rvs",
    "scipy",
    "unbroadcast_f",
]
