"""`scipy.stats.t`: Student's t distribution."""

import scipy.stats as _stats

from chainrule.interop.autograd.numpy.wrapping import wrapped

pdf = wrapped(_stats.t.pdf)
cdf = wrapped(_stats.t.cdf)
logpdf = wrapped(_stats.t.logpdf)
logcdf = wrapped(_stats.t.logcdf)
