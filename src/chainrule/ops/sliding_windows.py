"""Windows that slide along axes, for convolutions in several dimensions."""

from typing import Any

import numpy as np

from chainrule.trace import Abstract, ParameterOp


def _windows_evaluate(a: Any, /, *, widths: tuple[int, ...]) -> Any:
    # As `sliding_window_view` does, which takes most of the time of a small convolution.
    a = np.ascontiguousarray(a)
    shape = _windows_shape(a.shape, widths)
    if 0 in shape:
        return np.zeros(shape, a.dtype)
    view: Any = np.ndarray(shape, a.dtype, a, 0, (*a.strides, *a.strides[a.ndim - len(widths) :]))
    view.flags.writeable = False
    return view


def _windows_shape(shape: tuple[int, ...], widths: tuple[int, ...]) -> tuple[int, ...]:
    first = len(shape) - len(widths)
    return (*shape[:first], *(n - width + 1 for n, width in zip(shape[first:], widths, strict=True)), *widths)


def _windows_infer(a: Any, *, widths: tuple[int, ...]) -> Abstract:
    return Abstract(_windows_shape(a.shape, widths), a.dtype)


def _overlap_evaluate(x: Any, /, *, count: int) -> Any:
    # One axis after the other, from the last: an addition for each place in a window of one axis.
    first = x.ndim - 2 * count
    for axis in range(first + count - 1, first - 1, -1):
        n, width = x.shape[axis], x.shape[-1]
        y = np.zeros((*x.shape[:axis], n + width - 1, *x.shape[axis + 1 : -1]), x.dtype)
        before = (slice(None),) * axis
        for j in range(width):
            y[(*before, slice(j, j + n))] += x[..., j]
        x = y
    return x


def _overlap_infer(x: Any, *, count: int) -> Abstract:
    first = x.ndim - 2 * count
    pairs = zip(x.shape[first : first + count], x.shape[first + count :], strict=True)
    return Abstract((*x.shape[:first], *(n + width - 1 for n, width in pairs)), x.dtype)


# y[k, l, ..., i, j, ...] = a[k + i, l + j, ...]: every window of some widths, along the last axes.
windows = ParameterOp("windows", _windows_evaluate, _windows_infer)
# y[k, l, ...] = Σ x[k - i, l - j, ..., i, j, ...], the transpose for so many axes.
overlap = ParameterOp("overlap", _overlap_evaluate, _overlap_infer)
