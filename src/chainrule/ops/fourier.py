"""Discrete Fourier transforms along one axis, of arrays that have the length of the transform already.

`norm` says which direction divides by the length n: `"backward"` the inverse, `"forward"` the other one; `"ortho"` lets
both divide by √n.
"""

from typing import Any, Literal

import numpy as np

from chainrule.ops.complex_parts import complex_dtype, real_dtype
from chainrule.trace import Abstract, ParameterOp

Norm = Literal["backward", "ortho", "forward"]


def _fft_evaluate(x: Any, /, *, axis: int, norm: Norm) -> Any:
    return np.fft.fft(x, axis=axis, norm=norm)


def _ifft_evaluate(x: Any, /, *, axis: int, norm: Norm) -> Any:
    return np.fft.ifft(x, axis=axis, norm=norm)


def _rfft_evaluate(x: Any, /, *, axis: int, norm: Norm) -> Any:
    return np.fft.rfft(x, axis=axis, norm=norm)


def _irfft_evaluate(z: Any, /, *, n: int, axis: int, norm: Norm) -> Any:
    return np.fft.irfft(z, n, axis=axis, norm=norm)


def _fft_infer(x: Any, *, axis: int, norm: Norm) -> Abstract:
    return Abstract(x.shape, complex_dtype(x.dtype))


def _rfft_infer(x: Any, *, axis: int, norm: Norm) -> Abstract:
    return Abstract((*x.shape[:axis], x.shape[axis] // 2 + 1, *x.shape[axis + 1 :]), complex_dtype(x.dtype))


def _irfft_infer(z: Any, *, n: int, axis: int, norm: Norm) -> Abstract:
    return Abstract((*z.shape[:axis], n, *z.shape[axis + 1 :]), real_dtype(z.dtype))


# yₖ = Σⱼ xⱼ e^(-2πijk/n), of real or complex x; and xⱼ = Σₖ yₖ e^(2πijk/n) / n.
fft = ParameterOp("fft", _fft_evaluate, _fft_infer)
ifft = ParameterOp("ifft", _ifft_evaluate, _fft_infer)
# The frequencies 0 to n/2 of real x, which say all; and real x of n entries from such frequencies, real or complex.
rfft = ParameterOp("rfft", _rfft_evaluate, _rfft_infer)
irfft = ParameterOp("irfft", _irfft_evaluate, _irfft_infer)
