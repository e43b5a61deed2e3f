"""Operations written as simpler ones that loops can fuse.

before  b = variance(a, axes=(0,), ddof=0)
after   b = reduce_sum(a, axes=(0,))        c = divide(b, n)
        d = subtract(a, c)                  e = square(d)
        f = reduce_sum(e, axes=(0,))        g = divide(f, n)

NumPy does each of them faster by itself than in parts, so this is for native code alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.compile.access import is_routed
from chainrule.compile.elements import is_native
from chainrule.compile.passes.rebuilding import rebuilt
from chainrule.compile.passes.rewriting import Simplifier
from chainrule.compile.passes.subexpressions import merge_common_subexpressions
from chainrule.compile.program import Program
from chainrule.compile.views import whole
from chainrule.graph import Node
from chainrule.graph.node import make_node
from chainrule.ops.paths import Path
from chainrule.trace import Op

# So many writers are numbered; the numbers are a constant of the code.
_MOST_WRITERS = 1 << 16


def expand(program: Program) -> Program:
    """The program with operations in parts, where loops compute these."""
    if not any(node.op in _EXPANSIONS for node in program.graph.nodes):
        return program
    simplifier = Simplifier()

    def visit(node: Node) -> Any:
        expansion = _EXPANSIONS.get(node.op)
        if expansion is None:
            return node
        simplifier.place = node
        result = expansion(simplifier, *map(simplifier.value, node.operands), **node.params)
        return node if result is None else simplifier.raw(result)

    with np.errstate(all="ignore"):
        # Others may have computed the same parts: a mean beside a variance.
        return merge_common_subexpressions(rebuilt(program, visit))


def _variance(_: Simplifier, x: Any, *, axes: tuple[int, ...], ddof: float) -> Any:
    """In two passes, as NumPy does it."""
    if x.dtype.kind != "f":
        return None
    count = math.prod(x.shape[axis] for axis in axes)
    kept = tuple(1 if axis in axes else n for axis, n in enumerate(x.shape))
    mean = ops.reshape(ops.reduce_sum(x, axes=axes) / x.dtype.type(count), shape=kept)
    return ops.reduce_sum(ops.square(x - mean), axes=axes) / x.dtype.type(max(count - ddof, 0))


def _last_writer(simplifier: Simplifier, *indices: Any, shape: tuple[int, ...]) -> Any:
    """Every element writes its number, and those whose number is still there are the last ones."""
    size = math.prod(indices[0].shape)
    if size > _MOST_WRITERS:
        return None
    number = np.dtype(np.intp)
    numbers = np.arange(size, dtype=number).reshape(indices[0].shape)
    writers = ops.scatter(simplifier.value(_zeros(shape, number)), numbers, *indices, donate=False)
    return ops.equal(ops.gather(writers, *indices), numbers)


def _place(simplifier: Simplifier, v: Any, *, path: Path, shape: tuple[int, ...]) -> Any:
    """A write into zeros, in place, where the part is no box of neighbours."""
    node = simplifier.place
    if node is None or is_routed(node) or not is_native(v.dtype) or whole(shape).at(path) is None:
        return None
    # Made as it is: simplified, it would be what it was.
    operands = (_zeros(shape, v.dtype), simplifier.raw(v))
    params = {"path": path, "donate": False}
    return make_node(ops.update, operands, operands, None, params, shape, v.dtype, node.code, node.offset)


def _argmax(simplifier: Simplifier, x: Any, *, axis: int) -> Any:
    return _place_of_extreme(simplifier, x, axis, ops.reduce_max)


def _argmin(simplifier: Simplifier, x: Any, *, axis: int) -> Any:
    return _place_of_extreme(simplifier, x, axis, ops.reduce_min)


def _place_of_extreme(simplifier: Simplifier, x: Any, axis: int, extreme: Callable[..., Any]) -> Any:
    """The first place of what equals the extreme; where that is NaN, of the first NaN."""
    if not is_native(x.dtype) or x.dtype.kind not in "fiu" or not math.prod(x.shape):
        return None
    found = ops.reshape(extreme(x, axes=(axis,)), shape=tuple(1 if k == axis else n for k, n in enumerate(x.shape)))
    here = ops.equal(x, found)
    if x.dtype.kind == "f":
        here = ops.logical_or(here, ops.isnan(x))
    places = ops.select(here, _along(simplifier, x.shape, axis), np.intp(x.shape[axis]))
    return ops.reduce_min(places, axes=(axis,))


def _permuted(simplifier: Simplifier, x: Any, order: Any, *, axis: int) -> Any:
    """A read at index arrays of all axes."""
    if not is_native(x.dtype):
        return None
    return ops.gather(x, *_places(simplifier, order, axis))


def _inverse_order(simplifier: Simplifier, order: Any, *, axis: int) -> Any:
    """Every place writes its number to where the order has it from."""
    places = [_along(simplifier, order.shape, k) for k in range(order.ndim)]
    number = np.dtype(np.intp)
    inverse = simplifier.value(_zeros(order.shape, number))
    return ops.scatter(inverse, places[axis], *_places(simplifier, order, axis), donate=False)


def _places(simplifier: Simplifier, order: Any, axis: int) -> list[Any]:
    """The index along each axis of the element that an order along one axis has at each place."""
    return [order if k == axis else _along(simplifier, order.shape, k) for k in range(order.ndim)]


def _along(simplifier: Simplifier, shape: tuple[int, ...], axis: int) -> Any:
    """The index along an axis of each element of a shape."""
    places = np.arange(shape[axis], dtype=np.intp).reshape([-1 if k == axis else 1 for k in range(len(shape))])
    operands = (places,)
    return simplifier.value(
        make_node(ops.broadcast_to, operands, operands, None, {"shape": shape}, shape, places.dtype)
    )


def _zeros(shape: tuple[int, ...], dtype: np.dtype[Any]) -> Node:
    zero = (dtype.type(0),)
    return make_node(ops.broadcast_to, zero, zero, None, {"shape": shape}, shape, dtype)


def _roll(_: Simplifier, x: Any, *, shifts: tuple[int, ...], axes: tuple[int, ...]) -> Any:
    """The end of an axis before its beginning."""
    for shift, axis in zip(shifts, axes, strict=True):
        before = (slice(None),) * axis
        place = x.shape[axis] - shift
        end = ops.index(x, path=((*before, slice(place, None)),))
        x = ops.concatenate(end, ops.index(x, path=((*before, slice(0, place)),)), axis=axis)
    return x


def _cross(_: Simplifier, v: Any, w: Any) -> Any:
    """Component by component."""
    vs, ws = ([ops.index(x, path=((..., k),)) for k in range(3)] for x in (v, w))
    components = [vs[j] * ws[k] - vs[k] * ws[j] for j, k in ((1, 2), (2, 0), (0, 1))]
    return ops.stack(*components, axis=components[0].ndim)


def _modified_bessel(_: Simplifier, x: Any, *, order: int) -> Any:
    """Of the orders 0 and 1 SciPy's functions, which have loops."""
    if x.dtype.kind != "f" or order not in (0, 1):
        return None
    return ops.i1(x) if order else ops.i0(x)


def _polygamma(simplifier: Simplifier, n: Any, x: Any) -> Any:
    """Of the orders 0 and 1 functions that have loops."""
    order = n if simplifier.place is None else simplifier.place.operands[0]
    if type(order) is Node or order.ndim or x.dtype.kind != "f" or order not in (0, 1):
        return None
    return ops.trigamma(x) if order else ops.digamma(x)


_EXPANSIONS: dict[Op, Callable[..., Any]] = {
    ops.cross: _cross,
    ops.modified_bessel: _modified_bessel,
    ops.polygamma: _polygamma,
    ops.roll: _roll,
    ops.variance: _variance,
    ops.last_writer: _last_writer,
    ops.place: _place,
    ops.argmax: _argmax,
    ops.argmin: _argmin,
    ops.permuted: _permuted,
    ops.inverse_order: _inverse_order,
}
