"""The chain rule from the outputs: cotangents are pulled through the nodes, last node first, and added up at each.

Each edge costs one product of a transposed Jacobian with a cotangent, however many paths lead through it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from heapq import heapify, heappop, heappush
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.graph import Node
from chainrule.graph.position import errors_of_rules, located
from chainrule.jacobians.zeros import PLAIN, ZERO, Masked, Placed, add, masked, parts, sum_tangent_to, whole
from chainrule.ops.compositions import size_of
from chainrule.trace import projection

# By name, for a hot path: a look-up in `ops`, which loads on demand, takes longer.
_accumulate: Any = None
_place: Any = None


def _take_by_name(family: str) -> None:
    global _accumulate, _place
    if family == "indexing":
        _accumulate, _place = ops.accumulate, ops.place


ops.follow(_take_by_name)

# Told of a node, of the cotangent that reached it, and of what was pulled through it; gives back what is added up.
Witness = Callable[[Node, Any, Sequence[Any]], Sequence[Any]]


def pull_back(
    seeds: Iterable[tuple[Node | None, Any]], targets: Sequence[Node], witness: Witness | None = None
) -> list[Any]:
    """The cotangents of `targets`, which are inputs (nodes without an op), given those of some outputs.

    An output that depends on none of them is None. What a `witness` was told of is not overwritten afterwards.
    """
    cotangents = Cotangents()
    sums, owned_nodes = cotangents.sums, cotangents.owned
    # What waits for its turn, the youngest first. A node is younger than its operands, so its sum is complete by then.
    # Inputs do not wait: they keep their sums.
    waiting: list[tuple[int, Node]] = []
    for output, y_bar in seeds:
        if output is None or y_bar is ZERO:
            continue
        if output in sums:
            cotangents.add(output, y_bar)
        else:
            sums[output] = y_bar
            if output.op is not None:
                waiting.append((-output.serial, output))
    if len(waiting) > 1:
        heapify(waiting)
    take = sums.pop
    try:
        while waiting:
            node = heappop(waiting)[1]
            y_bar = take(node)
            if y_bar is ZERO:
                continue
            op = node.op
            operands = node.operands
            params = node.params
            if not params:
                x_bars = op.pull(y_bar, node.inputs, node.output, params, operands)
            elif op is projection:
                (operand,) = operands
                if operand not in sums:
                    heappush(waiting, (-operand.serial, operand))
                cotangents.add_component(operand, params["k"], y_bar)
                if witness is not None:
                    witness(node, y_bar, ())
                continue
            elif op.overwrites:
                donate = witness is None and node in owned_nodes
                owned_nodes.discard(node)
                x_bars = op.pull(y_bar, node.inputs, node.output, params, operands, donate=donate)
                if witness is None:
                    x_bars = cotangents.taken_over(operands, x_bars)
            else:
                x_bars = op.pull(y_bar, node.inputs, node.output, params, operands)
            if witness is not None:
                x_bars = witness(node, y_bar, x_bars)
            # One for each operand, counted by hand: a `zip` costs as much as a product of small arrays.
            shape = node.shape
            k = 0
            for x_bar in x_bars:
                operand = operands[k]
                k += 1
                if x_bar is None or type(operand) is not Node:
                    continue
                if (
                    operand.shape != shape
                    and op.core is not None
                    and x_bar is not ZERO
                    and x_bar.shape != operand.shape
                ):
                    # The operand was broadcast on this edge, so the edge ends with the transpose of a broadcast.
                    x_bar = sum_tangent_to(x_bar, operand.shape)
                if operand in sums:
                    cotangents.add(operand, x_bar)
                else:
                    sums[operand] = x_bar
                    if operand.op is not None:
                        heappush(waiting, (-operand.serial, operand))
    except errors_of_rules() as error:
        raise located(error, node.position) from error.__cause__
    if len(targets) == 1:
        return [take(targets[0], ZERO)]
    found = []
    for target in targets:
        found.append(take(target, ZERO))
    return found


class Cotangents:
    """The sums of cotangents, node by node, and which of them are held in memory that nothing else holds.

    A sum whose memory is owned takes in a part (`Placed`) in place, and may be overwritten by the pull of a write; that
    is what keeps the reverse of n writes and reads of single elements at O(n).
    """

    __slots__ = ("owned", "sums")

    def __init__(self) -> None:
        self.sums: dict[Node, Any] = {}
        self.owned: set[Node] = set()

    def add(self, node: Node, x_bar: Any, owned: bool = False) -> None:
        """Add one contribution to the cotangent of a node."""
        if x_bar is ZERO:
            return
        sums = self.sums
        before = sums.get(node, ZERO)
        if before is ZERO:
            sums[node] = x_bar
            if owned:
                self.owned.add(node)
            else:
                self.owned.discard(node)
            return
        if type(x_bar) is Placed:
            total, part, owned = before, x_bar, node in self.owned
        elif type(before) is Placed:
            total, part = x_bar, before
        elif type(before) is np.ndarray and type(x_bar) is np.ndarray and before.shape:
            # From the third contribution on in place, which counts where weights are shared.
            if node in self.owned and before.dtype is x_bar.dtype:
                np.add(before, x_bar, before)
            else:
                sums[node] = before + x_bar
                self.owned.add(node)
            return
        else:
            sums[node] = add(before, x_bar)
            self.owned.discard(node)
            return
        # Nothing is multiplied by the cotangent of an input, so it needs no exclusions.
        sums[node] = add_values(total, part, owned) if node.op is None else add_part(total, part, owned)
        self.owned.add(node)

    def taken_over(self, operands: tuple[Any, ...], x_bars: tuple[Any, ...]) -> tuple[Any, ...]:
        """What is still to be added of the cotangents that a write was pulled to, once the first of them is owned."""
        for k, operand in enumerate(operands):
            x_bar = x_bars[k]
            if x_bar is None or type(operand) is not Node:
                continue
            if operand in self.sums:
                self.add(operand, x_bar, True)
                return (*x_bars[:k], None, *x_bars[k + 1 :])
            self.owned.add(operand)
            break
        return x_bars

    def add_component(self, node: Node, k: int, x_bar: Any) -> None:
        """Add to the cotangent of one result of a node with several."""
        components = self.sums.setdefault(node, [ZERO] * len(node.shape))
        components[k] = add(components[k], x_bar)


def add_values(total: Any, part: Placed, owned: bool) -> Any:
    """A cotangent with a placed one added, without exclusions; in place if its memory is owned."""
    if type(total) is Placed:
        values = total.values
        if type(values) in PLAIN:
            # Not by the op, which would look whether the values are traced.
            place = _place.evaluate
            total = place(values, path=total.path, shape=total.shape)
        else:
            total = ops.place(parts(values)[0], path=total.path, shape=total.shape)
        owned = True
    elif type(total) is Masked:
        total = total.values
    values = part.values
    if type(values) in PLAIN and type(total) in PLAIN:
        accumulate = _accumulate.evaluate
        return accumulate(total, values, path=part.path, donate=owned)
    return ops.accumulate(total, parts(values)[0], path=part.path, donate=owned)


def add_part(total: Any, part: Placed, owned: bool) -> Any:
    """A cotangent with a placed one added, in place if its memory is owned."""
    if type(total) is Placed:
        total = whole(total)
        owned = True
        if type(total) is not Masked:
            return add(total, part)
    values, excluded = parts(total)
    part_values, part_excluded = parts(part.values)
    values = ops.accumulate(values, part_values, path=part.path, donate=owned)
    if excluded is None:
        return values
    if part_excluded is None:
        flags: Any = np.False_
    else:
        flags = ops.logical_and(ops.index(excluded, path=part.path, copy=True), part_excluded)
    excluded = ops.update(excluded, flags, path=part.path, donate=owned)
    # Once nothing is left out the flags would be carried along for nothing. Only a part of this size may ask, since
    # asking costs the size of the whole.
    if type(excluded) is np.ndarray and 2 * size_of(part_values.shape) >= excluded.size and not excluded.any():
        return values
    return masked(values, excluded)
