"""What users call: transformations of functions, with pytrees, argument handling and NumPy's look inside."""

from typing import TYPE_CHECKING, Any

from chainrule.api.batching import vmap
from chainrule.api.gradient import elementwise_grad, grad, value_and_grad
from chainrule.api.holding import stop_gradient
from chainrule.api.matrices import hessian, hvp, jacobian
from chainrule.api.operations import Custom, custom
from chainrule.api.products import jvp, linearize, vjp
from chainrule.api.recomputation import checkpoint

if TYPE_CHECKING:
    from chainrule.api.compilation import Jitted, jit

__all__ = [
    "Custom",
    "Jitted",
    "checkpoint",
    "custom",
    "elementwise_grad",
    "grad",
    "hessian",
    "hvp",
    "jacobian",
    "jit",
    "jvp",
    "linearize",
    "stop_gradient",
    "value_and_grad",
    "vjp",
    "vmap",
]


def __getattr__(name: str) -> Any:
    """Load what compiles when it is asked for: a program that does not compile does not wait for LLVM."""
    if name not in ("Jitted", "jit"):
        raise AttributeError(f"module 'chainrule.api' has no attribute {name!r}")
    from chainrule.api import compilation

    return getattr(compilation, name)
