"""`debug()`: an error at the line where a number that is not finite was born.

Nothing of this is in the way of an ordinary run: entering the first block puts methods that watch in the place of
those that do not, and leaving the last one puts these back. Threads that are in no block run through at once.
"""

from __future__ import annotations

import dis
import functools
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import CodeType, FrameType
from typing import Any

import numpy as np

from chainrule.api.batching import Lanes
from chainrule.api.compilation import Arguments, Jitted
from chainrule.api.readings import Readings
from chainrule.api.recording import Recording
from chainrule.api.specialisation import record
from chainrule.api.surroundings import called_inside
from chainrule.api.trees import flatten
from chainrule.errors import NonFiniteError
from chainrule.explain.health.entries import bottom
from chainrule.explain.health.ledger import Inside, Ledger
from chainrule.graph import Node
from chainrule.graph.position import describe, here
from chainrule.jacobians.zeros import ZERO
from chainrule.numpy.handle import Array, Handle, Scalar
from chainrule.numpy.swap import UNUSUAL, run_opened, swaps
from chainrule.trace import NO_PARAMETERS, Op, Value
from chainrule.transforms import BatchLevel, ForwardLevel, ReverseLevel, Tape, checkpoint
from chainrule.transforms.checkpoint import RecordLevel
from chainrule.transforms.holding import carries_derivative
from chainrule.transforms.keeping import KeepingLevel
from chainrule.transforms.limits import LimitLevel
from chainrule.transforms.recording import RecordingLevel

_ledger: ContextVar[Ledger | None] = ContextVar("ledger", default=None)

# How many blocks are active, in all threads, and what was there before the first one.
_lock = threading.Lock()
_active = 0
_originals: list[tuple[Any, str, Any]] = []


@contextmanager
def debug() -> Iterator[None]:
    """Raise `NonFiniteError` where an infinity or a NaN is born, in the run or in a derivative.

    In a `with` block, in the thread that runs it, every derivative that is taken, and every `vmap`, is watched: the
    operations of the run, and the products with local Jacobians, backward and forward, at any order. If a number that
    is not finite reaches a result, a derivative, or a look of Python's (`if`, `int`), the error names the first
    operation that made one of its ancestors: the line, the numbers, the element, and why.

    What is hidden does not count: a branch that `np.where` does not select, an entry that nobody reads, a number that
    a comparison or `np.isfinite` sorts out. Infinities from outside (`-np.inf` in a mask) count if they come out again.
    Functions compiled by `jit` run as they are, operation by operation. Numbers are bit by bit what they are without,
    and outside of such blocks nothing is watched and nothing is slower. A generator that is left in the middle of a
    block leaves the block open, as with `np.errstate`.

    Raises
    ------
    NonFiniteError
        By whatever takes the derivative.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import grad
    >>> def f(x):
    ...     return np.sum(np.exp(x) ** 2)
    >>> with debug(), np.errstate(over="ignore"):
    ...     grad(f)(np.array([1.0, 1000.0]))
    Traceback (most recent call last):
    ...
    chainrule.errors.NonFiniteError: `exp` made a number that is not finite, at element [1] of its result: exp(1000) ...
    """
    _switch_on()
    ledger = Ledger()
    token = _ledger.set(ledger)
    # Compiled code looks whether anything is in here, and then leaves its calls to Python.
    UNUSUAL[ledger] = None
    try:
        yield
    finally:
        del UNUSUAL[ledger]
        _switch_off()
        # A generator may be closed in another context, in which this block never was.
        if _ledger.get() is ledger:
            try:
                _ledger.reset(token)
            except ValueError:
                _ledger.set(None)


def _switch_on() -> None:
    global _active
    with _lock:
        _active += 1
        if _active == 1:
            for owner, name, watching in _watched():
                before = vars(owner)[name]
                _originals.append((owner, name, before))
                setattr(owner, name, functools.wraps(before)(watching(before)))


def _switch_off() -> None:
    global _active
    with _lock:
        _active -= 1
        if _active == 0:
            while _originals:
                setattr(*_originals.pop())


def _watched() -> Iterator[tuple[Any, str, Callable[[Any], Any]]]:
    """The methods that are watched, and what makes a watching one of each."""
    binds: dict[str, Callable[[Any], Any]] = {
        "bind": _watched_bind,
        "bind_unary": _watched_bind_unary,
        "bind_with": _watched_bind_with,
        "bind_binary": _watched_bind_binary,
    }
    for level in (ReverseLevel, KeepingLevel, ForwardLevel, BatchLevel, LimitLevel, RecordLevel, RecordingLevel):
        for name, watching in binds.items():
            if name in vars(level):
                yield level, name, watching
    yield Tape, "pull", _watched_pull
    yield Tape, "push", _watched_push
    yield checkpoint, "replay", _watched_replay
    yield Recording, "__init__", _watched_recording
    yield ForwardLevel, "tangent_of", _watched_tangent_of
    yield Lanes, "_checked", _watched_lanes
    yield Jitted, "_call_slowly", _as_it_is
    yield Handle, "__bool__", _watched_look
    yield Handle, "__int__", _watched_look
    for owner in (Handle, Array, Scalar):
        for name in ("__lt__", "__le__", "__gt__", "__ge__"):
            if name in vars(owner):
                yield owner, name, _watched_comparison


