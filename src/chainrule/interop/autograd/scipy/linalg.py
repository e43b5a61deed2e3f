"""`scipy.linalg`: linear algebra."""

import scipy.linalg as _original

import chainrule.scipy.linalg  # its functions are known from then on
from chainrule.interop.autograd.numpy.wrapping import public, wrap_namespace

wrap_namespace(public(_original), globals())
