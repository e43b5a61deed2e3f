"""A level: one active transformation."""

from __future__ import annotations

import itertools
from typing import Any

from chainrule.graph.position import describe, here

next_level = itertools.count(1).__next__

# Of the ops that take none; nobody writes to it.
NO_PARAMETERS: dict[str, Any] = {}


class Level:
    """One active transformation, which handles the ops on its Values.

    Levels are numbered by one process-wide counter. Among the operands of an op the greatest number wins: that level
    handles the op and applies it again to what it wraps. No stack is involved, so threads, generators and pulls that
    are called later need no care, and the perturbations of nested derivatives cannot be confused.
    """

    __slots__ = ("__weakref__", "ended", "limit", "number", "written")

    # Whether what Python sees of a Value of this level may be given to foreign code: no derivative is lost by that.
    stands_for_plain = False
    # Whether its Values are opaque objects to Python and NumPy, as some libraries have them: never changed in place (an
    # augmented assignment makes a new one), told apart by identity, objects to `np.asarray`, and plain when compared.
    opaque = False
    # Whether a derivative is lost where a Value of this level gives way to what it wraps.
    differentiates = True

    def __init__(self) -> None:
        self.number = next_level()
        self.ended = False
        # The level of the limit that this derivative takes, once it takes one (transforms/limits.py).
        self.limit: Any = None
        # Weak references to the handles through which a Value of this level was written.
        self.written: list[Any] = []

    def bind(self, op: Any, operands: tuple[Any, ...], params: dict[str, Any]) -> Any:
        """Apply an op to operands of which at least one belongs to this level."""
        raise NotImplementedError

    def bind_unary(self, op: Any, x: Any) -> Any:
        """Apply a unary op, which is elementwise, to an operand of this level: `bind` with less ado."""
        return self.bind(op, (x,), {})

    def bind_with(self, op: Any, x: Any, params: dict[str, Any]) -> Any:
        """Apply an op of one operand, one result and parameters to an operand of this level: `bind` with less ado."""
        return self.bind(op, (x,), params)

    def bind_binary(self, op: Any, x: Any, y: Any, params: dict[str, Any] = NO_PARAMETERS) -> Any:
        """Apply an op of two operands and one result, at least one of this level: `bind` with less ado."""
        return self.bind(op, (x, y), params)

    def look(self, value: Any) -> Any:
        """What Python sees of a Value of this level: what the level wraps."""
        return value.below

    def shown(self, value: Any) -> Any:
        """What is printed of a Value of this level: what the level wraps."""
        return value.below

    def bared(self, value: Any) -> Any:
        """What the level wraps, for a look of the library's at numbers that it decides by, all lanes included."""
        return value.below

    def plain(self, value: Any) -> Any:
        """What foreign code is given for a Value of this level, if that `stands_for_plain`."""
        return self.shown(value)

    def end(self) -> None:
        """Close the level: its Values become unusable, and handles written during it fall back to what it wrapped."""
        self.ended = True
        if self.written:
            for reference in self.written:
                handle = reference()
                if handle is not None:
                    handle.fall_back(self)
            self.written.clear()

    def refuse_ended(self, op: Any) -> None:
        """Raise for the use of a Value whose level has ended."""
        raise ended(op.name)


def ended(name: str) -> Exception:
    """The error for what uses a Value whose level has ended."""
    from chainrule.errors import EndedLevelError

    return EndedLevelError(
        f"`{name}`: a traced value is used after the derivative that it belonged to was taken.{describe(here())}\n"
        "  It escaped from the differentiated function, for instance through a list or an attribute.\n"
        "  Return it instead (`has_aux=True` passes extra results through), or store the number alone,\n"
        "  `cr.stop_gradient(x)`."
    )
