"""The package `autograd` over chainrule's engine: programs written for HIPS autograd run as they are.

Nothing changes by importing this package. `install()` makes it what `import autograd` finds; so do
`python -m chainrule.interop.autograd program.py` and `pytest -p chainrule.interop.autograd`.

>>> from chainrule.interop.autograd import grad
>>> import chainrule.interop.autograd.numpy as np
>>> grad(lambda x: np.sum(np.sin(x) ** 2))(np.array([0.0, np.pi / 4]))
array([0., 1.])
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from chainrule.interop.autograd.importing import VERSION as __version__
from chainrule.interop.autograd.importing import install, uninstall

if TYPE_CHECKING:
    from chainrule.interop.autograd import extend, numpy
    from chainrule.interop.autograd.builtins import dict, isinstance, list, tuple, type
    from chainrule.interop.autograd.core import primitive_with_deprecation_warnings as primitive
    from chainrule.interop.autograd.differential_operators import (
        checkpoint,
        deriv,
        elementwise_grad,
        grad,
        grad_and_aux,
        grad_named,
        hessian,
        hessian_tensor_product,
        hessian_vector_product,
        holomorphic_grad,
        jacobian,
        make_ggnvp,
        make_hvp,
        make_jvp,
        make_vjp,
        multigrad_dict,
        tensor_jacobian_product,
        value_and_grad,
        vector_jacobian_product,
    )


def pytest_addoption(parser: Any) -> None:
    """Take the name `autograd` when pytest loads this package as a plugin, before any conftest file is imported."""
    install()


__all__ = [
    "__version__",
    "checkpoint",
    "deriv",
    "dict",
    "elementwise_grad",
    "extend",
    "grad",
    "grad_and_aux",
    "grad_named",
    "hessian",
    "hessian_tensor_product",
    "hessian_vector_product",
    "holomorphic_grad",
    "install",
    "isinstance",
    "jacobian",
    "list",
    "make_ggnvp",
    "make_hvp",
    "make_jvp",
    "make_vjp",
    "multigrad_dict",
    "numpy",
    "primitive",
    "tensor_jacobian_product",
    "tuple",
    "type",
    "uninstall",
    "value_and_grad",
    "vector_jacobian_product",
]

_MODULES = frozenset(
    "builtins core differential_operators extend misc numpy scipy test_util tracer util vector_spaces wrap_util".split()
)
_BUILTINS = frozenset(("dict", "isinstance", "list", "tuple", "type"))


def __getattr__(name: str) -> Any:
    """Load what is asked for; the next one finds it without asking."""
    if name in _MODULES:
        return import_module(f"{__name__}.{name}")
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name == "primitive":
        value = import_module(f"{__name__}.core").primitive_with_deprecation_warnings
    else:
        home = "builtins" if name in _BUILTINS else "differential_operators"
        value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> Any:
    # Not all modules: pytest looks at each of these names.
    return sorted({*globals(), *__all__})
