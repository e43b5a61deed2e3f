"""Sums of products."""

from typing import Any

import numpy as np

from chainrule.trace import Abstract, Op


def _matmul_infer(x: Any, y: Any) -> Abstract:
    stack = np.broadcast_shapes(x.shape[:-2], y.shape[:-2])
    return Abstract((*stack, x.shape[-2], y.shape[-1]), np.result_type(x.dtype, y.dtype))


# (…, m, k) (…, k, n) -> (…, m, n); the stacks before the last two axes broadcast.
matmul = Op("matmul", np.matmul, _matmul_infer, core=(2, 2))
