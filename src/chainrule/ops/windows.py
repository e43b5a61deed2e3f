"""Windows that slide along an axis, for convolutions in several dimensions."""

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from chainrule.trace import Abstract, ParameterOp


def _windows_evaluate(a: Any, /, *, width: int) -> Any:
    return sliding_window_view(a, width, axis=-1)


def _windows_infer(a: Any, *, width: int) -> Abstract:
    return Abstract((*a.shape[:-1], a.shape[-1] - width + 1, width), a.dtype)


def _overlap_evaluate(x: Any, /) -> Any:
    count, width = x.shape[-2:]
    y = np.zeros((*x.shape[:-2], count + width - 1), x.dtype)
    for j in range(width):
        y[..., j : j + count] += x[..., j]
    return y


def _overlap_infer(x: Any) -> Abstract:
    return Abstract((*x.shape[:-2], x.shape[-2] + x.shape[-1] - 1), x.dtype)


# y[k, j] = a[k + j]: every window of a width, along the last axis.
windows = ParameterOp("windows", _windows_evaluate, _windows_infer, core=(1,))
# y[i] = Σ x[i - j, j], the transpose.
overlap = ParameterOp("overlap", _overlap_evaluate, _overlap_infer, core=(2,))
