"""`numpy.fft`: its functions, which follow derivatives."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as _np

from chainrule.api.bridging import counterpart_of
from chainrule.interop.autograd.core import defvjp, vspace
from chainrule.interop.autograd.following import followed
from chainrule.interop.autograd.numpy import numpy_wrapper as anp
from chainrule.interop.autograd.numpy.numpy_vjps import match_complex
from chainrule.interop.autograd.numpy.rule_makers import pull_of
from chainrule.interop.autograd.numpy.wrapping import public, wrap_namespace
from chainrule.interop.autograd.tracer import isbox, primitive

ffto = _np.fft

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


def _refusing_odd_lengths(original: Any) -> Any:
    signature, ours = inspect.signature(original), counterpart_of(original)

    def transform(*args: Any, **kwargs: Any) -> Any:
        if args and isbox(args[0]):
            check_even_shape(_last_length(signature.bind(*args, **kwargs).arguments))
        return ours(*args, **kwargs)

    return followed(original, transform)


def _last_length(arguments: dict[str, Any]) -> tuple[int, ...]:
    """How many entries are transformed along the last of the axes."""
    if arguments.get("n") is not None:
        return (arguments["n"],)
    if arguments.get("s") is not None:
        return (arguments["s"][-1],)
    axes = arguments.get("axes")
    return (arguments["a"].shape[arguments.get("axis", -1) if axes is None else axes[-1]],)


for _name in ("rfft", "rfft2", "rfftn"):
    globals()[_name] = _refusing_odd_lengths(getattr(_np.fft, _name))


# -------------------- what rules of transforms are written with --------------------


def get_fft_args(a: Any, d: Any = None, axis: int = -1, norm: Any = None, *args: Any, **kwargs: Any) -> Any:
    """Axes, lengths along them (None for those of `a`) and norm of a call of `fft`."""
    return [axis], None if d is None else [d], norm


def get_fft2_args(a: Any, s: Any = None, axes: Any = (-2, -1), norm: Any = None, *args: Any, **kwargs: Any) -> Any:
    """Axes, lengths along them and norm of a call of `fft2`."""
    return axes, s, norm


def get_fftn_args(a: Any, s: Any = None, axes: Any = None, norm: Any = None, *args: Any, **kwargs: Any) -> Any:
    """Axes, lengths along them and norm of a call of `fftn`."""
    return list(range(a.ndim)) if axes is None else axes, s, norm


def _of_shape(x: Any, shape: Sequence[int]) -> Any:
    lacking = [max(0, length - present) for length, present in zip(shape, x.shape, strict=True)]
    padded = anp.pad(x, [(0, zeros) for zeros in lacking], mode="constant")
    return padded[tuple(slice(length) for length in shape)]


truncate_pad = followed(_of_shape, _of_shape)


def make_rfft_factors(
    axes: Sequence[int], resshape: Sequence[int], facshape: Sequence[int], normshape: Sequence[int], norm: Any
) -> Any:
    """How often a real transform counts each of its terms: twice, but the first and the last of an even length once."""
    factors = _np.full(resshape, 2.0)
    last = axes[-1]
    once: list[Any] = [slice(None)] * len(resshape)
    once[last] = (0, facshape[-1] - 1) if facshape[-1] <= resshape[last] else (0,)
    factors[tuple(once)] = 1.0
    return factors / math.prod(normshape) if norm is None else factors


def fft_grad(get_args: Any, fft_fun: Any, ans: Any, x: Any, *args: Any, **kwargs: Any) -> Callable[[Any], Any]:
    """The pull of a complex transform, which is given."""
    return _checked_pull(get_args, fft_fun, ans, x, *args, **kwargs)


def rfft_grad(get_args: Any, irfft_fun: Any, ans: Any, x: Any, *args: Any, **kwargs: Any) -> Callable[[Any], Any]:
    """The pull of a transform of real numbers, whose inverse is given."""
    axes, lengths, _ = get_args(x, *args, **kwargs)
    check_even_shape([x.shape[axis] for axis in axes] if lengths is None else lengths)
    return _checked_pull(get_args, globals()[irfft_fun.__name__.removeprefix("i")], ans, x, *args, **kwargs)


def irfft_grad(get_args: Any, rfft_fun: Any, ans: Any, x: Any, *args: Any, **kwargs: Any) -> Callable[[Any], Any]:
    """The pull of a transform to real numbers, whose inverse is given."""
    axes, lengths, _ = get_args(x, *args, **kwargs)
    check_even_shape([ans.shape[axis] for axis in axes] if lengths is None else lengths)
    return _checked_pull(get_args, globals()["i" + rfft_fun.__name__], ans, x, *args, **kwargs)


def _checked_pull(get_args: Any, transform: Any, ans: Any, x: Any, *args: Any, **kwargs: Any) -> Callable[[Any], Any]:
    check_no_repeated_axes(get_args(x, *args, **kwargs)[0])
    pull: Callable[[Any], Any] = pull_of(transform)(ans, x, *args, **kwargs)
    return pull


__all__ = [
    *_np.fft.__all__,
    "anp",
    "check_even_shape",
    "check_no_repeated_axes",
    "defvjp",
    "fft_grad",
    "ffto",
    "get_fft2_args",
    "get_fft_args",
    "get_fftn_args",
    "irfft_grad",
    "make_rfft_factors",
    "match_complex",
    "primitive",
    "rfft_grad",
    "truncate_pad",
    "vspace",
]
