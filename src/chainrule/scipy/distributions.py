"""Distributions of `scipy.stats` of one variable: formulas of their standard forms, and objects for traced values.

Constants go to SciPy as they are. Formulas are of the logarithm where that does not overflow.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

import numpy as np
from scipy import stats

import chainrule.numpy as namespace
from chainrule.numpy.effects import affected
from chainrule.numpy.front_ends import CONVERSIONS
from chainrule.numpy.handle import Handle, wrap
from chainrule.numpy.operands import plain, resists
from chainrule.numpy.table import FUNCTIONS
from chainrule.scipy import special as functions
from chainrule.transforms.reverse import missing_rule

# Typed as anything: both modules find their names when they are asked for.
xp: Any = namespace
sp: Any = functions

Formula = Callable[..., Any]

_LOG_ROOT_TWO_PI = math.log(2 * math.pi) / 2


@dataclass(frozen=True)
class Formulas:
    """A distribution with location 0 and scale 1, as functions of a number and the shapes.

    inside
        A number in the support, at which formulas are evaluated in place of numbers outside.
    lower, upper
        The ends of the support.
    """

    logpdf: Formula
    cdf: Formula
    sf: Formula
    logcdf: Formula | None = None
    logsf: Formula | None = None
    ppf: Formula | None = None
    isf: Formula | None = None
    pdf: Formula | None = None
    inside: float = 0.5
    lower: float = -math.inf
    upper: float = math.inf
    discrete: bool = False


FORMULAS: dict[str, Formulas] = {
    "norm": Formulas(
        pdf=lambda x: xp.exp(-(x**2) / 2.0) / math.sqrt(2 * math.pi),
        logpdf=lambda x: -(x**2) / 2.0 - _LOG_ROOT_TWO_PI,
        cdf=lambda x: sp.ndtr(x),
        sf=lambda x: sp.ndtr(-x),
        logcdf=lambda x: sp.log_ndtr(x),
        logsf=lambda x: sp.log_ndtr(-x),
        ppf=lambda q: sp.ndtri(q),
        isf=lambda q: -sp.ndtri(q),
    ),
    "t": Formulas(
        logpdf=lambda x, df: -(df + 1) / 2 * xp.log1p(x * x / df) - xp.log(df) / 2 - sp.betaln(df / 2, 0.5),
        cdf=lambda x, df: sp.stdtr(df, x),
        sf=lambda x, df: sp.stdtr(df, -x),
        ppf=lambda q, df: sp.stdtrit(df, q),
        isf=lambda q, df: -sp.stdtrit(df, q),
    ),
    "beta": Formulas(
        logpdf=lambda x, a, b: sp.xlog1py(b - 1, -x) + sp.xlogy(a - 1, x) - sp.betaln(a, b),
        cdf=lambda x, a, b: sp.betainc(a, b, x),
        sf=lambda x, a, b: sp.betaincc(a, b, x),
        ppf=lambda q, a, b: sp.betaincinv(a, b, q),
        lower=0.0,
        upper=1.0,
    ),
    "gamma": Formulas(
        logpdf=lambda x, a: sp.xlogy(a - 1, x) - x - sp.gammaln(a),
        cdf=lambda x, a: sp.gammainc(a, x),
        sf=lambda x, a: sp.gammaincc(a, x),
        ppf=lambda q, a: sp.gammaincinv(a, q),
        isf=lambda q, a: sp.gammainccinv(a, q),
        lower=0.0,
    ),
    "chi2": Formulas(
        logpdf=lambda x, df: sp.xlogy(df / 2 - 1, x) - x / 2 - sp.gammaln(df / 2) - math.log(2) * df / 2,
        cdf=lambda x, df: sp.gammainc(df / 2, x / 2),
        sf=lambda x, df: sp.gammaincc(df / 2, x / 2),
        ppf=lambda q, df: 2 * sp.gammaincinv(df / 2, q),
        isf=lambda q, df: 2 * sp.gammainccinv(df / 2, q),
        lower=0.0,
    ),
    "expon": Formulas(
        logpdf=lambda x: -x,
        cdf=lambda x: -xp.expm1(-x),
        sf=lambda x: xp.exp(-x),
        logsf=lambda x: -x,
        ppf=lambda q: -xp.log1p(-q),
        isf=lambda q: -xp.log(q),
        lower=0.0,
    ),
    "logistic": Formulas(
        logpdf=lambda x: sp.log_expit(x) + sp.log_expit(-x),
        cdf=lambda x: sp.expit(x),
        sf=lambda x: sp.expit(-x),
        logcdf=lambda x: sp.log_expit(x),
        logsf=lambda x: sp.log_expit(-x),
        ppf=lambda q: sp.logit(q),
        isf=lambda q: -sp.logit(q),
    ),
    "poisson": Formulas(
        logpdf=lambda k, mu: sp.xlogy(k, mu) - sp.gammaln(k + 1) - mu,
        cdf=lambda k, mu: sp.gammaincc(xp.floor(k) + 1, mu),
        sf=lambda k, mu: sp.gammainc(xp.floor(k) + 1, mu),
        inside=1.0,
        lower=0.0,
        discrete=True,
    ),
}

# What SciPy calls the density of a discrete distribution.
_DENSITIES = {"pdf": "pdf", "logpdf": "logpdf", "pmf": "pdf", "logpmf": "logpdf"}
_PROBABILITIES = ("cdf", "sf", "logcdf", "logsf")
_INVERSES = ("ppf", "isf")


class Distribution:
    """What stands for a distribution of `scipy.stats`: the same methods, also of traced values."""

    def __init__(self, original: Any, formulas: Formulas) -> None:
        self.original = original
        self.formulas = formulas
        self.shapes = [name.strip() for name in (original.shapes or "").split(",") if name.strip()]

    def __repr__(self) -> str:
        return repr(self.original)

    def __call__(self, *args: Any, **kwargs: Any) -> Frozen:
        """The distribution with shapes, location and scale held."""
        return Frozen(self, args, kwargs)

    freeze = __call__

    def __getattr__(self, name: str) -> Any:
        value = getattr(self.original, name)
        if name.startswith("_") or not callable(value):
            return value
        return _method(self, name, value)

    def parsed(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[list[Any], Any, Any]:
        """The shapes, the location and the scale of a call."""
        names = [*self.shapes, "loc"] + ([] if self.formulas.discrete else ["scale"])
        if len(args) > len(names) or not set(kwargs) <= set(names[len(args) :]):
            # SciPy says what is wrong.
            self.original._parse_args(*args, **kwargs)
        given = {"loc": 0.0, "scale": 1.0, **dict(zip(names, args, strict=False)), **kwargs}
        if not set(self.shapes) <= set(given):
            self.original._parse_args(*args, **kwargs)
        return [_array(given[name]) for name in self.shapes], _array(given["loc"]), _array(given["scale"])


def _array(x: Any) -> Any:
    return xp.asarray(x)


def of_constants(name: str, original: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """What SciPy's own method makes of constants."""
    if name == "rvs":
        affected("draws random numbers")
    return wrap(original(*plain(args), **plain(kwargs)))


