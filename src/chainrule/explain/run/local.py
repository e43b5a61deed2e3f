"""The local Jacobian of an edge: the map of a whole step for one operand, put together from those of its ops."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from chainrule.explain.program import SHOWN_ENTRIES, Jacobian
from chainrule.graph import Node
from chainrule.jacobians.forms import Diagonal as Partials
from chainrule.jacobians.maps import Contraction, Diagonal, LinearMap, Scalar, Selection, Zero, map_of
from chainrule.jacobians.maps.composition import factors_of
from chainrule.trace import projection

# One use of a value inside a step: the node that uses it, and as which operand.
Use = tuple[Node, int]


class StepLike(Protocol):
    """What is needed of a step: its nodes, operands before users, and for each slot where inside its value is used."""

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The recorded nodes; the last is the result."""

    @property
    def operands(self) -> Sequence[tuple[int, Any]]:
        """The slots, with the steps that they take."""

    @property
    def uses(self) -> Sequence[tuple[Use, ...]]:
        """For each of the operands its uses."""

    @property
    def maps(self) -> dict[int, LinearMap]:
        """By slot the local Jacobians that were asked for."""


class RecordedLike(Protocol):
    """What is needed of a recorded run: the values."""

    @property
    def values(self) -> Mapping[Node, Any]:
        """By node the array that it was; a tuple of them for a node with several results."""


def edge_map(step: StepLike, slot: int, recorded: RecordedLike) -> LinearMap:
    """The local Jacobian of a step for the operand in a slot, made once.

    Raises
    ------
    KeyError
        The step has no operand in that slot.
    """
    known = step.maps.get(slot)
    if known is not None:
        return known
    for (taken, _), uses in zip(step.operands, step.uses, strict=True):
        if taken == slot:
            step.maps[slot] = found = map_of_nodes(step.nodes, uses, recorded.values)
            return found
    raise KeyError(slot)


def partial_of(step: StepLike, slot: int, recorded: RecordedLike) -> Any:
    """∂y/∂x of a step that is one elementwise op of real numbers, broadcastable to y; None of any other step."""
    node = step.nodes[-1]
    if len(step.nodes) > 1 or not isinstance(node.op.jacobian, Partials):
        return None
    outer, *others = factors_of(edge_map(step, slot, recorded))
    if type(outer) is not Diagonal or outer.taken is not None or outer.partial.dtype.kind != "f":
        return None
    if any(type(other) is not Selection or other.structure != "broadcast" or other.in_complex for other in others):
        return None
    return outer.partial


def partials_of(step: StepLike, recorded: RecordedLike) -> list[Any] | None:
    """∂y/∂x for each operand of a step that is one elementwise op of real numbers; None of any other step."""
    partials = [partial_of(step, slot, recorded) for slot, _ in step.operands]
    return None if any(partial is None for partial in partials) else partials


def map_of_nodes(nodes: Sequence[Node], uses: Collection[Use], values: Mapping[Node, Any]) -> LinearMap:
    """The map from a value to the last of some nodes, through all of them.

    Parameters
    ----------
    nodes : sequence of Node
        Operands before users.
    uses : collection of (Node, int)
        Where the value enters: a node, and as which operand.
    values : mapping
        By node the array that it was.

    Examples
    --------
    The map of x in 2 x + x², which takes three ops:

    >>> from chainrule import ops
    >>> from chainrule.graph.node import input_node, make_node
    >>> x = np.array([3.0, 4.0])
    >>> leaf = input_node(x)
    >>> square = make_node(ops.square, (leaf,), (), None, {}, x.shape, x.dtype)
    >>> double = make_node(ops.multiply, (np.float64(2), leaf), (), None, {}, x.shape, x.dtype)
    >>> total = make_node(ops.add, (square, double), (), None, {}, x.shape, x.dtype)
    >>> values = {square: x * x, double: 2 * x, total: x * x + 2 * x, leaf: x}
    >>> m = map_of_nodes((square, double, total), ((square, 0), (double, 1)), values)
    >>> m.structure, m.dense().tolist()
    ('diagonal', [[8.0, 0.0], [0.0, 10.0]])
    """
    result = nodes[-1]
    if len(nodes) == 1 and len(uses) == 1:
        ((node, k),) = uses
        return map_of(node, k, _operands(node, values), values[node])
    found: dict[Node, LinearMap] = {}
    for node in nodes:
        if type(node.dtype) is tuple:
            # Its results are nodes of their own.
            continue
        user, part = (node.operands[0], node.params["k"]) if node.op is projection else (node, None)
        # By operand, the sum over the slots that take it; the value itself stands under None.
        steps: dict[Node | None, LinearMap] = {}
        xs: tuple[Any, ...] | None = None
        for k, operand in enumerate(user.operands):
            source = None if (user, k) in uses else operand
            if source is not None and (type(source) is not Node or source not in found):
                continue
            xs = _operands(user, values) if xs is None else xs
            if xs[k].dtype.kind in "fc":
                step = map_of(user, k, xs, values[user], part=part)
                steps[source] = steps[source] + step if source in steps else step
        for source, step in steps.items():
            through = step if source is None else step @ found[source]
            found[node] = found[node] + through if node in found else through
    if result in found:
        return found[result]
    ((node, k), *_) = uses
    x, y = _operands(node, values)[k], values[result]
    return Zero(y.shape, x.shape, y.dtype.kind == "c", x.dtype.kind == "c")


def _operands(node: Node, values: Mapping[Node, Any]) -> tuple[Any, ...]:
    """The operands of a node as arrays."""
    return tuple([values[x] if type(x) is Node else x for x in node.operands])


def jacobian_of(m: LinearMap, *, entries: bool = True) -> Jacobian:
    """A map as an explanation shows it; symbol and LaTeX are left to whoever knows the names.

    Parameters
    ----------
    m : LinearMap
        The map.
    entries : bool
        Whether the matrix is written out, if it has at most `SHOWN_ENTRIES` entries. One that is linear over the real
        numbers alone has none.

    Examples
    --------
    >>> from chainrule.jacobians.maps import Diagonal
    >>> jacobian_of(Diagonal(np.array([2.0, 3.0]), (2,)))
    Jacobian(structure='diagonal', out_shape=(2,), in_shape=(2,), symbol='', latex='', stored=2,
             entries=array([[2., 0.],
                            [0., 3.]]), factors=())
    """
    if type(m) is Scalar:
        value = m.value if entries else None
        matrix = None if value is None else np.array([[value.real if m.is_real else value]])
        return Jacobian("scalar", (), (), "", "", 1, matrix, (), m)
    matrix = None
    if entries and m.rows * m.columns <= SHOWN_ENTRIES and m.has_matrix:
        matrix = m.dense()
    factors: tuple[tuple[str, Any], ...] = ()
    structure = m.structure
    if structure == "kronecker" and isinstance(m, Contraction) and m.rows * m.columns <= SHOWN_ENTRIES:
        factors = tuple([("", factor) for factor in m.factors])
    return Jacobian(structure, m.out_shape, m.in_shape, "", "", m.stored, matrix, factors, m)
