"""The blocks of the Jacobian of a recorded run, one for each result and argument, in the cheaper order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np

from chainrule import ops
from chainrule.api.recording import Recording
from chainrule.errors import NoRuleError
from chainrule.jacobians.zeros import ZERO, Placed, masked, parts, whole
from chainrule.numpy.operands import converted
from chainrule.ops.compositions import size_of
from chainrule.transforms import BatchLevel

Order = Literal["reverse", "forward"]

# The most elements that all lanes of one value may have together; more seeds go in several batches.
_ELEMENTS_AT_ONCE = 1 << 21


def blocks_of(
    recording: Recording, xs: list[Any], ys: list[Any], order: Order | None = None, preferred: Order | None = None
) -> list[list[Any]]:
    """The Jacobian of a recorded run: for each result one block for each argument."""
    n_in, n_out = (sum(size_of(v.shape) for v in values) for values in (xs, ys))
    chosen = order or preferred or ("reverse" if n_out <= n_in else "forward")
    try:
        return _MULTIPLICATIONS[chosen](recording, xs, ys)
    except NoRuleError as error:
        if order is not None:
            raise
        try:
            return _MULTIPLICATIONS["forward" if chosen == "reverse" else "reverse"](recording, xs, ys)
        except NoRuleError:
            raise error from None


def _by_reverse(recording: Recording, xs: list[Any], ys: list[Any]) -> list[list[Any]]:
    """One pull for each result, all of them as lanes of one batch."""
    seeds = _basis(ys)
    cotangents = _in_batches(ys, seeds, lambda bars: recording.tape.pull(bars), _largest(recording))
    flat = [_gathered([row[k] for row in cotangents], x) for k, x in enumerate(xs)]
    return [[_split(block, ys, k, x.shape, axis=0) for block, x in zip(flat, xs, strict=True)] for k in range(len(ys))]


def _by_forward(recording: Recording, xs: list[Any], ys: list[Any]) -> list[list[Any]]:
    """One push for each input, all of them as lanes of one batch."""
    seeds = _basis(xs)
    tangents = _in_batches(xs, seeds, lambda dots: recording.tape.push(dots), _largest(recording))
    flat = [_gathered([row[k] for row in tangents], y) for k, y in enumerate(ys)]
    blocks = []
    for block, y in zip(flat, ys, strict=True):
        ndim = len(y.shape)
        last = ops.transpose(block, axes=(*range(1, ndim + 1), 0))
        row = [_split(last, xs, k, y.shape, axis=ndim) for k in range(len(xs))]
        # As in the other order, where a block is made of cotangents.
        blocks.append([converted(part, x.dtype) for part, x in zip(row, xs, strict=True)])
    return blocks


_MULTIPLICATIONS: dict[Order, Callable[[Recording, list[Any], list[Any]], list[list[Any]]]] = {
    "reverse": _by_reverse,
    "forward": _by_forward,
}


def _basis(values: Sequence[Any]) -> int:
    """How many unit seeds there are."""
    return sum(size_of(v.shape) for v in values)


def _largest(recording: Recording) -> int:
    """The number of elements of the largest value of a run."""
    largest = 1
    for node in recording.tape.order:
        for shape in node.shape if isinstance(node.dtype, tuple) else (node.shape,):
            largest = max(largest, size_of(shape))
    return largest


def _in_batches(values: Sequence[Any], count: int, multiply: Callable[[Any], Any], largest: int) -> list[list[Any]]:
    """Products with all unit seeds of some values, in batches of bounded size."""
    at_once = max(1, min(count, _ELEMENTS_AT_ONCE // max(largest, 1)))
    rows = []
    for start in range(0, count, at_once) if count else ():
        size = min(at_once, count - start)
        level = BatchLevel(size)
        products = multiply(_unit_seeds(level, values, start, size))
        rows.append([_lanes(level, product) for product in products])
    return rows


def _unit_seeds(level: BatchLevel, values: Sequence[Any], start: int, size: int) -> list[Any]:
    """The unit vectors number `start` and following, each a lane; the zeros of a unit vector do not take part."""
    seeds = []
    offset = 0
    for value in values:
        count = size_of(value.shape)
        rows = np.arange(start, start + size) - offset
        hit = rows[:, None] == np.arange(count)
        if hit.any():
            hit = hit.reshape(size, *value.shape)
            seeds.append(masked(level.input(hit.astype(value.dtype)), level.input(~hit)))
        else:
            seeds.append(ZERO)
        offset += count
    return seeds


def _lanes(level: BatchLevel, product: Any) -> Any:
    if product is ZERO:
        return level.size
    if type(product) is Placed:
        product = whole(product)
    return level.lanes_of(parts(product)[0])


def _gathered(batches: list[Any], like: Any) -> Any:
    """The lanes of all batches in one array; a batch that is zero is known by its size."""
    dtype = like.dtype if like.dtype.kind in "fc" else np.dtype(float)
    arrays = [np.zeros((lanes, *like.shape), dtype) if isinstance(lanes, int) else lanes for lanes in batches]
    if not arrays:
        return np.zeros((0, *like.shape), dtype)
    return arrays[0] if len(arrays) == 1 else ops.concatenate(*arrays, axis=0)


def _split(block: Any, values: Sequence[Any], k: int, other: tuple[int, ...], axis: int) -> Any:
    """The part of a flat block that belongs to value k, with the axes of that value."""
    start = sum(size_of(v.shape) for v in values[:k])
    stop = start + size_of(values[k].shape)
    part = ops.index(block, path=((*(slice(None),) * axis, slice(start, stop)),))
    shape = (*values[k].shape, *other) if axis == 0 else (*other, *values[k].shape)
    return ops.reshape(part, shape=shape)
