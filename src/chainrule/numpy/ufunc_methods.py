"""The methods of ufuncs: `reduce`, `accumulate`, `reduceat`, `outer` and `at`.

Constants go to NumPy as they are. Of traced values, sums, products and extremes are what the functions of these names
make of them; any other ufunc is applied step by step, in NumPy's order.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.errors import TracedAssignmentError
from chainrule.graph.position import describe, here
from chainrule.numpy.axes import all_axes, one_axis
from chainrule.numpy.handle import WHOLE, Array, Handle, look, wrap
from chainrule.numpy.operands import converted, is_traced, plain, value_of
from chainrule.numpy.table import FUNCTIONS
from chainrule.numpy.ufunc_arguments import store
from chainrule.numpy.ufuncs import Ufunc
from chainrule.ops.compositions import expanded, size_of
from chainrule.trace import Value

MISSING: Any = np._NoValue


def _logaddexp(base: float) -> Callable[..., Any]:
    """The reduction log(Σ exp xᵢ), with powers and logarithm of a base."""
    return lambda x, **params: ops.reduce_logaddexp(x, base=base, **params)


# Reductions that are functions of their own, and whether these take a `dtype`.
_REDUCTIONS: dict[np.ufunc, tuple[Any, bool]] = {
    np.add: (np.sum, True),
    np.multiply: (np.prod, True),
    np.maximum: (np.max, False),
    np.minimum: (np.min, False),
    np.logical_and: (np.all, False),
    np.logical_or: (np.any, False),
}
# Those that are ops, with the entry that changes nothing.
_REDUCING_OPS: dict[np.ufunc, tuple[Callable[..., Any], float]] = {
    np.fmax: (ops.reduce_fmax, np.nan),
    np.fmin: (ops.reduce_fmin, np.nan),
    np.logaddexp: (_logaddexp(math.e), -np.inf),
    np.logaddexp2: (_logaddexp(2.0), -np.inf),
}
_ACCUMULATIONS: dict[np.ufunc, Any] = {np.add: np.cumsum, np.multiply: np.cumprod}


def reduce(
    self: Ufunc,
    array: Any,
    axis: Any = 0,
    dtype: Any = None,
    out: Any = None,
    keepdims: bool = False,
    initial: Any = MISSING,
    where: Any = True,
) -> Any:
    """Combine the entries along axes, one after the other."""
    ufunc = self.ufunc
    if not (is_traced(array) or is_traced(initial) or is_traced(where)):
        options = {} if initial is MISSING else {"initial": plain(initial)}
        made = ufunc.reduce(plain(array), axis=axis, dtype=dtype, keepdims=keepdims, where=plain(where), **options)
        return store(made, out)
    if ufunc in _REDUCTIONS:
        return _reduced_by_function(ufunc, array, axis, dtype, out, keepdims, initial, where)
    x = _in_loop_dtype(ufunc, value_of(array), dtype)
    _refuse_as_numpy_does(ufunc, x, axis, initial, where)
    axes = all_axes(axis, x.ndim)
    given = None if initial is MISSING or initial is None else converted(value_of(initial), x.dtype)
    condition = None if where is True else ops.broadcast_to(value_of(where), shape=x.shape)
    if ufunc in _REDUCING_OPS:
        result = _reduced_by_op(ufunc, x, axes, given, condition)
    else:
        result = _folded(self, x, axes, given, condition)
    return store(expanded(result, axes, x.shape) if keepdims else result, out)


def _reduced_by_op(ufunc: np.ufunc, x: Any, axes: tuple[int, ...], given: Any, condition: Any) -> Any:
    op, neutral = _REDUCING_OPS[ufunc]
    if condition is not None:
        x = ops.select(condition, x, x.dtype.type(neutral))
    if given is None:
        return op(x, axes=axes)
    # The initial value goes before all entries, as in NumPy.
    front, shape = _axes_in_front(x, axes)
    first = ops.broadcast_to(given, shape=(1, *shape))
    return op(ops.concatenate(first, front, axis=0), axes=(0,))


def _folded(self: Ufunc, x: Any, axes: tuple[int, ...], given: Any, condition: Any) -> Any:
    """The function applied to one entry after the other."""
    front, shape = _axes_in_front(x, axes)
    result = given
    truths = None
    if condition is not None:
        truths = _axes_in_front(condition, axes)[0]
        result = x.dtype.type(self.ufunc.identity) if given is None else given
    for k in range(front.shape[0]):
        step = ops.index(front, path=((k,),))
        combined = step if result is None else self.function(result, step)
        result = combined if truths is None else ops.select(ops.index(truths, path=((k,),)), combined, result)
    if result is None:
        result = x.dtype.type(self.ufunc.identity)
    return result if result.shape == shape else ops.broadcast_to(result, shape=shape)


def _reduced_by_function(
    ufunc: np.ufunc, array: Any, axis: Any, dtype: Any, out: Any, keepdims: bool, initial: Any, where: Any
) -> Any:
    original, takes_dtype = _REDUCTIONS[ufunc]
    options: dict[str, Any] = {}
    if takes_dtype:
        options["dtype"] = dtype
    elif dtype is not None and np.dtype(dtype) != bool:
        array = wrap(converted(value_of(array), dtype))
    if initial is not MISSING and initial is not None:
        options["initial"] = initial
    if where is not True:
        options["where"] = where
    return FUNCTIONS[original](array, axis=axis, out=_single(out), keepdims=keepdims, **options)


def _refuse_as_numpy_does(ufunc: np.ufunc, x: Any, axis: Any, initial: Any, where: Any) -> None:
    """Raise what NumPy raises for these shapes: no identity, not reorderable, no such axis."""
    shape = tuple(min(n, 1) for n in x.shape)
    options: dict[str, Any] = {} if initial is MISSING else {"initial": None if initial is None else 1}
    ufunc.reduce(np.ones(shape, x.dtype), axis=axis, where=True if where is True else np.ones(shape, bool), **options)


def _in_loop_dtype(ufunc: np.ufunc, x: Any, dtype: Any) -> Any:
    """A value in the dtype of the loop by which a ufunc combines results with further entries."""
    prescribed: dict[str, Any] = {}
    if dtype is not None:
        prescribed = {"signature": (np.dtype(dtype), None, np.dtype(dtype)), "casting": "unsafe"}
    return converted(x, ufunc.resolve_dtypes((None, x.dtype, None), reduction=True, **prescribed)[1])


def _axes_in_front(x: Any, axes: tuple[int, ...]) -> tuple[Any, tuple[int, ...]]:
    """An array with some axes as one, the first, the last of them running fastest; and the shape of the others."""
    kept = tuple(k for k in range(x.ndim) if k not in axes)
    shape = tuple(x.shape[k] for k in kept)
    count = size_of(tuple(x.shape[k] for k in axes))
    return ops.reshape(ops.transpose(x, axes=(*axes, *kept)), shape=(count, *shape)), shape


def accumulate(self: Ufunc, array: Any, axis: Any = 0, dtype: Any = None, out: Any = None) -> Any:
    """Combine the entries along an axis, and keep every result on the way."""
    ufunc = self.ufunc
    if not is_traced(array):
        return store(ufunc.accumulate(plain(array), axis=axis, dtype=dtype), out)
    if not value_of(array).ndim:
        raise TypeError("cannot accumulate on a scalar")
    if ufunc in _ACCUMULATIONS:
        axis = one_axis(axis, value_of(array).ndim)
        return FUNCTIONS[_ACCUMULATIONS[ufunc]](array, axis=axis, dtype=dtype, out=_single(out))
    x = _in_loop_dtype(ufunc, value_of(array), dtype)
    axis = one_axis(axis, x.ndim)
    results: list[Any] = []
    front, _ = _axes_in_front(x, (axis,))
    for k in range(front.shape[0]):
        step = ops.index(front, path=((k,),))
        results.append(self.function(results[-1], step) if results else step)
    return store(_joined(results, x, axis), out)


def _joined(results: list[Any], x: Any, axis: int) -> Any:
    """Results that take the place of an axis, which has been taken out of them."""
    if not results:
        return x
    lengths = (*x.shape[:axis], 1, *x.shape[axis + 1 :])
    return ops.concatenate(*(ops.reshape(result, shape=lengths) for result in results), axis=axis)


def reduceat(self: Ufunc, array: Any, indices: Any, axis: Any = 0, dtype: Any = None, out: Any = None) -> Any:
    """Combine the entries of each stretch of an axis that begins at an index and ends before the next one."""
    ufunc = self.ufunc
    starts = np.asarray(plain(indices))
    if not is_traced(array):
        return store(ufunc.reduceat(plain(array), starts, axis=axis, dtype=dtype), out)
    x = _in_loop_dtype(ufunc, value_of(array), dtype)
    axis = one_axis(axis, x.ndim)
    # NumPy checks the indices on something of the same shapes that costs nothing.
    ufunc.reduceat(np.ones(x.shape[axis], x.dtype), starts)
    if ufunc is np.add:
        first = tuple(int(start) for start in starts)
        return store(ops.segment_sum(x, starts=first, axis=axis), out)
    stops = [*starts[1:].tolist(), x.shape[axis]]
    lead = (slice(None),) * axis
    results = []
    for start, stop in zip(starts.tolist(), stops, strict=True):
        stretch = slice(start, max(stop, start + 1))
        part = wrap(ops.index(x, path=((*lead, stretch),)))
        results.append(value_of(reduce(self, part, axis=axis)))
    empty = ops.index(x, path=((*lead, slice(0, 0)),))
    return store(_joined(results, x, axis) if results else empty, out)


def outer(self: Ufunc, A: Any, B: Any, /, **kwargs: Any) -> Any:
    """The function of every pair of an entry of A and one of B."""
    if self.ufunc.nin != 2:
        raise ValueError("outer product only supported for binary functions")
    x, y = value_of(A), value_of(B)
    return self(wrap(ops.reshape(x, shape=x.shape + (1,) * y.ndim) if x.ndim and y.ndim else x), wrap(y), **kwargs)


def at(self: Ufunc, a: Any, indices: Any, b: Any = MISSING, /) -> None:
    """Apply the function in place at indices, once for each time that a place is named."""
    ufunc = self.ufunc
    if ufunc.nin > 2:
        raise ValueError("Only unary and binary ufuncs supported at this time")
    if ufunc.nout != 1:
        raise ValueError("Only single output ufuncs supported at this time")
    if (ufunc.nin == 2) != (b is not MISSING):
        raise ValueError("second operand needed for ufunc" if ufunc.nin == 2 else "second operand provided for unary")
    if not isinstance(a, Array):
        if isinstance(a, Handle) or not isinstance(a, np.ndarray):
            raise TypeError("first operand must be array")
        if is_traced(b) or is_traced(indices):
            raise TracedAssignmentError(
                f"`{ufunc.__name__}.at` writes a value that carries a derivative into a plain NumPy array."
                f"{describe(here())}\n"
                "  The array holds numbers only; storing here would lose the derivative.\n"
                "  Make the array inside the differentiated function."
            )
        ufunc.at(a, plain(indices), *(() if b is MISSING else (plain(b),)))
        return
    shape = a.shape
    if not (a._is_traced() or is_traced(b) or is_traced(indices)):
        changed = np.array(a._peek())
        ufunc.at(changed, plain(indices), *(() if b is MISSING else (plain(b),)))
        a._write_part(changed, WHOLE)
        return
    # Which places of the flattened array the indices name, in order.
    places = value_of(wrap(np.arange(a.size, dtype=np.intp).reshape(shape))[_as_key(indices)])
    operand = None if b is MISSING else value_of(b)
    if operand is not None:
        operand = ops.reshape(ops.broadcast_to(operand, shape=places.shape), shape=(places.size,))
    places = ops.reshape(places, shape=(places.size,)) if type(places) is Value else np.ravel(places)
    before = ops.reshape(a._read(), shape=(a.size,))
    apply = _added if ufunc in (np.add, np.subtract) else _in_rounds
    after = apply(self, before, places, operand)
    a._write_part(ops.reshape(after, shape=shape), WHOLE)


def _as_key(indices: Any) -> Any:
    if isinstance(indices, tuple):
        return tuple(_as_key(index) for index in indices)
    return np.asarray(indices) if isinstance(indices, list) else indices


def _added(self: Ufunc, before: Any, places: Any, operand: Any) -> Any:
    """Sums need no order: all terms are added at once."""
    computed = self.ufunc.resolve_dtypes((before.dtype, operand.dtype, None))[2]
    if computed != before.dtype or computed.kind == "b":
        # Each sum is rounded to the dtype of the array before the next is taken.
        return _in_rounds(self, before, places, operand)
    operand = converted(operand, before.dtype)
    if self.ufunc is np.subtract:
        operand = ops.negative(operand)
    return ops.scatter_add(before, operand, places, donate=False)


def _in_rounds(self: Ufunc, before: Any, places: Any, operand: Any) -> Any:
    """In each round every place takes part that is named once more."""
    places = look(places)
    _, count = np.unique(places, return_counts=True)
    order = np.argsort(places, kind="stable")
    rank = np.empty(places.size, np.intp)
    rank[order] = np.arange(places.size) - np.repeat(np.cumsum(count) - count, count)
    for k in range(int(count.max(initial=0))):
        chosen = np.flatnonzero(rank == k)
        x = ops.gather(before, places[chosen])
        args = (x,) if operand is None else (x, ops.gather(operand, chosen))
        result = value_of(self(*map(wrap, args)))
        before = ops.scatter(before, converted(result, before.dtype), places[chosen], donate=False)
    return before


def _single(out: Any) -> Any:
    return out[0] if type(out) is tuple else out


def install_methods() -> None:
    """Give ufuncs their methods."""
    methods: tuple[Callable[..., Any], ...] = (reduce, accumulate, reduceat, outer, at)
    for method in methods:
        setattr(Ufunc, method.__name__, method)


install_methods()
