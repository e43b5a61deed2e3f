"""What users call: transformations of functions, with pytrees, argument handling and NumPy's look inside."""

from chainrule.api.batching import vmap
from chainrule.api.compilation import Jitted, jit
from chainrule.api.gradient import elementwise_grad, grad, value_and_grad
from chainrule.api.holding import stop_gradient
from chainrule.api.matrices import hessian, hvp, jacobian
from chainrule.api.operations import Custom, custom
from chainrule.api.products import jvp, linearize, vjp
from chainrule.api.recomputation import checkpoint

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
