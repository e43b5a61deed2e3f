"""`scipy.stats.chi2`: the chi-squared distribution."""

import scipy.stats as _stats

from chainrule.interop.autograd.numpy.wrapping import wrapped

cdf = wrapped(_stats.chi2.cdf)
logpdf = wrapped(_stats.chi2.logpdf)
pdf = wrapped(_stats.chi2.pdf)
