"""`numpy.linalg`: its functions, which follow derivatives."""

from functools import partial  # noqa: F401  # here to be imported, as some others are
from typing import TYPE_CHECKING, Any

import numpy as _np

from chainrule.api.bridging import counterpart_of
from chainrule.interop.autograd import builtins  # noqa: F401
from chainrule.interop.autograd.core import defjvp, defvjp  # noqa: F401
from chainrule.interop.autograd.following import followed, pulled_back
from chainrule.interop.autograd.numpy import numpy_wrapper as anp
from chainrule.interop.autograd.numpy.rule_makers import pull_of, push_of
from chainrule.interop.autograd.numpy.wrapping import public, wrap_namespace
from chainrule.interop.autograd.tracer import getval

wrap_namespace(public(_np.linalg), globals())

if TYPE_CHECKING:
    # The functions that the namespace is filled with.
    def __getattr__(name: str) -> Any: ...


def _of_the_lower_triangle(A: Any, **kwargs: Any) -> Any:
    """The Cholesky factor, which is computed of one triangle of A, with the derivative in the Hermitian part of A.

    So autograd has it, whose gradients are symmetric; to chainrule, the other triangle is not read.
    """
    part = (A + anp.conj(T(A))) / 2
    plain = getval(A)
    triangle = _np.triu(plain) if kwargs.get("upper") else _np.tril(plain)
    diagonal = plain * _np.eye(plain.shape[-1])
    # What is added has no derivative, and is zero where A is Hermitian.
    read = triangle + _np.conj(_np.swapaxes(triangle, -1, -2)) - _np.conj(diagonal)
    return counterpart_of(_np.linalg.cholesky)(part + (read - getval(part)), **kwargs)


cholesky = followed(_np.linalg.cholesky, _of_the_lower_triangle)


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
grad_cholesky = pull_of(cholesky)
grad_eig = pull_of(_namespace["eig"])
grad_eigh = pull_of(_namespace["eigh"])
grad_inv = pull_of(_namespace["inv"])
grad_pinv = pull_of(_namespace["pinv"])
grad_svd = pull_of(_namespace["svd"])
norm_vjp = pull_of(_namespace["norm"])
norm_jvp = push_of(_namespace["norm"])
_primitive_norm = _namespace["norm"]
npla = _np.linalg


def grad_solve(argnum: int, ans: Any, a: Any, b: Any) -> Any:
    """The pull of `solve` for one of its arguments."""
    return lambda g: pulled_back(_namespace["solve"], (argnum,), {}, g, a, b)[0]
