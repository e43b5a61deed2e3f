"""Transformations of compiled functions, which are compiled themselves."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast

Transformation = TypeVar("Transformation", bound=Callable[..., Any])


class Compiled:
    """A function that was compiled, to those who transform it.

    What compiles stands apart (`compilation.py`): a program that never compiles does not wait for the compiler to load.
    """

    def transformed(self, transform: Callable[[Callable[..., Any]], Callable[..., Any]]) -> Compiled:
        """What a transformation makes of the function, compiled likewise."""
        raise NotImplementedError(f"{type(self).__name__} does not say what a transformation makes of it")


def compiled_alike(transform: Transformation) -> Transformation:
    """Let a transformation of a compiled function give a compiled function: `grad(jit(f))` is `jit(grad(f))`."""

    @functools.wraps(transform)
    def transformation(f: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(f, Compiled):
            return f.transformed(lambda function: transform(function, *args, **kwargs))
        return transform(f, *args, **kwargs)

    return cast(Transformation, transformation)
