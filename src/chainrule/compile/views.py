"""Views of buffers: movements of elements that need no code, only another way to find an element."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from chainrule import ops
from chainrule.compile.keys import Added, Picked, parts
from chainrule.graph import Node
from chainrule.ops.paths import Diagonal, Path, Reshaped, Transposed


class View(NamedTuple):
    """The elements of a buffer at offset + Σ index · stride, all counted in elements."""

    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    @property
    def is_contiguous(self) -> bool:
        """Whether the elements lie in memory one after the other, row by row."""
        return 0 in self.shape or self.strides == row_major(self.shape, self.strides)

    def indexed(self, key: tuple[Any, ...]) -> View:
        """The part at a basic key."""
        offset, shape, strides = self.offset, [], []
        axis = 0
        for part in parts(key, self.shape):
            if isinstance(part, Added):
                shape.append(1)
                strides.append(0)
                continue
            stride = self.strides[axis]
            axis += 1
            if isinstance(part, Picked):
                offset += part.place * stride
            else:
                offset += part.start * stride
                shape.append(part.length)
                strides.append(part.step * stride)
        return View(offset, tuple(shape), tuple(strides))

    def transposed(self, axes: tuple[int, ...]) -> View:
        """The axes in another order."""
        return View(self.offset, tuple(self.shape[k] for k in axes), tuple(self.strides[k] for k in axes))

    def diagonal(self, step: Diagonal) -> View:
        """The diagonal of two axes, which becomes the last axis."""
        first, second = step.first, step.second
        rows, columns = self.shape[first], self.shape[second]
        length = max(0, min(rows, columns - step.offset) if step.offset >= 0 else min(rows + step.offset, columns))
        begin = step.offset * self.strides[second] if step.offset >= 0 else -step.offset * self.strides[first]
        rest = [k for k in range(len(self.shape)) if k not in (first, second)]
        return View(
            self.offset + (begin if length else 0),
            (*(self.shape[k] for k in rest), length),
            (*(self.strides[k] for k in rest), self.strides[first] + self.strides[second]),
        )

    def reshaped(self, shape: tuple[int, ...]) -> View | None:
        """The same elements, read row by row, in another shape; None if that is no view."""
        if self.is_contiguous:
            return View(self.offset, shape, row_major(shape))
        if [n for n in self.shape if n != 1] != [n for n in shape if n != 1]:
            return None
        strides = iter([stride for n, stride in zip(self.shape, self.strides, strict=True) if n != 1])
        return View(self.offset, shape, tuple(0 if n == 1 else next(strides) for n in shape))

    def broadcast(self, shape: tuple[int, ...]) -> View:
        """The elements repeated along new axes and axes of length one."""
        made = len(shape) - len(self.shape)
        strides = (
            0 if n == 1 and shape[made + k] != 1 else stride
            for k, (n, stride) in enumerate(zip(self.shape, self.strides, strict=True))
        )
        return View(self.offset, shape, (*(0,) * made, *strides))

    def at(self, path: Path) -> View | None:
        """The part at a path; None if that is no view."""
        view: View | None = self
        for step in path:
            if view is None:
                return None
            if isinstance(step, tuple):
                view = view.indexed(step)
            elif isinstance(step, Transposed):
                view = view.transposed(step.axes)
            elif isinstance(step, Diagonal):
                view = view.diagonal(step)
            elif isinstance(step, Reshaped):
                view = view.reshaped(step.shape)
        return view

    def moved(self, node: Node) -> View | None:
        """What an op of movement makes of this view of its operand; None if that is no view."""
        op, params = node.op, node.params
        if op is ops.index:
            return self.at(params["path"])
        if op is ops.reshape:
            return self.reshaped(node.shape)
        if op is ops.transpose:
            return self.transposed(params["axes"])
        if op is ops.broadcast_to:
            return self.broadcast(node.shape)
        if op is ops.flip:
            return self.indexed(tuple(slice(None, None, -1 if k in params["axes"] else 1) for k in range(node.ndim)))
        return None


def row_major(shape: tuple[int, ...], like: tuple[int, ...] | None = None) -> tuple[int, ...]:
    """The strides of an array that lies row by row; along axes of length one any stride will do, as that of `like`."""
    strides = []
    for k, n in enumerate(shape):
        strides.append(like[k] if like is not None and n == 1 else math.prod(shape[k + 1 :]))
    return tuple(strides)


def whole(shape: tuple[int, ...]) -> View:
    """The view of a whole buffer."""
    return View(0, shape, row_major(shape))
