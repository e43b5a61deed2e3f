"""Looks at values that say less than the values: whether a test holds, and at how many places."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.trace import Level, Value


class BottomLevel(Level):
    """A level below all others, which notes what is looked at (`recording`)."""

    __slots__ = ()


def decide(test: Callable[..., Any], *values: Any) -> bool:
    """Whether a test, a function of plain arrays, holds anywhere, in any lane; only the answer is looked at.

    `test` is a function that does the same in every run: one of a module, and no closure over what is computed.
    """
    bottoms = []
    level = None
    for value in values:
        while type(value) is Value and not isinstance(value.level, BottomLevel):
            value = value.level.bared(value)
        if type(value) is Value:
            level = value.level
        bottoms.append(value)
    if level is None:
        holds = test(*bottoms)
        return holds if type(holds) is bool else bool(np.any(holds))
    judgement = ops.judged(*bottoms, test=test)
    return bool(level.look(judgement) if type(judgement) is Value else judgement)


def places_where(mask: Any) -> tuple[Any, ...]:
    """The indices at which a mask holds, one array for each axis; their number is what is looked at, if that is all."""
    if type(mask) is Value and isinstance(mask.level, BottomLevel) and not mask.level.ended and mask.ndim:
        # In NumPy's words: `count_nonzero` of what may be no mask, but an array.
        held = ops.not_equal(mask, mask.dtype.type(0))
        held = ops.truncate(held, dtype=np.dtype(np.intp))
        count = mask.level.look(ops.reduce_sum(held, axes=tuple(range(mask.ndim))))
        places: tuple[Any, ...] = ops.nonzero(mask, count=int(count))
        return places
    seen = mask
    while type(seen) is Value:
        seen = seen.level.look(seen)
    return np.nonzero(seen)
