"""`math` and `cmath` in opened code: NumPy's functions of what carries a derivative, their own of numbers.

Each call evaluates the original first, so that what `math` refuses (`math.log(0.0)`, `math.sqrt(-1.0)`) is refused with
its own error. Results are in double precision, as those of `math` are.
"""

from __future__ import annotations

import cmath
import functools
import math
from collections.abc import Callable, Iterable
from contextlib import suppress
from types import ModuleType
from typing import Any

import numpy as np

import chainrule.numpy as namespace
from chainrule import ops
from chainrule.errors import LanesDisagreeError
from chainrule.numpy.handle import Handle, look, wrap
from chainrule.numpy.operands import is_traced, resists
from chainrule.numpy.python_numbers import as_number
from chainrule.numpy.swap.numbers import to_complex, to_float
from chainrule.transforms.reverse import missing_rule

# Functions that are NumPy's of the same name, and those that have another name there.
_SAME_NAMES = """
    cbrt copysign cos cosh degrees exp exp2 expm1 fmod log10 log1p log2 nextafter radians sin sinh sqrt tan tanh
""".split()
_OTHER_NAMES = {
    "acos": "arccos",
    "acosh": "arccosh",
    "asin": "arcsin",
    "asinh": "arcsinh",
    "atan": "arctan",
    "atan2": "arctan2",
    "atanh": "arctanh",
    "pow": "power",
    "fabs": "absolute",
    "phase": "angle",
}
_NUMPY_NAMES = {**{name: name for name in _SAME_NAMES}, **_OTHER_NAMES}

# What is piecewise constant is a look, whose derivative is zero by nature.
_LOOKS = frozenset("ceil floor trunc isclose isfinite isinf isnan comb factorial gcd isqrt lcm perm".split())

# How many of the first arguments are iterables.
_ITERABLES = {"dist": 2, "fsum": 1, "prod": 1, "sumprod": 2}


# Functions of one argument that say less of it than its value.
_RECORDED_LOOKS: dict[str, Callable[..., Any]] = {
    "ceil": lambda np, x: int(np.ceil(x)),
    "floor": lambda np, x: int(np.floor(x)),
    "trunc": lambda np, x: int(np.trunc(x)),
    "isfinite": lambda np, x: bool(np.isfinite(x)),
    "isinf": lambda np, x: bool(np.isinf(x)),
    "isnan": lambda np, x: bool(np.isnan(x)),
}


def hypot(*coordinates: Any) -> Any:
    """√(Σ xᵢ²), without overflow in between."""
    return functools.reduce(namespace.hypot, coordinates) if len(coordinates) > 1 else abs(coordinates[0])


def dist(p: Iterable[Any], q: Iterable[Any]) -> Any:
    """|p - q|."""
    return hypot(*(to_float(x) - to_float(y) for x, y in zip(p, q, strict=True)))


def log(x: Any, *base: Any) -> Any:
    """The natural logarithm, or ln x / ln b."""
    return namespace.log(x) / namespace.log(base[0]) if base else namespace.log(x)


def fsum(terms: Iterable[Any]) -> Any:
    """Σ xᵢ, rounded once."""
    terms = [to_float(term) for term in terms]
    return _exactly(functools.reduce(lambda total, term: total + term, terms), lambda: math.fsum(map(_looked, terms)))


def prod(terms: Iterable[Any], *, start: Any = 1) -> Any:
    """Π xᵢ, times a first factor."""
    return functools.reduce(lambda product, term: product * term, terms, start)


def sumprod(p: Iterable[Any], q: Iterable[Any]) -> Any:
    """Σ pᵢ qᵢ."""
    return functools.reduce(lambda total, term: total + term, [x * y for x, y in zip(p, q, strict=True)])


def fma(x: Any, y: Any, z: Any) -> Any:
    """Return x y + z, rounded once."""
    return _exactly(x * y + z, lambda: getattr(math, "fma")(_looked(x), _looked(y), _looked(z)))  # noqa: B009  # since 3.13


def remainder(x: Any, y: Any) -> Any:
    """Return x - n y with the integer n nearest to x / y, the even one of two."""
    n = namespace.rint(x / y)
    # For an infinite y the quotient is zero, and nothing is taken off.
    return _exactly(x - n * y if namespace.any(n != 0) else x, lambda: math.remainder(_looked(x), _looked(y)))


def modf(x: Any) -> tuple[Any, Any]:
    """The fractional and the whole part, both with the sign of x."""
    whole = namespace.trunc(x)
    infinite = namespace.isinf(x)
    fraction = x - namespace.where(infinite, 0.0, whole)
    return namespace.where(infinite, namespace.copysign(0.0, x), fraction)[()], whole


def frexp(x: Any) -> tuple[Any, int]:
    """x = m 2ᵉ with 1/2 ≤ |m| < 1."""
    _, exponent = math.frexp(_looked(x))
    return ldexp(x, -exponent), exponent


