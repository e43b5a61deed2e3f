"""`numpy.random`; what is drawn is constant."""

import numpy as _np

from chainrule.interop.autograd.numpy.wrapping import public, wrap_namespace

npr = _np.random
wrap_namespace(public(npr), globals())
