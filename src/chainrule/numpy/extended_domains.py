"""`np.emath`: roots, logarithms and their kin that give complex numbers where the real functions are not defined.

Whether a result is complex is decided by looking at all numbers, of all lanes of a batch, as NumPy looks at the array.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.numpy.handle import wrap
from chainrule.numpy.operands import converted, value_of
from chainrule.numpy.table import implements
from chainrule.numpy.ufuncs import UFUNCS
from chainrule.transforms.looks import decide

_SINGLE = frozenset("?bBhHfeF")


def _complex_if(x: Any, outside: Callable[[Any], Any]) -> Any:
    """The numbers as complex ones if some real one is outside of the domain."""
    value = value_of(x)
    if value.dtype.kind != "c" and decide(outside, value):
        value = converted(value, np.complex64 if value.dtype.char in _SINGLE else np.complex128)
    return wrap(value)


def _below_zero(x: Any) -> Any:
    return x < 0


def _beyond_one(x: Any) -> Any:
    return np.abs(x) > 1


def _extended(name: str, outside: Callable[[Any], Any]) -> None:
    entry = UFUNCS[getattr(np, name)]

    def function(x: Any) -> Any:
        return entry(_complex_if(x, outside))

    original = getattr(np.emath, name)
    function.__name__, function.__doc__ = name, original.__doc__
    implements(original)(function)


for _name in ("sqrt", "log", "log2", "log10"):
    _extended(_name, _below_zero)
for _name in ("arccos", "arcsin", "arctanh"):
    _extended(_name, _beyond_one)


@implements(np.emath.logn)
def logn(n: Any, x: Any) -> Any:
    """The logarithm to the base n, complex if n or x has a number below 0."""
    log = UFUNCS[np.log]
    return log(_complex_if(x, _below_zero)) / log(_complex_if(n, _below_zero))


@implements(np.emath.power)
def power(x: Any, p: Any) -> Any:
    """x to the power p, complex if x has a number below 0; integers p below 0 are taken as floating-point numbers."""
    exponent = value_of(p)
    if exponent.dtype.kind in "iu" and decide(_below_zero, exponent):
        exponent = converted(exponent, np.float64)
    return UFUNCS[np.power](_complex_if(x, _below_zero), wrap(exponent))
