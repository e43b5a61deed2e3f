"""`scipy.stats.multivariate_normal`: the multivariate normal distribution."""

import scipy.stats as _stats

from chainrule.interop.autograd.numpy.wrapping import wrapped

pdf = wrapped(_stats.multivariate_normal.pdf)
logpdf = wrapped(_stats.multivariate_normal.logpdf)
entropy = wrapped(_stats.multivariate_normal.entropy)
