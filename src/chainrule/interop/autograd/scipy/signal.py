"""`scipy.signal`: signals."""

import scipy.signal as _original

import chainrule.scipy.signal  # its functions are known from then on
from chainrule.interop.autograd.numpy.wrapping import public, wrap_namespace

wrap_namespace(public(_original), globals())
