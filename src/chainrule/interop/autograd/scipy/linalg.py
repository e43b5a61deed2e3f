"""`scipy.linalg`: linear algebra."""

import scipy.linalg as _original

import chainrule.scipy.linalg  # its functions are known from then on
from chainrule.interop.autograd.numpy.wrapping import serve, wrap_namespace  # the second to be imported from here

__getattr__, __dir__, __all__ = serve(_original, globals())  # noqa: PLE0605, RUF100  # SciPy's names