# The operations.


def _watched_bind(before: Callable[..., Any]) -> Callable[..., Any]:
    def bind(self: Any, op: Op, operands: tuple[Any, ...], params: dict[str, Any]) -> Any:
        return _applied(lambda: before(self, op, operands, params), op, operands, params)

    return bind


def _watched_bind_unary(before: Callable[..., Any]) -> Callable[..., Any]:
    def bind_unary(self: Any, op: Op, x: Any) -> Any:
        return _applied(lambda: before(self, op, x), op, (x,), {})

    return bind_unary


def _watched_bind_with(before: Callable[..., Any]) -> Callable[..., Any]:
    def bind_with(self: Any, op: Op, x: Any, params: dict[str, Any]) -> Any:
        return _applied(lambda: before(self, op, x, params), op, (x,), params)

    return bind_with


def _watched_bind_binary(before: Callable[..., Any]) -> Callable[..., Any]:
    def bind_binary(self: Any, op: Op, x: Any, y: Any, params: dict[str, Any] = NO_PARAMETERS) -> Any:
        return _applied(lambda: before(self, op, x, y, params), op, (x, y), params)

    return bind_binary


def _applied(apply: Callable[[], Any], op: Op, operands: tuple[Any, ...], params: dict[str, Any]) -> Any:
    """The result of an operation, noted if it is one of the user's and not a part of another one."""
    ledger = _ledger.get()
    if ledger is None:
        return apply()
    if ledger.depth:
        return _placed_where_pulled(ledger, apply())
    # What may be overwritten is needed as it was.
    donated = bool(params.get("donate"))
    befores = [np.array(bottom(x)) if donated else bottom(x) for x in operands]
    with Inside(ledger):
        z = apply()
        ledger.applied(op, operands, befores, params, z)
        y = z[0] if type(z) is tuple and z else z
        while type(y) is Value:
            if isinstance(y.level, ForwardLevel):
                ledger.pushed_along(y.level, op, operands, params, z)
            y = y.below
    return z


def _placed_where_pulled(ledger: Ledger, z: Any) -> Any:
    """What is recorded while a node is pulled belongs to the line of that node."""
    if ledger.pulled is not None and type(z) is Value and isinstance(z.level, ReverseLevel):
        z.attached.code, z.attached.offset = ledger.pulled.code, ledger.pulled.offset
    return z


# What comes out.


def _watched_pull(before: Callable[..., Any]) -> Callable[..., Any]:
    @np.errstate(all="ignore")
    def pull(self: Any, y_bars: Any) -> list[Any]:
        return _multiplied(before, Ledger.pull, self, y_bars)

    return pull


def _watched_push(before: Callable[..., Any]) -> Callable[..., Any]:
    @np.errstate(all="ignore")
    def push(self: Any, x_dots: Any) -> list[Any]:
        return _multiplied(before, Ledger.push, self, x_dots)

    return push


def _multiplied(
    before: Callable[..., list[Any]], multiply: Callable[..., list[Any]], tape: Any, seeds: Any
) -> list[Any]:
    ledger = _ledger.get()
    if ledger is None:
        return before(tape, seeds)
    with Inside(ledger):
        products = multiply(ledger, tape, seeds)
    _refuse(ledger, products, "the derivative")
    return products


def _watched_replay(before: Callable[..., list[Any]]) -> Callable[..., list[Any]]:
    def replay(graph: Any, inputs: Any) -> list[Any]:
        ledger = _ledger.get()
        if ledger is None or ledger.pulled is None:
            return before(graph, inputs)
        values: dict[Any, Any] = dict(zip(graph.inputs, inputs, strict=True))
        outer = ledger.pulled
        try:
            for node in graph.nodes:
                # What is recorded now belongs to the line that the program was recorded from.
                ledger.pulled = node
                operands = [values[x] if type(x) is Node else x for x in node.operands]
                params = {**node.params, "donate": False} if "donate" in node.params else node.params
                values[node] = node.op(*operands, **params)
        finally:
            ledger.pulled = outer
        return [values[output] if type(output) is Node else output for output in graph.outputs]

    return replay


