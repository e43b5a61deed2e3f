"""Exact derivatives of ordinary NumPy programs.

>>> import numpy as np
>>> import chainrule as cr
>>> cr.grad(lambda x: np.sum(np.sin(x) ** 2))(np.array([0.0, np.pi / 4]))
array([0., 1.])
"""

import time
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chainrule import explain
    from chainrule.api import (
        Jitted,
        checkpoint,
        custom,
        elementwise_grad,
        grad,
        hessian,
        hvp,
        jacobian,
        jit,
        jvp,
        linearize,
        stop_gradient,
        value_and_grad,
        vjp,
        vmap,
    )
    from chainrule.explain import debug
    from chainrule.numpy.handle import Array, Scalar
    from chainrule.numpy.swap import trace_into, without_swap
    from chainrule.testing.check import check_grads

# Read by `graph/beginning.py`.
_imported = time.time_ns()

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


# Where the names come from that are not in `chainrule.api`. A program waits for what it uses, and for nothing else.
_HOMES = {
    "Array": "chainrule.numpy.handle",
    "Scalar": "chainrule.numpy.handle",
    "check_grads": "chainrule.testing.check",
    "debug": "chainrule.explain",
    "trace_into": "chainrule.numpy.swap",
    "without_swap": "chainrule.numpy.swap",
}
_MODULES = frozenset(
    "api compile errors explain graph interop jacobians numpy ops scipy testing trace transforms".split()
)


def __getattr__(name: str) -> Any:
    """Load what is asked for; the next one finds it without asking."""
    if name in _MODULES:
        return import_module(f"chainrule.{name}")
    if name not in __all__:
        raise AttributeError(f"module 'chainrule' has no attribute {name!r}")
    value = getattr(import_module(_HOMES.get(name, "chainrule.api")), name)
    if name != "debug":
        globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_MODULES})
