"""What the page needs to compute a program of few numbers for other inputs: its ops, and the tests that it depends on.

A run is repeated only where nothing can be untrue: all of it are real numbers, every op has a counterpart in the page
(`viewer/src/twins.ts`), and whatever Python decided by is a test that the page can make again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.explain.program import Operation, Replay
from chainrule.explain.run.accumulation import Accumulated
from chainrule.explain.run.recorded import Recorded
from chainrule.graph import Node, Position

# So many ops a reader may still play with.
_MOST = 50
_MOST_INPUTS = 4
# Ops that give a number back as it is, if it was one of double precision.
_SAME = frozenset(("convert", "reshape", "broadcast_to", "transpose", "positive"))
# What the page can compute and differentiate, by the name that it has there.
TWINS = frozenset(
    "add subtract multiply divide negative reciprocal square raised power exp expm1 exp2 log log1p log2 log10 sqrt "
    "cbrt sin cos tan arcsin arccos arctan sinh cosh tanh arcsinh arccosh arctanh absolute maximum minimum logaddexp "
    "hypot arctan2 expit select same".split()
)
# What it can test.
TESTS = frozenset(
    "greater greater_equal less less_equal equal not_equal sign floor ceil trunc truncate isnan isfinite isinf "
    "floor_divide".split()
)
_NAMES = {"power_operator": "power", "float_power": "power"}


def replay_of(
    recorded: Recorded, accumulated: Accumulated, site: Callable[[Position | None], int | None]
) -> Replay | None:
    """The program as ops of numbers, None if it cannot be had; `site` gives the place of a line."""
    made = [node for node in recorded.nodes if node.op is not None]
    if not recorded.repeatable or recorded.result is None:
        return None
    if len(made) > _MOST or not 0 < len(recorded.inputs) <= _MOST_INPUTS or not all(map(_is_number, recorded.nodes)):
        return None
    constants: dict[float, int] = {}
    place = {node: k for k, node in enumerate(recorded.inputs)}

    def operand(x: Any) -> int | None:
        """The place of a number, or of a constant."""
        if type(x) is Node:
            return place.get(x)
        if np.ndim(x) != 0 or np.asarray(x).dtype.kind not in "fiub" or not np.isfinite(x):
            return None
        return -1 - constants.setdefault(float(x), len(constants))

    def operation(name: str, operands: tuple[Any, ...]) -> Operation | None:
        places = [operand(x) for x in operands]
        return None if None in places else Operation(name, tuple(k for k in places if k is not None))

    operations: list[Operation] = []
    at: dict[Node, int] = {}
    for node in made:
        name, operands = _twin(node)
        found = operation(name, operands) if name in TWINS else None
        if found is None:
            return None
        at[node] = len(operations)
        place[node] = len(recorded.inputs) + len(operations)
        operations.append(found)
    tests = []
    for end in recorded.dead_ends:
        found = operation(end.op.name, end.operands) if end.op.name in TESTS and np.ndim(end.value) == 0 else None
        if found is None:
            return None
        tests.append(Operation(found.op, found.operands, float(end.value), site(end.position)))
    uses = []
    for arc in accumulated.arcs:
        inside = accumulated.steps[arc.target].uses[arc.index]
        uses.append(tuple((at[node], k) for node, k in inside if node in at))
    results = tuple(place[step.result] for step in accumulated.steps)
    return Replay(tuple(constants), tuple(operations), tuple(tests), results, tuple(uses))


def _is_number(node: Node) -> bool:
    return bool(node.shape == () and node.dtype == np.float64)


def _twin(node: Node) -> tuple[str, tuple[Any, ...]]:
    """What an op is called in the page, and what it takes there."""
    name = str(node.op.name)
    if name in _SAME:
        return "same", node.operands
    if name == "raised":
        return name, (*node.operands, node.params["exponent"])
    return ("", ()) if node.params else (_NAMES.get(name, name), node.operands)
