"""NumPy's discrete Fourier transforms: one axis, several, of real and of Hermitian-symmetric input."""

from __future__ import annotations

import operator
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.numpy.axes import one_axis
from chainrule.numpy.constants import traced_form
from chainrule.numpy.handle import Array
from chainrule.numpy.movement import roll, rolled
from chainrule.numpy.operands import converted, value_of
from chainrule.numpy.ufunc_arguments import store

_OTHER_DIRECTION = {None: "forward", "backward": "forward", "ortho": "ortho", "forward": "backward"}


@traced_form(np.fft.fft)
def fft(a: Any, n: Any = None, axis: Any = -1, norm: Any = None, out: Any = None) -> Any:
    """The transform of n entries along an axis."""
    return store(_transform(value_of(a), n, axis, norm, ops.fft), out)


@traced_form(np.fft.ifft)
def ifft(a: Any, n: Any = None, axis: Any = -1, norm: Any = None, out: Any = None) -> Any:
    """The inverse transform of n entries along an axis."""
    return store(_transform(value_of(a), n, axis, norm, ops.ifft), out)


@traced_form(np.fft.rfft)
def rfft(a: Any, n: Any = None, axis: Any = -1, norm: Any = None, out: Any = None) -> Any:
    """The transform of n real entries along an axis: its frequencies from 0 to n/2."""
    return store(_real_transform(value_of(a), n, axis, norm), out)


@traced_form(np.fft.irfft)
def irfft(a: Any, n: Any = None, axis: Any = -1, norm: Any = None, out: Any = None) -> Any:
    """n real entries along an axis, from the frequencies 0 to n/2 of their transform."""
    return store(_inverse_real_transform(value_of(a), n, axis, norm), out)


@traced_form(np.fft.hfft)
def hfft(a: Any, n: Any = None, axis: Any = -1, norm: Any = None, out: Any = None) -> Any:
    """The real transform of n entries with Hermitian symmetry along an axis, given by the first half of them."""
    return store(_inverse_real_transform(_conjugate(value_of(a)), n, axis, _other_direction(norm)), out)


@traced_form(np.fft.ihfft)
def ihfft(a: Any, n: Any = None, axis: Any = -1, norm: Any = None, out: Any = None) -> Any:
    """The inverse of `hfft`."""
    return store(ops.conj(_real_transform(value_of(a), n, axis, _other_direction(norm))), out)


@traced_form(np.fft.fftn)
def fftn(a: Any, s: Any = None, axes: Any = None, norm: Any = None, out: Any = None) -> Any:
    """The transform along several axes, all of them by default."""
    return store(_transform_along(value_of(a), s, axes, norm, ops.fft), out)


@traced_form(np.fft.ifftn)
def ifftn(a: Any, s: Any = None, axes: Any = None, norm: Any = None, out: Any = None) -> Any:
    """The inverse transform along several axes, all of them by default."""
    return store(_transform_along(value_of(a), s, axes, norm, ops.ifft), out)


@traced_form(np.fft.fft2)
def fft2(a: Any, s: Any = None, axes: Any = (-2, -1), norm: Any = None, out: Any = None) -> Any:
    """The transform along two axes, the last by default."""
    return fftn(a, s, axes, norm, out)


@traced_form(np.fft.ifft2)
def ifft2(a: Any, s: Any = None, axes: Any = (-2, -1), norm: Any = None, out: Any = None) -> Any:
    """The inverse transform along two axes, the last by default."""
    return ifftn(a, s, axes, norm, out)


@traced_form(np.fft.rfftn)
def rfftn(a: Any, s: Any = None, axes: Any = None, norm: Any = None, out: Any = None) -> Any:
    """The transform of real entries along several axes, the last of which keeps its frequencies from 0 to n/2."""
    x = value_of(a)
    lengths, along = _lengths_and_axes(x, s, axes)
    x = _real_transform(x, lengths[-1], along[-1], norm)
    for n, axis in reversed(list(zip(lengths[:-1], along[:-1], strict=True))):
        x = _transform(x, n, axis, norm, ops.fft)
    return store(x, out)


@traced_form(np.fft.irfftn)
def irfftn(a: Any, s: Any = None, axes: Any = None, norm: Any = None, out: Any = None) -> Any:
    """The inverse of `rfftn`."""
    x = value_of(a)
    lengths, along = _lengths_and_axes(x, s, axes)
    if s is None:
        lengths[-1] = (x.shape[along[-1]] - 1) * 2
    for n, axis in zip(lengths[:-1], along[:-1], strict=True):
        x = _transform(x, n, axis, norm, ops.ifft)
    return store(_inverse_real_transform(x, lengths[-1], along[-1], norm), out)


@traced_form(np.fft.rfft2)
def rfft2(a: Any, s: Any = None, axes: Any = (-2, -1), norm: Any = None, out: Any = None) -> Any:
    """The transform of real entries along two axes, the last by default."""
    return rfftn(a, s, axes, norm, out)


@traced_form(np.fft.irfft2)
def irfft2(a: Any, s: Any = None, axes: Any = (-2, -1), norm: Any = None, out: Any = None) -> Any:
    """The inverse of `rfft2`."""
    return irfftn(a, s, axes, norm, out)


