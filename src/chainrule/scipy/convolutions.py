"""Convolutions and correlations in several dimensions, as `scipy.signal` has them, and over chosen axes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from scipy import signal

import chainrule.numpy as namespace
from chainrule import ops
from chainrule.numpy.constants import traced_form
from chainrule.numpy.handle import wrap
from chainrule.numpy.operands import common_dtype, value_of

# Typed as anything: it finds its names when they are asked for.
xp: Any = namespace

MODES = ("valid", "same", "full")


def _reach(length: int, width: int, mode: str) -> tuple[int, int]:
    """By how many places a kernel of a width reaches over the ends of a signal of at least that length."""
    if mode == "full":
        return width - 1, width - 1
    if mode == "same":
        first = (width - 1) // 2
        return width - 1 - first, first
    return 0, 0


def convolve_axes(a: Any, v: Any, axes: Any = None, dot_axes: Any = ((), ()), mode: str = "full") -> Any:
    """Convolve two arrays over some axes, sum their product over others, and keep the rest of each.

    Parameters
    ----------
    a, v : array
        The signal and the kernel, of any number of axes.
    axes : pair of sequences of int, optional
        The axes of `a` and those of `v` over which they are convolved; by default all, which both must have.
    dot_axes : pair of sequences of int
        The axes of `a` and those of `v` over which products are summed.
    mode : {"full", "same", "valid"}
        How much of the convolution is returned: all, the centre as long as `a`, or what does not reach over an end.

    Returns
    -------
    array
        Its axes are those of `a` that are kept, those of `v` that are kept, and the convolved ones.

    Raises
    ------
    ValueError
        If the mode is unknown, the axes do not pair, or lengths do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> convolve_axes(np.array([1.0, 2.0]), np.array([1.0, 10.0]))
    array([ 1., 12., 20.])
    """
    if mode not in MODES:
        raise ValueError(f"mode must be one of 'valid', 'same' or 'full', and is {mode!r}")
    x, y = common_dtype([value_of(a), value_of(v)])
    of_a, of_v = _axes(axes, (x.ndim, y.ndim), (tuple(range(x.ndim)), tuple(range(y.ndim))))
    dot_a, dot_v = _axes(dot_axes, (x.ndim, y.ndim), ((), ()))
    if any(x.shape[i] != y.shape[j] for i, j in zip(dot_a, dot_v, strict=True)):
        raise ValueError(f"axes that are summed differ in length: {dot_a} of {x.shape}, {dot_v} of {y.shape}")
    kept_a = tuple(i for i in range(x.ndim) if i not in of_a + dot_a)
    kept_v = tuple(j for j in range(y.ndim) if j not in of_v + dot_v)
    x = _arranged(x, kept_a + dot_a + of_a)
    y = _arranged(y, kept_v + dot_v + of_v)
    count = len(of_a)
    if _is_kernel_first(x.shape[x.ndim - count :], y.shape[y.ndim - count :], mode):
        # The other way round, since a convolution is symmetric; the axes that are kept change their places.
        swapped = _convolved(y, x, len(kept_v), len(kept_a), len(dot_a), count, mode)
        order = (
            *range(len(kept_v), len(kept_v) + len(kept_a)),
            *range(len(kept_v)),
            *range(len(kept_v) + len(kept_a), swapped.ndim),
        )
        return wrap(ops.transpose(swapped, axes=order))
    return wrap(_convolved(x, y, len(kept_a), len(kept_v), len(dot_a), count, mode))


def _is_kernel_first(lengths: tuple[int, ...], widths: tuple[int, ...], mode: str) -> bool:
    """Whether only the second of two arrays has room for the other without reaching over its ends."""
    if mode != "valid":
        return False
    pairs = list(zip(lengths, widths, strict=True))
    if all(n >= m for n, m in pairs):
        return False
    if all(n <= m for n, m in pairs):
        return True
    raise ValueError("for 'valid' mode, one array must be at least as long as the other in every axis")


def _arranged(x: Any, axes: tuple[int, ...]) -> Any:
    """The axes in an order, which most have already."""
    return x if axes == tuple(range(x.ndim)) else ops.transpose(x, axes=axes)


def _axes(axes: Any, ranks: tuple[int, int], default: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """A pair of axes as non-negative numbers."""
    pair = default if axes is None else axes
    first, second = (
        tuple(int(k) % rank for k in chosen) if rank else tuple(chosen)
        for chosen, rank in zip(pair, ranks, strict=True)
    )
    if len(first) != len(second):
        raise ValueError(f"axes come in pairs, and there are {len(first)} and {len(second)}")
    return first, second


def _convolved(x: Any, y: Any, kept_x: int, kept_y: int, summed: int, count: int, mode: str) -> Any:
    """The convolution over the last `count` axes; before them come those that are kept and those that are summed."""
    widths = y.shape[kept_y + summed :]
    if count:
        x = ops.windows(_padded(x, widths, mode), widths=widths)
        y = ops.flip(y, axes=tuple(range(kept_y + summed, y.ndim)))
    return ops.einsum(x, y, subscripts=_formula(kept_x, kept_y, summed, count))


@lru_cache(maxsize=256)
def _formula(kept_x: int, kept_y: int, summed: int, count: int) -> str:
    """The subscripts of a sum of products over windows."""
    letters = iter("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    of_x, of_y, dot, places, inside = (
        "".join(next(letters) for _ in range(n)) for n in (kept_x, kept_y, summed, count, count)
    )
    return f"{of_x}{dot}{places}{inside},{of_y}{dot}{inside}->{of_x}{of_y}{places}"


def _padded(x: Any, widths: tuple[int, ...], mode: str) -> Any:
    """A signal with zeros around it in the last axes, as far as a kernel reaches over its ends."""
    first = x.ndim - len(widths)
    path: list[Any] = [...]
    shape = list(x.shape)
    for axis, width in enumerate(widths, first):
        left, right = _reach(shape[axis], width, mode)
        path.append(slice(left, left + shape[axis]))
        shape[axis] += left + right
    return x if tuple(shape) == x.shape else ops.place(x, path=(tuple(path),), shape=tuple(shape))


def _checked(a: Any, v: Any, mode: Any) -> None:
    if len(a.shape) != len(v.shape):
        raise ValueError("in1 and in2 should have the same dimensionality")
    if mode not in MODES:
        raise ValueError("acceptable mode flags are 'valid', 'same', or 'full'")


@lru_cache(maxsize=1024)
def _faster_method(shape: tuple[int, ...], dtype: Any, width: tuple[int, ...], dtype_of_kernel: Any, mode: str) -> str:
    """Which method SciPy takes for a signal and a kernel of these shapes and dtypes."""
    method: str = signal.choose_conv_method(np.zeros(shape, dtype), np.zeros(width, dtype_of_kernel), mode=mode)
    return method


@traced_form(signal.convolve)
def convolve(in1: Any, in2: Any, mode: str = "full", method: str = "auto") -> Any:
    """The convolution of two arrays of as many axes, by sums or by Fourier transforms."""
    a, v = value_of(in1), value_of(in2)
    _checked(a, v, mode)
    if not a.shape:
        return wrap(a) * wrap(v)
    if method == "auto":
        method = _faster_method(a.shape, a.dtype, v.shape, v.dtype, mode)
    if method == "fft":
        return fftconvolve(wrap(a), wrap(v), mode)
    if method != "direct":
        raise ValueError("Acceptable method flags are 'auto', 'direct', or 'fft'.")
    if a.dtype is not v.dtype:
        a, v = common_dtype([a, v])
    if len(a.shape) == 1 and a.size and v.size:
        return wrap(_slid(a, v, mode))
    if _is_kernel_first(a.shape, v.shape, mode):
        a, v = v, a
    return wrap(_convolved(a, v, 0, 0, 0, len(a.shape), mode))


def _slid(a: Any, v: Any, mode: str) -> Any:
    """Σⱼ a[k - j] v[j] of two sequences."""
    if v.size > a.size and mode != "same":
        a, v = v, a
    left, right = _reach(a.shape[0], v.shape[0], mode)
    return ops.correlate(a, ops.flip(v, axes=(0,)), left=left, right=right)


@traced_form(signal.correlate)
def correlate(in1: Any, in2: Any, mode: str = "full", method: str = "auto") -> Any:
    """The correlation of two arrays of as many axes: the convolution with the second reversed and conjugated."""
    v = xp.asarray(in2)
    return convolve(in1, xp.flip(xp.conj(v)) if v.ndim else xp.conj(v), mode, method)


@traced_form(signal.fftconvolve, signal.oaconvolve)
def fftconvolve(in1: Any, in2: Any, mode: str = "full", axes: Any = None) -> Any:
    """The convolution by Fourier transforms, over all axes or some; the others broadcast."""
    a, v = xp.asarray(in1), xp.asarray(in2)
    _checked(a, v, mode)
    if a.ndim == 0:
        return a * v
    chosen = tuple(range(a.ndim)) if axes is None else tuple(int(k) % a.ndim for k in np.atleast_1d(axes))
    if a.size == 0 or v.size == 0:
        return xp.zeros((0,))
    lengths = [a.shape[k] + v.shape[k] - 1 for k in chosen]
    is_complex = "c" in (a.dtype.kind, v.dtype.kind)
    forward, backward = (xp.fft.fftn, xp.fft.ifftn) if is_complex else (xp.fft.rfftn, xp.fft.irfftn)
    full = backward(forward(a, lengths, axes=chosen) * forward(v, lengths, axes=chosen), lengths, axes=chosen)
    return full[_centre(full.shape, a.shape, v.shape, chosen, mode)]


def _centre(
    full: Sequence[int], a: Sequence[int], v: Sequence[int], axes: tuple[int, ...], mode: str
) -> tuple[slice, ...]:
    """The part of a full convolution that a mode returns."""
    if mode == "valid" and any(a[k] < v[k] for k in axes) and any(a[k] > v[k] for k in axes):
        raise ValueError("for 'valid' mode, one array must be at least as long as the other in every axis")
    part = [slice(None)] * len(full)
    for k in axes:
        length = {"full": full[k], "same": a[k], "valid": abs(a[k] - v[k]) + 1}[mode]
        first = (full[k] - length) // 2
        part[k] = slice(first, first + length)
    return tuple(part)
