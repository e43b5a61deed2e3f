"""Exact derivatives of ordinary NumPy programs.

>>> import numpy as np
>>> import chainrule as cr
>>> cr.grad(lambda x: np.sum(np.sin(x) ** 2))(np.array([0.0, np.pi / 4]))
array([0., 1.])
"""

from typing import TYPE_CHECKING, Any

from chainrule import scipy as _scipy  # noqa: F401  # makes the front end of SciPy known
from chainrule.api import (
    checkpoint,
    custom,
    elementwise_grad,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    linearize,
    stop_gradient,
    value_and_grad,
    vjp,
    vmap,
)
from chainrule.numpy.handle import Array, Scalar
from chainrule.numpy.swap import trace_into, without_swap
from chainrule.testing.check import check_grads

if TYPE_CHECKING:
    from chainrule import explain
    from chainrule.api import Jitted, jit
    from chainrule.explain import debug

__version__ = "0.1.0"

__all__ = [
    "Array",
    "Jitted",
    "Scalar",
    "check_grads",
    "checkpoint",
    "custom",
    "debug",
    "elementwise_grad",
    "explain",
    "grad",
    "hessian",
    "hvp",
    "jacobian",
    "jit",
    "jvp",
    "linearize",
    "stop_gradient",
    "trace_into",
    "value_and_grad",
    "vjp",
    "vmap",
    "without_swap",
]


def __getattr__(name: str) -> Any:
    """Load what compiles and what explains when it is asked for: a program that does neither does not wait for it."""
    if name in ("Jitted", "jit"):
        import chainrule.api

        # The next one finds it without asking.
        value = globals()[name] = getattr(chainrule.api, name)
        return value
    if name not in ("debug", "explain"):
        raise AttributeError(f"module 'chainrule' has no attribute {name!r}")
    import chainrule.explain

    return chainrule.explain if name == "explain" else chainrule.explain.debug
