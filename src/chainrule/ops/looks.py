"""What a program looks at when its course depends on its numbers: tests, and the places where a mask holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.trace import Abstract, Op


def _judged_evaluate(*operands: Any, test: Callable[..., Any]) -> Any:
    with np.errstate(all="ignore"):
        return np.bool_(np.any(test(*operands)))


def _judged_infer(*_operands: Any, test: Callable[..., Any]) -> Abstract:
    return Abstract((), np.dtype(bool))


def _nonzero_evaluate(mask: Any, /, *, count: int) -> Any:
    places = np.nonzero(mask)
    if places[0].size != count:
        raise ValueError(f"{places[0].size} elements of a mask are true, where {count} were when it was recorded")
    return places


def _nonzero_infer(mask: Any, *, count: int) -> tuple[Abstract, ...]:
    return tuple(Abstract((count,), np.dtype(np.intp)) for _ in mask.shape)


def _steps_between_evaluate(start: Any, stop: Any, step: Any, /) -> Any:
    return np.intp(np.arange(start, stop, step).size)


def _steps_between_infer(_start: Any, _stop: Any, _step: Any) -> Abstract:
    return Abstract((), np.dtype(np.intp))


# Whether a test, a function of plain arrays, holds anywhere.
judged = Op("judged", _judged_evaluate, _judged_infer, discrete=True)
# How many numbers `arange` makes.
steps_between = Op("steps_between", _steps_between_evaluate, _steps_between_infer, discrete=True, may_fail=True)
# The indices at which a mask holds, one array for each axis; `count` says at how many places that is.
nonzero = Op("nonzero", _nonzero_evaluate, _nonzero_infer, discrete=True, may_fail=True)
