"""The chain rule over the steps of a recorded run, kept in all its parts: what each edge adds, and what flows through.

Backwards, what each operand of a step got in the backward pass is that edge's contribution.
Forwards, tangents are pushed along one direction. The flow through an edge, (contribution of the edge) · (tangent of
its source), is conserved at every step, and adds up over any cut to the directional derivative.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import numpy as np

from chainrule.api.gradient import one_of
from chainrule.errors import NoRuleError
from chainrule.explain.run.backward_pass import BackwardPass, shaped
from chainrule.explain.run.local import partial_of, partials_of
from chainrule.explain.run.recorded import Recorded
from chainrule.explain.run.steps import Step
from chainrule.graph import Node
from chainrule.jacobians.backward import Cotangents
from chainrule.jacobians.zeros import PLAIN, ZERO, Masked, Placed, add, parts, without_exclusions
from chainrule.ops.compositions import sum_to
from chainrule.trace import projection

# The results of a step without a forward rule whose tangents are found by pulling, one by one.
_MOST_PULLS = 4096


@dataclass(slots=True)
class Arc:
    """One edge: operand `slot` of `target` is `source`, both by their places among the steps.

    index
        Which of the operands of the target it is.
    partial
        The local derivative where the step is a number made of numbers, possibly `ZERO`; otherwise None.
    contribution
        Jᵀ · ∂result/∂target, with its structural zeros (`ZERO`, `Masked`, `Placed`).
    """

    source: int
    target: int
    slot: int
    index: int
    partial: Any = None
    contribution: Any = ZERO
    flow: float = 0.0


@dataclass(slots=True)
class Accumulated:
    """What the chain rule gives for each step and edge.

    incoming, outgoing
        By step the places in `arcs` of its edges.
    adjoints, tangents
        By step, with structural zeros; a tangent is None where no forward rule was there to tell it.
    pull_seconds
        By step, if cost was asked for.
    absolute
        By input Σ over all paths of the moduli of their contributions (`moduli.py`); None if that is not known.
    """

    steps: list[Step]
    arcs: list[Arc]
    incoming: list[list[int]]
    outgoing: list[list[int]]
    adjoints: list[Any]
    result: int | None
    direction: str = "gradient"
    tangents: list[Any] = field(default_factory=list)
    directional_derivative: float = 0.0
    pull_seconds: list[float] = field(default_factory=list)
    absolute: list[Any] | None = None


def arcs_of(steps: list[Step]) -> list[Arc]:
    """The edges between steps, by target, in the order of its slots."""
    return [
        Arc(source.place, step.place, slot, index)
        for step in steps
        for index, (slot, source) in enumerate(step.operands)
    ]


def connected(steps: list[Step], result: Node | None) -> Accumulated:
    """The edges between steps, with nothing accumulated yet."""
    arcs = arcs_of(steps)
    incoming: list[list[int]] = [[] for _ in steps]
    outgoing: list[list[int]] = [[] for _ in steps]
    for k, arc in enumerate(arcs):
        incoming[arc.target].append(k)
        outgoing[arc.source].append(k)
    place = next((step.place for step in steps if step.result is result), None)
    return Accumulated(steps, arcs, incoming, outgoing, [ZERO] * len(steps), place)


def accumulate(
    recorded: Recorded, steps: list[Step], direction: Any = None, kept: Callable[[Any, Step], Any] | None = None
) -> Accumulated:
    """Cotangents, contributions, tangents and flows of a run, along a direction as `Explanation.flow` takes it.

    If `kept` is given, what it makes of a tangent stays in its place once that has been used.
    """
    accumulated = backward(recorded, connected(steps, recorded.result))
    if accumulated.result is not None:
        name, x_dots = direction_of(recorded, accumulated, direction)
        forward(recorded, accumulated, name, x_dots, kept)
    return accumulated


def is_scalar(step: Step) -> bool:
    """Whether a step is one op that makes a real number of real numbers, so that its Jacobians are real numbers."""
    if len(step.nodes) != 1:
        return False
    return _is_number(step.nodes[0]) and all(_is_number(operand.nodes[-1]) for _, operand in step.operands)


def _is_number(node: Node) -> bool:
    return not node.shape and node.dtype.kind == "f"


@np.errstate(all="ignore")
def backward(recorded: Recorded, accumulated: Accumulated) -> Accumulated:
    """Read off the backward pass the adjoint of every step, and what each edge contributes to it.

    What an input gets is added up from its edges, so that it can be compared with the gradient.
    """
    steps, arcs, result = accumulated.steps, accumulated.arcs, accumulated.result
    accumulated.pull_seconds = [0.0] * len(steps)
    if result is None:
        return accumulated
    seen = recorded.backward_pass()
    adjoints = accumulated.adjoints
    sums = Cotangents()
    for step in reversed(steps[: result + 1]):
        y_bar = seen.cotangents.get(step.result, ZERO)
        adjoints[step.place] = y_bar
        if y_bar is ZERO or step.is_input:
            continue
        edges = accumulated.incoming[step.place]
        if is_scalar(step):
            for k, partial in zip(edges, pulled(step, one_of(step.result.dtype)), strict=True):
                arcs[k].partial = _number(partial)
        if recorded.cost:
            start = perf_counter()
            pulled(step, y_bar)
            accumulated.pull_seconds[step.place] = perf_counter() - start
        for k, x_bar in zip(edges, _contributions(seen, step, y_bar), strict=True):
            arc = arcs[k]
            arc.contribution = x_bar
            if steps[arc.source].is_input:
                sums.add(steps[arc.source].result, x_bar)
    for place, node in enumerate(recorded.inputs):
        adjoints[place] = sums.sums.get(node, adjoints[place])
    return accumulated


def _contributions(seen: BackwardPass, step: Step, y_bar: Any) -> list[Any]:
    """What each operand of a step got from it."""
    if any(isinstance(node.dtype, tuple) for node in step.nodes):
        # What came through its other results is of other steps.
        return pulled(step, y_bar)
    found = []
    for uses in step.uses:
        total: Any = ZERO
        for node, slot in uses:
            total = _sum(total, seen.contribution(node, slot))
        found.append(total)
    return found


def _number(partial: Any) -> Any:
    """A local derivative that is one number, without the form in which it came."""
    if type(partial) is not Masked and type(partial) is not Placed:
        return partial
    values, excluded = parts(partial)
    return ZERO if excluded is not None and excluded.all() else values[()]


def pulled(step: Step, y_bar: Any) -> list[Any]:
    """The transposed Jacobians of a step times a cotangent, one for each of its operands."""
    if len(step.nodes) == 1:
        return _pulled_node(step, y_bar)
    slots = {use: index for index, uses in enumerate(step.uses) for use in uses}
    found: list[Any] = [ZERO] * len(step.operands)
    inner: dict[Node, Any] = {step.result: y_bar}
    for node in reversed(step.nodes):
        y_bar = inner.pop(node, ZERO)
        if y_bar is ZERO:
            continue
        if node.op is projection:
            operand = node.operands[0]
            bars = inner.setdefault(operand, [ZERO] * len(operand.shape))
            bars[node.params["k"]] = add(bars[node.params["k"]], y_bar)
            continue
        for k, (operand, x_bar) in enumerate(zip(node.operands, _pull(node, y_bar), strict=True)):
            if x_bar is None or type(operand) is not Node:
                continue
            index = slots.get((node, k))
            if index is None:
                inner[operand] = _sum(inner.get(operand, ZERO), x_bar)
            else:
                found[index] = _sum(found[index], x_bar)
    return found


def _pulled_node(step: Step, y_bar: Any) -> list[Any]:
    x_bars = _pull(step.result, y_bar)
    return [ZERO if x_bars[slot] is None else x_bars[slot] for slot, _ in step.operands]


def _pull(node: Node, y_bar: Any) -> Sequence[Any]:
    """One cotangent for each operand of a node, shaped like it."""
    if node.op is projection:
        bars = [ZERO] * len(node.operands[0].shape)
        bars[node.params["k"]] = y_bar
        return [bars]
    return shaped(node, node.op.pull(y_bar, node.inputs, node.output, node.params, node.operands))


def _sum(total: Any, part: Any) -> Any:
    if total is ZERO:
        return part
    if part is ZERO:
        return total
    sums = Cotangents()
    # Any node would do: the sum of one place.
    place = Node()
    place.op = projection
    sums.add(place, total)
    sums.add(place, part)
    return sums.sums[place]


@np.errstate(all="ignore")
def forward(
    recorded: Recorded,
    accumulated: Accumulated,
    name: str,
    x_dots: list[Any],
    kept: Callable[[Any, Step], Any] | None = None,
) -> None:
    """Push tangents from the inputs on, and multiply out what flows through each edge."""
    steps, arcs, result = accumulated.steps, accumulated.arcs, accumulated.result
    assert result is not None
    accumulated.direction = name
    tangents: list[Any] = [*x_dots, *[ZERO] * (len(steps) - len(x_dots))]
    accumulated.tangents = tangents
    for step in steps[len(x_dots) :]:
        edges = accumulated.incoming[step.place]
        dots = [tangents[arcs[k].source] for k in edges]
        for k, dot in zip(edges, dots, strict=True):
            arcs[k].flow = flow(arcs[k].contribution, dot)
        tangents[step.place] = _pushed_on(recorded, accumulated, step, edges, dots)
        if kept is None:
            continue
        for k in edges:
            source = arcs[k].source
            if accumulated.outgoing[source][-1] == k and not steps[source].is_input and tangents[source] is not None:
                # So that the memory of large ones can be used again.
                tangents[source] = kept(tangents[source], steps[source])
    at_inputs = [flow(accumulated.adjoints[k], tangents[k]) for k in range(len(x_dots))]
    accumulated.directional_derivative = float(sum(at_inputs))


def _pushed_on(recorded: Recorded, accumulated: Accumulated, step: Step, edges: list[int], dots: list[Any]) -> Any:
    """The tangent of a step, given those of its operands; None if that cannot be told."""
    if all(dot is ZERO for dot in dots):
        return ZERO
    if any(dot is None for dot in dots):
        return None
    if accumulated.arcs[edges[0]].partial is not None:
        total: Any = ZERO
        for k, dot in zip(edges, map(_number, dots), strict=True):
            partial = accumulated.arcs[k].partial
            if partial is not ZERO and dot is not ZERO:
                total = add(total, partial * dot)
        return total
    total = _scaled(recorded, step, dots)
    return pushed(step, dots) if total is None else total


def scaled_back(recorded: Recorded, step: Step, y_bar: Any) -> list[Any] | None:
    """∂y/∂xᵢ · ȳ for each operand of a step that is one elementwise op; None of another, or if ȳ has exclusions."""
    if not step.result.shape or type(y_bar) not in PLAIN:
        return None
    partials = partials_of(step, recorded)
    if partials is None:
        return None
    return [
        sum_to(partial * y_bar, operand.result.shape)
        for partial, (_, operand) in zip(partials, step.operands, strict=True)
    ]


def _scaled(recorded: Recorded, step: Step, dots: list[Any]) -> Any:
    """Σᵢ ∂y/∂xᵢ · ẋᵢ, for a step that is one elementwise op and tangents without exclusions; None otherwise."""
    if not step.result.shape or not all(dot is ZERO or type(dot) in PLAIN for dot in dots):
        return None
    total: Any = None
    for (slot, _), dot in zip(step.operands, dots, strict=True):
        if dot is not ZERO:
            partial = partial_of(step, slot, recorded)
            if partial is None:
                return None
            total = partial * dot if total is None else total + partial * dot
    return total if total.shape == step.result.shape else np.broadcast_to(total, step.result.shape)


def flow(x_bar: Any, x_dot: Any) -> float:
    """The product of a cotangent and a tangent, Re Σ x̄ ẋ; nan if the tangent is not known."""
    if x_bar is ZERO or x_dot is ZERO:
        return 0.0
    if x_dot is None:
        return float("nan")
    if type(x_bar) is np.float64 and type(x_dot) is np.float64:
        return float(x_bar * x_dot)
    x_bar, x_dot = without_exclusions(x_bar, x_bar), without_exclusions(x_dot, x_dot)
    if x_bar.dtype == x_dot.dtype == np.float64 and x_bar.shape == x_dot.shape:
        return float(np.dot(x_bar.ravel(), x_dot.ravel()))
    return float(np.sum(np.multiply(x_bar, x_dot)).real)


def pushed(step: Step, dots: list[Any]) -> Any:
    """The Jacobians of a step times tangents of its operands, added up; None if that cannot be told."""
    try:
        return _pushed(step, dots)
    except NoRuleError:
        return _pushed_by_pulling(step, dots)


def _pushed(step: Step, dots: list[Any]) -> Any:
    slots = {use: dots[index] for index, uses in enumerate(step.uses) for use in uses}
    inner: dict[Node, Any] = {}
    for node in step.nodes:
        operand_dots = tuple(
            slots[node, k] if (node, k) in slots else inner.get(x, ZERO) if type(x) is Node else ZERO
            for k, x in enumerate(node.operands)
        )
        if node.op is projection:
            several: Any = operand_dots[0]
            inner[node] = ZERO if several is ZERO else several[node.params["k"]]
        elif all(dot is ZERO for dot in operand_dots):
            inner[node] = ZERO
        else:
            output = node.output if node.output is not None else node
            # The run may have overwritten the operand; its tangent is still to be shown.
            params = {**node.params, "donate": False} if node.params.get("donate") else node.params
            inner[node] = node.op.jacobian.push(operand_dots, node.inputs, output, params)
    return inner[step.result]


def _pushed_by_pulling(step: Step, dots: list[Any]) -> Any:
    """The same for a step without a forward rule: its Jacobian row by row, if it has few rows."""
    node = step.result
    if node.size > _MOST_PULLS or node.dtype.kind != "f":
        return None
    y_dot = np.zeros(node.size, node.dtype)
    for k in range(node.size):
        unit = np.zeros(node.size, node.dtype)
        unit[k] = 1
        y_bar = unit.reshape(node.shape)[()]
        y_dot[k] = sum(flow(x_bar, dot) for x_bar, dot in zip(pulled(step, y_bar), dots, strict=True))
    return y_dot.reshape(node.shape)[()]


def direction_of(recorded: Recorded, accumulated: Accumulated, direction: Any) -> tuple[str, list[Any]]:
    """What a direction is called, and the tangents of the inputs along it.

    None is the only number that varies, if there is just one, and else the direction of the gradient, of length 1.
    """
    inputs = recorded.inputs
    if direction is None:
        if sum(node.size for node in inputs) == 1:
            (k,) = (k for k, node in enumerate(inputs) if node.size == 1)
            return recorded.names[k], [
                np.ones(node.shape, node.dtype)[()] if j == k else ZERO for j, node in enumerate(inputs)
            ]
        direction = "gradient"
    if isinstance(direction, str) and direction == "gradient":
        return "gradient", _along_gradient(recorded, accumulated)
    if isinstance(direction, str):
        return direction, _along_entry(recorded, direction)
    from chainrule.api.trees import flatten

    leaves, _ = flatten(direction)
    _require(len(leaves) == len(inputs), f"the direction has {len(leaves)} leaves, and there are {len(inputs)} inputs")
    dots = []
    for leaf, node, name in zip(leaves, inputs, recorded.names, strict=True):
        array = np.asarray(leaf)
        _require(array.shape == node.shape, f"the direction of `{name}` has shape {array.shape}, not {node.shape}")
        dots.append(array.astype(node.dtype)[()])
    return "given", dots


def _along_gradient(recorded: Recorded, accumulated: Accumulated) -> list[Any]:
    gradients = [
        np.conj(np.nan_to_num(without_exclusions(accumulated.adjoints[k], node), nan=0.0, posinf=0.0, neginf=0.0))
        for k, node in enumerate(recorded.inputs)
    ]
    greatest = max((float(np.max(np.abs(g), initial=0.0)) for g in gradients), default=0.0)
    if greatest == 0:
        return [ZERO] * len(gradients)
    length = greatest * float(np.sqrt(sum(float(np.sum(np.abs(g / greatest) ** 2)) for g in gradients)))
    return [np.asarray(g / length, node.dtype)[()] for g, node in zip(gradients, recorded.inputs, strict=True)]


def _along_entry(recorded: Recorded, entry: str) -> list[Any]:
    """The unit tangent of `x`, or of `x[3]`, `x[1, 2]`."""
    name, _, rest = entry, "", ""
    names = recorded.names
    if name not in names and entry.endswith("]"):
        name, _, rest = entry[:-1].rpartition("[")
    _require(name in names, f"there is no input `{name}`: the inputs are {', '.join(f'`{n}`' for n in names)}")
    node = recorded.inputs[names.index(name)]
    try:
        index = tuple(int(k) for k in rest.split(",") if k.strip())
        unit = np.zeros(node.shape, node.dtype)
        _require(len(index) == node.ndim, f"`{name}` has {node.ndim} axes: name one of its entries, as in `{name}[0]`")
        unit[index] = 1
    except (ValueError, IndexError) as error:
        if isinstance(error, DirectionError):
            raise
        raise DirectionError(f"`{entry}` is no entry of `{name}`, which has shape {node.shape}.") from error
    return [unit[()] if each is node else ZERO for each in recorded.inputs]


class DirectionError(ValueError):
    """A direction that is not one of the inputs'."""


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise DirectionError(f"`direction`: {otherwise}.")
