"""`scipy.integrate`: integrals and differential equations."""

import scipy.integrate as _original

import chainrule.scipy.integrate  # its functions are known from then on
from chainrule.interop.autograd.numpy.wrapping import serve

__getattr__, __dir__, __all__ = serve(_original, globals())  # noqa: PLE0605, RUF100  # SciPy's names
