"""`scipy.stats.norm`: the normal distribution."""

import scipy
import scipy.stats as _stats

import chainrule.interop.autograd.numpy as anp
from chainrule.interop.autograd.core import defvjp
from chainrule.interop.autograd.numpy.numpy_vjps import unbroadcast_f
from chainrule.interop.autograd.numpy.wrapping import wrapped
from chainrule.interop.autograd.tracer import primitive

pdf = wrapped(_stats.norm.pdf)
cdf = wrapped(_stats.norm.cdf)
sf = wrapped(_stats.norm.sf)
logpdf = wrapped(_stats.norm.logpdf)
logcdf = wrapped(_stats.norm.logcdf)
logsf = wrapped(_stats.norm.logsf)

__all__ = [
    "anp",
    "cdf",
    "defvjp",
    "logcdf",
    "logpdf",
    "logsf",
    "pdf",
    "primitive",
    "scipy",
    "sf",
    "unbroadcast_f",
]
