"""The contraction of two arrays by one product of matrices.

The axes of the operands and of the result are labelled as in `einsum`, and here every label stands in just two of the
three. So there are three groups of labels: those of x and the result, the rows; those of x and y, which are summed;
those of y and the result, the columns. The transpose in an operand is the result's cotangent contracted with the other
operand, over one group in place of another: an operation of this kind again.
"""

from __future__ import annotations

from functools import lru_cache
from math import prod
from string import ascii_lowercase
from typing import Any

import numpy as np
from numpy import dot as dot_into
from numpy import empty

from chainrule.ops.contraction import dot, einsum, matmul, split_subscripts
from chainrule.ops.movement import reshape, transpose
from chainrule.trace import Abstract, Op, Value


class TensordotOp(Op):
    """An op of two operands and their labels. The parameter has a name, since others would be collected in a dict."""

    __slots__ = ()

    def __call__(self, x: Any, y: Any, /, *, subscripts: str) -> Any:
        """Apply the op: the greater level of the operands handles it, NumPy if there is none."""
        if type(x) is Value:
            level = y.level if type(y) is Value and y.level.number > x.level.number else x.level
        elif type(y) is Value:
            level = y.level
        else:
            return _tensordot_evaluate(x, y, subscripts=subscripts)
        return level.bind_binary(self, x, y, {"subscripts": subscripts})


@lru_cache(maxsize=4096)
def _plan(subscripts: str) -> tuple[Any, ...]:
    """Whether the operands change places, how each is read, and the order of the result's axes, if they are moved."""
    (left, right), result = split_subscripts(subscripts)
    rows, summed, columns = _common(left, result), _common(left, right), _common(right, result)
    exchanged = rows + columns != result == columns + rows
    if exchanged:
        left, right, rows, columns = right, left, columns, rows
    order = None if result == rows + columns else _order(rows + columns, result)
    return exchanged, *_reading(left, rows, summed), *_reading(right, summed, columns), order


def _common(first: str, second: str) -> str:
    """A group of labels, in the order of the alphabet, which is what their axes have where a function begins."""
    return "".join(sorted(set(first) & set(second)))


def _order(given: str, wanted: str) -> tuple[int, ...]:
    return tuple(map(given.index, wanted))


def _reading(term: str, rows: str, columns: str) -> tuple[tuple[int, ...] | None, int, bool]:
    """The order of an operand's axes, if they are moved, how many make rows, and whether that matrix is turned."""
    if term == rows + columns:
        return None, len(rows), False
    if term == columns + rows:
        # A turned view of the operand's own memory, where moved axes would be copied.
        return None, len(columns), True
    return _order(term, rows + columns), len(rows), False


def _tensordot_evaluate(x: Any, y: Any, *, subscripts: str) -> Any:
    exchanged, x_order, x_cut, x_turned, y_order, y_cut, y_turned, order = _plan(subscripts)
    if exchanged:
        x, y = y, x
    x, rows, _ = _as_matrix(x, x_order, x_cut, x_turned)
    y, _, columns = _as_matrix(y, y_order, y_cut, y_turned)
    if type(x) is Value or type(y) is Value:
        z = reshape(dot(x, y), shape=rows + columns)
    else:
        # Into memory of the result's own: that of a reshaped product would be the product's.
        z = empty(rows + columns, x.dtype)
        dot_into(x, y, z.reshape(len(x), y.shape[1]))
    return z if order is None else transpose(z, axes=order)


def _as_matrix(x: Any, order: Any, cut: int, turned: bool) -> tuple[Any, tuple[int, ...], tuple[int, ...]]:
    """An operand as a matrix, and the lengths that its rows and its columns consist of."""
    if order is not None:
        x = transpose(x, axes=order)
    rows, columns = x.shape[:cut], x.shape[cut:]
    x = reshape(x, shape=(prod(rows), prod(columns)))
    return (x.mT, columns, rows) if turned else (x, rows, columns)


def _tensordot_infer(x: Any, y: Any, *, subscripts: str) -> Abstract:
    (left, right), result = split_subscripts(subscripts)
    sizes = dict(zip(left + right, x.shape + y.shape, strict=True))
    return Abstract(tuple(sizes[label] for label in result), np.result_type(x.dtype, y.dtype))


