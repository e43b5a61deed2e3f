"""A recorded run node by node, for code that goes back through it by itself."""

from __future__ import annotations

from typing import Any

from chainrule.api.foreign_values import as_held, seed_for
from chainrule.graph.node import Node, make_node
from chainrule.jacobians.zeros import values_of
from chainrule.trace import projection
from chainrule.transforms.reverse import Tape


def is_node(x: Any) -> bool:
    """Whether something is a node of a recorded run."""
    return type(x) is Node


def parents_of(node: Node) -> list[Node]:
    """The nodes that a node was made from, each once."""
    return list(dict.fromkeys(x for x in _made(node).operands if type(x) is Node))


def pulled_to_parents(node: Node, y_bar: Any) -> list[Any]:
    """The cotangents of the parents, given that of a node."""
    made, parents = _made(node), parents_of(node)
    # Alone: the parents as inputs, which may have been made from each other.
    leaves = {parent: make_node(None, (), (), None, {}, parent.shape, parent.dtype) for parent in parents}
    operands = tuple(leaves[x] if type(x) is Node else x for x in made.operands)
    alone = make_node(made.op, operands, made.inputs, made.output, made.params, made.shape, made.dtype)
    if made is not node:
        alone = make_node(node.op, (alone,), (alone,), None, node.params, node.shape, node.dtype)
    x_bars = Tape(leaves.values(), [alone]).pull([seed_for(y_bar, node)])
    return [as_held(values_of(x_bar, parent)) for x_bar, parent in zip(x_bars, parents, strict=True)]


def _made(node: Node) -> Node:
    """The node of the op that a node is a result of: itself, if that has one result."""
    return node.operands[0] if node.op is projection else node
