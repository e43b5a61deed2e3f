"""Products with |J|, the entrywise moduli of a Jacobian: what a sum over paths would be if nothing could cancel.

For diagonal maps, selections and matrix products |J|ᵀ costs what Jᵀ does. Of others the entries are written out where
there are few enough. A step made of several ops is taken op by op where it is too large for that, which gives an upper
bound, since contributions may cancel inside.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.explain.run.accumulation import Accumulated
from chainrule.explain.run.local import edge_map, partials_of
from chainrule.explain.run.recorded import Recorded
from chainrule.explain.run.steps import Step
from chainrule.graph import Node
from chainrule.jacobians.forms import Diagonal, ElementwiseLinear, Linear, Multilinear
from chainrule.jacobians.maps import LinearMap
from chainrule.jacobians.zeros import ZERO, apply_linear, without_exclusions
from chainrule.ops.compositions import sum_to
from chainrule.trace import projection

# A Jacobian that is not sparse is written out up to this many entries.
_MOST_ENTRIES = 256 * 256

# Linear ops whose matrices have no negative entries.
_WITHOUT_SIGNS = frozenset(
    (ops.convert, ops.reduce_sum, ops.cumsum, ops.segment_sum, ops.degrees, ops.radians, projection)
)
# Ops whose Jacobians have the operands' own entries in them, each once.
_PRODUCTS = frozenset(
    (ops.matmul, ops.matvec, ops.vecmat, ops.vecvec, ops.vecdot, ops.dot, ops.tensordot, ops.correlate)
)
_POSITIVE_PATHS = frozenset((ops.accumulate, ops.gather, ops.index, ops.place, ops.scatter_add, ops.update))


class _UnknownModuliError(Exception):
    """The moduli of a Jacobian are not known at a price that is worth paying."""


class Moduli:
    """Σ over all paths of the entrywise moduli of their products, for each input.

    sums
        One array for each input; None if they are not known.
    exact
        Whether they are sums over paths; otherwise they are upper bounds of these.
    """

    __slots__ = ("exact", "sums")

    def __init__(self, sums: list[Any] | None, exact: bool) -> None:
        self.sums = sums
        self.exact = exact


@np.errstate(all="ignore")
def moduli(recorded: Recorded, accumulated: Accumulated) -> Moduli:
    """The sums of moduli over all paths, by one pass like that of the gradient."""
    steps, result = accumulated.steps, accumulated.result
    inputs = recorded.inputs
    if result is None:
        return Moduli([np.zeros(node.shape) for node in inputs], True)
    sums: list[Any] = [None] * len(steps)
    sums[result] = np.abs(np.asarray(without_exclusions(accumulated.adjoints[result], steps[result].result)))
    exact = True
    for step in reversed(steps[: result + 1]):
        total = sums[step.place]
        if total is None or step.is_input or accumulated.adjoints[step.place] is ZERO:
            continue
        sums[step.place] = None
        edges = accumulated.incoming[step.place]
        if edges and accumulated.arcs[edges[0]].partial is not None:
            parts = [_modulus(accumulated.arcs[k].partial) * total for k in edges]
        else:
            try:
                parts, is_exact = modulus_pull(recorded, step, total)
            except _UnknownModuliError:
                return Moduli(None, False)
            exact = exact and is_exact
        for k, part in zip(edges, parts, strict=True):
            source = accumulated.arcs[k].source
            sums[source] = part if sums[source] is None else sums[source] + part
    return Moduli(
        [np.zeros(node.shape) if sums[k] is None else np.asarray(sums[k]) for k, node in enumerate(inputs)], exact
    )


def _modulus(partial: Any) -> Any:
    return 0.0 if partial is ZERO else abs(partial)


def modulus_pull(recorded: Recorded, step: Step, y_bar: Any) -> tuple[list[Any], bool]:
    """|J|ᵀ ȳ for each operand of a step and a cotangent without negative entries, and whether that is exact."""
    if len(step.nodes) == 1:
        return _of_node(recorded, step, step.result, y_bar), True
    if _is_chain(step):
        slots = {use: index for index, uses in enumerate(step.uses) for use in uses}
        found: list[Any] = [0.0] * len(step.operands)
        inner: dict[Node, Any] = {step.result: y_bar}
        for node in reversed(step.nodes):
            total = inner.pop(node)
            parts = _of_operands(recorded, node, total)
            for k, (operand, part) in enumerate(zip(node.operands, parts, strict=True)):
                if type(operand) is Node:
                    index = slots.get((node, k))
                    if index is None:
                        inner[operand] = part
                    else:
                        found[index] = found[index] + part
        return found, True
    try:
        return _of_entries(recorded, step, y_bar), True
    except _UnknownModuliError:
        return _composed(recorded, step, y_bar), False


def _is_chain(step: Step) -> bool:
    """Whether a step is one op with others round it that move entries or scale them, so that nothing cancels inside."""
    mixing = 0
    seen: set[Node] = set()
    for node in step.nodes:
        if not _is_known(node):
            return False
        mixing += not _is_one_to_one(node)
        for operand in node.operands:
            if type(operand) is Node:
                if operand in seen:
                    return False
                seen.add(operand)
    return mixing <= 1


def _is_known(node: Node) -> bool:
    op, jacobian = node.op, node.op.jacobian
    if isinstance(node.dtype, tuple) or op is projection:
        return False
    if isinstance(jacobian, (Diagonal, ElementwiseLinear)) or node.op in _POSITIVE_PATHS:
        return True
    if isinstance(jacobian, Linear):
        return op in _WITHOUT_SIGNS or jacobian.follow is not apply_linear or jacobian.follow_back is not apply_linear
    return isinstance(jacobian, Multilinear) and op in _PRODUCTS


def _is_one_to_one(node: Node) -> bool:
    """Whether every entry of the result depends on one entry of each operand, and no two on the same."""
    jacobian = node.op.jacobian
    if isinstance(jacobian, (Diagonal, ElementwiseLinear)):
        return all(type(operand) is not Node or operand.shape == node.shape for operand in node.operands)
    return node.op in (ops.reshape, ops.transpose, ops.flip, ops.roll, ops.convert)


def _of_node(recorded: Recorded, step: Step, node: Node, y_bar: Any) -> list[Any]:
    if not _is_known(node):
        return _of_entries(recorded, step, y_bar)
    partials = partials_of(step, recorded)
    if partials is not None:
        return [
            sum_to(np.abs(partial) * y_bar, operand.result.shape)
            for partial, (_, operand) in zip(partials, step.operands, strict=True)
        ]
    parts = _of_operands(recorded, node, y_bar)
    return [parts[slot] for slot, _ in step.operands]


def _of_operands(recorded: Recorded, node: Node, y_bar: Any) -> list[Any]:
    """|J|ᵀ ȳ for each operand of a node of a known kind; what is for constants is not used."""
    op, jacobian = node.op, node.op.jacobian
    xs = node.inputs
    if isinstance(jacobian, Multilinear):
        xs = tuple(np.abs(recorded.values[x] if type(x) is Node else x) for x in xs)
    y_bar = _in_dtype(y_bar, node.dtype)
    x_bars = op.pull(y_bar, xs, node.output, node.params, node.operands)
    parts: list[Any] = []
    for operand, x_bar in zip(node.operands, x_bars, strict=True):
        if type(operand) is not Node:
            parts.append(None)
            continue
        part = without_exclusions(ZERO if x_bar is None else x_bar, operand)
        if part is not y_bar or node.dtype.kind == "c":
            # What was handed on as it is has no negative entries.
            part = np.abs(part)
        parts.append(sum_to(part, operand.shape) if part.shape != operand.shape else part)
    return parts


def _in_dtype(y_bar: Any, dtype: Any) -> Any:
    return np.asarray(y_bar).astype(dtype, copy=False)[()]


def _composed(recorded: Recorded, step: Step, y_bar: Any) -> list[Any]:
    """An upper bound, op by op."""
    slots = {use: index for index, uses in enumerate(step.uses) for use in uses}
    found: list[Any] = [0.0] * len(step.operands)
    inner: dict[Node, Any] = {step.result: y_bar}
    for node in reversed(step.nodes):
        total = inner.pop(node, None)
        if total is None:
            continue
        if not _is_known(node):
            raise _UnknownModuliError
        for k, (operand, part) in enumerate(zip(node.operands, _of_operands(recorded, node, total), strict=True)):
            if type(operand) is not Node:
                continue
            index = slots.get((node, k))
            if index is None:
                inner[operand] = part if operand not in inner else inner[operand] + part
            else:
                found[index] = found[index] + part
    return found


def _of_entries(recorded: Recorded, step: Step, y_bar: Any) -> list[Any]:
    """|J|ᵀ ȳ from the entries of the Jacobians that are not structural zeros."""
    flat = np.ravel(y_bar)
    found = []
    for local in _maps(recorded, step):
        rows, columns, values = local.entries()
        total = np.bincount(columns, np.abs(values) * flat[rows], minlength=local.columns)
        found.append(total.reshape(local.in_shape))
    return found


def _maps(recorded: Recorded, step: Step) -> list[LinearMap]:
    """The local Jacobians of a step.

    Raises
    ------
    _UnknownModuliError
        One of them is too large to be written out, or no matrix describes it.
    """
    maps = []
    for slot, _ in step.operands:
        local = edge_map(step, slot, recorded)
        if not local.has_matrix or not (local.sparse or local.rows * local.columns <= _MOST_ENTRIES):
            raise _UnknownModuliError
        maps.append(local)
    return maps


def frobenius_bound(recorded: Recorded, step: Step) -> list[float]:
    """An upper bound of the operator norm of a step's Jacobian for each operand; +∞ if nothing is known.

    The column sums of |J| are at least as large as the columns are long, so their norm bounds Frobenius'. Where a row
    has one entry at most, ‖J‖² ≤ ‖J‖₁ ‖J‖∞ ≤ ‖J‖₁² bounds it by the greatest of them.
    """
    result = step.result
    if isinstance(result.dtype, tuple):
        return [math.inf] * len(step.operands)
    if result.size and all(operand.result.shape == result.shape for _, operand in step.operands):
        partials = partials_of(step, recorded)
        if partials is not None:
            return [max(float(np.max(partial)), -float(np.min(partial))) for partial in partials]
    try:
        columns, _ = modulus_pull(recorded, step, np.ones(result.shape))
    except _UnknownModuliError:
        return [math.inf] * len(step.operands)
    single = all(_is_one_to_one(node) or node.op is ops.index for node in step.nodes)
    return [float(np.max(c, initial=0.0)) if single else float(np.linalg.norm(np.ravel(c))) for c in columns]
