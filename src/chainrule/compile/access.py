"""Which elements of its operands an element of a node is made of, as functions of the indices of loops.

An index is affine in the counter of one loop. An op that takes an element now from here, now from there (a
concatenation, an update) has pieces, each with the bounds between which it holds; loops are cut at these bounds, so
that no loop asks.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from chainrule import ops
from chainrule.compile.keys import Added, Part, Picked, Sliced, parts, selected_shape
from chainrule.graph import Node
from chainrule.ops.paths import Diagonal, Transposed


class Affine(NamedTuple):
    """scale · counter + offset, for the counter of the loop over an axis of the domain; a constant where that is -1."""

    axis: int
    scale: int
    offset: int

    def stepped(self, start: int, step: int) -> Affine:
        """start + step · self."""
        return Affine(self.axis, self.scale * step, self.offset * step + start)


Index = tuple[Affine, ...]

FIRST = Affine(-1, 0, 0)


class Bound(NamedTuple):
    """low ≤ place < high."""

    place: Affine
    low: int
    high: int

    def cuts(self) -> tuple[int, ...]:
        """Where the loop over the axis of the place has to be cut, for this to hold for all of a part or for none."""
        scale, offset = self.place.scale, self.place.offset
        if not scale:
            return ()
        if scale > 0:
            return -(-(self.low - offset) // scale), -(-(self.high - offset) // scale)
        return (offset - self.low) // -scale + 1, (offset - self.high) // -scale + 1

    def holds(self, ranges: tuple[tuple[int, int], ...]) -> bool:
        """Whether it holds for the first counter of the ranges of the loops, and so for all."""
        place = self.place
        value = place.offset + (place.scale * ranges[place.axis][0] if place.scale else 0)
        return self.low <= value < self.high


class Piece(NamedTuple):
    """Where all bounds hold, an element is made of these elements of operands."""

    bounds: tuple[Bound, ...]
    sources: tuple[tuple[Any, Index], ...]


def identity(shape: tuple[int, ...]) -> Index:
    """The index of an element of the domain itself."""
    return tuple(Affine(k, 1, 0) for k in range(len(shape)))


def broadcast(shape: tuple[int, ...], index: Index, result: tuple[int, ...]) -> Index:
    """The index into an operand of a shape that broadcasts to the shape of a result."""
    if shape == result and 1 not in shape:
        return index
    made = len(result) - len(shape)
    return tuple(FIRST if n == 1 else index[made + k] for k, n in enumerate(shape))


def reduced_to_one(shape: tuple[int, ...], axes: tuple[int, ...]) -> Index:
    """The index of a result of a reduction that keeps the reduced axes, with length one."""
    return tuple(FIRST if k in axes else Affine(k, 1, 0) for k in range(len(shape)))


def without_ones(shape: tuple[int, ...]) -> list[int]:
    """The axes that are not of length one."""
    return [n for n in shape if n != 1]


def is_routed(node: Node) -> bool:
    """Whether the elements of an op of movement, or of a choice by places, can be found by affine indices."""
    op = node.op
    if op is ops.reshape:
        return without_ones(node.operands[0].shape) == without_ones(node.shape)
    if op is ops.index:
        return all(isinstance(step, (tuple, Transposed, Diagonal)) for step in node.params["path"])
    if op in (ops.place, ops.update, ops.accumulate):
        path = node.params["path"]
        if len(path) != 1 or not isinstance(path[0], tuple):
            return False
        return all(not isinstance(p, Sliced) or abs(p.step) == 1 or p.length <= 1 for p in parts(path[0], node.shape))
    return op in (ops.transpose, ops.broadcast_to, ops.flip, ops.concatenate, ops.stack)


def pieces(node: Node, index: Index) -> tuple[Piece, ...]:
    """The pieces of a routed node; the first one whose bounds hold is meant."""
    op, params, operands = node.op, node.params, node.operands
    if op is ops.concatenate or op is ops.stack:
        return tuple(_joined(node, index))
    if op is ops.place:
        (v,) = operands
        bounds, inner = _part(params["path"][0], node.shape, v.shape, index)
        return Piece(bounds, ((v, inner),)), Piece((), ())
    if op is ops.update or op is ops.accumulate:
        x, v = operands
        bounds, inner = _part(params["path"][0], node.shape, v.shape, index)
        inside = ((v, inner),) if op is ops.update else ((x, index), (v, inner))
        return Piece(bounds, inside), Piece((), ((x, index),))
    return (Piece((), ((operands[0], _routed(node, index)),)),)


def _routed(node: Node, index: Index) -> Index:
    """The index into the operand of an op that takes every element from one place."""
    op, params = node.op, node.params
    shape = node.operands[0].shape
    if op is ops.broadcast_to:
        return broadcast(shape, index, node.shape)
    if op is ops.reshape:
        moved = iter([a for a, n in zip(index, node.shape, strict=True) if n != 1])
        return tuple(FIRST if n == 1 else next(moved) for n in shape)
    if op is ops.transpose:
        return _untransposed(index, params["axes"])
    if op is ops.flip:
        return tuple(
            a.stepped(n - 1, -1) if k in params["axes"] else a
            for k, (a, n) in enumerate(zip(index, shape, strict=True))
        )
    shapes = [shape]
    for step in params["path"]:
        shapes.append(_shape_after(shapes[-1], step))
    for step, before in zip(reversed(params["path"]), reversed(shapes[:-1]), strict=True):
        if isinstance(step, tuple):
            index = _unindexed(index, parts(step, before))
        elif isinstance(step, Transposed):
            index = _untransposed(index, step.axes)
        else:
            index = _undiagonal(index, step)
    return index


def _shape_after(shape: tuple[int, ...], step: Any) -> tuple[int, ...]:
    from chainrule.compile.views import whole

    view = whole(shape).at((step,))
    assert view is not None
    return view.shape


def _untransposed(index: Index, axes: tuple[int, ...]) -> Index:
    found: list[Affine] = [FIRST] * len(axes)
    for a, axis in zip(index, axes, strict=True):
        found[axis] = a
    return tuple(found)


def _unindexed(index: Index, key: list[Part]) -> Index:
    found = []
    places = iter(index)
    for part in key:
        if isinstance(part, Picked):
            found.append(Affine(-1, 0, part.place))
        elif isinstance(part, Added):
            next(places)
        else:
            found.append(next(places).stepped(part.start, part.step))
    return tuple(found)


def _undiagonal(index: Index, step: Diagonal) -> Index:
    *rest, along = index
    found = list(rest)
    for axis, shift in sorted(((step.first, max(-step.offset, 0)), (step.second, max(step.offset, 0)))):
        found.insert(axis, along.stepped(shift, 1))
    return tuple(found)


def _part(
    key: tuple[Any, ...], shape: tuple[int, ...], written: tuple[int, ...], index: Index
) -> tuple[tuple[Bound, ...], Index]:
    """The bounds of the part at a key, and the index into what is written there, which may broadcast to the part."""
    bounds: list[Bound] = []
    inner: list[Affine] = []
    places = iter(index)
    found = parts(key, shape)
    for part in found:
        if isinstance(part, Added):
            inner.append(FIRST)
            continue
        a = next(places)
        if isinstance(part, Picked):
            bounds.append(Bound(a, part.place, part.place + 1))
            continue
        first, last = part.start, part.start + part.step * (part.length - 1)
        low, high = (min(first, last), max(first, last) + 1) if part.length else (0, 0)
        bounds.append(Bound(a, low, high))
        step = part.step if part.length > 1 else 1
        # a = start + step · inner, and step is 1 or -1.
        inner.append(Affine(a.axis, a.scale * step, (a.offset - part.start) * step))
    return tuple(bounds), broadcast(written, tuple(inner), selected_shape(found))


def _joined(node: Node, index: Index) -> list[Piece]:
    axis = node.params["axis"]
    begin = 0
    found = []
    for operand in node.operands:
        length = operand.shape[axis] if node.op is ops.concatenate else 1
        bound = Bound(index[axis], begin, begin + length)
        if node.op is ops.concatenate:
            inner = (*index[:axis], index[axis].stepped(-begin, 1), *index[axis + 1 :])
        else:
            inner = (*index[:axis], *index[axis + 1 :])
        found.append(Piece((bound,), ((operand, inner),)))
        begin += length
    return found
