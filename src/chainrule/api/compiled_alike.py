"""Transformations of compiled functions, which are compiled themselves."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast

from chainrule.api.compilation import Jitted

Transformation = TypeVar("Transformation", bound=Callable[..., Any])


def compiled_alike(transform: Transformation) -> Transformation:
    """Let a transformation of a compiled function give a compiled function: `grad(jit(f))` is `jit(grad(f))`."""

    @functools.wraps(transform)
    def transformation(f: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(f, Jitted):
            return f.transformed(lambda function: transform(function, *args, **kwargs))
        return transform(f, *args, **kwargs)

    return cast(Transformation, transformation)
