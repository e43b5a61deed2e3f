"""Functions that are differentiated by what they do: NumPy's, and those that programs make of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from chainrule.api.bridging import HANDLES, Run, pushed, without_constants
from chainrule.api.single_operations import elementwise_op, pulled_through
from chainrule.interop.autograd.statements import primitive_jvps, primitive_vjps, stated
from chainrule.interop.autograd.tracer import (
    BOX,
    PLAIN,
    PLAIN_TYPES,
    call_boxed,
    nature_of,
    recorded,
    rules_of,
    trace_primitives_map,
)
from chainrule.interop.autograd.util import subvals


def followed(
    f_raw: Callable[..., Any],
    ours: Callable[..., Any] | None = None,
    find: Callable[[], Callable[..., Any]] | None = None,
) -> Callable[..., Any]:
    """A function that is differentiated by what it does: `f_raw` for plain arguments, `ours` for handles.

    Ours may also be found by `find`, when it is called first.
    """
    if ours is None:
        assert find is not None

        def first_call(*args: Any, **kwargs: Any) -> Any:
            return found()(*args, **kwargs)

        ours = first_call

    def found() -> Callable[..., Any]:
        nonlocal ours, find
        look = find
        if look is not None:
            ours = look()
            find = None
        assert ours is not None
        return ours

    def f_wrapped(*args: Any, **kwargs: Any) -> Any:
        nature = PLAIN
        for arg in args:
            if type(arg) not in PLAIN_TYPES:
                nature = max(nature, nature_of(arg))
        if kwargs:
            for arg in kwargs.values():
                if type(arg) not in PLAIN_TYPES:
                    nature = max(nature, nature_of(arg))
        if nature == PLAIN:
            return f_raw(*args, **kwargs)
        if nature == BOX and any(map(_is_boxed, args)):
            return call_boxed(f_wrapped, args, kwargs)
        if f_wrapped in stated:
            return recorded(f_wrapped, args, kwargs)
        result = ours(*args, **kwargs)
        kind = type(result)
        if kind in HANDLES:
            return result if result._is_traced() else without_constants(result)
        if kind is list or kind is tuple:
            return kind(map(without_constants, result))
        return result

    f_wrapped.__name__ = getattr(f_raw, "__name__", type(f_raw).__name__)
    f_wrapped.__qualname__ = f_wrapped.__name__
    f_wrapped.__doc__ = f_raw.__doc__

    def derived_vjp(argnums: Sequence[int], ans: Any, args: Any, kwargs: Any) -> Callable[[Any], Any]:
        op = elementwise_op(found())

        def vjp(g: Any) -> Any:
            if op is not None and not kwargs:
                x_bars = pulled_through(op, argnums, g, ans, args)
                if x_bars is not None:
                    return x_bars
            return pulled_back(ours_or_raw, argnums, kwargs, g, *args)

        return vjp

    def derived_jvp(argnums: Sequence[int], gs: Any, ans: Any, args: Any, kwargs: Any) -> Any:
        return pushed_forward(ours_or_raw, argnums, kwargs, list(gs), *args)

    def ours_or_raw(*args: Any, **kwargs: Any) -> Any:
        return (found() if any(map(nature_of, args)) else f_raw)(*args, **kwargs)

    f_wrapped.fun = f_raw  # type: ignore[attr-defined]  # as autograd's primitives have it
    f_wrapped._rules = lambda: rules_of(f_wrapped)  # type: ignore[attr-defined]
    f_wrapped._is_autograd_primitive = True  # type: ignore[attr-defined]
    primitive_vjps.derive(f_wrapped, derived_vjp)
    primitive_jvps.derive(f_wrapped, derived_jvp)

    # What cannot be hashed cannot be looked up either.
    with suppress(TypeError):
        trace_primitives_map[f_raw] = f_wrapped
    return f_wrapped


def followed_by_itself(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function that is differentiated by what it does, for plain arguments and for handles the same."""
    return followed(function, function)


def _is_boxed(x: Any) -> bool:
    return nature_of(x) == BOX


def _pulled_back(fun: Any, argnums: Sequence[int], kwargs: dict[str, Any], g: Any, *args: Any) -> Any:
    picked = tuple(_unless_boolean(args[argnum]) for argnum in argnums)
    run = Run(lambda xs: fun(*subvals(args, zip(argnums, xs, strict=True)), **kwargs), picked)
    return run.pull(g)


def _unless_boolean(x: Any) -> Any:
    return x.astype(float) if getattr(x, "dtype", None) == np.bool_ else x


def _pushed_forward(fun: Any, argnums: Sequence[int], kwargs: dict[str, Any], gs: Any, *args: Any) -> Any:
    picked = tuple(args[argnum] for argnum in argnums)
    _, y_dot, _ = pushed(lambda xs: fun(*subvals(args, zip(argnums, xs, strict=True)), **kwargs), picked, tuple(gs))
    return y_dot


# The derivatives of a function that is followed: of its arguments and the cotangent, differentiable in turn.
pulled_back = followed(_pulled_back, _pulled_back)
pushed_forward = followed(_pushed_forward, _pushed_forward)
