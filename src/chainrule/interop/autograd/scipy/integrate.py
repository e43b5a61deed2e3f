"""`scipy.integrate`: integrals and differential equations."""

import scipy.integrate as _original

import chainrule.scipy.integrate  # its functions are known from then on
from chainrule.interop.autograd.numpy.wrapping import public, wrap_namespace

wrap_namespace(public(_original), globals())
