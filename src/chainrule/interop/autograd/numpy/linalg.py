"""`numpy.linalg`: its functions, which follow derivatives."""

from typing import Any

import numpy as _np

from chainrule.interop.autograd.numpy import numpy_wrapper as anp
from chainrule.interop.autograd.numpy.numpy_wrapper import wrap_namespace

wrap_namespace({name: getattr(_np.linalg, name) for name in dir(_np.linalg)}, globals())


def T(x: Any) -> Any:
    """The last two axes exchanged."""
    return anp.swapaxes(x, -1, -2)


def add2d(x: Any) -> Any:
    """Two more axes at the end."""
    return anp.reshape(x, (*anp.shape(x), 1, 1))
