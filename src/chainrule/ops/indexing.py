"""Reading and writing parts of an array.

A part is named by a path (`paths.py`), which is a parameter, or by index arrays, which are data operands, since an
argsort under vmap is data. Index arrays have one shape and index the leading axes: (*n, *rest) with k index arrays of
shape s gives (*s, *rest).

`donate` permits the memory of the first operand to be overwritten, since nobody else holds it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

# By name: a look-up in NumPy's module takes longer than the check that it is for.
from numpy import array, ndarray, zeros

from chainrule.ops.paths import Path, Reshaped, indexed_shape, region
from chainrule.trace import Abstract, Op, Value


class Reading(Op):
    """An op that reads a part of its operand; called with less ado, since programs read elements one by one."""

    __slots__ = ()

    def __call__(self, x: Any, *, path: Path, copy: bool = False) -> Any:
        """Apply the op: the level of the operand handles it, NumPy if there is none."""
        if type(x) is Value:
            return x.level.bind_with(self, x, {"path": path, "copy": copy} if copy else {"path": path})
        evaluate = self.evaluate
        return evaluate(x, path=path, copy=copy)


class Writing(Op):
    """An op that writes a part of its first operand; called with less ado, since programs write elements one by one."""

    __slots__ = ()

    def __call__(self, x: Any, v: Any, *, path: Path, donate: bool) -> Any:
        """Apply the op: the greater level of the operands handles it, NumPy if there is none."""
        top = x.level if type(x) is Value else None
        if type(v) is Value and (top is None or v.level.number > top.number):
            top = v.level
        if top is None:
            evaluate = self.evaluate
            return evaluate(x, v, path=path, donate=donate)
        return top.bind(self, (x, v), {"path": path, "donate": donate})


class Placing(Op):
    """An op that places its operand among zeros; called with less ado, since the pull of every read does so."""

    __slots__ = ()

    def __call__(self, v: Any, *, path: Path, shape: tuple[int, ...]) -> Any:
        """Apply the op: the level of the operand handles it, NumPy if there is none."""
        if type(v) is Value:
            return v.level.bind_with(self, v, {"path": path, "shape": shape})
        evaluate = self.evaluate
        return evaluate(v, path=path, shape=shape)


def _index_evaluate(x: Any, /, *, path: Path, copy: bool = False) -> Any:
    first = path[0]
    if len(path) > 1:
        part = region(x, path)
    else:
        part = x[first] if type(first) is tuple else first.of(x)
    return part.copy() if copy and type(part) is ndarray else part


def _index_infer(x: Any, *, path: Path, copy: bool = False) -> Abstract:
    return Abstract(indexed_shape(x.shape, path), x.dtype)


def _place_evaluate(v: Any, /, *, path: Path, shape: tuple[int, ...]) -> Any:
    x = zeros(shape, v.dtype)
    first = path[0]
    if type(first) is tuple and len(path) == 1:
        x[first] = v
        return x
    return _written(x, v, path)


def _place_infer(v: Any, *, path: Path, shape: tuple[int, ...]) -> Abstract:
    return Abstract(shape, v.dtype)


def _writable(x: Any, donate: bool) -> Any:
    """The array itself if it may be overwritten, else a copy; a NumPy scalar always becomes an array."""
    return x if donate and type(x) is ndarray else array(x)


def _update_evaluate(x: Any, v: Any, /, *, path: Path, donate: bool) -> Any:
    if not donate or type(x) is not ndarray:
        x = array(x)
    first = path[0]
    if type(first) is tuple and len(path) == 1:
        # Written out, since programs write elements one by one.
        x[first] = v
        return x
    return _written(x, v, path)


def _accumulate_evaluate(x: Any, v: Any, /, *, path: Path, donate: bool) -> Any:
    if not donate or type(x) is not ndarray:
        x = array(x)
    first = path[0]
    if type(first) is tuple and len(path) == 1:
        part = x[first]
        if type(part) is ndarray:
            # Not `x[first] += v`, which would write the part to itself once more.
            part += v
        else:
            x[first] = part + v
        return x
    return _written(x, region(x, path) + v, path)


def _written(x: Any, v: Any, path: Path) -> Any:
    """The array with v written at a path, in place where that can be."""
    if len(path) == 1 and type(path[0]) is not Reshaped:
        # A view, whatever it is of.
        region(x, path)[...] = v
        return x
    part = x
    for step in path[:-1]:
        # With `...`, so that a single element is a view still and no number.
        step = (*step, ...) if type(step) is tuple and Ellipsis not in step else step
        before, part = part, region(part, (step,))
        if type(step) is Reshaped and not np.may_share_memory(before, part):
            return _written_by_number(x, v, path)
    last = path[-1]
    if type(last) is tuple:
        part[last] = v
        return x
    before, part = part, last.of(part)
    if type(last) is Reshaped and not np.may_share_memory(before, part):
        return _written_by_number(x, v, path)
    part[...] = v
    return x


def _written_by_number(x: Any, v: Any, path: Path) -> Any:
    """The array with v written at a path that its memory does not permit as a view."""
    flat = x.reshape(-1)
    flat[region(np.arange(x.size).reshape(x.shape), path)] = v
    return flat.reshape(x.shape)


def _written_infer(x: Any, _v: Any, *_indices: Any, **_params: Any) -> Abstract:
    return Abstract(x.shape, x.dtype)


def _gather_evaluate(x: Any, /, *indices: Any) -> Any:
    return x[indices]


def _gather_infer(x: Any, *indices: Any) -> Abstract:
    return Abstract((*indices[0].shape, *x.shape[len(indices) :]), x.dtype)


def _scatter_evaluate(x: Any, v: Any, /, *indices: Any, donate: bool) -> Any:
    x = _writable(x, donate)
    x[indices] = v
    return x


def _scatter_add_evaluate(x: Any, v: Any, /, *indices: Any, donate: bool) -> Any:
    x = _writable(x, donate)
    np.add.at(x, indices, v)
    return x


def _last_writer_evaluate(*indices: Any, shape: tuple[int, ...]) -> Any:
    order = np.arange(indices[0].size, dtype=np.intp).reshape(indices[0].shape)
    writer = np.empty(shape, np.intp)
    writer[indices] = order
    return writer[indices] == order


def _last_writer_infer(*indices: Any, shape: tuple[int, ...]) -> Abstract:
    return Abstract(indices[0].shape, np.dtype(bool))


# The part at a path; a copy where a later write could reach the memory that is read.
index = Reading("index", _index_evaluate, _index_infer)
# Zeros of a shape with v at a path: the transpose of `index`.
place = Placing("place", _place_evaluate, _place_infer)
# x with v written at a path.
update = Writing("update", _update_evaluate, _written_infer)
# x with v added at a path.
accumulate = Writing("accumulate", _accumulate_evaluate, _written_infer)
# x[indices].
gather = Op("gather", _gather_evaluate, _gather_infer, may_fail=True)
# x with v written at indices: of repeated places the last one wins, as in NumPy.
scatter = Op("scatter", _scatter_evaluate, _written_infer, may_fail=True)
# x with v added at indices, once for each time a place is named.
scatter_add = Op("scatter_add", _scatter_add_evaluate, _written_infer)
# Which elements of a value scattered into `shape` are still there afterwards: those that nothing later overwrote.
last_writer = Op("last_writer", _last_writer_evaluate, _last_writer_infer, discrete=True)
