"""`numpy.fft`: its functions, which follow derivatives."""

import numpy as _np

from chainrule.interop.autograd.numpy.numpy_vjps import match_complex
from chainrule.interop.autograd.numpy.numpy_wrapper import wrap_namespace

wrap_namespace({name: getattr(_np.fft, name) for name in dir(_np.fft)}, globals())

__all__ = [*_np.fft.__all__, "match_complex"]
