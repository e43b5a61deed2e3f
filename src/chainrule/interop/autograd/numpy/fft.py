"""`numpy.fft`: its functions, which follow derivatives."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Sequence
from typing import Any

import numpy as _np

from chainrule.interop.autograd.numpy.numpy_vjps import match_complex
from chainrule.interop.autograd.numpy.wrapping import public, wrap_namespace
from chainrule.interop.autograd.tracer import isbox

wrap_namespace(public(_np.fft), globals())


def check_even_shape(shape: Sequence[int]) -> None:
    """Refuse a real transform of odd length, as autograd does, whose programs may ask for the refusal."""
    if shape[-1] % 2:
        raise NotImplementedError(
            f"autograd does not differentiate a real transform of odd length ({shape[-1]}).\n"
            "  chainrule does: call NumPy's own function (`import numpy; numpy.fft.rfft(x)`)."
        )


def check_no_repeated_axes(axes: Sequence[int]) -> None:
    """Refuse a transform that takes an axis twice."""
    if len(set(axes)) != len(axes):
        raise NotImplementedError("a transform that takes an axis twice")


def _refusing_odd_lengths(function: Any) -> Any:
    signature = inspect.signature(function.fun)

    @functools.wraps(function)
    def transform(*args: Any, **kwargs: Any) -> Any:
        if args and isbox(args[0]):
            check_even_shape(_last_length(signature.bind(*args, **kwargs).arguments))
        return function(*args, **kwargs)

    return transform


def _last_length(arguments: dict[str, Any]) -> tuple[int, ...]:
    """How many entries are transformed along the last of the axes."""
    if arguments.get("n") is not None:
        return (arguments["n"],)
    if arguments.get("s") is not None:
        return (arguments["s"][-1],)
    axes = arguments.get("axes")
    return (arguments["a"].shape[arguments.get("axis", -1) if axes is None else axes[-1]],)


for _name in ("rfft", "rfft2", "rfftn"):
    globals()[_name] = _refusing_odd_lengths(globals()[_name])

__all__ = [*_np.fft.__all__, "check_even_shape", "check_no_repeated_axes", "match_complex"]
