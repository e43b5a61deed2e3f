"""What is noted of a run for an explanation: its graph, every value, and where in the user's code that was made."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import CodeType
from typing import Any

from chainrule.explain.run.backward_pass import BackwardPass
from chainrule.graph import Node, Position
from chainrule.trace import Op
from chainrule.transforms import Tape


@dataclass(slots=True)
class CallRecord:
    """One call of a function of the user's: its code, and which call made it, at which instruction.

    `caller` is a place in `Recorded.calls`, None for the explained function. `moment` orders calls and entries by when
    they began; `iteration` counts how often the calling instruction ran before in the caller.
    """

    code: CodeType
    caller: int | None
    offset: int
    iteration: int
    moment: int
    line: int


@dataclass(slots=True)
class Entry:
    """One call of the library by an instruction of the user's: the call it stands in, where, and how often before."""

    call: int | None
    code: CodeType | None
    offset: int
    iteration: int
    moment: int


@dataclass(slots=True)
class DeadEnd:
    """An op that ends a derivative since its result is piecewise constant: what it took and gave, and where."""

    op: Op
    operands: tuple[Any, ...]
    position: Position | None
    value: Any


@dataclass(slots=True)
class Failed:
    """The op that raised, or the place where the user's code did."""

    error: BaseException
    op: Op | None
    operands: tuple[Any, ...]
    position: Position | None
    entry: int | None


@dataclass(slots=True)
class Recorded:
    """A run of a function, with everything that an explanation is made of.

    function
        What it is called.
    code
        Its code, if it has any.
    inputs, names
        The nodes of the leaves of the differentiated arguments, and what they are called.
    nodes
        All recorded nodes, the inputs first, in the order in which they were made.
    values
        By node the array or number that it was; a tuple for a node with several results. They are nobody else's.
    entry, seconds
        By node: which entry made it (a place in `entries`); the seconds that it took, if cost was asked for.
    result, tape
        The node of the explained number, None if it does not depend on the inputs or `f` raised, and the recorded run.
    backward
        The pass that the gradient comes from, while it is kept; None if `f` raised.
    value, gradient
        As `value_and_grad` gives them, None if `f` raised.
    labels
        What `name` called values in the function.
    repeatable
        Whether all that the run depends on are its ops and its dead ends: no number was looked at or held constant.
    """

    function: str
    code: CodeType | None
    inputs: tuple[Node, ...]
    names: list[str]
    nodes: list[Node]
    values: dict[Node, Any]
    entry: dict[Node, int]
    entries: list[Entry]
    calls: list[CallRecord]
    dead_ends: list[DeadEnd]
    seconds: dict[Node, float]
    cost: bool
    result: Node | None = None
    tape: Tape | None = None
    backward: BackwardPass | None = None
    value: Any = None
    gradient: Any = None
    failure: Failed | None = None
    labels: dict[Node, str] = field(default_factory=dict)
    repeatable: bool = True

    def backward_pass(self) -> BackwardPass:
        """The backward pass: that of the gradient while it is kept, otherwise another one."""
        assert self.tape is not None  # there is a result
        return self.backward or BackwardPass(self.tape)
