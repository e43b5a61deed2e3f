"""Sliding sums of products."""

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from chainrule.trace import Abstract, Op


def _correlate_evaluate(a: Any, v: Any, /, *, left: int, right: int) -> Any:
    n, m = a.shape[-1], v.shape[-1]
    if a.ndim == v.ndim == 1 and n >= m:
        modes = {(0, 0): "valid", (m // 2, m - m // 2 - 1): "same", (m - 1, m - 1): "full"}
        mode = modes.get((left, right))
        if mode is not None:
            return np.convolve(a, v[::-1], mode)  # type: ignore[call-overload]  # the stub wants literals
    padded = np.zeros((*a.shape[:-1], left + n + right), a.dtype)
    padded[..., left : left + n] = a
    if a.ndim == v.ndim == 1:
        return np.convolve(padded, v[::-1], "valid")
    return np.einsum("...km,...m->...k", sliding_window_view(padded, m, axis=-1), v)


def _correlate_infer(a: Any, v: Any, *, left: int, right: int) -> Abstract:
    lanes = np.broadcast_shapes(a.shape[:-1], v.shape[:-1])
    return Abstract((*lanes, left + a.shape[-1] + right - v.shape[-1] + 1), a.dtype)


# y[k] = Σⱼ a[k - left + j] v[j], where a is 0 beyond its ends, by which v reaches over `left` and `right` places.
correlate = Op("correlate", _correlate_evaluate, _correlate_infer, core=(1, 1))
