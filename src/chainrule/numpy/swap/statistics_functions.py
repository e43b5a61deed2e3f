"""`statistics` in opened code: sums, means and spreads of numbers that carry a derivative, its own functions of others.

Medians and quantiles need nothing: they compare and interpolate, in plain Python.
"""

from __future__ import annotations

import functools
import statistics
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from contextlib import suppress
from types import ModuleType
from typing import Any

import chainrule.numpy as namespace
from chainrule.errors import LanesDisagreeError
from chainrule.numpy.handle import Array, Handle, look
from chainrule.numpy.operands import is_traced, resists
from chainrule.numpy.python_numbers import as_number
from chainrule.numpy.swap.numbers import to_float

# Typed as anything: it finds its names when they are asked for.
xp: Any = namespace


def mean(data: Any) -> Any:
    """Σ x / n."""
    return xp.mean(data)


def fmean(data: Any, weights: Any = None) -> Any:
    """Σ w x / Σ w."""
    return xp.mean(data) if weights is None else xp.sum(weights * data) / xp.sum(weights)


def geometric_mean(data: Any) -> Any:
    """The n-th root of Π x."""
    return xp.exp(xp.mean(xp.log(data)))


def harmonic_mean(data: Any, weights: Any = None) -> Any:
    """Σ w / Σ (w / x)."""
    weights = xp.ones(len(data)) if weights is None else weights
    return xp.sum(weights) / xp.sum(weights / data)


def median_grouped(data: Any, interval: Any = 1.0) -> Any:
    """The median of numbers that stand for intervals around them, inside of which they lie evenly."""
    numbers = sorted(data)
    n = len(numbers)
    middle = numbers[n // 2]
    before = bisect_left(numbers, middle)
    equal = bisect_right(numbers, middle, lo=before) - before
    return middle - interval / 2 + interval * (n / 2 - before) / equal


def _squares(data: Any, centre: Any) -> Any:
    """Σ (x - c)²."""
    return xp.sum((data - (xp.mean(data) if centre is None else centre)) ** 2)


def pvariance(data: Any, mu: Any = None) -> Any:
    """Σ (x - μ)² / n."""
    return _squares(data, mu) / len(data)


def variance(data: Any, xbar: Any = None) -> Any:
    """Σ (x - x̄)² / (n - 1)."""
    return _squares(data, xbar) / (len(data) - 1)


def pstdev(data: Any, mu: Any = None) -> Any:
    """The root of `pvariance`."""
    return xp.std(data) if mu is None else xp.sqrt(pvariance(data, mu))


def stdev(data: Any, xbar: Any = None) -> Any:
    """The root of `variance`."""
    return xp.std(data, ddof=1) if xbar is None else xp.sqrt(variance(data, xbar))


def covariance(x: Any, y: Any) -> Any:
    """Σ (x - x̄) (y - ȳ) / (n - 1)."""
    return xp.sum((x - xp.mean(x)) * (y - xp.mean(y))) / (len(x) - 1)


def correlation(x: Any, y: Any, *, method: str = "linear") -> Any:
    """The covariance over both deviations."""
    x, y = x - xp.mean(x), y - xp.mean(y)
    return xp.sum(x * y) / xp.sqrt(xp.sum(x * x) * xp.sum(y * y))


def linear_regression(x: Any, y: Any, *, proportional: bool = False) -> Any:
    """The line with the least squares of distances, through the origin if `proportional`."""
    if proportional:
        return statistics.LinearRegression(xp.sum(x * y) / xp.sum(x * x), 0.0)
    centred = x - xp.mean(x)
    slope = xp.sum(centred * (y - xp.mean(y))) / xp.sum(centred * centred)
    return statistics.LinearRegression(slope, xp.mean(y) - slope * xp.mean(x))


_FORMS: dict[str, Callable[..., Any]] = {
    form.__name__: form
    for form in (
        correlation,
        covariance,
        fmean,
        geometric_mean,
        harmonic_mean,
        linear_regression,
        mean,
        median_grouped,
        pstdev,
        pvariance,
        stdev,
        variance,
    )
}


def _stand_in(form: Callable[..., Any]) -> Callable[..., Any]:
    original = getattr(statistics, form.__name__)

    @functools.wraps(original)
    def function(*args: Any, **kwargs: Any) -> Any:
        args = tuple(map(_listed, args))
        kwargs = {name: _listed(x) for name, x in kwargs.items()}
        given = (*args, *kwargs.values())

        def applied(f: Callable[..., Any], seen: Callable[[Any], Any]) -> Any:
            return f(*map(seen, args), **{name: seen(x) for name, x in kwargs.items()})

        # Ranks are piecewise constant.
        if not any(map(is_traced, given)) or kwargs.get("method", "linear") != "linear":
            return applied(original, _looked)
        if any(map(resists, given)):
            # What the original refuses, such as a mean of nothing, is refused with its own error.
            with suppress(LanesDisagreeError):
                applied(original, _looked)
        result = applied(form, _joined)
        return result if isinstance(result, tuple) else as_number(result, float)

    return function


def _listed(x: Any) -> Any:
    """What is iterated over once, as a list; a single number as it is."""
    if isinstance(x, Array):
        return list(x) if x.shape else x
    return list(x) if isinstance(x, Iterable) and not isinstance(x, (str, Handle)) else x


def _joined(x: Any) -> Any:
    """Numbers as one array in double precision."""
    return xp.stack([xp.asarray(to_float(item)) for item in x]) if isinstance(x, list) else x


def _looked(x: Any) -> Any:
    """What Python sees of an argument."""
    if isinstance(x, Handle):
        return look(x._peek())[()]
    return list(map(_looked, x)) if isinstance(x, list) else x


FUNCTIONS: dict[Any, Callable[..., Any]] = {getattr(statistics, name): _stand_in(form) for name, form in _FORMS.items()}


def _module() -> ModuleType:
    made = ModuleType(statistics.__name__, statistics.__doc__)
    for name, value in vars(statistics).items():
        if not name.startswith("_"):
            setattr(made, name, FUNCTIONS.get(value, value) if isinstance(value, type(mean)) else value)
    return made


# What stands for the module, and for each of these functions.
MODULES: dict[ModuleType, ModuleType] = {statistics: _module()}
