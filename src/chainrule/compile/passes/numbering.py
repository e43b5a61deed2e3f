"""Telling whether two operations are the same."""

from __future__ import annotations

from typing import Any

from chainrule import ops
from chainrule.compile.passes.constants import Constants
from chainrule.compile.passes.rebuilding import like
from chainrule.graph import Node

# Exact in either order. Not of complex numbers, whose products may round differently.
_COMMUTATIVE = frozenset(
    (ops.add, ops.multiply, ops.equal, ops.not_equal, ops.logical_and, ops.logical_or, ops.logical_xor)
)


class Numbering:
    """The operations of a program met so far, by what they do to what."""

    __slots__ = ("_nodes", "constants")

    def __init__(self) -> None:
        self.constants = Constants()
        # What stands for an operation, and the operation, which holds the operands that the key names by identity.
        self._nodes: dict[Any, tuple[Any, Node]] = {}

    def normal(self, node: Node) -> tuple[Node, Any]:
        """The node on merged constants, and what it has in common with nodes that are the same.

        The latter is None for parameters that cannot be compared.
        """
        operands = node.operands
        marks = []
        changed = False
        for x in operands:
            if type(x) is not Node:
                same = self.constants.merged(x)
                changed |= same is not x
                x = same
            marks.append(id(x))
        if changed:
            node = like(node, tuple([x if type(x) is Node else self.constants.merged(x) for x in operands]))
        op, params = node.op, node.params
        if op in _COMMUTATIVE and marks[0] > marks[1] and operands[0].dtype.kind != "c":
            marks.reverse()
        if not params:
            return node, (op, *marks)
        try:
            key = (op, *marks, frozen(params))
            hash(key)
        except TypeError:
            return node, None
        return node, key

    def find(self, key: Any) -> Any:
        """What stands for the operation of a key, if one was met."""
        known = None if key is None else self._nodes.get(key)
        return None if known is None else known[0]

    def enter(self, key: Any, node: Node, result: Any) -> Any:
        """Note an operation and what stands for it."""
        if key is not None:
            self._nodes[key] = (result, node)
        return result


def frozen(value: Any) -> Any:
    """A parameter as something hashable that is equal only for what means the same."""
    kind = type(value)
    if kind is slice:
        return "slice", value.start, value.stop, value.step
    if kind is tuple:
        return tuple([frozen(x) for x in value])
    if kind is dict:
        return tuple([(name, frozen(x)) for name, x in sorted(value.items())])
    # 2, 2.0 and True are equal in Python, and not as exponents.
    return (kind, value) if isinstance(value, (int, float, complex)) else value
