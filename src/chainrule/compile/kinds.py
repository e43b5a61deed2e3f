"""How each node of a program is computed: element by element, by movement, by reduction, by BLAS, or by NumPy."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.compile.access import Affine, Index, broadcast, identity, is_routed
from chainrule.compile.elements import is_native
from chainrule.compile.lowerings import LOWERINGS
from chainrule.compile.views import whole
from chainrule.graph import Node
from chainrule.ops.contraction import split_subscripts
from chainrule.trace import Op

# Ops that are lowered for integers and truth values too; all others only for floating-point numbers.
_ANY_DTYPE = frozenset(
    (
        ops.add,
        ops.subtract,
        ops.multiply,
        ops.floor_divide,
        ops.remainder,
        ops.negative,
        ops.square,
        ops.absolute,
        ops.sign,
        ops.select,
        ops.maximum,
        ops.minimum,
        ops.fmax,
        ops.fmin,
        ops.clip,
        ops.floor,
        ops.ceil,
        ops.trunc,
        ops.convert,
        ops.truncate,
        ops.isnan,
        ops.isinf,
        ops.isfinite,
        ops.signbit,
        ops.equal,
        ops.not_equal,
        ops.less,
        ops.less_equal,
        ops.greater,
        ops.greater_equal,
        ops.logical_and,
        ops.logical_or,
        ops.logical_xor,
        ops.logical_not,
        ops.bitwise_and,
        ops.bitwise_or,
        ops.bitwise_xor,
        ops.invert,
    )
)
# Their operands need not have one dtype.
_MIXED = frozenset(
    (ops.select, ops.logical_and, ops.logical_or, ops.logical_xor, ops.logical_not, ops.convert, ops.truncate)
)

REDUCTIONS: dict[Op, str] = {
    ops.reduce_sum: "add",
    ops.reduce_prod: "multiply",
    ops.reduce_max: "maximum",
    ops.reduce_min: "minimum",
    ops.reduce_any: "or",
    ops.reduce_all: "and",
    ops.greatest: "maximum",
}

# What a running op does with the element before: h = x + h, h = x h, h = b + a h.
SCANS: dict[Op, str] = {ops.cumsum: "add", ops.cumprod: "multiply", ops.recurrence: "recur"}

# Products that are sums over one pair of axes.
CONTRACTIONS = frozenset((ops.matmul, ops.matvec, ops.vecmat, ops.vecvec, ops.vecdot, ops.dot, ops.einsum))

# From so many multiplications on, BLAS multiplies matrices.
_LARGE = 4096
# So many terms of a sum are written out.
_FEW_TERMS = 8


def is_elementwise(node: Node) -> bool:
    """Whether a node is computed by a lowering."""
    op = node.op
    if op not in LOWERINGS or not is_native(node.dtype):
        return False
    dtypes = [x.dtype for x in node.operands]
    if not all(map(is_native, dtypes)):
        return False
    if op not in _MIXED and any(dtype != dtypes[0] for dtype in dtypes):
        return False
    if op is ops.truncate and node.dtype.kind == "u" and dtypes[0].kind == "f":
        return False
    if op in (ops.subtract, ops.negative, ops.square, ops.floor_divide, ops.remainder) and dtypes[0].kind == "b":
        return False
    return op in _ANY_DTYPE or all(dtype.kind == "f" for dtype in dtypes)


def is_movement(node: Node) -> bool:
    """Whether a node has the elements of its first operand in other places."""
    if node.op not in (ops.index, ops.reshape, ops.transpose, ops.broadcast_to, ops.flip) or not is_native(node.dtype):
        return False
    x = node.operands[0]
    if type(x) is not Node:
        # The elements of a constant are found by affine indices alone.
        return is_routed(node)
    # A path may lead through a reshape of what does not lie row by row, which is no view.
    return node.op is not ops.index or is_routed(node) or whole(x.shape).at(node.params["path"]) is not None


def is_choice_of_places(node: Node) -> bool:
    """Whether a node takes its elements from several operands, depending on the place, along bounds of boxes."""
    if node.op not in (ops.place, ops.update, ops.accumulate, ops.concatenate, ops.stack):
        return False
    same = all(x.dtype == node.dtype for x in node.operands)
    return same and is_native(node.dtype) and is_routed(node)


def is_in_place(node: Node) -> bool:
    """Whether a node can be made by writing to a part of its first operand in place."""
    return (
        node.op in (ops.update, ops.accumulate)
        and is_native(node.dtype)
        and all(x.dtype == node.dtype for x in node.operands)
        and whole(node.shape).at(node.params["path"]) is not None
    )


def is_reduction(node: Node) -> bool:
    """Whether a node is a reduction that a loop nest can do."""
    combine = REDUCTIONS.get(node.op)
    if combine is None or not is_native(node.dtype) or not is_native(node.operands[0].dtype):
        return False
    if combine in ("maximum", "minimum"):
        # NumPy's maximum of nothing is an error, and that of booleans a matter of its own.
        return math.prod(node.operands[0].shape) > 0 and node.dtype.kind in "fiu"
    return combine in ("or", "and") or node.operands[0].dtype.kind in "fiub"


def is_scan(node: Node) -> bool:
    """Whether a node is a running sum, product or recurrence that a loop can do, from element to element."""
    if node.op not in SCANS or not is_native(node.dtype):
        return False
    dtypes = [x.dtype for x in node.operands]
    if node.dtype.kind == "f":
        return all(dtype == node.dtype for dtype in dtypes) and all(x.shape == node.shape for x in node.operands)
    return node.op is not ops.recurrence and is_native(dtypes[0]) and dtypes[0].kind in "iub"


def is_contraction(node: Node) -> bool:
    """Whether a node is a product of real arrays that is summed over one set of axes."""
    if node.op not in CONTRACTIONS or not isinstance(node.dtype, np.dtype) or node.dtype.kind != "f":
        return False
    if len(node.operands) != 2 or not is_native(node.dtype):
        return False
    return all(x.dtype == node.dtype for x in node.operands) and (node.op is not ops.dot or labels(node) is not None)


def labels(node: Node) -> tuple[list[int], list[int], list[int]] | None:
    """The axes of both operands and of the result of a contraction, by number; equal numbers are one axis."""
    x, y = node.operands
    op = node.op
    if op is ops.einsum:
        (first, second), kept = split_subscripts(node.params["subscripts"])
        return list(map(ord, first)), list(map(ord, second)), list(map(ord, kept))
    if op is ops.dot:
        if not x.ndim or not y.ndim:
            return None
        left = list(range(x.ndim))
        if y.ndim == 1:
            return left, [x.ndim - 1], left[:-1]
        right = [100 + k for k in range(y.ndim)]
        right[-2] = x.ndim - 1
        return left, right, [*left[:-1], *right[:-2], right[-1]]
    stack = {ops.matmul: 2, ops.matvec: 2, ops.vecmat: 1}.get(op, 1), {ops.matmul: 2, ops.vecmat: 2}.get(op, 1)
    depth = max(x.ndim - stack[0], y.ndim - stack[1])
    rows, inner, columns = 100, 101, 102
    left_core = [rows, inner] if stack[0] == 2 else [inner]
    right_core = [inner, columns] if stack[1] == 2 else [inner]
    left = [*range(depth - (x.ndim - stack[0]), depth), *left_core]
    right = [*range(depth - (y.ndim - stack[1]), depth), *right_core]
    result = [*range(depth), *(k for k in (rows, columns) if k in left_core + right_core)]
    return left, right, result


def _sizes(node: Node, operand_labels: list[list[int]]) -> dict[int, int]:
    """The length of each axis of a contraction."""
    sizes: dict[int, int] = {}
    for operand, own in zip(node.operands, operand_labels, strict=True):
        for label, n in zip(own, operand.shape, strict=True):
            sizes[label] = max(n, sizes.get(label, 0)) if n != 1 else sizes.get(label, 1)
    return sizes


def contraction(
    node: Node, strides: tuple[tuple[int, ...], ...]
) -> tuple[tuple[int, ...], Index, tuple[int, ...], tuple[tuple[Any, Index], ...]]:
    """The domain of a contraction, the index into the result, the axes it sums over, and its factors.

    The axis along which the larger operand lies in memory, by the strides of the operands, is innermost.
    """
    named = labels(node)
    assert named is not None
    *operand_labels, result = named
    sizes = _sizes(node, operand_labels)
    summed = [label for label in sizes if label not in result]
    x, y = node.operands
    larger = 0 if math.prod(x.shape) >= math.prod(y.shape) else 1
    close = [
        (stride, label)
        for stride, label in zip(strides[larger], operand_labels[larger], strict=True)
        if stride and sizes[label] > 1
    ]
    innermost = min(close)[1] if close else None
    order = [*result, *summed]
    if innermost in result and summed:
        # The sum runs outside, over rows that lie in memory.
        order = [*(k for k in result if k != innermost), *summed, innermost]
    elif innermost is not None and summed:
        order = [*result, *(k for k in summed if k != innermost), innermost]
    where = {label: axis for axis, label in enumerate(order)}
    domain = tuple(sizes[label] for label in order)
    factors = []
    for operand, own in zip(node.operands, operand_labels, strict=True):
        index = tuple(Affine(where[label], 1, 0) for label in own)
        factors.append((operand, broadcast(operand.shape, index, tuple(sizes[label] for label in own))))
    target = tuple(Affine(where[label], 1, 0) for label in result)
    return domain, target, tuple(where[label] for label in summed), tuple(factors)


def is_short(node: Node) -> bool:
    """Whether a reduction or contraction has so few terms that they are written out, as one expression."""
    if is_reduction(node):
        x = node.operands[0]
        return bool(0 < math.prod(x.shape) <= _FEW_TERMS * math.prod(node.shape))
    if not is_contraction(node) or is_large_product(node):
        return False
    named = labels(node)
    assert named is not None
    *operand_labels, result = named
    sizes = _sizes(node, operand_labels)
    return 0 < math.prod(n for label, n in sizes.items() if label not in result) <= _FEW_TERMS


def terms(node: Node, index: Index) -> list[tuple[tuple[Any, Index], ...]]:
    """The terms of a short reduction or contraction at an index of its result, each a product of factors."""
    if is_reduction(node):
        x = node.operands[0]
        axes = node.params["axes"]
        kept = iter(index if node.ndim < x.ndim else [a for k, a in enumerate(index) if k not in axes])
        frame = [None if k in axes else next(kept) for k in range(x.ndim)]
        places = itertools.product(*(range(n) if k in axes else (0,) for k, n in enumerate(x.shape)))
        return [
            ((x, tuple(Affine(-1, 0, p) if a is None else a for a, p in zip(frame, place, strict=True))),)
            for place in places
        ]
    named = labels(node)
    assert named is not None
    *operand_labels, result = named
    sizes = _sizes(node, operand_labels)
    where = dict(zip(result, index, strict=True))
    summed = [label for label in sizes if label not in result]
    found = []
    for place in itertools.product(*(range(sizes[label]) for label in summed)):
        at = where | {label: Affine(-1, 0, p) for label, p in zip(summed, place, strict=True)}
        factors = []
        for operand, own in zip(node.operands, operand_labels, strict=True):
            own_index = tuple(at[label] for label in own)
            factors.append((operand, broadcast(operand.shape, own_index, tuple(sizes[label] for label in own))))
        found.append(tuple(factors))
    return found


def is_large_product(node: Node) -> bool:
    """Whether BLAS shall do a product: a matrix times a matrix, and not a small one."""
    if node.op not in (ops.matmul, ops.dot) or any(x.ndim != 2 for x in node.operands):
        return False
    x, y = node.operands
    return bool(x.shape[0] > 1 and y.shape[1] > 1 and x.shape[0] * x.shape[1] * y.shape[1] > _LARGE)


def reduction(node: Node) -> tuple[tuple[int, ...], tuple[tuple[Any, Index], ...]]:
    """The axes that a reduction takes away, and its one factor."""
    (x,) = node.operands
    return tuple(node.params["axes"]), ((x, identity(x.shape)),)