def _watched_recording(before: Callable[..., None]) -> Callable[..., None]:
    def __init__(self: Any, f: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807  # it takes its place
        before(self, f, *args, **kwargs)
        ledger = _ledger.get()
        if ledger is not None:
            _refuse(ledger, self.leaves, "the result")

    return __init__


def _watched_tangent_of(before: Callable[..., Any]) -> Callable[..., Any]:
    def tangent_of(self: Any, y: Any) -> Any:
        value, tangent = before(self, y)
        ledger = _ledger.get()
        if ledger is not None:
            _refuse(ledger, [value], "the result")
            _refuse(ledger, [tangent], "the derivative")
        return value, tangent

    return tangent_of


def _watched_lanes(before: Callable[..., Any]) -> Callable[..., Any]:
    def _checked(self: Any, y: Any) -> Any:
        y = before(self, y)
        ledger = _ledger.get()
        if ledger is not None and not carries_derivative(y):
            _refuse(ledger, [y], "the result")
        return y

    return _checked


def _as_it_is(before: Callable[..., Any]) -> Callable[..., Any]:
    def _call_slowly(self: Any, *args: Any, **kwargs: Any) -> Any:
        ledger = _ledger.get()
        if ledger is None or called_inside() or not swaps():
            return before(self, *args, **kwargs)
        arguments = Arguments(args, kwargs, self._is_static)
        if arguments.has_handles or arguments.key is None:
            return before(self, *args, **kwargs)

        def watched(*args: Any, **kwargs: Any) -> Any:
            returned = run_opened(self._function, *args, **kwargs)
            _refuse(ledger, [x._peek() for x in flatten(returned)[0] if isinstance(x, Handle)], "the result")
            return returned

        level = RecordingLevel()
        readings = Readings(level)
        try:
            # As in a first call, which is run operation by operation and recorded; nothing is kept of it.
            return record(watched, arguments.inputs, arguments.kinds, arguments.with_inputs, readings, level).value
        except NonFiniteError:
            raise
        except Exception:
            if readings.effects:
                raise
            return self._run_as_it_is(arguments)

    return _call_slowly


# What Python looks at.


def _watched_look(before: Callable[..., Any]) -> Callable[..., Any]:
    def look(self: Any) -> Any:
        _refuse_look(self._peek())
        return before(self)

    return look


def _watched_comparison(before: Callable[..., Any]) -> Callable[..., Any]:
    def compare(self: Any, other: Any) -> Any:
        result = before(self, other)
        ledger = _ledger.get()
        if ledger is not None and not np.shape(result) and _is_branch(sys._getframe(1)):
            for x in (self, other):
                if isinstance(x, Handle):
                    _refuse_look(x._peek())
        return result

    return compare


def _refuse_look(value: Any) -> None:
    """Raise for a look at a number that was born; an infinity from outside may well be compared with."""
    ledger = _ledger.get()
    if ledger is None or ledger.depth:
        return
    origin = ledger.origin(value)
    if origin is not None and ledger.birth(origin)[1].reason != "imported":
        raise _error(ledger, origin, "a look of Python's")


@functools.lru_cache(maxsize=1024)
def _branches(code: CodeType) -> frozenset[int]:
    """The offsets of comparisons whose result decides where Python goes on."""
    found = set()
    compared = None
    for instruction in dis.get_instructions(code):
        if instruction.opname == "COMPARE_OP":
            compared = instruction.offset
        elif "JUMP" in instruction.opname and compared is not None:
            found.add(compared)
            compared = None
        elif instruction.opname not in ("COPY", "TO_BOOL", "CACHE"):
            compared = None
    return frozenset(found)


def _is_branch(frame: FrameType) -> bool:
    return frame.f_lasti in _branches(frame.f_code)


# The error.


def _refuse(ledger: Ledger, values: Iterable[Any], reached: str) -> None:
    """Raise if one of some results is not finite, unless they are intermediate ones."""
    if ledger.depth:
        return
    for value in values:
        if value is not ZERO:
            with Inside(ledger):
                origin = ledger.origin(value)
            if origin is not None:
                raise _error(ledger, origin, reached)


def _error(ledger: Ledger, origin: int, reached: str) -> NonFiniteError:
    birth, cause = ledger.birth(origin)
    lanes, element = cause.element[: birth.lanes], cause.element[birth.lanes :]
    where = f", at element [{', '.join(map(str, element))}]" if element else ""
    if where:
        where += " of its result" if birth.phase == "forward" else f" of a {_FACTOR[birth.phase]}"
    if lanes:
        where += f", in lane {', '.join(map(str, lanes))}"
    if cause.reason == "imported":
        what = f"`{birth.op}` met a number that was not finite before"
    elif birth.phase == "forward":
        what = f"`{birth.op}` made a number that is not finite"
    else:
        what = f"the derivative of `{birth.op}` is not finite"
    message = f"{what}{where}: {cause.happened} ({cause.reason})."
    lines = [f"{message}{describe(birth.position or here())}", f"  It reaches {reached}."]
    if cause.advice:
        lines.append(f"  {cause.advice}")
    error = NonFiniteError("\n".join(lines))
    error.reason, error.phase, error.op = cause.reason, birth.phase, birth.op
    error.element, error.lanes = element, lanes
    if birth.position is not None:
        error.file, error.line = birth.position.file, birth.position.line
    return error


_FACTOR = {"backward": "cotangent", "push": "tangent"}
