"""Products and sums of the matrices of maps, in which a zero of the structure is 0 whatever it is multiplied with.

Where complex arrays are on the way everything is done between real and imaginary parts, since a real part that is taken
and a complex conjugate have no complex matrix, though what is made of them may have one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.errors import DTypeError
from chainrule.jacobians.maps.linear_map import Entries, LinearMap, not_complex_linear

# How far the push of i x may be from i times that of x, relative to the greatest entry, in a complex-linear map.
_ROUND_OFF = 1e-4
# Matrices of at most this many entries are multiplied as arrays, and larger ones as sparse matrices.
_WRITTEN_OUT = 1024


def multiplied(maps: Sequence[LinearMap]) -> Entries:
    """The entries between real and imaginary parts of a product, the last factor first."""
    if _all_small(maps):
        written = [_written_out(m) for m in maps]
        if all(np.isfinite(values).all() for values, _ in written):
            values, there = written[-1]
            for more, further in reversed(written[:-1]):
                values, there = more @ values, (further @ there) > 0
            return _listed(values, there)
    values, counts = _matrices(maps[-1])
    with np.errstate(all="ignore"):
        for factor in reversed(maps[:-1]):
            more, further = _matrices(factor)
            values, counts = more @ values, further @ counts
            counts.data[:] = 1
    return _entries_of(values, counts)


def added_up(maps: Sequence[LinearMap]) -> Entries:
    """The entries between real and imaginary parts of a sum."""
    with np.errstate(all="ignore"):
        if _all_small(maps):
            written = [_written_out(m) for m in maps]
            return _listed(sum(values for values, _ in written), sum(there for _, there in written))
        values, counts = _matrices(maps[0])
        for term in maps[1:]:
            more, further = _matrices(term)
            values, counts = values + more, counts + further
    return _entries_of(values, counts)


def _all_small(maps: Sequence[LinearMap]) -> bool:
    """Whether writing the matrices out costs less than keeping track of where entries are."""
    return all(m.rows * m.columns <= _WRITTEN_OUT for m in maps)


def _written_out(of: LinearMap) -> tuple[Any, Any]:
    """The matrix between real and imaginary parts, and where its entries are, as 0 and 1."""
    rows, columns, values = of.real_entries()
    matrix = np.zeros((of.rows << of.out_complex, of.columns << of.in_complex), values.dtype)
    matrix[rows, columns] = values
    there = np.zeros(matrix.shape)
    there[rows, columns] = 1
    return matrix, there


def _listed(values: Any, there: Any) -> Entries:
    rows, columns = np.nonzero(there)
    return rows, columns, values[rows, columns]


def complex_entries(of: LinearMap, what: str) -> Entries:
    """The entries of a map by those between its real and imaginary parts.

    Raises
    ------
    DTypeError
        The map is linear over the real numbers alone.
    """
    rows, columns, values = of.real_entries()
    if of.is_real:
        return rows, columns, values
    from scipy import sparse

    shape = (of.rows, of.columns)
    down, right = rows >= of.rows, columns >= of.columns
    blocks = {
        (i, j): sparse.csr_array(
            (values[chosen], (rows[chosen] % max(of.rows, 1), columns[chosen] % max(of.columns, 1))), shape=shape
        )
        for i in (False, True)
        for j in (False, True)
        for chosen in (np.logical_and(down == i, right == j),)
    }
    if of.in_complex and of.out_complex:
        largest = np.max(np.abs(values[np.isfinite(values)]), initial=0.0)
        for apart in (blocks[False, False] - blocks[True, True], blocks[False, True] + blocks[True, False]):
            if np.any(np.abs(apart.data) > _ROUND_OFF * largest):
                raise not_complex_linear(what)
    imaginary = blocks[True, False] if of.out_complex else -blocks[False, True]
    places = np.unique(rows % max(of.rows, 1) * of.columns + columns % max(of.columns, 1))
    rows, columns = np.divmod(places, max(of.columns, 1))
    return rows, columns, _at(blocks[False, False], rows, columns) + 1j * _at(imaginary, rows, columns)


def found_to_have_matrix(of: LinearMap) -> bool:
    """Whether a map has a matrix; where both sides are complex it is tried."""
    if not of.in_complex or not of.out_complex:
        return True
    try:
        of.entries()
    except DTypeError:
        return False
    return True


def _matrices(of: LinearMap) -> tuple[Any, Any]:
    """A sparse matrix of the values of a map, and one of counts, in which nothing cancels."""
    from scipy import sparse

    rows, columns, values = of.real_entries()
    shape = (of.rows << of.out_complex, of.columns << of.in_complex)
    return (
        sparse.csr_array((values, (rows, columns)), shape=shape),
        sparse.csr_array((np.ones(len(rows), np.intp), (rows, columns)), shape=shape),
    )


def _entries_of(values: Any, counts: Any) -> Entries:
    """The entries of a matrix at the places that have a count."""
    rows, columns = (each.astype(np.intp) for each in counts.tocoo().coords)
    return rows, columns, _at(values, rows, columns)


def _at(matrix: Any, rows: Any, columns: Any) -> Any:
    """The entries of a sparse matrix at places."""
    return np.asarray(matrix[rows, columns]).reshape(-1) if len(rows) else np.zeros(0, matrix.dtype)