@lru_cache(maxsize=4096)
def subscripts_of_dot(x_ndim: int, y_ndim: int) -> str:
    """The labels of `dot`, over the last axis of x and the second-last (or only) one of y."""
    rows, summed, columns = _labels(x_ndim - 1, 1, max(y_ndim - 1, 0))
    y = columns[:-1] + summed + columns[-1:] if columns else summed
    return f"{rows}{summed},{y}->{rows}{columns}"


@lru_cache(maxsize=4096)
def subscripts_of_tensordot(x_ndim: int, y_ndim: int, x_axes: tuple[int, ...], y_axes: tuple[int, ...]) -> str:
    """The labels of a sum over pairs of axes; the axes that are left keep their order."""
    count = len(x_axes)
    rows, summed, columns = _labels(x_ndim - count, count, y_ndim - count)
    x, y = iter(rows), iter(columns)
    left = "".join(summed[x_axes.index(axis)] if axis in x_axes else next(x) for axis in range(x_ndim))
    right = "".join(summed[y_axes.index(axis)] if axis in y_axes else next(y) for axis in range(y_ndim))
    return f"{left},{right}->{rows}{columns}"


def _labels(*counts: int) -> list[str]:
    """Groups of so many labels, lower-case letters as far as they reach; the lanes of a `vmap` are capital letters."""
    letters = ascii_lowercase + "".join(map(chr, range(0x3B1, 0x3B1 + max(0, sum(counts) - len(ascii_lowercase)))))
    ends = [sum(counts[: k + 1]) for k in range(len(counts))]
    return [letters[end - count : end] for count, end in zip(counts, ends, strict=True)]


@lru_cache(maxsize=4096)
def transposed_subscripts(subscripts: str) -> tuple[str, str]:
    """The labels of the transposes: of z̄ with y, and of x with z̄."""
    (left, right), result = split_subscripts(subscripts)
    return f"{result},{right}->{left}", f"{left},{result}->{right}"


# (*rows, *summed) (*summed, *columns) -> (*rows, *columns), with the axes in any order.
tensordot = TensordotOp("tensordot", _tensordot_evaluate, _tensordot_infer, composite=True)


def product_of_pair(terms: list[str], factors: list[Any], result: str) -> Any:
    """Two factors contracted by one (stacked) matrix product; by `einsum` where they are only multiplied."""
    left, right = (dict.fromkeys(term) for term in terms)
    summed = [label for label in left if label in right and label not in result]
    stack = [label for label in left if label in right and label in result]
    if stack and not summed and result.isascii():
        # It takes no other letters; a product of many axes that has them is summed over one axis of length 1.
        return einsum(*factors, subscripts=f"{','.join(terms)}->{result}")
    rows = [label for label in left if label not in right and label in result]
    columns = [label for label in right if label not in left and label in result]
    sizes = {label: n for term, x in zip(terms, factors, strict=True) for label, n in zip(term, x.shape, strict=True)}
    stacks, product = ([stack], matmul) if stack else ([], dot)
    x = _grouped(factors[0], terms[0], sizes, *stacks, rows, summed)
    y = _grouped(factors[1], terms[1], sizes, *stacks, summed, columns)
    made = [*stack, *rows, *columns]
    z = reshape(product(x, y), shape=tuple(sizes[label] for label in made))
    order = tuple(made.index(label) for label in result)
    return z if order == tuple(range(len(order))) else transpose(z, axes=order)


def _grouped(x: Any, term: str, sizes: dict[str, int], *groups: list[str]) -> Any:
    """An operand with one axis for each group of labels; labels of no group are summed."""
    wanted = "".join(label for group in groups for label in group)
    if sorted(term) == sorted(wanted):
        x = x if term == wanted else transpose(x, axes=tuple(term.index(label) for label in wanted))
    else:
        x = einsum(x, subscripts=f"{term}->{wanted}")
    return reshape(x, shape=tuple(prod(sizes[label] for label in group) for group in groups))
