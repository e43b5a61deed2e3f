"""`scipy.special`: special functions."""

import scipy.special as _original

import chainrule.scipy.special  # its functions are known from then on
from chainrule.interop.autograd.numpy.wrapping import public, wrap_namespace

wrap_namespace(public(_original), globals())
