"""Distributions of `scipy.stats` of one variable: objects for traced values. Constants go to SciPy as they are."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from scipy import stats

from chainrule.numpy.effects import affected
from chainrule.numpy.front_ends import CONVERSIONS
from chainrule.numpy.handle import wrap
from chainrule.numpy.operands import any_resists, plain
from chainrule.numpy.table import FUNCTIONS
from chainrule.scipy.standard_forms import STANDARD_FORMS, StandardForm
from chainrule.scipy.standardisation import arguments, density, probability, quantile
from chainrule.transforms.reverse import missing_rule

# What answers each method, and by which formula. SciPy has other names for the density of a discrete distribution.
_ANSWERS: dict[str, tuple[Callable[..., Any], str]] = {
    **{name: (density, name) for name in ("pdf", "logpdf")},
    **{"pmf": (density, "pdf"), "logpmf": (density, "logpdf")},
    **{name: (probability, name) for name in ("cdf", "sf", "logcdf", "logsf")},
    **{name: (quantile, name) for name in ("ppf", "isf")},
}


class Distribution:
    """What stands for a distribution of `scipy.stats`: the same methods, also of traced values."""

    def __init__(self, original: Any, form: StandardForm) -> None:
        self.original = original
        self.form = form
        self.shapes = [name.strip() for name in (original.shapes or "").split(",") if name.strip()]
        self.names = (*self.shapes, "loc") if form.discrete else (*self.shapes, "loc", "scale")

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
        method = _method(self, name, value)
        if name in _ANSWERS:
            # The next look-up does not come here.
            self.__dict__[name] = method
        return method

    def parameters(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, Any, Any]:
        """The shapes, the location and the scale of a call."""
        count = len(self.shapes)
        if kwargs or not count <= len(args) <= len(self.names):
            return self._named_parameters(args, kwargs)
        return (
            args[:count],
            args[count] if len(args) > count else 0.0,
            args[count + 1] if len(args) > count + 1 else 1.0,
        )

    def _named_parameters(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, Any, Any]:
        names = self.names
        if len(args) > len(names) or not set(kwargs) <= set(names[len(args) :]):
            # SciPy says what is wrong.
            self.original._parse_args(*args, **kwargs)
        given = {"loc": 0.0, "scale": 1.0, **dict(zip(names, args, strict=False)), **kwargs}
        if not set(self.shapes) <= set(given):
            self.original._parse_args(*args, **kwargs)
        return tuple(given[name] for name in self.shapes), given["loc"], given["scale"]


def of_constants(name: str, original: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """What SciPy's own method makes of constants."""
    if name == "rvs":
        affected("draws random numbers")
    return wrap(original(*plain(args), **plain(kwargs)))


def _method(distribution: Distribution, name: str, original: Any) -> Callable[..., Any]:
    """A method of a distribution, of constants SciPy's own."""
    form = distribution.form
    answer, formula = _ANSWERS.get(name, (None, ""))
    if answer is quantile and getattr(form, name) is None:
        answer = None

    @wraps(original)
    def method(*args: Any, **kwargs: Any) -> Any:
        if not any_resists(args, kwargs):
            return of_constants(name, original, args, kwargs)
        if answer is None:
            raise missing_rule(f"scipy.stats.{distribution.original.name}.{name}")
        x = args[0] if args else kwargs.pop(_place(distribution, name))
        return answer(form, formula, arguments(x, *distribution.parameters(args[1:], kwargs)))

    return method


def _place(distribution: Distribution, name: str) -> str:
    """What SciPy calls the argument that a method of a distribution is asked about."""
    return "q" if _ANSWERS[name][0] is quantile else "k" if distribution.form.discrete else "x"


class Frozen:
    """A distribution with shapes, location and scale held."""

    def __init__(self, distribution: Distribution, args: tuple[Any, ...], kwds: dict[str, Any]) -> None:
        distribution.parameters(args, kwds)
        self.dist = distribution
        self.args = args
        self.kwds = kwds

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.dist, name)
        if not callable(method):
            return method

        @wraps(method)
        def held(*args: Any, **kwargs: Any) -> Any:
            if name in _ANSWERS:
                if not args:
                    args = (kwargs.pop(_place(self.dist, name)),)
                return method(*args, *self.args, **self.kwds)
            if name == "moment":
                return method(*args, *self.args, **self.kwds, **kwargs)
            return method(*self.args, *args, **self.kwds, **kwargs)

        return held


_BY_CLASS: dict[type, Distribution] = {}
for _name, _form in STANDARD_FORMS.items():
    _original = getattr(stats, _name)
    _BY_CLASS[type(_original)] = FUNCTIONS[_original] = Distribution(_original, _form)


def _frozen(original: Any) -> Any:
    """What stands for a distribution that was frozen outside of the differentiated function."""
    distribution = _BY_CLASS.get(type(original.dist))
    return original if distribution is None else Frozen(distribution, original.args, original.kwds)


for _kind in (type(stats.norm()), type(stats.poisson(1.0))):
    CONVERSIONS[_kind] = _frozen
