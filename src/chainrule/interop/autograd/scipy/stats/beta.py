"""`scipy.stats.beta`: the beta distribution."""

import scipy.stats as _stats

from chainrule.interop.autograd.numpy.wrapping import wrapped

cdf = wrapped(_stats.beta.cdf)
logpdf = wrapped(_stats.beta.logpdf)
pdf = wrapped(_stats.beta.pdf)