def _method(distribution: Distribution, name: str, original: Any) -> Callable[..., Any]:
    """A method of a distribution, of constants SciPy's own."""

    @wraps(original)
    def method(*args: Any, **kwargs: Any) -> Any:
        if not any(map(resists, args)) and not any(map(resists, kwargs.values())):
            return of_constants(name, original, args, kwargs)
        if not args and name in (*_PROBABILITIES, *_INVERSES, *_DENSITIES):
            place = "q" if name in _INVERSES else "k" if distribution.formulas.discrete else "x"
            args = (kwargs.pop(place),)
        if name in _DENSITIES and hasattr(distribution.original, name):
            return _density(distribution, _DENSITIES[name], args[0], args[1:], kwargs)
        if name in _PROBABILITIES:
            return _probability(distribution, name, args[0], args[1:], kwargs)
        if name in _INVERSES and getattr(distribution.formulas, name) is not None:
            return _quantile(distribution, name, args[0], args[1:], kwargs)
        raise missing_rule(f"scipy.stats.{distribution.original.name}.{name}")

    return method


def _standardised(distribution: Distribution, x: Any, args: Any, kwargs: Any) -> tuple[Any, Any, Any, Any]:
    """x less the location over the scale, the shapes, the scale, and where these make no distribution."""
    shapes, loc, scale = distribution.parsed(args, kwargs)
    z = (_array(x) - loc) / scale
    wrong = xp.isnan(z) | ~(scale > 0)
    for shape in shapes:
        # A rate of 0 is a distribution, too: all mass is at 0.
        wrong = wrong | ~((shape >= 0) if distribution.formulas.discrete else (shape > 0))
    return z, [_unless(~(shape > 0), 1.0, shape) for shape in shapes], scale, wrong


