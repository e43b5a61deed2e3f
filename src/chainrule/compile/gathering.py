"""Elements at places that are elements themselves: what an op with index arrays reads, and where it writes.

Index arrays have one shape and index the leading axes; negative ones count from the end. Those that are constants are
looked at here, once. Whether computed ones lie within bounds a guard says (`passes/bounds.py`), and the code keeps its
hands off memory that is not its own.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import ops
from chainrule.compile.access import Index, broadcast
from chainrule.compile.elements import is_native
from chainrule.graph import Node


def is_gather(node: Node) -> bool:
    """Whether a node has elements of its first operand at places that a loop nest can find."""
    return node.op is ops.gather and _is_possible(node, node.operands[1:])


def is_scatter(node: Node) -> bool:
    """Whether a node can be made by a loop that writes in place, to its first operand, at computed places."""
    if node.op is not ops.scatter and node.op is not ops.scatter_add:
        return False
    x, v, *indices = node.operands
    return bool(x.dtype == v.dtype == node.dtype) and _is_possible(node, tuple(indices))


def _is_possible(node: Node, indices: tuple[Any, ...]) -> bool:
    if not indices or not is_native(node.dtype):
        return False
    for i, n in zip(indices, node.operands[0].shape, strict=False):
        if not is_native(i.dtype) or i.dtype.kind not in "iu" or i.shape != indices[0].shape:
            return False
        if not n and i.size:
            return False
        known = constant_of(i)
        if known is not None and not are_within(known, n):
            # NumPy says what is wrong.
            return False
    return True


def constant_of(x: Any) -> Any:
    """The constant that an operand repeats or is; None if it is computed."""
    while type(x) is Node and x.op is ops.broadcast_to:
        x = x.operands[0]
    return None if type(x) is Node else x


def are_within(indices: Any, n: int) -> bool:
    """Whether constant indices lie within an axis of n elements."""
    return not indices.size or bool(-n <= int(np.min(indices)) and int(np.max(indices)) < n)


def index_arrays(node: Node) -> tuple[Any, ...]:
    """The index arrays of a gather or scatter."""
    return node.operands[1:] if node.op is ops.gather else node.operands[2:]


def index_elements(node: Node, index: Index) -> list[tuple[Any, Index]]:
    """The elements of the index arrays that belong to an index of what is read or written."""
    return [(i, index[: i.ndim]) for i in index_arrays(node)]


def written_shape(node: Node) -> tuple[int, ...]:
    """The shape of the part of its operand that a scatter writes to, where elements may be met twice."""
    indices = index_arrays(node)
    return (*indices[0].shape, *node.shape[len(indices) :])


def written_element(node: Node, index: Index) -> tuple[Any, Index]:
    """The element that a scatter writes, or adds, at an index of the part."""
    v = node.operands[1]
    return v, broadcast(v.shape, index, written_shape(node))
