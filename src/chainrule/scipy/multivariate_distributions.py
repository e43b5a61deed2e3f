"""Distributions of `scipy.stats` of several variables: the multivariate normal and Dirichlet's."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np
from scipy import stats

import chainrule.numpy as namespace
from chainrule.numpy.handle import look
from chainrule.numpy.operands import plain, resists, value_of
from chainrule.numpy.table import FUNCTIONS
from chainrule.scipy import special as functions
from chainrule.scipy.distributions import of_constants
from chainrule.transforms.reverse import missing_rule

# Typed as anything: both modules find their names when they are asked for.
xp: Any = namespace
sp: Any = functions


class MultivariateDistribution:
    """What stands for a distribution of several variables: the same methods, also of traced values."""

    def __init__(self, original: Any, name: str, methods: dict[str, Callable[..., Any]]) -> None:
        self.original = original
        self.name = name
        self.methods = methods

    def __repr__(self) -> str:
        return repr(self.original)

    def __getattr__(self, name: str) -> Any:
        value = getattr(self.original, name)
        return value if name.startswith("_") or not callable(value) else self._method(name, value)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The distribution with its parameters held."""
        return FrozenMultivariate(self, args, kwargs)

    def _method(self, name: str, original: Any) -> Callable[..., Any]:
        @wraps(original)
        def method(*args: Any, **kwargs: Any) -> Any:
            if not any(map(resists, args)) and not any(map(resists, kwargs.values())):
                return of_constants(name, original, args, kwargs)
            if name not in self.methods:
                raise missing_rule(f"scipy.stats.{self.name}.{name}")
            return self.methods[name](*args, **kwargs)

        return method


class FrozenMultivariate:
    """A distribution of several variables with its parameters held."""

    def __init__(self, distribution: MultivariateDistribution, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.distribution = distribution
        self.args = args
        self.kwargs = kwargs

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.distribution, name)
        if name in ("pdf", "logpdf", "cdf", "logcdf"):
            return lambda x, **kwargs: method(x, *self.args, **self.kwargs, **kwargs)
        return lambda *args, **kwargs: method(*self.args, *args, **self.kwargs, **kwargs)


def _parameters(mean: Any, cov: Any) -> tuple[Any, Any, int]:
    """The mean as a vector, the covariance as a matrix, and the number of variables."""
    cov = xp.asarray(1.0 if cov is None else cov)
    sizes = [0 if mean is None else xp.asarray(mean).size, cov.shape[0] if cov.ndim else 0]
    count = max(*sizes, 1)
    mean = xp.zeros(count) if mean is None else xp.reshape(xp.asarray(mean), (-1,))
    if cov.ndim == 0:
        cov = cov * np.eye(count)
    elif cov.ndim == 1:
        cov = xp.diag(cov)
    if cov.shape != (count, count) or mean.shape != (count,):
        raise ValueError(
            f"the mean has shape {mean.shape}, and the covariance {cov.shape}; they have to be (n,) and (n, n)"
        )
    return mean, cov, count


def _points(x: Any, count: int) -> Any:
    """Points with their variables in the last axis, as SciPy reads them."""
    x = xp.asarray(x)
    if x.ndim == 0:
        return xp.reshape(x, (1, 1))
    if x.ndim == 1:
        return xp.reshape(x, (-1, 1) if count == 1 else (1, -1))
    return x


def normal_logpdf(x: Any, mean: Any = None, cov: Any = 1, allow_singular: bool = False) -> Any:
    """-(n log 2π + log |C| + dᵀ C⁻¹ d) / 2 for d = x - mean."""
    mean, cov, count = _parameters(mean, cov)
    difference = _points(x, count) - mean
    if allow_singular:
        if resists(cov):
            raise missing_rule("scipy.stats.multivariate_normal.logpdf with allow_singular=True, in the covariance,")
        known = stats.Covariance.from_eigendecomposition(np.linalg.eigh(plain(cov)))
        inverse = np.linalg.pinv(plain(cov), hermitian=True)
        distance = xp.sum(difference * (difference @ inverse), axis=-1)
        return xp.squeeze(-(known.rank * math.log(2 * math.pi) + known.log_pdet + distance) / 2)[()]
    sign, logarithm = xp.linalg.slogdet(cov)
    if not look(value_of(sign)) > 0:
        raise np.linalg.LinAlgError("the covariance matrix must be positive definite; see `allow_singular`")
    solved = xp.linalg.solve(cov, xp.reshape(difference, (-1, count)).T)
    distance = xp.sum(difference * xp.reshape(solved.T, difference.shape), axis=-1)
    return xp.squeeze(-(count * math.log(2 * math.pi) + logarithm + distance) / 2)[()]


def normal_pdf(x: Any, mean: Any = None, cov: Any = 1, allow_singular: bool = False) -> Any:
    """The density, by its logarithm."""
    return xp.exp(normal_logpdf(x, mean, cov, allow_singular))


def normal_entropy(mean: Any = None, cov: Any = 1) -> Any:
    """(n log 2πe + log |C|) / 2."""
    _, cov, count = _parameters(mean, cov)
    return (count * (1 + math.log(2 * math.pi)) + xp.linalg.slogdet(cov)[1]) / 2


def dirichlet_logpdf(x: Any, alpha: Any) -> Any:
    """Σ (α - 1) log x - Σ log Γ(α) + log Γ(Σ α), where x has its variables in the first axis."""
    x, alpha = xp.asarray(x), xp.asarray(alpha)
    # SciPy checks the arguments.
    checked = look(value_of(x)), look(value_of(alpha))
    stats.dirichlet.logpdf(*checked)
    if x.shape[0] == alpha.shape[0] - 1:
        x = xp.concatenate([x, 1 - xp.sum(x, axis=0, keepdims=True)], axis=0)
    powers = sp.xlogy(xp.reshape(alpha - 1, (-1,) + (1,) * (x.ndim - 1)), x)
    return xp.sum(powers, axis=0) - xp.sum(sp.gammaln(alpha)) + sp.gammaln(xp.sum(alpha))


def dirichlet_pdf(x: Any, alpha: Any) -> Any:
    """The density, by its logarithm."""
    return xp.exp(dirichlet_logpdf(x, alpha))


def dirichlet_entropy(alpha: Any) -> Any:
    """log B(α) + (Σα - n) ψ(Σα) - Σ (α - 1) ψ(α)."""
    alpha = xp.asarray(alpha)
    total = xp.sum(alpha)
    logarithm = xp.sum(sp.gammaln(alpha)) - sp.gammaln(total)
    return logarithm + (total - alpha.shape[0]) * sp.digamma(total) - xp.sum((alpha - 1) * sp.digamma(alpha))


FUNCTIONS[stats.multivariate_normal] = MultivariateDistribution(
    stats.multivariate_normal,
    "multivariate_normal",
    {"pdf": normal_pdf, "logpdf": normal_logpdf, "entropy": normal_entropy},
)
FUNCTIONS[stats.dirichlet] = MultivariateDistribution(
    stats.dirichlet,
    "dirichlet",
    {"pdf": dirichlet_pdf, "logpdf": dirichlet_logpdf, "entropy": dirichlet_entropy},
)
