"""What users call: transformations of functions, with pytrees, argument handling and NumPy's look inside."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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


# Where each is; a program that does not compile does not wait for LLVM.
_HOMES = {
    "Custom": "operations",
    "Jitted": "compilation",
    "checkpoint": "recomputation",
    "custom": "operations",
    "elementwise_grad": "gradient",
    "grad": "gradient",
    "hessian": "matrices",
    "hvp": "matrices",
    "jacobian": "matrices",
    "jit": "compilation",
    "jvp": "products",
    "linearize": "products",
    "stop_gradient": "holding",
    "value_and_grad": "gradient",
    "vjp": "products",
    "vmap": "batching",
}


def __getattr__(name: str) -> Any:
    """Load what is asked for; the next one finds it without asking."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'chainrule.api' has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"chainrule.api.{home}"), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
