"""`scipy.stats.gamma`: the gamma distribution."""

import scipy.stats as _stats

from chainrule.interop.autograd.numpy.wrapping import wrapped

cdf = wrapped(_stats.gamma.cdf)
logpdf = wrapped(_stats.gamma.logpdf)
pdf = wrapped(_stats.gamma.pdf)
