"""Choices between arrays, element by element."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import ops
from chainrule.numpy.handle import look, wrap
from chainrule.numpy.operands import PYTHON_NUMBERS, converted, value_of
from chainrule.numpy.table import implements


@implements(np.where)
def where(condition: Any, x: Any = None, y: Any = None, /) -> Any:
    """x where the condition holds, else y; with the condition alone, the indices where it holds."""
    truth = value_of(condition)
    if x is None and y is None:
        return tuple(wrap(i) for i in np.nonzero(look(truth)))
    if x is None or y is None:
        raise ValueError("either both or neither of x and y should be given")
    if truth.dtype != bool:
        truth = converted(truth, bool)
    values = [v if type(v) in PYTHON_NUMBERS else value_of(v) for v in (x, y)]
    dtype = np.result_type(*(v if type(v) in PYTHON_NUMBERS else v.dtype for v in values))
    then, other = (dtype.type(v) if type(v) in PYTHON_NUMBERS else converted(v, dtype) for v in values)
    return wrap(ops.select(truth, then, other))
