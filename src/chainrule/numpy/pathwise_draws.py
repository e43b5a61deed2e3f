"""Draws as functions of their parameters: what is drawn of the standard distribution is constant, and transformed.

NumPy draws in the same way, so at the same state of the source the number is the same. Where it rejects some of what it
draws, as for the shape of a gamma distribution, the number is no smooth function of it, and there is no form here.

Source: Mohamed et al. (2020), Monte Carlo gradient estimation in machine learning, section 5.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

import chainrule.numpy as namespace
from chainrule.errors import NoRuleError
from chainrule.graph.position import describe, here
from chainrule.numpy.handle import fresh, look
from chainrule.numpy.operands import plain, resists

# Typed as anything: it finds its names when they are asked for.
xp: Any = namespace

# A function of the standard distribution: of a shape, what it draws.
Standard = Callable[..., Any]


def normal(source: Any, loc: Any = 0.0, scale: Any = 1.0, size: Any = None) -> Any:
    """μ + σ z."""
    return loc + _scale(scale) * _drawn(source.standard_normal, size, loc, scale)


def lognormal(source: Any, mean: Any = 0.0, sigma: Any = 1.0, size: Any = None) -> Any:
    """e^(μ + σ z)."""
    return xp.exp(mean + _scale(sigma, "sigma") * _drawn(source.standard_normal, size, mean, sigma))


def uniform(source: Any, low: Any = 0.0, high: Any = 1.0, size: Any = None) -> Any:
    """Low + (high - low) u."""
    return low + (high - low) * _drawn(source.random, size, low, high)


def exponential(source: Any, scale: Any = 1.0, size: Any = None) -> Any:
    """β e."""
    return _scale(scale) * _drawn(source.standard_exponential, size, scale)


def rayleigh(source: Any, scale: Any = 1.0, size: Any = None) -> Any:
    """σ r."""
    return _scale(scale) * _drawn(source.rayleigh, size, scale)


def _located(name: str) -> Callable[..., Any]:
    def located(source: Any, loc: Any = 0.0, scale: Any = 1.0, size: Any = None) -> Any:
        """μ + β z."""
        return loc + _scale(scale) * _drawn(getattr(source, name), size, loc, scale)

    return located


def weibull(source: Any, a: Any, size: Any = None) -> Any:
    """e^(1/a) of the exponential e."""
    return _drawn(source.standard_exponential, size, a) ** (1.0 / _scale(a, "a"))


def pareto(source: Any, a: Any, size: Any = None) -> Any:
    """Exp(e/a) - 1 of the exponential e."""
    return xp.expm1(_drawn(source.standard_exponential, size, a) / _scale(a, "a"))


def power(source: Any, a: Any, size: Any = None) -> Any:
    """(1 - exp(-e))^(1/a) of the exponential e."""
    return (-np.expm1(-_drawn(source.standard_exponential, size, a))) ** (1.0 / _scale(a, "a"))


def gamma(source: Any, shape: Any, scale: Any = 1.0, size: Any = None) -> Any:
    """Θ g, of a constant shape."""
    if resists(shape):
        return None
    return _scale(scale) * _drawn(lambda size: source.standard_gamma(plain(shape), size), size, shape, scale)


def multivariate_normal(
    source: Any,
    mean: Any,
    cov: Any,
    size: Any = None,
    check_valid: str = "warn",
    tol: float = 1e-8,
    *,
    method: str = "svd",
) -> Any:
    """μ + A z of a covariance A Aᵀ, which is factored as NumPy does."""
    mean = xp.asarray(mean)
    if not resists(cov):
        # Of the legacy source NumPy has no other method.
        method_given = {} if method == "svd" else {"method": method}
        around_zero = source.multivariate_normal(
            np.zeros(mean.shape), plain(cov), plain(size), check_valid, tol, **method_given
        )
        return mean + fresh(around_zero)
    cov = xp.asarray(cov)
    if mean.ndim != 1 or cov.shape != mean.shape * 2:
        raise ValueError(f"mean has shape {mean.shape} and cov {cov.shape}, not (n,) and (n, n)")
    shape = () if size is None else tuple(np.atleast_1d(plain(size)))
    z = fresh(source.standard_normal(size=(*shape, *mean.shape)))
    return mean + z @ _factor(cov, method, check_valid, tol).T


def _factor(cov: Any, method: str, check_valid: str, tol: float) -> Any:
    """A with A Aᵀ = C, by one of NumPy's methods."""
    if check_valid not in ("warn", "raise", "ignore"):
        raise ValueError("check_valid must equal 'warn', 'raise', or 'ignore'")
    if method == "cholesky":
        # Refuses what is not positive definite by itself.
        return xp.linalg.cholesky(cov)
    if method == "eigh":
        roots, u = xp.linalg.eigh(cov)
        is_valid = not xp.any(roots < -tol)
    elif method == "svd":
        u, roots, vt = xp.linalg.svd(cov)
        is_valid = xp.allclose((vt.T * roots) @ vt, cov, rtol=tol, atol=tol)
    else:
        raise ValueError("method must be one of {'eigh', 'svd', 'cholesky'}")
    _refuse_equal(np.asarray(look(xp.asarray(roots)._read())), method)
    if check_valid != "ignore" and not is_valid:
        message = "covariance is not symmetric positive-semidefinite."
        if check_valid == "raise":
            raise ValueError(message)
        warnings.warn(message, RuntimeWarning, stacklevel=5)
    return u * xp.sqrt(xp.abs(roots))


def _refuse_equal(roots: Any, method: str) -> None:
    """Refuse a covariance whose eigenvectors turn at once when it moves."""
    round_off = max(1e-8, 16 * float(np.finfo(roots.dtype).eps))
    if roots.size > 1 and np.min(np.abs(np.diff(roots))) <= round_off * np.max(np.abs(roots)):
        raise NoRuleError(
            f"draws of `multivariate_normal` by the method {method!r} are no smooth function of a covariance with "
            f"equal eigenvalues.{describe(here())}\n"
            '  Draw with `np.random.default_rng(seed).multivariate_normal(mean, cov, method="cholesky")`.'
        )


FORMS: dict[str, Callable[..., Any]] = {
    "exponential": exponential,
    "gamma": gamma,
    "gumbel": _located("gumbel"),
    "laplace": _located("laplace"),
    "logistic": _located("logistic"),
    "lognormal": lognormal,
    "multivariate_normal": multivariate_normal,
    "normal": normal,
    "pareto": pareto,
    "power": power,
    "rayleigh": rayleigh,
    "uniform": uniform,
    "weibull": weibull,
}


def _drawn(standard: Standard, size: Any, *parameters: Any) -> Any:
    """Standard draws in the shape that is asked for, or that the parameters broadcast to."""
    if size is None:
        size = np.broadcast_shapes(*(np.shape(x) for x in parameters)) or None
    drawn = standard(size=plain(size))
    return fresh(drawn) if type(drawn) is np.ndarray else drawn


def _scale(x: Any, name: str = "scale") -> Any:
    """A parameter that NumPy refuses if it is negative."""
    if xp.any(xp.less(x, 0)):
        raise ValueError(f"{name} < 0")
    return x
