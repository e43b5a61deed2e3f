"""Recording a run for an explanation: every value, and where in the user's code it was made, beside the graph.

Which primitive ops belong to one instruction of the user's code is told by the stack: they are made under one call of a
library function, which stands directly below a frame of the user's. A frame is recognised by a mark, left in its
attribute `f_trace`. To hold the frame itself would keep alive what its variables refer to.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from inspect import CO_GENERATOR
from sys import _getframe
from time import perf_counter
from types import CodeType, FrameType
from typing import Any

import numpy as np

from chainrule.api.arguments import Argnames, Argnums, Call
from chainrule.api.gradient import described_result, one_number
from chainrule.api.recording import Recording
from chainrule.api.trees import flatten, unflatten
from chainrule.errors import ExplainError, NonScalarOutputError
from chainrule.explain.run.backward_pass import BackwardPass
from chainrule.graph import Node, Position
from chainrule.graph.position import EXTERNAL, INTERNAL, describe, described_function, here, is_internal
from chainrule.numpy.handle import Handle, look
from chainrule.trace import Op, Value
from chainrule.transforms import ReverseLevel, Tape


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
    entry, frames, iteration, seconds
        By node: which entry made it (a place in `entries`); the call that it stands in (a place in `calls`, or None);
        how often its instruction ran before in this call; the seconds that it took, if cost was asked for.
    result, tape
        The node of the explained number, None if it does not depend on the inputs or `f` raised, and the recorded run.
    backward
        The pass that the gradient comes from, while it is kept; None if `f` raised.
    value, gradient
        As `value_and_grad` gives them, None if `f` raised.
    labels
        What `name` called values in the function.
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

    def backward_pass(self) -> BackwardPass:
        """The backward pass: that of the gradient while it is kept, otherwise another one."""
        assert self.tape is not None  # there is a result
        return self.backward or BackwardPass(self.tape)

    def frame_of(self, node: Node) -> int | None:
        """The call that a node was made in."""
        entry = self.entry.get(node)
        return None if entry is None else self.entries[entry].call

    def iteration_of(self, node: Node) -> int:
        """How often the instruction of a node ran before in its call."""
        entry = self.entry.get(node)
        return 0 if entry is None else self.entries[entry].iteration

    @property
    def frames(self) -> dict[Node, int | None]:
        """By node, the call that it was made in."""
        return {node: self.frame_of(node) for node in self.nodes}

    @property
    def iteration(self) -> dict[Node, int]:
        """By node, how often its instruction ran before in its call."""
        return {node: self.iteration_of(node) for node in self.nodes}


class _Mark:
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
        if self.before is not None:
            self.before = self.before(frame, event, argument)
        return self


# The place of the mark on the frame of the library's that runs the function: what is beyond is not the function's.
_OUTSIDE = -1


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

    def bind_binary(self, op: Op, x: Any, y: Any) -> Any:
        """Apply and record an op of two operands and one result."""
        x = self._kept(x) if type(x) is np.ndarray else x
        return self._applied(super().bind, op, (x, self._kept(y) if type(y) is np.ndarray else y), {})

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
            if type(mark) is _Mark and mark.level is self and mark.place == _OUTSIDE:
                # The explained function is one of the library's.
                frame = None
                break
            library = frame
            frame = frame.f_back
        assert library is not None  # the frame that applies the op
        mark = library.f_trace
        if type(mark) is _Mark and mark.level is self and not library.f_code.co_flags & CO_GENERATOR:
            return mark.place
        place = len(self.entries)
        library.f_trace = _Mark(self, place, library.f_trace)
        if frame is None:
            self.entries.append(Entry(None, None, -1, 0, self._clock()))
            return place
        caller = self._called(frame)
        offset = frame.f_lasti
        iteration = caller.runs.get(offset, 0)
        caller.runs[offset] = iteration + 1
        self.entries.append(Entry(caller.place, frame.f_code, offset, iteration, self._clock()))
        return place

    def _called(self, frame: FrameType) -> _Mark:
        """The mark of a frame of the user's; new calls, from the outermost on, are noted."""
        unmet: list[FrameType] = []
        outer: FrameType | None = frame
        mark: Any = None
        while outer is not None:
            found = outer.f_trace
            if type(found) is _Mark and found.level is self:
                if found.place == _OUTSIDE:
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
            mark = _Mark(self, len(self.calls), each.f_trace)
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


