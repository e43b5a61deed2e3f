"""Reading and writing parts of an array.

A *path* is a tuple of basic indices, each applied to the result of the one before, which is how a view of a view is
reached. Basic indices are parameters; index arrays are data operands, since an argsort under vmap is data. They have
one shape and index the leading axes: (*n, *rest) with k index arrays of shape s gives (*s, *rest).

`donate` permits the memory of the first operand to be overwritten, since nobody else holds it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.trace import Abstract, Op


def indexed_shape(shape: tuple[int, ...], path: tuple[Any, ...]) -> tuple[int, ...]:
    """The shape that a path selects, found on an array without memory."""
    return _region(np.broadcast_to(np.empty((), bool), shape), path).shape


def _region(x: Any, path: tuple[Any, ...]) -> Any:
    for index in path:
        x = x[index]
    return x


def _index_evaluate(x: Any, /, *, path: tuple[Any, ...], copy: bool = False) -> Any:
    x = _region(x, path)
    return x.copy() if copy else x


def _index_infer(x: Any, *, path: tuple[Any, ...], copy: bool = False) -> Abstract:
    return Abstract(indexed_shape(x.shape, path), x.dtype)


def _place_evaluate(v: Any, /, *, path: tuple[Any, ...], shape: tuple[int, ...]) -> Any:
    x = np.zeros(shape, v.dtype)
    _region(x, path[:-1])[path[-1]] = v
    return x


def _place_infer(v: Any, *, path: tuple[Any, ...], shape: tuple[int, ...]) -> Abstract:
    return Abstract(shape, v.dtype)


def _update_evaluate(x: Any, v: Any, /, *, path: tuple[Any, ...], donate: bool) -> Any:
    if not donate:
        x = np.array(x)
    _region(x, path[:-1])[path[-1]] = v
    return x


def _accumulate_evaluate(x: Any, v: Any, /, *, path: tuple[Any, ...], donate: bool) -> Any:
    if not donate:
        x = np.array(x)
    _region(x, path[:-1])[path[-1]] += v
    return x


def _written_infer(x: Any, _v: Any, *_indices: Any, **_params: Any) -> Abstract:
    return Abstract(x.shape, x.dtype)


def _gather_evaluate(x: Any, /, *indices: Any) -> Any:
    return x[indices]


def _gather_infer(x: Any, *indices: Any) -> Abstract:
    return Abstract((*indices[0].shape, *x.shape[len(indices) :]), x.dtype)


def _scatter_evaluate(x: Any, v: Any, /, *indices: Any, donate: bool) -> Any:
    if not donate:
        x = np.array(x)
    x[indices] = v
    return x


def _scatter_add_evaluate(x: Any, v: Any, /, *indices: Any, donate: bool) -> Any:
    if not donate:
        x = np.array(x)
    np.add.at(x, indices, v)
    return x


def _last_writer_evaluate(*indices: Any, shape: tuple[int, ...]) -> Any:
    order = np.arange(indices[0].size, dtype=np.intp).reshape(indices[0].shape)
    writer = np.empty(shape, np.intp)
    writer[indices] = order
    return writer[indices] == order


def _last_writer_infer(*indices: Any, shape: tuple[int, ...]) -> Abstract:
    return Abstract(indices[0].shape, np.dtype(bool))


# x[path[0]][path[1]]...; a copy where a later write could reach the memory that is read.
index = Op("index", _index_evaluate, _index_infer)
# Zeros of a shape with v at a path: the transpose of `index`.
place = Op("place", _place_evaluate, _place_infer)
# x with v written at a path.
update = Op("update", _update_evaluate, _written_infer)
# x with v added at a path.
accumulate = Op("accumulate", _accumulate_evaluate, _written_infer)
# x[indices].
gather = Op("gather", _gather_evaluate, _gather_infer, may_fail=True)
# x with v written at indices: of repeated places the last one wins, as in NumPy.
scatter = Op("scatter", _scatter_evaluate, _written_infer, may_fail=True)
# x with v added at indices, once for each time a place is named.
scatter_add = Op("scatter_add", _scatter_add_evaluate, _written_infer)
# Which elements of a value scattered into `shape` are still there afterwards: those that nothing later overwrote.
last_writer = Op("last_writer", _last_writer_evaluate, _last_writer_infer, discrete=True)
