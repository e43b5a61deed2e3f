"""Equations of reading and writing parts."""

from __future__ import annotations

from itertools import accumulate
from typing import Any

from chainrule import ops
from chainrule.compile.passes.constants import number_of
from chainrule.compile.passes.parts import as_key, disjoint, names_everything, places, same, single_index
from chainrule.compile.passes.rewriting import is_constant, node_of, rewrite
from chainrule.compile.passes.writes import element_of
from chainrule.ops.paths import Path, indexed_shape, joined

# Past this number of writes a part is read from the array.
_FARTHEST = 8


@rewrite("index(x, path=p) -> x")
def index_of_everything(x, p):
    """Exact where the path gives the array as it is."""
    return x if names_everything(x.shape, p) else None


@rewrite("index(index(x, path=p), path=q) -> index(x, path=p∘q)")
def index_of_index(x, p, q):
    """Exact: a path goes on."""
    return ops.index(x, path=joined(x.shape, p, q))


@rewrite("index(place(v, path=p, shape=s), path=q) -> v, 0")
def index_of_place(v, p, s, q):
    """Exact where the paths are the same, and where they have nothing in common."""
    if same(s, p, q):
        return _as_part(v, indexed_shape(s, q))
    return v.dtype.type(0) if disjoint(s, p, q) else None


@rewrite("index(x, path=q) -> what was last written there")
def element_of_written(x, q):
    """Exact: of the writes to single elements that made x, the last one to this element tells what it is."""
    node, element = node_of(x), element_of(x.shape, q)
    if node is None or element is None:
        return None
    level = x.level
    writer, root = level.writes.last(node, element)
    if writer is None:
        return ops.index(level.value(root), path=q) if root is not node else None
    before, v = map(level.value, writer.operands)
    if v.dtype != x.dtype:
        return None
    v = _as_part(v, ())
    return v if writer.op is ops.update else ops.index(before, path=q) + v


@rewrite("index(update(x, v, path=p), path=q) -> v, index(x, path=q)")
def index_of_updated(x, v, p, q):
    """Exact where what is read was written, or lies beside it."""
    if same(x.shape, p, q) and v.dtype == x.dtype:
        return _as_part(v, indexed_shape(x.shape, q))
    return _beside(x, p, q)


@rewrite("index(accumulate(x, v, path=p), path=q) -> index(x, path=q) + v, index(x, path=q)")
def index_of_accumulated(x, v, p, q):
    """Exact where what is read is what was added to, or lies beside it."""
    if same(x.shape, p, q) and v.dtype == x.dtype:
        return ops.index(x, path=q) + _as_part(v, indexed_shape(x.shape, q))
    return _beside(x, p, q)


def _beside(x: Any, written: Path, path: Path) -> Any:
    """A part of an array as it was before writes that lie beside it; None if it takes many steps to find out."""
    if not disjoint(x.shape, written, path):
        return None
    for _ in range(_FARTHEST):
        node = node_of(x)
        if node is None or node.op not in (ops.update, ops.accumulate):
            return ops.index(x, path=path)
        if not disjoint(x.shape, node.params["path"], path):
            return ops.index(x, path=path)
        x = x.level.value(node.operands[0])
    return None


@rewrite("index(broadcast_to(x, shape=s), path=q) -> broadcast_to(index(x, path=q′))")
def index_of_broadcast(x, s, q):
    """Exact: along the axes that the broadcast made or stretched all entries are one."""
    key = single_index(q)
    if key is None:
        return None
    written = places(s, key)
    lengths = (*(1,) * (len(s) - x.ndim), *x.shape)
    axis = 0
    kept: list[Any] = []
    for part in written:
        if part is None:
            if axis >= len(s) - x.ndim:
                kept.append(None)
            continue
        if axis >= len(s) - x.ndim:
            stretched = lengths[axis] == 1 and s[axis] != 1
            kept.append(part if not stretched else range(1) if type(part) is range else 0)
        axis += 1
    return ops.index(x, path=(as_key(kept),)) if 0 not in indexed_shape(s, q) else None


