"""Draws as functions of their parameters: what is drawn of the standard distribution is constant, and transformed.

NumPy draws in the same way, so at the same state of the source the number is the same. Where it rejects some of what it
draws, as for the shape of a gamma distribution, the number is no smooth function of it, and there is no form here.

Source: Mohamed et al. (2020), Monte Carlo gradient estimation in machine learning, section 5.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import chainrule.numpy as namespace
from chainrule.numpy.handle import fresh
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


FORMS: dict[str, Callable[..., Any]] = {
    "exponential": exponential,
    "gamma": gamma,
    "gumbel": _located("gumbel"),
    "laplace": _located("laplace"),
    "logistic": _located("logistic"),
    "lognormal": lognormal,
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