def record(
    f: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    argnums: Argnums = 0,
    argnames: Argnames = None,
    out: Any = None,
    cost: bool = False,
) -> Recorded:
    """Run a function once, as `value_and_grad` does, and note everything.

    If it raises, what was recorded until then is returned, with `failure`.
    """
    call = Call(f, args, kwargs, argnums, argnames)
    if call.inside:
        raise ExplainError(
            f"`explain` was called inside a function that is being differentiated, explained or mapped."
            f"{describe(here())}\n"
            "  Its values belong to that transformation. Call it outside, on a function that does all of it."
        )
    call.check_differentiable("explain")
    level = ExplainLevel(cost)
    recording: Recording | None = None
    try:
        recording = _run(f, call, level, out)
    except ExplainError:
        raise
    except Exception as error:
        if level.failed is None or level.failed.error is not error:
            level.failed = Failed(error, None, (), _raised_at(error), None)
    else:
        level.failed = None
    recorded = Recorded(
        function=_name_of(f),
        code=getattr(f, "__code__", None),
        inputs=tuple(level.inputs),
        names=call.names,
        nodes=level.nodes,
        values=level.values,
        entry=level.entry,
        entries=level.entries,
        calls=level.calls,
        dead_ends=level.dead_ends,
        seconds=level.seconds,
        cost=cost,
        failure=level.failed,
        labels=level.labels,
    )
    if recording is None:
        return recorded
    _check_explained_number(f, recording)
    recorded.value = recording.value()
    recorded.tape = recording.tape
    recorded.backward = BackwardPass(recording.tape)
    # The caller may write to it, and the recorded run may share its memory.
    leaves, structure = flatten(recording.exported(recorded.backward.gradient))
    leaves = [np.array(leaf) if type(leaf) is np.ndarray else leaf for leaf in leaves]
    recorded.gradient = unflatten(structure, leaves)
    (recorded.result,) = recording.tape.outputs
    if level.limit is not None:
        # Its values have one lane for each point that the limit is taken over.
        raise ExplainError(
            f"{described_function(f)} takes a limit of derivatives at a singular point, which is not explained."
            f"{describe(here())}\n  Explain it at a point close by."
        )
    return recorded


def _check_explained_number(f: Callable[..., Any], recording: Recording) -> None:
    """Refuse a result that is not one real number."""
    try:
        one_number(f, recording, False)
    except NonScalarOutputError:
        got = described_result(recording)
        raise NonScalarOutputError(
            f"`explain` explains one real number, and {described_function(f)} returned {got}.{describe(here())}\n"
            "  Reduce it (`np.sum(...)`; of a complex number `np.real(...)` or `np.abs(...)`), or pick one entry:\n"
            "  `out=0`, `out=(1, 2)`, `out='loss'`."
        ) from None


def _run(f: Callable[..., Any], call: Call, level: ExplainLevel, out: Any) -> Recording:
    frame = _getframe()
    frame.f_trace = _Mark(level, _OUTSIDE, frame.f_trace)
    pick = None if out is None else functools.partial(_entry, f, out)
    return Recording(f, call, level=level, pick=pick)


def _name_of(f: Callable[..., Any]) -> str:
    """What a function is called; of one with arguments bound by `functools.partial` the function itself."""
    while isinstance(f, functools.partial):
        f = f.func
    return str(getattr(f, "__name__", type(f).__name__))


def _entry(f: Callable[..., Any], out: Any, result: Any) -> Any:
    """The entry of a result that is explained."""
    try:
        return result[out]
    except (IndexError, KeyError, TypeError) as error:
        raise ExplainError(
            f"`out={out!r}` picks no entry of what {described_function(f)} returned: {error}."
        ) from error


def _raised_at(error: BaseException) -> Position | None:
    """The innermost position in the user's code of a traceback."""
    found = None
    traceback = error.__traceback__
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if not is_internal(code.co_filename):
            found = Position(code, traceback.tb_lasti)
        traceback = traceback.tb_next
    return found
