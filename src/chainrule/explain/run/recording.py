"""Recording a run for an explanation."""

from __future__ import annotations

import functools
from collections.abc import Callable
from sys import _getframe
from typing import Any

import numpy as np

from chainrule.api.arguments import Argnames, Argnums, Call
from chainrule.api.gradient import described_result, one_number
from chainrule.api.recording import Recording
from chainrule.api.trees import flatten, unflatten
from chainrule.errors import ExplainError, NonScalarOutputError
from chainrule.explain.run.backward_pass import BackwardPass
from chainrule.explain.run.level import OUTSIDE, ExplainLevel, Mark
from chainrule.explain.run.recorded import Failed, Recorded
from chainrule.graph import Position
from chainrule.graph.position import describe, described_function, here, is_internal


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
        repeatable=level.repeatable,
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
    frame.f_trace = Mark(level, OUTSIDE, frame.f_trace)
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
