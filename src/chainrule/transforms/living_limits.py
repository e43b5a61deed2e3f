"""What every derivative asks about limits (`limits`), which few programs take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chainrule import ops
from chainrule.graph import Node
from chainrule.trace import Level, Value

# References to the levels of limits that some recorded program still refers to: one look says if there are none.
LIVING: set[Any] = set()


def joined_to_limits(outputs: Sequence[Node | None]) -> tuple[Node | None, ...]:
    """Recorded results, of a program that says where a value that is the same at every step meets one that is not.

    There the pull adds up the cotangents of all steps, as it does for every value that was repeated. A limit that is
    not taken within the program belongs to a derivative around it, for which each step has a derivative of its own.
    """
    if not LIVING:
        return tuple(outputs)
    from chainrule.transforms.limits import joined

    return joined(outputs)


def settled(y: Any, level: Level) -> Any:
    """A result of a differentiated function, out of the limit that belongs to that derivative, if there is one."""
    if level.limit is None or type(y) is not Value:
        return y
    return ops.centre(y, level=level.limit)
