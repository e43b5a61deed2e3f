"""Norms of vectors that no other operation gives without overflow or a pole at 0."""

from typing import Any

import numpy as np

from chainrule.ops.complex_parts import real_dtype
from chainrule.ops.declaration import AxesOp
from chainrule.ops.reduction import reduced_shape
from chainrule.trace import Abstract, ParameterOp


def _euclidean_evaluate(x: Any, /, *, axes: tuple[int, ...] | None) -> Any:
    if axes is None or len(axes) == 1:
        return np.linalg.norm(x, axis=axes)
    return np.linalg.norm(x, "fro", axis=axes)


def _euclidean_infer(x: Any, *, axes: tuple[int, ...] | None) -> Abstract:
    return Abstract(() if axes is None else reduced_shape(x.shape, axes), real_dtype(x.dtype))


def _power_evaluate(x: Any, /, *, axis: int, order: float) -> Any:
    return np.linalg.norm(x, order, axis=axis)


def _power_infer(x: Any, *, axis: int, order: float) -> Abstract:
    return Abstract(reduced_shape(x.shape, (axis,)), real_dtype(x.dtype))


# (Σ |x|²)^(1/2) over one or two axes; over all of them by one dot product if `axes` is None.
euclidean_norm = AxesOp("euclidean_norm", _euclidean_evaluate, _euclidean_infer)
# (Σ |x|ᵖ)^(1/p) over an axis, for an order p other than 0 and ±∞.
power_norm = ParameterOp("power_norm", _power_evaluate, _power_infer)
