"""Convolution and correlation of sequences."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import ops
from chainrule.numpy.constants import traced_form
from chainrule.numpy.handle import Array
from chainrule.numpy.operands import array_of, common_dtype

_MODES = ("valid", "same", "full")


def _slid(a: Any, v: Any, mode: str) -> Any:
    """Σⱼ a[k + j] v[j] for a sequence that is at least as long as v, in one of NumPy's modes."""
    m = v.shape[0]
    reach = {"valid": (0, 0), "same": (m // 2, m - m // 2 - 1), "full": (m - 1, m - 1)}
    left, right = reach[mode]
    return ops.correlate(a, v, left=left, right=right)


def _mode(mode: Any) -> str:
    """The name of a mode, which NumPy also takes by its number or first letter."""
    if mode in (0, 1, 2):
        return _MODES[mode]
    for name in _MODES:
        if isinstance(mode, str) and mode and name.startswith(mode.lower()):
            return name
    raise ValueError(f"mode must be one of 'valid', 'same', or 'full' (got '{mode}')")


def _operands(a: Any, v: Any) -> tuple[Any, Any]:
    values = [array_of(x) for x in (a, v)]
    if any(x.ndim > 1 for x in values):
        raise ValueError("object too deep for desired array")
    for name, x in zip("av", values, strict=True):
        if x.ndim and not x.size:
            raise ValueError(f"{name} cannot be empty")
    x, y = common_dtype([ops.reshape(x._read(), shape=(x.size,)) for x in values])
    return x, y


@traced_form(np.convolve)
def convolve(a: Any, v: Any, mode: Any = "full") -> Any:
    """y[k] = Σⱼ a[k - j] v[j]."""
    x, y = _operands(a, v)
    if y.size > x.size:
        x, y = y, x
    return Array(_slid(x, ops.flip(y, axes=(0,)), _mode(mode)))


@traced_form(np.correlate)
def correlate(a: Any, v: Any, mode: Any = "valid") -> Any:
    """y[k] = Σⱼ a[k + j] conj(v[j])."""
    x, y = _operands(a, v)
    if y.dtype.kind == "c":
        y = ops.conj(y)
    if y.size <= x.size:
        return Array(_slid(x, y, _mode(mode)))
    # The other way round the lags count backwards.
    return Array(ops.flip(_slid(y, x, _mode(mode)), axes=(0,)))
