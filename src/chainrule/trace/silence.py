"""NumPy's warnings about floating-point numbers, switched off and on again at little cost.

The products of a derivative do not warn: what a masked-out branch divides by is nobody's concern. `np.errstate` reads
its keywords anew at every use, which is a twentieth of the time of a short gradient. NumPy keeps what is in force in a
context variable; what `np.errstate` puts there is looked up once, and put there again.

>>> token = silence()
>>> try:
...     float(np.divide(1.0, 0.0))
... finally:
...     restore(token)
inf
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar, Token, copy_context
from functools import partial
from typing import Any

import numpy as np


def _changed_by_errstate() -> list[tuple[ContextVar[Any], Any]]:
    """The context variables that `np.errstate` sets, with the values that stand for silence."""
    before = copy_context()
    with np.errstate(all="ignore"):
        after = copy_context()
    return [(variable, value) for variable, value in after.items() if before.get(variable) is not value]


def _entered() -> np.errstate:
    """Switch warnings off as any program does, for a NumPy that keeps its settings elsewhere."""
    state = np.errstate(all="ignore")
    state.__enter__()
    return state


def _left(state: np.errstate) -> None:
    """Switch them on again."""
    state.__exit__(None, None, None)


def _switches() -> tuple[Callable[[], Any], Callable[[Any], None]]:
    changed = _changed_by_errstate()
    if len(changed) != 1:
        return _entered, _left
    ((variable, value),) = changed
    silent: Callable[[], Token[Any]] = partial(variable.set, value)
    return silent, variable.reset


# `silence()` switches warnings off in this context and gives back what `restore` needs to switch them on again.
silence, restore = _switches()