@rewrite("index(concatenate(*xs, axis=k), path=q) -> index(x, path=q′)")
def index_of_concatenate(xs, k, q):
    """Exact where what is read lies within one of the parts."""
    key = single_index(q)
    if key is None:
        return None
    ends = list(accumulate(x.shape[k] for x in xs))
    shape = (*xs[0].shape[:k], ends[-1], *xs[0].shape[k + 1 :])
    written = places(shape, key)
    slot = _slot_of_axis(written, k)
    part = written[slot]
    if type(part) is range and not part:
        return None
    first, last = (min(part), max(part)) if type(part) is range else (part, part)
    for x, end in zip(xs, ends, strict=True):
        begin = end - x.shape[k]
        if begin <= first and last < end:
            written[slot] = (
                range(part.start - begin, part.stop - begin, part.step) if type(part) is range else part - begin
            )
            return ops.index(x, path=(as_key(written),))
    return None


@rewrite("index(stack(*xs, axis=k), path=q) -> index(x, path=q′)")
def index_of_stack(xs, k, q):
    """Exact where one of the parts is read."""
    key = single_index(q)
    if key is None:
        return None
    shape = (*xs[0].shape[:k], len(xs), *xs[0].shape[k:])
    written = places(shape, key)
    slot = _slot_of_axis(written, k)
    if type(written[slot]) is range:
        return None
    x = xs[written.pop(slot)]
    return ops.index(x, path=(as_key(written),))


@rewrite("update(update(x, _v, path=p), w, path=q) -> update(x, w, path=q)")
@rewrite("update(accumulate(x, _v, path=p), w, path=q) -> update(x, w, path=q)")
def update_of_written(x, p, w, q):
    """Exact where the paths are the same: the second write replaces the first."""
    return ops.update(x, w, path=q, donate=False) if same(x.shape, p, q) else None


@rewrite("update(place(_v, path=p, shape=s), w, path=q) -> place(w, path=q, shape=s)")
def update_of_placed(p, s, w, q):
    """Exact where the paths are the same: the write replaces what was placed."""
    return ops.place(w, path=q, shape=s) if same(s, p, q) else None


@rewrite("update(x, v, path=p) -> v")
def update_of_everything(x, v, p):
    """Exact where everything is written."""
    return _as_part(v, x.shape) if names_everything(x.shape, p) and v.dtype == x.dtype else None


@rewrite("update(x, v, path=p) -> place(v, path=p)")
def update_of_zeros(x, v, p):
    """Exact for zeros x other than -0.0."""
    if not _is_zeros(x) or v.dtype != x.dtype:
        return None
    return ops.place(v, path=p, shape=x.shape)


@rewrite("accumulate(x, v, path=p) -> place(v + 0.0, path=p)")
def accumulate_on_zeros(x, v, p):
    """Exact for zeros x other than -0.0, to which -0.0 adds up to 0.0."""
    if not _is_zeros(x) or v.dtype != x.dtype or x.dtype.kind not in "iufc":
        return None
    return ops.place(v + v.dtype.type(0), path=p, shape=x.shape)


@rewrite("place(v, path=p, shape=s) -> v")
def place_of_everything(v, p, s):
    """Exact where nothing is left around."""
    return _as_part(v, s) if names_everything(s, p) else None


@rewrite("place(v, path=p, shape=s) -> 0")
def place_of_zeros(v, p, s):
    """Exact for zeros v other than -0.0: they are what lies around them."""
    return v.dtype.type(0) if _is_zeros(v) else None


@rewrite("place(place(v, path=p, shape=t), path=q, shape=s) -> place(v, path=q∘p, shape=s)")
def place_of_placed(v, p, t, q, s):
    """Exact: a path goes on."""
    return ops.place(v, path=joined(s, q, p), shape=s) if indexed_shape(s, q) == t else None


def _slot_of_axis(written: list[Any], axis: int) -> int:
    """Where in a written-out index the part for an axis stands."""
    slots = [slot for slot, part in enumerate(written) if part is not None]
    return slots[axis]


def _as_part(v: Any, shape: tuple[int, ...]) -> Any:
    """What is written to a part of a shape, without the ones in front that a write ignores."""
    extra = len(v.shape) - len(shape)
    return v if extra <= 0 else ops.reshape(v, shape=v.shape[extra:])


def _is_zeros(x: Any) -> bool:
    """Whether a value is 0 in every place, and nowhere -0.0."""
    node = node_of(x)
    if node is not None:
        if node.op is not ops.broadcast_to:
            return False
        x = x.level.value(node.operands[0])
    if not is_constant(x):
        return False
    number = number_of(x)
    return number is not None and number.tobytes() == bytes(number.itemsize)
