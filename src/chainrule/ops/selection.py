"""Choices between operands, element by element."""

from typing import Any

import numpy as np

from chainrule.ops.declaration import elementwise
from chainrule.trace import Abstract, Op


def _select_evaluate(condition: Any, x: Any, y: Any, /) -> Any:
    chosen = np.where(condition, x, y)
    return chosen if chosen.ndim else chosen[()]


def _select_infer(condition: Any, x: Any, y: Any) -> Abstract:
    return Abstract(np.broadcast_shapes(condition.shape, x.shape, y.shape), np.result_type(x.dtype, y.dtype))


select = Op("select", _select_evaluate, _select_infer, core=(0, 0, 0))
maximum = elementwise("maximum", np.maximum)
minimum = elementwise("minimum", np.minimum)
fmax = elementwise("fmax", np.fmax)
fmin = elementwise("fmin", np.fmin)


def _clip_evaluate(x: Any, low: Any, high: Any, /) -> Any:
    # What np.clip calls in the end.
    return x.clip(low, high)


def _clip_infer(x: Any, low: Any, high: Any) -> Abstract:
    return Abstract(np.broadcast_shapes(x.shape, low.shape, high.shape), x.dtype)


clip = Op("clip", _clip_evaluate, _clip_infer, core=(0, 0, 0))
