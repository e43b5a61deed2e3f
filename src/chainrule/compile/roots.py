"""How a node with memory is made in loops: over which domain, and which elements at each index of it.

A short axis of the domain is written out: the loops run over the others, and make an element for each of its places.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chainrule.compile.access import Affine, broadcast, identity, reduced_to_one
from chainrule.compile.gathering import index_elements, is_gather, is_scatter, written_element, written_shape
from chainrule.compile.kinds import (
    REDUCTIONS,
    contraction,
    is_choice_of_places,
    is_contraction,
    is_in_place,
    is_large_product,
    is_reduction,
    is_scan,
    reduction,
)
from chainrule.compile.lowerings.table import COSTS
from chainrule.compile.nests import Root, Variant, is_short_axis, is_written_out, written_out
from chainrule.compile.views import whole
from chainrule.graph import Node

if TYPE_CHECKING:
    from chainrule.compile.schedule import Schedule

# What costs so much is not computed again for each repetition along an axis.
DEAR_TO_REPEAT = 4


def root_of(schedule: Schedule, node: Node) -> tuple[tuple[int, ...], Root] | None:
    """The domain and the root of a node with memory; None if no nest can make it."""
    if is_in_place(node) and (node in schedule.owners or not is_choice_of_places(node)):
        region = whole(node.shape).at(node.params["path"])
        if region is None:
            return None
        v = node.operands[1]
        target = identity(region.shape)
        return region.shape, Root(node, "write", (Variant(((v, broadcast(v.shape, target, region.shape)),), target),))
    if is_scatter(node):
        shape = written_shape(node)
        target = identity(shape)
        return shape, Root(
            node, "write", (Variant((written_element(node, target), *index_elements(node, target)), target),)
        )
    if is_scan(node):
        here = identity(node.shape)
        return node.shape, Root(node, "scan", (Variant(tuple((x, here) for x in node.operands), here),))
    if is_reduction(node) and not schedule.is_short(node):
        axes, factors = reduction(node)
        shape = node.operands[0].shape
        kept = tuple(Affine(k, 1, 0) for k in range(len(shape)) if k not in axes)
        target = kept if node.ndim < len(shape) else reduced_to_one(shape, axes)
        root = Root(node, "reduce", (Variant(factors, target),), axes, REDUCTIONS[node.op])
        return _written_out(schedule, shape, root)
    if is_contraction(node) and not schedule.is_short(node) and not is_large_product(node):
        domain, target, axes, factors = contraction(node, tuple(_strides(schedule, x) for x in node.operands))
        return _written_out(schedule, domain, Root(node, "reduce", (Variant(factors, target),), axes, "add"))
    if (
        schedule.is_elementwise(node)
        or is_choice_of_places(node)
        or schedule.is_movement(node)
        or schedule.is_short(node)
        or is_gather(node)
    ):
        return stored(schedule, node, node)
    return None


def stored(schedule: Schedule, node: Node, source: Any) -> tuple[tuple[int, ...], Root]:
    """The domain and the root of a node that is stored: itself, or a copy of something of its shape."""
    variant = Variant(((source, identity(node.shape)),), identity(node.shape))
    return _written_out(schedule, node.shape, Root(node, "store", (variant,)))


def _written_out(schedule: Schedule, domain: tuple[int, ...], root: Root) -> tuple[tuple[int, ...], Root]:
    """A domain and a root in which a short axis is written out, if there is one.

    That is the last one, so that the loop over the one before it is the innermost; or else the first one, if
    something that is dear to compute is the same for all of its places.
    """
    last = len(domain) - 1
    if is_written_out(domain) and last not in root.reduced:
        axis = last
    elif last > 0 and is_short_axis(domain, 0) and 0 not in root.reduced and _is_shared(schedule, root, 0):
        axis = 0
    else:
        return domain, root
    root.variants = written_out(domain, root.variants[0], axis)
    root.reduced = tuple(k - (k > axis) for k in root.reduced)
    root.written_out = axis
    return domain[:axis] + domain[axis + 1 :], root


def _is_shared(schedule: Schedule, root: Root, axis: int) -> bool:
    """Whether something that is dear to compute is the same for all places of an axis."""
    for source, index in schedule.expressions(root):
        if type(source) is Node and any(a.scale for a in index) and not any(a.axis == axis for a in index):
            maker = schedule.roots.get(source)
            if maker is not None and maker.kind == "store":
                return True
            if schedule.view(source) is None and COSTS.get(source.op, 1) >= DEAR_TO_REPEAT:
                return True
    return False


def _strides(schedule: Schedule, x: Any) -> tuple[int, ...]:
    known = schedule.view(x)
    return whole(x.shape).strides if known is None else known[1].strides
