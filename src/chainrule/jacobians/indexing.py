"""The local Jacobians of reading and writing parts of an array, and their batching.

All of them select entries, so exclusions go the way that the values go. What a read leaves out and what a write
overwrites does not take part.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import ops
from chainrule.graph import Node
from chainrule.jacobians.forms import LocalJacobian, batch
from chainrule.jacobians.lanes import aligned, lanes_of
from chainrule.jacobians.zeros import (
    FLAG,
    ZERO,
    Masked,
    Placed,
    apply_selection,
    excluded_of,
    make_placed,
    masked,
    parts,
    sum_tangent_to,
    whole,
    zeros,
)
from chainrule.ops.paths import below_batch, indexed_shape


class Index(LocalJacobian):
    """y = x[path]: ẏ is that part of ẋ, and x̄ is ȳ in that part."""

    reads_inputs = False
    reads_output = False
    moves_only = True

    def push(self, x_dots: Any, xs: Any, y: Any, params: Any) -> Any:
        """ẏ = ẋ[path]."""
        x_dot = x_dots[0]
        if x_dot is ZERO:
            return ZERO
        if type(x_dot) is not Masked:
            return ops.index(x_dot, **params)
        return masked(ops.index(x_dot.values, **params), ops.index(x_dot.excluded, **params))

    def pull(self, y_bar: Any, xs: Any, y: Any, params: Any, operands: Any) -> Any:
        """x̄[path] = ȳ, and what was not read does not take part."""
        path, shape = params["path"], operands[0].shape
        if type(y_bar) is Placed:
            return (make_placed(y_bar.values, path + y_bar.path, shape),)
        return (make_placed(y_bar, path, shape),)


class Place(LocalJacobian):
    """y = zeros with v at a path: ẏ is placed as v is, and v̄ = ȳ[path]."""

    reads_inputs = False
    reads_output = False
    moves_only = True

    def push(self, x_dots: Any, xs: Any, y: Any, params: Any) -> Any:
        """ẏ[path] = v̇, and the zeros around it do not take part."""
        return ZERO if x_dots[0] is ZERO else whole(make_placed(x_dots[0], params["path"], params["shape"]))

    def pull(self, y_bar: Any, xs: Any, y: Any, params: Any, operands: Any) -> Any:
        """v̄ = ȳ[path]."""
        return (read(y_bar, params["path"]),)


class Update(LocalJacobian):
    """y = x with v written at a path: what v overwrites of x does not take part."""

    reads_inputs = False
    reads_output = False
    moves_only = True
    overwrites = True

    def push(self, x_dots: Any, xs: Any, y: Any, params: Any) -> Any:
        """ẏ = ẋ with v̇ written at the path."""
        x_dot, v_dot = x_dots
        if x_dot is ZERO and v_dot is ZERO:
            return ZERO
        path, donate = params["path"], params["donate"]
        # The tangent of a buffer that nobody else holds is held by nobody else either.
        x_dot, donate = own(x_dot, y, donate)
        v_excluded: Any
        if v_dot is ZERO:
            v_values, v_excluded = y.dtype.type(0), np.True_
        else:
            v_values, v_excluded = parts(v_dot)
        values, excluded = parts(x_dot)
        values = ops.update(values, v_values, path=path, donate=donate)
        if v_excluded is None:
            if excluded is None:
                return values
            v_excluded = np.False_
        if excluded is None:
            excluded, donate = np.zeros(y.shape, FLAG), True
        return Masked(values, ops.update(excluded, v_excluded, path=path, donate=donate))

    def pull(self, y_bar: Any, xs: Any, y: Any, params: Any, operands: Any, *, donate: bool = False) -> Any:
        """v̄ = ȳ[path], and x̄ is ȳ without what was overwritten."""
        path = params["path"]
        if type(y_bar) is Placed:
            y_bar, donate = whole(y_bar), True
        if type(y_bar) is Masked:
            values, excluded = y_bar.values, y_bar.excluded
        else:
            values, excluded = y_bar, None
        x, v = operands
        v_bar: Any = None
        if type(v) is Node:
            v_bar = ops.index(values, path=path, copy=True)
            if excluded is not None:
                v_bar = masked(v_bar, ops.index(excluded, path=path, copy=True))
            if v_bar is not ZERO and v_bar.shape != v.shape:
                v_bar = sum_tangent_to(v_bar, v.shape)
        if type(x) is not Node:
            return None, v_bar
        kept = ops.update(values, values.dtype.type(0), path=path, donate=donate)
        if excluded is None:
            excluded, donate = np.zeros(values.shape, FLAG), True
        return Masked(kept, ops.update(excluded, np.True_, path=path, donate=donate)), v_bar


class Accumulate(LocalJacobian):
    """y = x with v added at a path: ẏ = ẋ with v̇ added there, x̄ = ȳ, and v̄ = ȳ[path]."""

    reads_inputs = False
    reads_output = False

    def push(self, x_dots: Any, xs: Any, y: Any, params: Any) -> Any:
        """ẏ = ẋ with v̇ added at the path."""
        x_dot, v_dot = x_dots
        if x_dot is ZERO and v_dot is ZERO:
            return ZERO
        path = params["path"]
        x_dot, donate = own(x_dot, y, params["donate"])
        v_values = y.dtype.type(0) if v_dot is ZERO else parts(v_dot)[0]
        values, excluded = parts(x_dot)
        values = ops.accumulate(values, v_values, path=path, donate=donate)
        if excluded is None:
            return values
        both = ops.logical_and(ops.index(excluded, path=path, copy=True), excluded_of(v_dot))
        return masked(values, ops.update(excluded, both, path=path, donate=donate))

    def pull(self, y_bar: Any, xs: Any, y: Any, params: Any, operands: Any) -> Any:
        """x̄ = ȳ and v̄ = ȳ[path]."""
        v = operands[1]
        v_bar = sum_tangent_to(read(y_bar, params["path"]), v.shape) if type(v) is Node else None
        return y_bar, v_bar


class Gather(LocalJacobian):
    """y = x[indices]: ẏ = ẋ[indices], and x̄ adds up ȳ at the places that were read."""

    reads_output = False
    moves_only = True

    def push(self, x_dots: Any, xs: Any, y: Any, params: Any) -> Any:
        """ẏ = ẋ[indices]."""
        if x_dots[0] is ZERO:
            return ZERO
        values, excluded = parts(x_dots[0])
        part = ops.gather(values, *xs[1:])
        return part if excluded is None else masked(part, ops.gather(excluded, *xs[1:]))

    def pull(self, y_bar: Any, xs: Any, y: Any, params: Any, operands: Any) -> Any:
        """x̄[i] = Σ ȳ over the reads of place i; a place that was not read does not take part."""
        shape = operands[0].shape

        def add_up(values: Any) -> Any:
            return ops.scatter_add(zeros(shape, values.dtype), values, *xs[1:], donate=True)

        values, excluded = parts(y_bar)
        if operands[0].op is None:
            # Nothing is multiplied by the cotangent of an input, so it needs no exclusions.
            x_bar = add_up(values)
        elif excluded is None:
            unread = np.empty(shape, FLAG)
            unread.fill(True)
            x_bar = masked(add_up(values), ops.scatter(unread, np.False_, *xs[1:], donate=True))
        else:
            x_bar = apply_selection(add_up, y_bar)
        return (x_bar, *(None,) * (len(xs) - 1))


class Scatter(LocalJacobian):
    """y = x with v written at indices; where a place is named twice, the last write counts."""

    reads_output = False
    moves_only = True
    overwrites = True

    def push(self, x_dots: Any, xs: Any, y: Any, params: Any) -> Any:
        """ẏ = ẋ with v̇ written at the indices."""
        x_dot, v_dot, *_ = x_dots
        if x_dot is ZERO and v_dot is ZERO:
            return ZERO
        indices = xs[2:]
        x_dot, donate = own(x_dot, y, params["donate"])
        v_values = y.dtype.type(0) if v_dot is ZERO else parts(v_dot)[0]
        values, excluded = parts(x_dot)
        values = ops.scatter(values, v_values, *indices, donate=donate)
        v_excluded = excluded_of(v_dot)
        if excluded is None:
            if v_excluded is np.False_:
                return values
            excluded, donate = np.zeros(y.shape, FLAG), True
        return masked(values, ops.scatter(excluded, v_excluded, *indices, donate=donate))

    def pull(self, y_bar: Any, xs: Any, y: Any, params: Any, operands: Any, *, donate: bool = False) -> Any:
        """v̄ = ȳ[indices] where no later write came, and x̄ is ȳ without what was overwritten."""
        indices = xs[2:]
        none = (None,) * len(indices)
        y_bar, donate = own(y_bar, None, donate)
        if y_bar is ZERO:
            return ZERO, ZERO, *none
        x, v = operands[:2]
        values, excluded = parts(y_bar)
        v_bar = None
        if type(v) is Node:
            v_bar = sum_tangent_to(self._written(values, excluded, indices), v.shape)
        if type(x) is not Node:
            return None, v_bar, *none
        kept = ops.scatter(values, values.dtype.type(0), *indices, donate=donate)
        if excluded is None:
            excluded, donate = np.zeros(values.shape, FLAG), True
        return masked(kept, ops.scatter(excluded, np.True_, *indices, donate=donate)), v_bar, *none

    def _written(self, values: Any, excluded: Any, indices: tuple[Any, ...]) -> Any:
        taken = ops.gather(values, *indices)
        last = ops.last_writer(*indices, shape=values.shape[: len(indices)])
        if taken.ndim > last.ndim:
            last = ops.reshape(last, shape=(*last.shape, *(1,) * (taken.ndim - last.ndim)))
        lost = ops.logical_not(last)
        if excluded is not None:
            lost = ops.logical_or(lost, ops.gather(excluded, *indices))
        return masked(ops.select(lost, taken.dtype.type(0), taken), lost)


class ScatterAdd(LocalJacobian):
    """y = x with v added at indices: x̄ = ȳ and v̄ = ȳ[indices]."""

    reads_output = False

    def push(self, x_dots: Any, xs: Any, y: Any, params: Any) -> Any:
        """ẏ = ẋ with v̇ added at the indices; exclusions hold where neither takes part."""
        x_dot, v_dot, *_ = x_dots
        if x_dot is ZERO and v_dot is ZERO:
            return ZERO
        indices = xs[2:]
        x_dot, donate = own(x_dot, y, params["donate"])
        values, excluded = parts(x_dot)
        v_values = y.dtype.type(0) if v_dot is ZERO else parts(v_dot)[0]
        values = ops.scatter_add(values, v_values, *indices, donate=donate)
        if excluded is None:
            return values
        included = ops.convert(ops.logical_not(excluded), dtype=np.dtype(float))
        v_included = ops.convert(ops.logical_not(excluded_of(v_dot)), dtype=np.dtype(float))
        return masked(values, ops.scatter_add(included, v_included, *indices, donate=True) == 0)

    def pull(self, y_bar: Any, xs: Any, y: Any, params: Any, operands: Any) -> Any:
        """x̄ = ȳ and v̄ = ȳ[indices]."""
        indices = xs[2:]
        v_bar = None
        if type(operands[1]) is Node:
            values, excluded = parts(y_bar)
            taken = ops.gather(values, *indices)
            taken = taken if excluded is None else masked(taken, ops.gather(excluded, *indices))
            v_bar = sum_tangent_to(taken, operands[1].shape)
        return y_bar, v_bar, *(None for _ in indices)


def read(t: Any, path: tuple[Any, ...]) -> Any:
    """The part of a tangent at a path, in memory of its own."""
    if t is ZERO:
        return t
    values, excluded = parts(t)
    part = ops.index(values, path=path, copy=True)
    return part if excluded is None else masked(part, ops.index(excluded, path=path, copy=True))


def own(t: Any, like: Any, donate: bool) -> tuple[Any, bool]:
    """A tangent as an array with exclusions, and whether its memory may be overwritten."""
    if type(t) is Placed:
        return whole(t), True
    if t is ZERO and like is not None:
        return masked_zeros(like), True
    return t, donate


def masked_zeros(like: Any) -> Any:
    """Zeros of which none takes part, in memory of their own."""
    return Masked(np.zeros(like.shape, like.dtype), np.ones(like.shape, bool))


ops.index.jacobian = Index()
ops.place.jacobian = Place()
ops.update.jacobian = Update()
ops.accumulate.jacobian = Accumulate()
ops.gather.jacobian = Gather()
ops.scatter.jacobian = Scatter()
ops.scatter_add.jacobian = ScatterAdd()


@batch(ops.index)
def index_batch(size, _batched, x, *, path, copy=False):
    """Every step of the path leaves the batch axis alone; numbers, which are copies in one lane, are copied."""
    path = below_batch(path, size)
    return ops.index(x, path=path, copy=copy or len(indexed_shape(x.shape, path)) == 1)


@batch(ops.place)
def place_batch(size, _batched, v, *, path, shape):
    """Every lane is placed alike."""
    v = aligned(v, True, len(indexed_shape(shape, path)))
    return ops.place(v, path=below_batch(path, size), shape=(size, *shape))


def _write_batch(op):
    @batch(op)
    def write_batch(size, batched, x, v, *, path, donate):
        """Every lane is written alike; a repeated operand cannot be overwritten."""
        lane = x.shape[1:] if batched[0] else x.shape
        v = aligned(v, batched[1], len(indexed_shape(lane, path)))
        x = lanes_of(x, batched[0], size)
        return op(x, v, path=below_batch(path, size), donate=donate and batched[0])

    return write_batch


_write_batch(ops.update)
_write_batch(ops.accumulate)


def lane_numbers(size: int, ndim: int) -> Any:
    """The index array that picks each lane, shaped to broadcast against the index arrays of one lane."""
    return np.arange(size, dtype=np.intp).reshape(size, *(1,) * ndim)


def lane_indices(size: int, batched: Any, indices: Any) -> tuple[Any, ...]:
    """Index arrays of one lane as index arrays of all lanes, with the number of the lane in front."""
    ndim = indices[0].ndim - int(batched[0])
    shape = (size, *(indices[0].shape[1:] if batched[0] else indices[0].shape))
    lanes = np.broadcast_to(lane_numbers(size, ndim), shape)
    return (lanes, *(lanes_of(i, b, size) for i, b in zip(indices, batched, strict=True)))


@batch(ops.gather)
def gather_batch(size, batched, x, *indices):
    """Each lane reads its own array, or all of them read one."""
    if not batched[0]:
        whole_indices = (lanes_of(i, b, size) for i, b in zip(indices, batched[1:], strict=True))
        return ops.gather(x, *whole_indices)
    return ops.gather(x, *lane_indices(size, batched[1:], indices))


def _scatter_batch(op):
    @batch(op)
    def scatter_batch(size, batched, x, v, *indices, donate):
        """Each lane writes into its own array."""
        lane_ndim = x.ndim - int(batched[0])
        index_ndim = indices[0].ndim - int(batched[2])
        v = aligned(v, batched[1], index_ndim + lane_ndim - len(indices))
        x = lanes_of(x, batched[0], size)
        return op(x, v, *lane_indices(size, batched[2:], indices), donate=donate and batched[0])

    return scatter_batch


_scatter_batch(ops.scatter)
_scatter_batch(ops.scatter_add)


@batch(ops.last_writer)
def last_writer_batch(size, batched, *indices, shape):
    """Each lane writes into its own array."""
    return ops.last_writer(*lane_indices(size, batched, indices), shape=(size, *shape))
