"""Array classes of programs that take NumPy's refusal of a ufunc for a result."""

from __future__ import annotations

from functools import wraps
from typing import Any

import numpy as np


def heed_refusals(kind: type) -> None:
    """Let a subclass of `numpy.ndarray` refuse a ufunc where NumPy refused it, for another operand to answer.

    `numpy.ndarray.__array_ufunc__` gives NotImplemented beside a traced operand. PennyLane's arrays make an array of
    that, which no derivative would follow.
    """
    answer: Any = getattr(kind, "__array_ufunc__", None)
    if not issubclass(kind, np.ndarray) or answer in (None, np.ndarray.__array_ufunc__) or hasattr(answer, "_heeds"):
        return

    @wraps(answer)
    def answer_or_refusal(*args: Any, **kwargs: Any) -> Any:
        result = answer(*args, **kwargs)
        return NotImplemented if _holds_a_refusal(result) else result

    answer_or_refusal._heeds = True  # type: ignore[attr-defined]  # once for each class
    setattr(kind, "__array_ufunc__", answer_or_refusal)  # noqa: B010  # a class that is not ours


def _holds_a_refusal(result: Any) -> bool:
    if not isinstance(result, np.ndarray) or result.dtype != object or result.ndim:
        return False
    return result.view(np.ndarray)[()] is NotImplemented
