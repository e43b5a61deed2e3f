"""`scipy.stats.dirichlet`: the Dirichlet distribution."""

import scipy.stats as _stats

from chainrule.interop.autograd.numpy.wrapping import wrapped

rvs = wrapped(_stats.dirichlet.rvs)
pdf = wrapped(_stats.dirichlet.pdf)
logpdf = wrapped(_stats.dirichlet.logpdf)