def ldexp(x: Any, exponent: int) -> Any:
    """Return x 2ᵉ; in two steps, since 2ᵉ alone may overflow."""
    half = exponent // 2
    return x * 2.0**half * 2.0 ** (exponent - half)


def polar(z: Any) -> tuple[Any, Any]:
    """The modulus and the phase."""
    return abs(z), namespace.angle(z)


def rect(r: Any, phi: Any) -> Any:
    """Return r (cos φ + i sin φ)."""
    return to_complex(r * namespace.cos(phi), r * namespace.sin(phi))


def of_op(name: str) -> Callable[[Any], Any]:
    """A function that NumPy does not have, by the name of its op."""
    return lambda x: wrap(getattr(ops, name)(x._read()))


_FORMS: dict[str, Callable[..., Any]] = {
    form.__name__: form
    for form in (dist, fma, frexp, fsum, hypot, ldexp, log, modf, polar, prod, rect, remainder, sumprod)
}
_FORMS |= {"erf": of_op("erf"), "erfc": of_op("erfc"), "gamma": of_op("gamma"), "lgamma": of_op("gammaln")}

# Forms that take real numbers in `cmath`, and arguments as they are.
_REAL_FORMS = frozenset(("rect",))
_AS_GIVEN = frozenset((*_ITERABLES, "ldexp"))


def _stand_in(module: ModuleType, name: str) -> Callable[..., Any]:
    original = getattr(module, name)
    count = _ITERABLES.get(name, 0)
    form = _FORMS.get(name) or getattr(namespace, _NUMPY_NAMES.get(name, ""), None)
    convert: Any = to_complex if module is cmath and name not in _REAL_FORMS else to_float

    @functools.wraps(original)
    def function(*args: Any, **kwargs: Any) -> Any:
        args = (*(x if isinstance(x, Handle) else tuple(x) for x in args[:count]), *args[count:])
        traced = any(map(is_traced, args)) or any(map(is_traced, kwargs.values()))
        if traced and not kwargs and len(args) == 1 and (test := _RECORDED_LOOKS.get(name)) is not None:
            # Not the number itself, which others may have another one of with the same answer.
            return test(namespace, *args)
        if not traced or name in _LOOKS:
            return original(*map(_looked, args), **{key: _looked(x) for key, x in kwargs.items()})
        if form is None:
            raise missing_rule(f"{module.__name__}.{name}")
        given = args
        recorded = not any(map(resists, (*args, *kwargs.values())))
        if not recorded or module is cmath:
            # The lanes of a batch are computed at once; where `math` would raise, there is NumPy's nan.
            with suppress(LanesDisagreeError):
                original(*map(_looked, args), **{key: _looked(x) for key, x in kwargs.items()})
        if name not in _AS_GIVEN:
            args = tuple(map(convert, args))
        elif name == "ldexp":
            args = (to_float(args[0]), int(args[1]))
        if not recorded or module is cmath:
            return form(*args, **kwargs)
        with np.errstate(all="ignore"):
            result = form(*args, **kwargs)
        if count or kwargs or not isinstance(result, Handle):
            original(*map(_looked, given), **{key: _looked(x) for key, x in kwargs.items()})
        elif bool(_may_be_refused(result, args)):
            return original(*map(_looked, given))
        return as_number(result, float)

    return function


def _may_be_refused(result: Any, args: tuple[Any, ...]) -> Any:
    """Whether `math` may raise: the result is no finite number, and the arguments are."""
    regular = namespace.isfinite(result)
    for x in args:
        regular = namespace.logical_or(regular, namespace.isnan(x))
    return namespace.logical_not(regular)


def _looked(x: Any) -> Any:
    """What Python sees of an argument."""
    if isinstance(x, Handle):
        return look(x._peek())[()]
    return tuple(map(_looked, x)) if isinstance(x, tuple) else x


def _exactly(result: Any, evaluate: Callable[[], Any]) -> Any:
    """A result with the value that the original gives, which rounds less often."""
    try:
        difference = evaluate() - _looked(result)
    except LanesDisagreeError:
        return result
    return result + difference if difference and math.isfinite(difference) else result


def _module(original: ModuleType) -> ModuleType:
    made = ModuleType(original.__name__, original.__doc__)
    for name, value in vars(original).items():
        if not name.startswith("_"):
            setattr(made, name, _stand_in(original, name) if callable(value) else value)
    return made


# What stands for the modules, and for each of their functions.
MODULES: dict[ModuleType, ModuleType] = {math: _module(math), cmath: _module(cmath)}
FUNCTIONS: dict[Any, Callable[..., Any]] = {
    value: getattr(stand_in, name)
    for module, stand_in in MODULES.items()
    for name, value in vars(module).items()
    if callable(value) and not name.startswith("_")
}
