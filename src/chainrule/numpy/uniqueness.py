"""Distinct entries, and sets of them: which they are is a step, and each has the derivative of the entry it is."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import ops
from chainrule.numpy.axes import one_axis
from chainrule.numpy.constants import traced_form
from chainrule.numpy.handle import look, wrap
from chainrule.numpy.operands import common_dtype, value_of
from chainrule.ops.compositions import moved


@traced_form(np.unique)
def unique(
    ar: Any,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: Any = None,
    *,
    equal_nan: bool = True,
    sorted: bool = True,
) -> Any:
    """Distinct entries, or distinct slices along an axis; also where they are and how often."""
    x = value_of(ar)
    plain = look(x)
    numpy_unique: Any = np.unique
    options = {"equal_nan": equal_nan, **_order(sorted)}
    found = numpy_unique(plain, return_index, return_inverse, return_counts, axis, **options)
    results = found if isinstance(found, tuple) else (found,)
    distinct = (_entries(x, results[0]) if axis is None else _slices(x, axis, equal_nan), *map(wrap, results[1:]))
    return distinct if isinstance(found, tuple) else distinct[0]


def _order(sorted: bool) -> dict[str, bool]:
    # NumPy has the argument from 2.3 on.
    return {} if sorted else {"sorted": False}


def _entries(x: Any, distinct: Any) -> Any:
    """The entries of x that are the distinct ones: of equals the first."""
    flat = ops.reshape(x, shape=(x.size,))
    plain = look(flat)
    order = np.argsort(plain, kind="stable")
    places = order[np.searchsorted(plain[order], distinct)] if plain.size else np.zeros(0, np.intp)
    return wrap(ops.gather(flat, places))


def _slices(x: Any, axis: Any, equal_nan: bool) -> Any:
    along = one_axis(axis, x.ndim)
    _, places = np.unique(look(x), return_index=True, axis=along, equal_nan=equal_nan)
    return wrap(moved(ops.gather(moved(x, along, 0), places), 0, along))


@traced_form(np.unique_all)
def unique_all(x: Any) -> Any:
    """Distinct entries, where each first occurs, which one each entry is, and how often."""
    found = np.unique_all(look(value_of(x)))
    return type(found)(_entries(value_of(x), found.values), *map(wrap, found[1:]))


@traced_form(np.unique_counts)
def unique_counts(x: Any) -> Any:
    """Distinct entries and how often each occurs."""
    found = np.unique_counts(look(value_of(x)))
    return type(found)(_entries(value_of(x), found.values), wrap(found.counts))


@traced_form(np.unique_inverse)
def unique_inverse(x: Any) -> Any:
    """Distinct entries, and which one each entry is."""
    found = np.unique_inverse(look(value_of(x)))
    return type(found)(_entries(value_of(x), found.values), wrap(found.inverse_indices))


@traced_form(np.unique_values)
def unique_values(x: Any) -> Any:
    """Distinct entries."""
    return _entries(value_of(x), np.unique_values(look(value_of(x))))


@traced_form(np.intersect1d)
def intersect1d(ar1: Any, ar2: Any, assume_unique: bool = False, return_indices: bool = False) -> Any:
    """The distinct entries that two arrays share, taken from the first; also where they are in both."""
    x, y = common_dtype([_flat(ar1), _flat(ar2)])
    _, *places = np.intersect1d(look(x), look(y), assume_unique, return_indices=True)
    shared = wrap(ops.gather(x, places[0]))
    return (shared, *map(wrap, places)) if return_indices else shared


@traced_form(np.union1d)
def union1d(ar1: Any, ar2: Any) -> Any:
    """The distinct entries of two arrays; of those that both have the one of the first."""
    return unique(wrap(ops.concatenate(*common_dtype([_flat(ar1), _flat(ar2)]), axis=0)))


@traced_form(np.setdiff1d)
def setdiff1d(ar1: Any, ar2: Any, assume_unique: bool = False) -> Any:
    """The distinct entries of the first array that the second has not."""
    x = _flat(ar1) if assume_unique else value_of(unique(ar1))
    left = np.isin(look(x), look(value_of(ar2)), assume_unique=assume_unique, invert=True)
    return wrap(ops.gather(x, np.nonzero(left)[0]))


@traced_form(np.setxor1d)
def setxor1d(ar1: Any, ar2: Any, assume_unique: bool = False) -> Any:
    """The distinct entries that one of two arrays has and the other has not."""
    sets = [_flat(ar if assume_unique else unique(ar)) for ar in (ar1, ar2)]
    both = ops.concatenate(*common_dtype(sets), axis=0)
    order = np.argsort(look(both), kind="stable")
    ordered = look(both)[order]
    starts = np.concatenate(([True], ordered[1:] != ordered[:-1], [True]))
    return wrap(ops.gather(both, order[starts[1:] & starts[:-1]]))


def _flat(ar: Any) -> Any:
    x = value_of(ar)
    return ops.reshape(x, shape=(x.size,))
