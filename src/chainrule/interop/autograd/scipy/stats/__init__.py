"""`scipy.stats`: the distributions that autograd serves."""

import chainrule.scipy.stats  # its functions are known from then on
from chainrule.interop.autograd.scipy.stats import beta, chi2, dirichlet, gamma, multivariate_normal, norm, poisson, t

__all__ = ["beta", "chi2", "dirichlet", "gamma", "multivariate_normal", "norm", "poisson", "t"]
