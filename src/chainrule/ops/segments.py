"""Sums over stretches of an axis."""

from typing import Any

import numpy as np

from chainrule.trace import Abstract, Op


def _segment_sum_evaluate(x: Any, /, *, starts: tuple[int, ...], axis: int) -> Any:
    return np.add.reduceat(x, np.array(starts, np.intp), axis=axis)


def _segment_sum_infer(x: Any, *, starts: tuple[int, ...], axis: int) -> Abstract:
    return Abstract((*x.shape[:axis], len(starts), *x.shape[axis + 1 :]), x.dtype)


# Sums of the stretches of an axis that begin at an index and end before the next one, but hold one entry at least.
segment_sum = Op("segment_sum", _segment_sum_evaluate, _segment_sum_infer, may_fail=True)
