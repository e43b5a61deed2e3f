"""`scipy.stats.multivariate_normal`: the multivariate normal distribution."""

from collections.abc import Callable
from typing import Any

import scipy
import scipy.stats as _stats

import chainrule.interop.autograd.numpy as np
from chainrule.interop.autograd.core import defvjp
from chainrule.interop.autograd.numpy.numpy_vjps import unbroadcast_f
from chainrule.interop.autograd.numpy.wrapping import wrapped
from chainrule.interop.autograd.tracer import primitive

pdf = wrapped(_stats.multivariate_normal.pdf)
logpdf = wrapped(_stats.multivariate_normal.logpdf)
entropy = wrapped(_stats.multivariate_normal.entropy)


def generalized_outer_product(x: Any) -> Any:
    """X xᵀ: of a vector with itself, and of matrices with their transposes."""
    if np.ndim(x) == 1:
        return np.outer(x, x)
    return np.matmul(x, np.swapaxes(x, -1, -2))


def covgrad(x: Any, mean: Any, cov: Any, allow_singular: bool = False) -> Any:
    """∂ log p/∂Σ = (Σ⁻¹ d dᵀ Σ⁻¹ - Σ⁻¹)/2 with d = x - μ."""
    if allow_singular:
        raise NotImplementedError("the density of a normal distribution has no derivative in a singular covariance")
    precision = np.linalg.inv(cov)
    scaled = np.matmul(precision, np.expand_dims(x - mean, -1))
    return (generalized_outer_product(scaled) - precision) / 2


def solve(allow_singular: bool) -> Callable[[Any, Any], Any]:
    """The function that solves a x = b; for a that may be singular, in the sense of least squares."""
    if allow_singular:
        return lambda a, b: np.dot(np.linalg.pinv(a), b)
    return np.linalg.solve  # type: ignore[no-any-return]  # a function


__all__ = [
    "covgrad",
    "defvjp",
    "entropy",
    "generalized_outer_product",
    "logpdf",
    "np",
    "pdf",
    "primitive",
    "scipy",
    "solve",
    "unbroadcast_f",
]
