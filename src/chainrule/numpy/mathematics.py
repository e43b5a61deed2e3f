"""`math` and `cmath` inside a differentiated function: on traced scalars NumPy's functions, on numbers their own."""

from __future__ import annotations

import cmath
import functools
import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from chainrule.errors import NoRuleError
from chainrule.graph.position import describe, here
from chainrule.numpy.handle import Handle, look
from chainrule.trace import Value

# Functions of `math` under NumPy's names, where these differ.
_RENAMED = {
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
_SAME = (
    "ceil copysign cos cosh degrees exp exp2 expm1 floor fmod frexp hypot isfinite isinf isnan ldexp log log10 log1p "
    "log2 modf nextafter radians sin sinh sqrt cbrt tan tanh trunc prod dist fsum"
).split()


def _function(module: Any, name: str) -> Callable[..., Any]:
    original = getattr(module, name)

    @functools.wraps(original)
    def function(*args: Any) -> Any:
        if not any(isinstance(x, Handle) and type(x._peek()) is Value for x in args):
            return original(*(look(x._peek())[()] if isinstance(x, Handle) else x for x in args))
        import chainrule.numpy as namespace

        special = _SPECIAL.get(name)
        if special is not None:
            return special(namespace, *args)
        numpy_name = _RENAMED.get(name, name)
        if name not in _RENAMED and name not in _SAME:
            raise NoRuleError(
                f"`{module.__name__}.{name}` has no derivative rule.{describe(here())}\n"
                "  Evaluation works; only the derivative is missing.\n"
                "  To give it a rule: `@cr.custom`. To hold the value constant: `cr.stop_gradient(x)`."
            )
        return getattr(namespace, numpy_name)(*args)

    return function


def _log(namespace: Any, x: Any, base: Any = None) -> Any:
    return namespace.log(x) if base is None else namespace.log(x) / namespace.log(base)


def _hypot(namespace: Any, *coordinates: Any) -> Any:
    return functools.reduce(namespace.hypot, coordinates, 0.0) if len(coordinates) != 2 else namespace.hypot(*coordinates)


def _dist(namespace: Any, p: Any, q: Any) -> Any:
    return _hypot(namespace, *(a - b for a, b in zip(p, q, strict=True)))


def _whole(name: str) -> Callable[..., Any]:
    # These give integers in `math`: a look, whose derivative is zero by nature.
    return lambda namespace, x: getattr(math, name)(look(x._peek())[()])


_SPECIAL: dict[str, Callable[..., Any]] = {
    "log": _log,
    "hypot": _hypot,
    "dist": _dist,
    "floor": _whole("floor"),
    "ceil": _whole("ceil"),
    "trunc": _whole("trunc"),
    "isnan": _whole("isnan"),
    "isinf": _whole("isinf"),
    "isfinite": _whole("isfinite"),
    "fsum": lambda namespace, terms: functools.reduce(lambda a, b: a + b, terms, 0.0),
    "prod": lambda namespace, terms: functools.reduce(lambda a, b: a * b, terms, 1),
}


def _namespace(module: Any) -> dict[str, Any]:
    return {
        name: _function(module, name) if callable(value) else value
        for name, value in vars(module).items()
        if not name.startswith("_")
    }


globals().update(_namespace(math))
complex_functions = SimpleNamespace(**_namespace(cmath))
