"""The level that records a run for an explanation.

Which primitive ops belong to one instruction of the user's code is told by the stack: they are made under one call of a
library function, which stands directly below a frame of the user's. A frame is recognised by a mark, left in its
attribute `f_trace`. To hold the frame itself would keep alive what its variables refer to.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from inspect import CO_GENERATOR
from sys import _getframe
from time import perf_counter
from types import FrameType
from typing import Any

import numpy as np

from chainrule.explain.run.recorded import CallRecord, DeadEnd, Entry, Failed
from chainrule.graph import Node
from chainrule.graph.position import EXTERNAL, INTERNAL, here, is_internal
from chainrule.numpy.handle import Handle, look
from chainrule.trace import NO_PARAMETERS, Op, Value
from chainrule.transforms import ReverseLevel


class Mark:
    """What tells that a frame was met before: a trace function, as a frame's `f_trace` is, that does nothing.

    It passes events on to the trace function of a debugger, if one was there.
    """

    __slots__ = ("before", "level", "place", "runs")

    def __init__(self, level: Any, place: int, before: Any) -> None:
        self.level = level
        self.place = place
        self.before = before
        # Of a frame of the user's: how often each of its instructions ran.
        self.runs: dict[int, int] = {}

    def __call__(self, frame: FrameType, event: str, argument: Any) -> Any:
        """Be a trace function."""
        if self.before is not None:
            self.before = self.before(frame, event, argument)
        return self


# The place of the mark on the frame of the library's that runs the function: what is beyond is not the function's.
OUTSIDE = -1


class ExplainLevel(ReverseLevel):
    """The level that records what is computed from its inputs, with every value and the call that made it."""

    __slots__ = (
        "_clock",
        "_copies",
        "_shared",
        "calls",
        "cost",
        "dead_ends",
        "entries",
        "entry",
        "failed",
        "inputs",
        "labels",
        "nodes",
        "repeatable",
        "seconds",
        "values",
    )

    def __init__(self, cost: bool = False) -> None:
        super().__init__()
        self.cost = cost
        self.inputs: list[Node] = []
        self.nodes: list[Node] = []
        self.values: dict[Node, Any] = {}
        self.entry: dict[Node, int] = {}
        self.entries: list[Entry] = []
        self.calls: list[CallRecord] = []
        self.dead_ends: list[DeadEnd] = []
        self.seconds: dict[Node, float] = {}
        self.failed: Failed | None = None
        self.labels: dict[Node, str] = {}
        self.repeatable = True
        self._clock = itertools.count().__next__
        # Constants by identity; the original is held too, so that its identity is not given to another array.
        self._copies: dict[int, tuple[Any, Any]] = {}
        # By the identity of the memory's owner the nodes whose values lie in it: a write into it copies them first.
        self._shared: dict[int, list[Node]] = {}

    def input(self, x: Any) -> Value:
        """A value of this level, in memory of its own."""
        value = super().input(np.array(x) if type(x) is np.ndarray else x)
        self.inputs.append(value.attached)
        self._keep(value.attached, value.below)
        return value

    def bind(self, op: Op, operands: tuple[Any, ...], params: dict[str, Any]) -> Any:
        """Apply and record an op."""
        first = 1 if params.get("donate") else 0
        if first:
            self._save(operands[0])
        kept = [self._kept(x) if type(x) is np.ndarray else x for x in operands[first:]]
        return self._applied(super().bind, op, (*operands[:first], *kept), params)

    def bind_unary(self, op: Op, x: Any) -> Any:
        """Apply and record an elementwise op of one operand."""
        return self._applied(super().bind, op, (x,), {})

    def bind_with(self, op: Op, x: Any, params: dict[str, Any]) -> Any:
        """Apply and record an op of one operand, one result and parameters."""
        return self._applied(super().bind, op, (x,), params)

    def bind_binary(self, op: Op, x: Any, y: Any, params: dict[str, Any] = NO_PARAMETERS) -> Any:
        """Apply and record an op of two operands and one result."""
        x = self._kept(x) if type(x) is np.ndarray else x
        return self._applied(super().bind, op, (x, self._kept(y) if type(y) is np.ndarray else y), params)

    def look(self, value: Value) -> Any:
        """What Python sees of a value, whatever it makes of that."""
        self.repeatable = False
        return value.below

    def bared(self, value: Value) -> Any:
        """What the level wraps, to decide by it or to hold it constant."""
        self.repeatable = False
        return value.below

    def plain(self, value: Value) -> Any:
        """What the level wraps, for foreign code."""
        self.repeatable = False
        return value.below

    def end(self) -> None:
        """Close the level, and let go of what was held for the run."""
        super().end()
        self._copies.clear()
        self._shared.clear()

    def _applied(self, bind: Callable[..., Any], op: Op, operands: tuple[Any, ...], params: dict[str, Any]) -> Any:
        entry = self._entered(_getframe(2))
        start = perf_counter() if self.cost else 0.0
        try:
            z = bind(op, operands, params)
        except Exception as error:
            if self.failed is None or self.failed.error is not error:
                self.failed = Failed(error, op, self._nodes_of(operands), here(), entry)
            raise
        seconds = perf_counter() - start if self.cost else 0.0
        results = z if type(z) is tuple else (z,)
        mine = [r.attached for r in results if type(r) is Value and r.level is self]
        if not mine:
            # What is not recorded ends the derivative.
            values = tuple(look(r) for r in results)
            self.dead_ends.append(
                DeadEnd(op, self._nodes_of(operands), here(), values if type(z) is tuple else values[0])
            )
            return z
        if type(z) is tuple:
            main = mine[0].operands[0]
            self.nodes.append(main)
            self.entry[main] = entry
            self.values[main] = tuple(look(r.below if type(r) is Value else r) for r in results)
            self._timed(main, seconds)
            seconds = 0.0
        for r in results:
            if type(r) is Value and r.level is self:
                node = r.attached
                self.entry[node] = entry
                self._keep(node, r.below)
                self._timed(node, seconds)
        return z

    def _timed(self, node: Node, seconds: float) -> None:
        if self.cost:
            self.seconds[node] = seconds

    def _nodes_of(self, operands: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(x.attached if type(x) is Value and x.level is self else look(x) for x in operands)

    def _keep(self, node: Node, value: Any) -> None:
        """Note the value of a node, without copying it: it stays as it is until somebody writes into its memory."""
        if type(value) is Value:
            value = look(value)
        self.nodes.append(node)
        self.values[node] = value
        if type(value) is np.ndarray:
            self._shared.setdefault(_owner(value), []).append(node)

    def _save(self, written: Any) -> None:
        """Copy the values that lie in the memory of a value that will be overwritten."""
        below = written.below if type(written) is Value and written.level is self else written
        if type(below) is np.ndarray:
            for node in self._shared.pop(_owner(below), ()):
                self.values[node] = np.array(self.values[node])

    def _kept(self, x: Any) -> Any:
        known = self._copies.get(id(x))
        if known is None:
            known = self._copies[id(x)] = (x, np.array(x))
        return known[1]

    def _entered(self, frame: FrameType | None) -> int:
        """The entry into the library that this op belongs to, a new one if its outermost frame was not met before.

        A generator's frame is entered anew for each value that it yields.
        """
        library = frame
        while frame is not None:
            filename = frame.f_code.co_filename
            if filename in EXTERNAL or (filename not in INTERNAL and not is_internal(filename)):
                break
            mark = frame.f_trace
            if type(mark) is Mark and mark.level is self and mark.place == OUTSIDE:
                # The explained function is one of the library's.
                frame = None
                break
            library = frame
            frame = frame.f_back
        assert library is not None  # the frame that applies the op
        mark = library.f_trace
        if type(mark) is Mark and mark.level is self and not library.f_code.co_flags & CO_GENERATOR:
            return mark.place
        place = len(self.entries)
        library.f_trace = Mark(self, place, library.f_trace)
        if frame is None:
            self.entries.append(Entry(None, None, -1, 0, self._clock()))
            return place
        caller = self._called(frame)
        offset = frame.f_lasti
        iteration = caller.runs.get(offset, 0)
        caller.runs[offset] = iteration + 1
        self.entries.append(Entry(caller.place, frame.f_code, offset, iteration, self._clock()))
        return place

    def _called(self, frame: FrameType) -> Mark:
        """The mark of a frame of the user's; new calls, from the outermost on, are noted."""
        unmet: list[FrameType] = []
        outer: FrameType | None = frame
        mark: Any = None
        while outer is not None:
            found = outer.f_trace
            if type(found) is Mark and found.level is self:
                if found.place == OUTSIDE:
                    break
                if outer.f_code.co_filename in EXTERNAL:
                    mark = found
                    break
            if not is_internal(outer.f_code.co_filename):
                unmet.append(outer)
            outer = outer.f_back
        offset, iteration = -1, 0
        for each in reversed(unmet):
            if mark is not None:
                assert outer is not None  # the frame of the mark
                offset = outer.f_lasti
                iteration = mark.runs.get(offset, 0)
                mark.runs[offset] = iteration + 1
            caller = None if mark is None else mark.place
            mark = Mark(self, len(self.calls), each.f_trace)
            self.calls.append(CallRecord(each.f_code, caller, offset, iteration, self._clock(), each.f_lineno))
            each.f_trace = mark
            outer = each
        return mark  # type: ignore[no-any-return]  # the last of `unmet`, or the one found


def _owner(array: Any) -> int:
    """The identity of what owns the memory of an array."""
    base = array
    while getattr(base, "base", None) is not None:
        base = base.base
    return id(base)


def name(x: Any, label: str) -> Any:
    """Give a value a name in explanations, and return it.

    Parameters
    ----------
    x : Array, Scalar or anything
        A value in a function that is explained. Elsewhere nothing happens.
    label : str
        What it is called.

    Returns
    -------
    Array, Scalar or anything
        `x` itself.

    Examples
    --------
    >>> import numpy as np
    >>> import chainrule as cr
    >>> def f(x):
    ...     return x * cr.explain.name(np.exp(x * x), "bell")
    >>> cr.explain(f, 0.5).node("bell").op
    'exp'
    """
    value = x._read() if isinstance(x, Handle) else x
    while type(value) is Value:
        if isinstance(value.level, ExplainLevel):
            value.level.labels[value.attached] = label
        value = value.below
    return x
