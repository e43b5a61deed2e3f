"""Nested containers of arrays as one flat vector, and back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import chainrule.interop.autograd.numpy as np
from chainrule.interop.autograd.builtins import type
from chainrule.interop.autograd.core import make_vjp


def flatten(value: Any) -> tuple[Any, Callable[[Any], Any]]:
    """Flatten a nesting of lists, tuples and dicts (by sorted keys) of arrays and numbers.

    Returns
    -------
    flat, unflatten
        The vector, and the function that makes a nesting like `value` of such a vector.
    """
    unflatten, flat = make_vjp(_flatten, value)
    return flat, unflatten


def _flatten(value: Any) -> Any:
    kind = type(value)
    if kind in (list, tuple):
        return _concatenate(map(_flatten, value))
    if kind is dict:
        return _concatenate(_flatten(value[key]) for key in sorted(value))
    return np.ravel(value)


def _concatenate(parts: Iterable[Any]) -> Any:
    parts = list(parts)
    return np.concatenate(parts) if parts else np.array([])


def flatten_func(func: Callable[..., Any], example: Any) -> tuple[Callable[..., Any], Callable[[Any], Any], Any]:
    """A function of nestings as one of vectors, how to unflatten those, and the flat example."""
    flat_example, unflatten = flatten(example)
    return lambda x, *args: flatten(func(unflatten(x), *args))[0], unflatten, flat_example