@traced_form(np.fft.fftshift)
def fftshift(x: Any, axes: Any = None) -> Any:
    """The frequency 0 moved to the middle of the axes."""
    return _rolled(x, axes, lambda n: n // 2)


@traced_form(np.fft.ifftshift)
def ifftshift(x: Any, axes: Any = None) -> Any:
    """The frequency 0 moved back to the beginning of the axes."""
    return _rolled(x, axes, lambda n: -(n // 2))


def _rolled(x: Any, axes: Any, shift: Callable[[int], int]) -> Any:
    value = value_of(x)
    shape = value.shape
    if axes is None:
        return Array(rolled(value, [(shift(n), axis) for axis, n in enumerate(shape)]))
    along = tuple(axes) if isinstance(axes, (tuple, list)) else (axes,)
    return roll(x, tuple(shift(shape[axis]) for axis in along), along)


@traced_form(np.fft.fftfreq)
def fftfreq(n: Any, d: Any = 1.0, device: Any = None) -> Any:
    """The frequencies of a transform of n samples that are d apart: 0, 1, ..., -2, -1, in units of 1 / (n d)."""
    n = _number_of_samples(n)
    positive, negative = np.arange((n + 1) // 2), np.arange(-(n // 2), 0)
    return Array(np.concatenate((positive, negative))) * (1.0 / (n * d))


@traced_form(np.fft.rfftfreq)
def rfftfreq(n: Any, d: Any = 1.0, device: Any = None) -> Any:
    """The frequencies of a transform of n real samples that are d apart: 0 to n/2, in units of 1 / (n d)."""
    n = _number_of_samples(n)
    return Array(np.arange(n // 2 + 1)) * (1.0 / (n * d))


def _number_of_samples(n: Any) -> int:
    if not isinstance(n, (int, np.integer)):
        raise ValueError("n should be an integer")
    return int(n)


def _conjugate(x: Any) -> Any:
    return ops.conj(x) if x.dtype.kind == "c" else x


def _other_direction(norm: Any) -> str:
    return _OTHER_DIRECTION[_checked(norm)]


def _checked(norm: Any) -> str:
    if norm not in _OTHER_DIRECTION:
        raise ValueError(f'Invalid norm value {norm}; should be "backward", "ortho" or "forward".')
    return norm or "backward"


def _transform(x: Any, n: Any, axis: Any, norm: Any, op: Any) -> Any:
    axis = one_axis(axis, x.ndim)
    n = _checked_length(x.shape[axis] if n is None else n)
    return op(_resized(_inexact(x), n, axis), axis=axis, norm=_checked(norm))


def _real_transform(x: Any, n: Any, axis: Any, norm: Any) -> Any:
    if x.dtype.kind == "c":
        raise TypeError("`rfft` and its kin take real input, and this is complex: `fft` transforms complex numbers")
    axis = one_axis(axis, x.ndim)
    n = _checked_length(x.shape[axis] if n is None else n)
    return ops.rfft(_resized(_inexact(x), n, axis), axis=axis, norm=_checked(norm))


def _inverse_real_transform(x: Any, n: Any, axis: Any, norm: Any) -> Any:
    axis = one_axis(axis, x.ndim)
    n = _checked_length((x.shape[axis] - 1) * 2 if n is None else n)
    return ops.irfft(_resized(_inexact(x), n // 2 + 1, axis), n=n, axis=axis, norm=_checked(norm))


def _transform_along(x: Any, s: Any, axes: Any, norm: Any, op: Any) -> Any:
    lengths, along = _lengths_and_axes(x, s, axes)
    for n, axis in reversed(list(zip(lengths, along, strict=True))):
        x = _transform(x, n, axis, norm, op)
    return x


def _lengths_and_axes(x: Any, s: Any, axes: Any) -> tuple[list[Any], list[Any]]:
    """The length of the transform along each axis; -1 stands for the length that the axis has."""
    if axes is not None:
        along = list(axes)
    elif s is None:
        along = list(range(x.ndim))
    else:
        warnings.warn(
            "`axes` should not be `None` if `s` is not `None` (Deprecated in NumPy 2.0). In a future version of NumPy, "
            "this will raise an error and `s[i]` will correspond to the size along the transformed axis specified by "
            "`axes[i]`. To retain current behaviour, pass a sequence [0, ..., k-1] to `axes` for an array of dimension "
            "k.",
            DeprecationWarning,
            stacklevel=4,
        )
        along = list(range(-len(s), 0))
    lengths = [x.shape[axis] for axis in along] if s is None else list(s)
    if len(lengths) != len(along):
        raise ValueError("Shape and axes have different lengths.")
    if None in lengths:
        warnings.warn(
            "Passing an array containing `None` values to `s` is deprecated in NumPy 2.0 and will raise an error in a "
            "future version of NumPy.",
            DeprecationWarning,
            stacklevel=4,
        )
    return [x.shape[axis] if n == -1 else n for n, axis in zip(lengths, along, strict=True)], along


def _checked_length(n: Any) -> int:
    length = operator.index(n)
    if length < 1:
        raise ValueError(f"Invalid number of FFT data points ({n}) specified.")
    return length


def _inexact(x: Any) -> Any:
    return converted(x, np.result_type(x.dtype, np.float32 if x.dtype.kind in "fc" else np.float64))


def _resized(x: Any, n: int, axis: int) -> Any:
    """An array cropped to n entries along an axis, or filled up with zeros."""
    length = x.shape[axis]
    part = (*(slice(None),) * axis, slice(0, min(n, length)))
    if n < length:
        return ops.index(x, path=(part,))
    if n > length:
        return ops.place(x, path=(part,), shape=(*x.shape[:axis], n, *x.shape[axis + 1 :]))
    return x


__all__ = ["fft", "fftn", "fftshift", "ifft", "ifftn", "ifftshift", "irfft", "irfftn", "rfft", "rfftn"]
