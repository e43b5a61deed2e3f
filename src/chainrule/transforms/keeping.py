"""Recording for later: what a pull that comes after the call will read must be as it was during the call."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.trace import NO_PARAMETERS, Op, Value
from chainrule.transforms.reverse import ReverseLevel


class KeepingLevel(ReverseLevel):
    """The level that records, with copies of arrays, since their owners may write to them before the pull."""

    __slots__ = ("_copies",)

    def __init__(self, f: Any = None) -> None:
        ReverseLevel.__init__(self, f)
        # By identity; the original is held too, so that its identity is not given to another array.
        self._copies: dict[int, tuple[Any, Any]] = {}

    def input(self, x: Any) -> Value:
        """A value of this level, in memory of its own."""
        return ReverseLevel.input(self, np.array(x) if type(x) is np.ndarray else x)

    def bind(self, op: Op, operands: tuple[Any, ...], params: dict[str, Any]) -> Any:
        """Apply and record the op."""
        # What is given away is overwritten now, and not read later.
        given = operands[:1] if params.get("donate") else ()
        kept = [self._kept(x) if type(x) is np.ndarray else x for x in operands[len(given) :]]
        return ReverseLevel.bind(self, op, (*given, *kept), params)

    def bind_binary(self, op: Op, x: Any, y: Any, params: dict[str, Any] = NO_PARAMETERS) -> Any:
        """Apply and record the op."""
        x = self._kept(x) if type(x) is np.ndarray else x
        return ReverseLevel.bind_binary(self, op, x, self._kept(y) if type(y) is np.ndarray else y, params)

    def _kept(self, x: Any) -> Any:
        known = self._copies.get(id(x))
        if known is None:
            known = self._copies[id(x)] = (x, np.array(x))
        return known[1]
