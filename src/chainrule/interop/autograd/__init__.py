"""The package `autograd` over chainrule's engine: programs written for HIPS autograd run as they are.

Nothing changes by importing this package. `install()` makes it what `import autograd` finds; so do
`python -m chainrule.interop.autograd program.py` and `pytest -p chainrule.interop.autograd`.

>>> from chainrule.interop.autograd import grad
>>> import chainrule.interop.autograd.numpy as np
>>> grad(lambda x: np.sum(np.sin(x) ** 2))(np.array([0.0, np.pi / 4]))
array([0., 1.])
"""

from typing import Any

from chainrule.interop.autograd import extend
from chainrule.interop.autograd import numpy as _numpy
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
from chainrule.interop.autograd.importing import VERSION as __version__
from chainrule.interop.autograd.importing import install, uninstall

numpy = _numpy


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
