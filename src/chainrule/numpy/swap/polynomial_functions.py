"""`numpy.polynomial` in opened code: its functions are opened, but for those that leave out what is zero.

They drop the last coefficients of a series that are 0, and take a slope or a single coefficient of 0 for none at all.
One that carries a derivative is 0 here and not close by, so it stays: a series may then end in zeros where plain NumPy
cuts them off, which changes none of its values. Roots and quotients, which change at once with the degree, are refused.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from types import FunctionType
from typing import Any

import numpy as np

import chainrule.numpy as namespace
from chainrule.errors import NoRuleError
from chainrule.graph.position import describe, here
from chainrule.numpy.handle import Handle, lanes, look
from chainrule.numpy.operands import holds_handles, is_traced

PACKAGE = "numpy.polynomial"
_BASES = "poly cheb leg herm herme lag".split()

# Typed as anything: it finds its names when they are asked for.
xp: Any = namespace


def stand_in(function: FunctionType, opened: Callable[[], Callable[..., Any]]) -> Callable[..., Any] | None:
    """What stands for a function of the package, over the function itself opened; None if nothing does."""
    form = _FORMS.get(function.__name__)
    if form is None or not (function.__globals__.get("__name__") or "").startswith(PACKAGE):
        return None
    return partial(form, opened())


def _trimmed(trimseq: Callable[[Any], Any], seq: Any) -> Any:
    """A series without the zeros at its end, if it is constant."""
    return seq if _carries(seq) else trimseq(seq)


def _line(line: Callable[[Any, Any], Any], off: Any, scl: Any) -> Any:
    """The series of off + scl x: linear in its slope, also where that is 0."""
    if not is_traced(scl):
        return line(off, scl)
    return xp.concatenate((line(off, 0.0), np.zeros(1))) + scl * line(0.0, 1.0)


def _of_series(function: Callable[..., Any], c: Any, *args: Any, **kwargs: Any) -> Any:
    """The product with x, or the integral, of a series: one of a single coefficient has a second one, of 0."""
    if _carries(c):
        axis = kwargs.get("axis", args[4] if len(args) > 4 else 0)
        c = xp.array(c, ndmin=1)
        if c.shape[axis] == 1:
            c = xp.concatenate((c, xp.zeros_like(c)), axis=axis)
    return function(c, *args, **kwargs)


def _roots(roots: Callable[[Any], Any], c: Any) -> Any:
    """The zeros of a series of known degree."""
    if _may_be_shorter(c):
        raise NoRuleError(_advice("the roots of a series have", "one of them goes to infinity"))
    return roots(c)


def _divided(div: Callable[[Any, Any], Any], c1: Any, c2: Any) -> Any:
    """Quotient and remainder by a series of known degree."""
    if _may_be_shorter(c2):
        # Of this kind, since operators of series hide all others.
        raise ZeroDivisionError(_advice("a quotient of series has", "its length changes"))
    return div(c1, c2)


def _may_be_shorter(c: Any) -> bool:
    """Whether the last coefficient is 0, and carries a derivative."""
    return _carries(c) and bool(look(xp.array(c, ndmin=1)[-1] == 0))


def _advice(subject: str, why: str) -> str:
    return (
        f"{subject} no derivative where the last coefficient is 0 and carries one, since {why}.{describe(here())}\n"
        "  Leave that coefficient out, `c[:-1]`, or hold it constant, `cr.stop_gradient(c)`."
    )


def _formatted(format_float: Callable[..., str], x: Any, *args: Any, **kwargs: Any) -> str:
    """A number as text."""
    return format_float(lanes(x._peek()) if isinstance(x, Handle) else x, *args, **kwargs)


def _carries(c: Any) -> bool:
    """Whether a series, or a coefficient of it, carries a derivative."""
    return is_traced(c) or (isinstance(c, (list, tuple)) and holds_handles(c))


# By name, how a function is opened.
_FORMS: dict[str, Callable[..., Any]] = {
    "trimseq": _trimmed,
    "format_float": _formatted,
    **{f"{base}line": _line for base in _BASES},
    **{f"{base}{what}": _of_series for base in _BASES for what in ("mulx", "int")},
    **{f"{base}roots": _roots for base in _BASES},
    **{f"{base}div": _divided for base in _BASES},
}
