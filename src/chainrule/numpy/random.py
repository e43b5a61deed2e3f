"""`np.random` inside differentiated functions: what is drawn is constant.

Generators that `default_rng` makes are NumPy's own, and so are the arrays that they draw.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as _numpy
from numpy import random as _original

from chainrule.errors import NoRuleError
from chainrule.graph.position import describe, here
from chainrule.numpy.handle import Array, fresh, wrap
from chainrule.numpy.operands import is_traced, plain


def _drawing(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def draw(*args: Any, **kwargs: Any) -> Any:
        if any(map(is_traced, args)) or any(map(is_traced, kwargs.values())):
            raise NoRuleError(
                f"`np.random.{name}` was given a value that carries a derivative, which no draw has."
                f"{describe(here())}\n"
                "  Draw from the standard distribution, and scale and shift what is drawn:\n"
                "  `mu + sigma * np.random.standard_normal(n)` for `np.random.normal(mu, sigma, n)`.\n"
                "  If no derivative is wanted, pass `cr.stop_gradient(x)`."
            )
        drawn = original(*plain(args), **plain(kwargs))
        return fresh(drawn) if type(drawn) is _numpy.ndarray else wrap(drawn)

    return draw


def shuffle(x: Any) -> None:
    """Rearrange an array along its first axis, in place; a traced one too, since the order is drawn."""
    if not isinstance(x, Array):
        _original.shuffle(x)
        return
    order = _numpy.arange(len(x))
    _original.shuffle(order)
    x[...] = x[fresh(order)]


def permutation(x: Any) -> Any:
    """The first numbers, or the slices of an array, in an order that is drawn."""
    if not isinstance(x, Array) or not x.ndim:
        return fresh(_original.permutation(plain(x)))
    return x[fresh(_original.permutation(len(x)))]


# What makes generators, or hands out or sets their state, as it is in NumPy.
_AS_THEY_ARE = frozenset({"default_rng", "get_bit_generator", "set_bit_generator", "get_state", "set_state", "test"})


def __getattr__(name: str) -> Any:
    value = getattr(_original, name)
    if callable(value) and not isinstance(value, type) and not name.startswith("_") and name not in _AS_THEY_ARE:
        # Kept as an attribute: the next look-up does not come here.
        value = globals()[name] = _drawing(name, value)
    return value


def __dir__() -> list[str]:
    return sorted(set(dir(_original)))
