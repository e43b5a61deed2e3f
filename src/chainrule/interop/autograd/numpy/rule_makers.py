"""Makers of rules for functions that are followed, as `defvjp` and `defjvp` take them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chainrule.interop.autograd.following import pulled_back, pushed_forward


def pull_of(function: Any, argnum: int = 0) -> Callable[..., Any]:
    """The maker of the pull of one of NumPy's functions for one of its arguments, as `defvjp` takes it."""

    def maker(ans: Any, *args: Any, **kwargs: Any) -> Callable[[Any], Any]:
        return lambda g: pulled_back(function, (argnum,), kwargs, g, *args)[0]

    return maker


def pull_of_each(function: Any) -> Callable[..., Any]:
    """`pull_of` any of the arguments, the number of which comes first."""

    def maker(argnum: int, ans: Any, *args: Any, **kwargs: Any) -> Callable[[Any], Any]:
        return lambda g: pulled_back(function, (argnum,), kwargs, g, *args)[0]

    return maker


def pull_by_argnum(function: Any) -> Callable[..., Any]:
    """The maker of the pull of one of NumPy's functions, as `defvjp_argnum` takes it."""

    def maker(argnum: int, ans: Any, args: Any, kwargs: Any) -> Callable[[Any], Any]:
        return lambda g: pulled_back(function, (argnum,), kwargs, g, *args)[0]

    return maker


def push_of(function: Any) -> Callable[..., Any]:
    """The push of the first argument of one of NumPy's functions, as `defjvp` takes it."""

    def push(g: Any, ans: Any, *args: Any, **kwargs: Any) -> Any:
        return pushed_forward(function, (0,), kwargs, [g], *args)

    return push
