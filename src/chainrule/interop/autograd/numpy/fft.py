"""`numpy.fft`: its functions, which follow derivatives."""

from __future__ import annotations

import functools
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


def _refusing_odd_lengths(function: Any, default_axes: Any) -> Any:
    @functools.wraps(function)
    def transform(a: Any, s: Any = None, axes: Any = default_axes, *args: Any, **kwargs: Any) -> Any:
        if isbox(a):
            last = s if isinstance(s, int) else s[-1] if s is not None else None
            if last is None:
                axis = kwargs.get("axis", axes)
                axis = axis if isinstance(axis, int) else axis[-1] if axis is not None else -1
                last = a.shape[axis]
            check_even_shape((kwargs.get("n") or last,))
        if isinstance(default_axes, int) and "axis" in kwargs:
            return function(a, s, *args, **kwargs)
        return function(a, s, axes, *args, **kwargs)

    return transform


for _name, _axes in (("rfft", -1), ("rfft2", (-2, -1)), ("rfftn", None)):
    globals()[_name] = _refusing_odd_lengths(globals()[_name], _axes)

__all__ = [*_np.fft.__all__, "check_even_shape", "check_no_repeated_axes", "match_complex"]
