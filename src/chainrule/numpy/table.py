"""The table of NumPy's functions: which of ours stands for each, and what happens to those without one.

A function enters the table with `@implements(np.sum)`, which is all that `np.sum` needs, on a handle (through NumPy's
protocol) and inside a differentiated function (through the namespace).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from typing import Any

import numpy as np

from chainrule.numpy.foreign_arrays import by_own_protocol
from chainrule.numpy.handle import Array, Handle, wrap
from chainrule.numpy.homes import load_family
from chainrule.numpy.operands import plain, resists
from chainrule.transforms.reverse import missing_rule


class _Functions(dict[Any, Callable[..., Any]]):
    """Ours by NumPy's; a family of functions is loaded when one of them is asked for."""

    def __missing__(self, original: Any) -> Callable[..., Any]:
        found = function_of(original)
        if found is None:
            raise KeyError(original)
        return found


FUNCTIONS = _Functions()


def function_of(original: Any) -> Callable[..., Any] | None:
    """Our function for one of NumPy's; None if there is none."""
    found = FUNCTIONS.get(original)
    if found is None and load_family(original):
        found = FUNCTIONS.get(original)
    return found


def implements(*originals: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Put a function into the table, for one of NumPy's functions or several names of it."""

    def enter(function: Callable[..., Any]) -> Callable[..., Any]:
        for original in originals:
            FUNCTIONS[original] = function
        if function.__doc__ is None:
            function.__doc__ = originals[0].__doc__
        return function

    return enter


@cache
def without_rule(original: Any) -> Callable[..., Any]:
    """A function that NumPy computes for constants, and that is refused for traced values."""

    @wraps(original)
    def constant_only(*args: Any, **kwargs: Any) -> Any:
        if any(map(resists, args)) or any(map(resists, kwargs.values())):
            raise missing_rule(name_of(original))
        return wrap(original(*plain(args), **plain(kwargs)))

    return constant_only


def name_of(original: Any) -> str:
    """What users call one of NumPy's functions."""
    module = getattr(original, "__module__", None) or "numpy"
    name = getattr(original, "__qualname__", None) or getattr(original, "__name__", str(original))
    return f"{module}.{name}".replace("numpy", "np", 1)


def array_function(self: Handle, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
    """NumPy's protocol for functions that are called with a handle."""
    return (FUNCTIONS.get(function) or function_of(function) or without_rule(function))(*args, **kwargs)


def array_ufunc(self: Handle, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
    """NumPy's protocol for universal functions that are called with a handle."""
    from chainrule.numpy.foreign_ufuncs import foreign
    from chainrule.numpy.ufuncs import entry_of

    result = by_own_protocol(ufunc, method, inputs, kwargs)
    if result is not NotImplemented:
        return result
    entry = FUNCTIONS.get(ufunc) or entry_of(ufunc) or foreign(ufunc)
    return entry(*inputs, **kwargs) if method == "__call__" else getattr(entry, method)(*inputs, **kwargs)


Handle.__array_function__ = array_function  # type: ignore[attr-defined]  # handles get their protocols here
Handle.__array_ufunc__ = array_ufunc  # type: ignore[attr-defined]

__all__ = ["FUNCTIONS", "Array", "function_of", "implements", "name_of", "without_rule"]
