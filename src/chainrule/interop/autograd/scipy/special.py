"""`scipy.special`: special functions."""

import scipy.special as _original

from chainrule.interop.autograd.numpy.wrapping import public, wrap_namespace

wrap_namespace(public(_original), globals())
