"""`numpy.linalg`: its functions, which follow derivatives."""

from typing import Any

import numpy as _np

from chainrule.interop.autograd.numpy import numpy_wrapper as anp
from chainrule.interop.autograd.numpy.numpy_vjps import pull_of
from chainrule.interop.autograd.numpy.wrapping import public, wrap_namespace
from chainrule.interop.autograd.tracer import pulled_back

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


_namespace = globals()
grad_cholesky = pull_of(_namespace["cholesky"])
grad_eig = pull_of(_namespace["eig"])
grad_eigh = pull_of(_namespace["eigh"])
grad_inv = pull_of(_namespace["inv"])
grad_pinv = pull_of(_namespace["pinv"])
grad_svd = pull_of(_namespace["svd"])
norm_vjp = pull_of(_namespace["norm"])


def grad_solve(argnum: int, ans: Any, a: Any, b: Any) -> Any:
    """The pull of `solve` for one of its arguments."""
    return lambda g: pulled_back(_namespace["solve"], (argnum,), {}, g, a, b)[0]
