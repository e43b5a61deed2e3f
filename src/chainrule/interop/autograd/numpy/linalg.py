"""`numpy.linalg`: its functions, which follow derivatives."""

from typing import Any

import numpy as _np

from chainrule.interop.autograd.numpy import numpy_wrapper as anp
from chainrule.interop.autograd.numpy.wrapping import public, wrap_namespace

wrap_namespace(public(_np.linalg), globals())


def T(x: Any) -> Any:
    """The last two axes exchanged."""
    return anp.swapaxes(x, -1, -2)


def _dot(x: Any, y: Any) -> Any:
    return anp.einsum("...ij,...jk->...ik", x, y)


def _diag(a: Any) -> Any:
    return anp.eye(a.shape[-1]) * a


def _matrix_diag(a: Any) -> Any:
    return _diag(anp.expand_dims(a, -1))


def add2d(x: Any) -> Any:
    """Two more axes at the end."""
    return anp.reshape(x, (*anp.shape(x), 1, 1))
