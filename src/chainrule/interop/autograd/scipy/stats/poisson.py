"""`scipy.stats.poisson`: the Poisson distribution."""

import scipy.stats as _stats

from chainrule.interop.autograd.numpy.wrapping import wrapped

cdf = wrapped(_stats.poisson.cdf)
logpmf = wrapped(_stats.poisson.logpmf)
pmf = wrapped(_stats.poisson.pmf)
