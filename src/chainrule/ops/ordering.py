"""Orders: the permutation that sorts, its inverse, what is moved by it, and places in an ordered array.

`axis` is a non-negative integer. Orders are arrays of indices along it, of the shape of what they order.
"""

from typing import Any

import numpy as np

from chainrule.trace import Abstract, Op

INDEX = np.dtype(np.intp)

# From here on it pays to look for ties before sorting stably.
_MANY = 1024


def _argsort_evaluate(x: Any, /, *, axis: int, kind: Any) -> Any:
    if kind != "stable" or x.size < _MANY:
        return x.argsort(axis, kind)
    # Without ties there is one order, which NumPy's default algorithm finds several times faster.
    order = np.argsort(x, axis=axis)
    ordered = np.moveaxis(_permuted_evaluate(x, order, axis=axis), axis, 0)
    return order if np.all(ordered[1:] > ordered[:-1]) else np.argsort(x, axis=axis, kind="stable")


def _argpartition_evaluate(x: Any, /, *, kth: tuple[int, ...], axis: int) -> Any:
    return np.argpartition(x, kth, axis=axis)


def _partition_order_evaluate(x: Any, /, *, kth: tuple[int, ...], axis: int) -> Any:
    partitioned = np.partition(x, kth, axis=axis)
    order = np.argpartition(x, kth, axis=axis)
    found = _permuted_evaluate(x, order, axis=axis)
    if (found == partitioned).all() or np.array_equal(found, partitioned, equal_nan=x.dtype.kind in "fc"):
        return order
    # On some processors NumPy's partition and argpartition arrange entries differently: the values say how they went.
    whence, whither = (np.argsort(values, axis=axis, kind="stable") for values in (x, partitioned))
    return _permuted_evaluate(whence, _inverse_order_evaluate(whither, axis=axis), axis=axis)


def _inverse_order_evaluate(order: Any, /, *, axis: int) -> Any:
    inverse = np.empty(order.shape, INDEX)
    if order.ndim == 1:
        inverse[order] = np.arange(order.size, dtype=INDEX)
        return inverse
    shape = [1] * order.ndim
    shape[axis] = order.shape[axis]
    np.put_along_axis(inverse, order, np.arange(order.shape[axis], dtype=INDEX).reshape(shape), axis=axis)
    return inverse


def _order_infer(x: Any, *_keys: Any, **_params: Any) -> Abstract:
    return Abstract(x.shape, INDEX)


def _permuted_evaluate(x: Any, order: Any, /, *, axis: int) -> Any:
    return x[order] if x.ndim == 1 else np.take_along_axis(x, order, axis=axis)


def _permuted_infer(x: Any, _order: Any, *, axis: int) -> Abstract:
    return Abstract(x.shape, x.dtype)


def _lexsort_evaluate(*keys: Any, axis: int) -> Any:
    return np.lexsort(keys, axis=axis)


def _searchsorted_evaluate(a: Any, v: Any, /, *, side: Any) -> Any:
    if a.ndim == 1:
        return np.searchsorted(a, v, side)
    stack = np.broadcast_shapes(a.shape[:-1], v.shape[:-1])
    a = np.broadcast_to(a, (*stack, *a.shape[-1:]))
    v = np.broadcast_to(v, (*stack, *v.shape[-1:]))
    places = np.empty(v.shape, INDEX)
    for k in np.ndindex(stack):
        places[k] = np.searchsorted(a[k], v[k], side)
    return places


def _searchsorted_infer(a: Any, v: Any, *, side: Any) -> Abstract:
    return Abstract((*np.broadcast_shapes(a.shape[:-1], v.shape[:-1]), v.shape[-1]), INDEX)


# The order that sorts; NaN comes last.
argsort = Op("argsort", _argsort_evaluate, _order_infer, discrete=True)
argpartition = Op("argpartition", _argpartition_evaluate, _order_infer, discrete=True, may_fail=True)
# The order that np.partition applies.
partition_order = Op("partition_order", _partition_order_evaluate, _order_infer, discrete=True, may_fail=True)
# The order that undoes an order.
inverse_order = Op("inverse_order", _inverse_order_evaluate, _order_infer, discrete=True)
# x in an order: a permutation along the axis.
permuted = Op("permuted", _permuted_evaluate, _permuted_infer)
# The order by several keys of one shape, of which the last counts most.
lexsort = Op("lexsort", _lexsort_evaluate, _order_infer, discrete=True)
# (…, n) (…, m) -> (…, m): where each of m numbers belongs among n sorted ones.
searchsorted = Op("searchsorted", _searchsorted_evaluate, _searchsorted_infer, core=(1, 1), discrete=True)
