"""`numpy.random`; what is drawn is constant."""

import numpy as _np

from chainrule.interop.autograd.numpy.numpy_wrapper import wrap_namespace

wrap_namespace({name: getattr(_np.random, name) for name in dir(_np.random)}, globals())
