"""The local Jacobians of Fourier transforms, which are linear, and their batching."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import ops
from chainrule.jacobians.forms import batch, linear

# The norm with which the transform in the other direction has the same factor.
_OTHER_DIRECTION = {"backward": "forward", "ortho": "ortho", "forward": "backward"}


@linear(ops.fft)
def fft_transpose(y_bar, x, axis, norm):
    """y = F x with Fⱼₖ = e^(-2πijk/n), a symmetric matrix, so x̄ = F ȳ, and the real part of that for real x."""
    return _of_kind(x, ops.fft(y_bar, axis=axis, norm=norm))


@linear(ops.ifft)
def ifft_transpose(y_bar, x, axis, norm):
    """The matrix of the inverse transform is symmetric too."""
    return _of_kind(x, ops.ifft(y_bar, axis=axis, norm=norm))


@linear(ops.rfft)
def rfft_transpose(y_bar, x, axis, norm):
    """x̄ⱼ = Re Σₖ ȳₖ e^(-2πijk/n), a real inverse transform of conj ȳ, which counts twice what has a mirror image."""
    n = x.shape[axis]
    halved = ops.conj(y_bar) * _mirrored(n, axis, y_bar, 0.5)
    return ops.irfft(halved, n=n, axis=axis, norm=_OTHER_DIRECTION[norm])


@linear(ops.irfft)
def irfft_transpose(y_bar, z, n, axis, norm):
    """z̄ₖ = conj Σⱼ ȳⱼ e^(-2πijk/n), and twice that where the frequency has a mirror image."""
    z_bar = ops.conj(ops.rfft(y_bar, axis=axis, norm=_OTHER_DIRECTION[norm]))
    return _of_kind(z, z_bar * _mirrored(n, axis, z_bar, 2.0))


def _of_kind(x: Any, x_bar: Any) -> Any:
    """A cotangent of x: real, if x is."""
    return x_bar if x.dtype.kind == "c" else ops.real(x_bar)


def _mirrored(n: int, axis: int, like: Any, weight: float) -> Any:
    """`weight` for the frequencies that have a mirror image in a full transform, 1 for 0 and (n even) for n/2."""
    weights = np.full(n // 2 + 1, weight)
    weights[0] = 1.0
    if n % 2 == 0:
        weights[-1] = 1.0
    return weights.reshape(-1, *(1,) * (like.ndim - 1 - axis)).astype(like.dtype)


def _batch_along_axis(op):
    @batch(op)
    def transform_batch(_size, _batched, x, *, axis, **params):
        """The batch axis stands first, so the axis moves up by one."""
        return op(x, axis=axis + 1, **params)

    return transform_batch


for _transform in (ops.fft, ops.ifft, ops.rfft, ops.irfft):
    _batch_along_axis(_transform)