def _unless(condition: Any, exception: Any, result: Any) -> Any:
    """A result, and something else where a condition holds; one that is known to hold nowhere takes no step."""
    known = condition._peek() if isinstance(condition, Handle) else condition
    known_false = type(known) in (np.ndarray, np.bool_) and not known.any()
    if known_false and np.broadcast_shapes(known.shape, result.shape) == tuple(result.shape):
        return result
    return xp.where(condition, exception, result)


def _density(distribution: Distribution, name: str, x: Any, args: Any, kwargs: Any) -> Any:
    formulas = distribution.formulas
    z, shapes, scale, wrong = _standardised(distribution, x, args, kwargs)
    held = (z >= formulas.lower) & (z <= formulas.upper) & ~wrong
    if formulas.discrete:
        held = held & (xp.floor(z) == z)
    inner = _unless(~held, formulas.inside, z)
    safe = _unless(~(scale > 0), 1.0, scale)
    if name == "pdf":
        density = xp.exp(formulas.logpdf(inner, *shapes)) if formulas.pdf is None else formulas.pdf(inner, *shapes)
        result, outside = density / safe, 0.0
    else:
        result, outside = formulas.logpdf(inner, *shapes) - xp.log(safe), -math.inf
    return _unless(wrong, math.nan, _unless(~held, outside, result))[()]


def _probability(distribution: Distribution, name: str, x: Any, args: Any, kwargs: Any) -> Any:
    formulas = distribution.formulas
    z, shapes, _, wrong = _standardised(distribution, x, args, kwargs)
    below, above = z < formulas.lower, z >= formulas.upper
    inner = _unless(below | above | wrong, formulas.inside, z)
    plain_name = name.removeprefix("log")
    formula = getattr(formulas, name)
    if formula is None:
        result = xp.log(getattr(formulas, plain_name)(inner, *shapes))
    else:
        result = formula(inner, *shapes)
    none, all_ = (-math.inf, 0.0) if name.startswith("log") else (0.0, 1.0)
    if plain_name == "sf":
        none, all_ = all_, none
    return _unless(wrong, math.nan, _unless(below, none, _unless(above, all_, result)))[()]


def _quantile(distribution: Distribution, name: str, q: Any, args: Any, kwargs: Any) -> Any:
    shapes, loc, scale = distribution.parsed(args, kwargs)
    wrong = ~(scale > 0)
    for shape in shapes:
        wrong = wrong | ~(shape > 0)
    probability = _array(q)
    held = (probability > 0) & (probability < 1) & ~wrong
    shapes = [xp.where(shape > 0, shape, 1.0) for shape in shapes]
    inner = getattr(distribution.formulas, name)(xp.where(held, probability, 0.5), *shapes) * scale + loc
    # At the ends of the support SciPy knows the value, which varies with the location and the scale alone.
    lowest, highest = (
        (distribution.formulas.lower, distribution.formulas.upper)
        if name == "ppf"
        else (distribution.formulas.upper, distribution.formulas.lower)
    )
    ends = xp.where(probability == 0, lowest * scale + loc, xp.where(probability == 1, highest * scale + loc, math.nan))
    return xp.where(wrong, math.nan, xp.where(held, inner, ends))[()]


class Frozen:
    """A distribution with shapes, location and scale held."""

    def __init__(self, distribution: Distribution, args: tuple[Any, ...], kwds: dict[str, Any]) -> None:
        distribution.parsed(args, kwds)
        self.dist = distribution
        self.args = args
        self.kwds = kwds

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.dist, name)
        if not callable(method):
            return method

        @wraps(method)
        def held(*args: Any, **kwargs: Any) -> Any:
            if name in (*_DENSITIES, *_PROBABILITIES, *_INVERSES):
                if not args:
                    place = "q" if name in _INVERSES else "k" if self.dist.formulas.discrete else "x"
                    args = (kwargs.pop(place),)
                return method(*args, *self.args, **self.kwds)
            if name == "moment":
                return method(*args, *self.args, **self.kwds, **kwargs)
            return method(*self.args, *args, **self.kwds, **kwargs)

        return held


_BY_CLASS: dict[type, Distribution] = {}
for _name, _formulas in FORMULAS.items():
    _original = getattr(stats, _name)
    _BY_CLASS[type(_original)] = FUNCTIONS[_original] = Distribution(_original, _formulas)


def _frozen(original: Any) -> Any:
    """What stands for a distribution that was frozen outside of the differentiated function."""
    distribution = _BY_CLASS.get(type(original.dist))
    return original if distribution is None else Frozen(distribution, original.args, original.kwds)


for _kind in (type(stats.norm()), type(stats.poisson(1.0))):
    CONVERSIONS[_kind] = _frozen
