"""`scipy.integrate`: integrals and differential equations."""

import scipy.integrate as _original

from chainrule.interop.autograd.numpy.wrapping import public, wrap_namespace

wrap_namespace(public(_original), globals())
