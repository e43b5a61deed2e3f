"""A recorded run made ready to be run again, for inputs of the same kinds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from chainrule.api.kinds import Kind, Result, as_input
from chainrule.api.readings import Effect, Held, LiveArray, Readings
from chainrule.api.trees import flatten, unflatten
from chainrule.compile import Executable, Guard, Program, compiled
from chainrule.compile.entry import FastPath
from chainrule.graph import Position
from chainrule.numpy.handle import Array, Handle
from chainrule.numpy.python_numbers import Number
from chainrule.numpy.swap import put_in_order, run_watched
from chainrule.numpy.swap.clones import AS_IS
from chainrule.trace import Value
from chainrule.transforms.recording import Failure, RecordingLevel


class Specialisation:
    """What one run recorded, for arguments of the same kinds.

    kinds
        Those of the inputs among the arguments, in the order of the leaves.
    arrays
        What is read afresh beside the arguments: the inputs that follow those.
    held
        What else the run read, which has to be the same.
    program, executable
        What was recorded, and its native code.
    results, structure
        Of each leaf of the result, its kind and, if it is no output of the program, itself; and how they nest.
    path
        The same for calls by position that need no Python, if they can be described.
    """

    __slots__ = ("arrays", "executable", "held", "kinds", "path", "program", "results", "structure")

    def __init__(
        self,
        kinds: Sequence[Kind],
        arrays: Sequence[LiveArray],
        held: Sequence[Held],
        program: Program,
        results: Sequence[tuple[Kind | None, Any]],
        structure: Any,
    ) -> None:
        self.kinds = tuple(kinds)
        self.arrays = tuple(arrays)
        self.held = tuple(held)
        self.program = program
        self.executable: Executable = compiled(program)
        self.results = tuple(results)
        self.structure = structure
        self.path: FastPath | None = None

    def fits(self) -> bool:
        """Whether what the run read beside its arguments is there, and the same."""
        return all(held.holds() for held in self.held) and all(live.current() is not None for live in self.arrays)

    def __call__(self, inputs: Sequence[Any]) -> tuple[Any] | None:
        """What the function returns for other arguments, in a tuple; None if the recording does not hold for them."""
        for held in self.held:
            if not held.holds():
                return None
        values = [as_input(x, kind) for x, kind in zip(inputs, self.kinds, strict=True)]
        for live in self.arrays:
            array = live.current()
            if array is None:
                return None
            values.append(as_input(array, live.kind))
        outputs = self.executable(values)
        if outputs is None:
            return None
        found = iter(outputs)
        leaves = [x if kind is None else kind.result(next(found)) for kind, x in self.results]
        return (unflatten(self.structure, leaves),)

    def first_difference(self, other: Specialisation) -> Position | None:
        """Where the user's code first looked at something that differs from what another run saw."""
        for mine, others in zip(self.program.guards, other.program.guards, strict=False):
            if mine.position != others.position:
                break
            if mine.value.tobytes() != others.value.tobytes():
                return mine.position
        return None


class Recorded(NamedTuple):
    """An ordinary run that was recorded: what it returned, and what was made of it.

    Without a specialisation if the run did what the recorded operations would not do again, or returned what they do
    not make.
    """

    value: Any
    specialisation: Specialisation | None
    effects: list[Effect]


def record(f: Any, inputs: Sequence[Any], kinds: Sequence[Kind], call: Any, readings: Readings, level: Any) -> Recorded:
    """Run a function on recorded arguments; `call` makes the arguments of the handles of the inputs."""
    values = [level.input(kind.value(x)) for kind, x in zip(kinds, inputs, strict=True)]
    try:
        handles = [kind.handle(value) for kind, value in zip(kinds, values, strict=True)]
        returned = run_watched(readings, f, lambda: call(handles))
        leaves, structure = flatten(returned)
        results = [_result(leaf, level) for leaf in leaves]
    finally:
        level.end()
        put_in_order()
    given = [_given(leaf, result) for leaf, result in zip(leaves, results, strict=True)]
    value = unflatten(structure, given)
    effects = [*readings.effects, *map(_caught, level.failures)]
    if effects or any(result is None for result in results):
        return Recorded(value, None, effects)
    outputs = [result.output for result in results if result is not None and result.kind is not None]
    arrays = [live for live, _ in readings.arrays]
    nodes = [*(value.attached for value in values), *(node for _, node in readings.arrays)]
    # A text that is returned holds for the numbers that were written into it.
    texts = level.texts if any(isinstance(leaf, str | bytes) for leaf in leaves) else {}
    looks = [(node, Guard(*look)) for node, look in (level.looks | texts).items()]
    program = Program.recorded(nodes, outputs, looks)
    made = [(result.kind, result.output) for result in results if result is not None]
    return Recorded(value, Specialisation(kinds, arrays, readings.held, program, made, structure), [])


def _caught(failure: Failure) -> Effect:
    """That the function went on after an operation had failed."""
    return Effect(f"catches the {failure.error.__name__} of `{failure.op.name}`", failure.position)


def _result(leaf: Any, level: RecordingLevel) -> Result | None:
    """A leaf of the result; None if another run would have to make it anew."""
    if isinstance(leaf, Handle):
        owned, value = leaf._owned, leaf._read()
        if type(leaf) is Number:
            kind = Kind(leaf.kind, value.dtype)
        else:
            kind = Kind(np.ndarray if isinstance(leaf, Array) else np.generic, value.dtype, value.shape)
        if type(value) is not Value:
            return Result(value if owned else np.array(value), kind)
        return Result(value.attached, kind) if value.level is level else None
    if isinstance(leaf, (np.ndarray, np.generic)):
        if type(leaf) is not np.ndarray and not isinstance(leaf, np.generic):
            return None
        form = np.ndarray if type(leaf) is np.ndarray else np.generic
        return Result(np.array(leaf), Kind(form, leaf.dtype, leaf.shape))
    return Result(leaf, None) if type(leaf) in AS_IS else None


def _given(leaf: Any, result: Result | None) -> Any:
    """A leaf of the first run's result as the caller receives it, in memory of its own."""
    if not isinstance(leaf, Handle):
        return leaf if result is None or result.kind is None else result.kind.result(np.array(leaf))
    value = leaf._read()
    while type(value) is Value and value.level.stands_for_plain:
        value = value.below
    if result is None or result.kind is None or type(value) is Value:
        return leaf
    return result.kind.result(np.array(value))
