"""`scipy.stats.norm`: the normal distribution."""

import scipy.stats as _stats

from chainrule.interop.autograd.numpy.wrapping import wrapped

pdf = wrapped(_stats.norm.pdf)
cdf = wrapped(_stats.norm.cdf)
sf = wrapped(_stats.norm.sf)
logpdf = wrapped(_stats.norm.logpdf)
logcdf = wrapped(_stats.norm.logcdf)
logsf = wrapped(_stats.norm.logsf)
