"""Einstein's summation convention: subscripts as users write them, spelled out."""

from __future__ import annotations

import functools
import operator
import string
from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.numpy.handle import Array, fresh, wrap
from chainrule.numpy.operands import array_of, common_dtype, converted, plain, value_of
from chainrule.numpy.steps import view_at
from chainrule.numpy.table import implements
from chainrule.numpy.ufunc_arguments import store
from chainrule.ops.paths import Diagonal, Transposed
from chainrule.ops.tensor_products import product_of_pair

# Labels in NumPy's order, in which the labels of an implicit result stand.
LABELS = string.ascii_uppercase + string.ascii_lowercase


@implements(np.einsum)
def einsum(
    *operands: Any, out: Any = None, optimize: Any = False, dtype: Any = None, order: Any = "K", casting: Any = "safe"
) -> Any:
    """Sums of products by Einstein's convention.

    Subscripts are a string before the operands, or a list after each of them, with `...` for axes that broadcast and
    with or without the labels of the result. Of one operand whose axes are only rearranged the result is a view.
    """
    terms, result, arrays = spelled_out(operands)
    values = list(map(value_of, arrays))
    if any(value.dtype is not values[0].dtype for value in values):
        values = common_dtype(values)
    if dtype is not None:
        for value in values:
            if not np.can_cast(value.dtype, dtype, casting):
                raise TypeError(
                    f"Cannot cast operand from {value.dtype!r} to {np.dtype(dtype)!r} by the rule {casting!r}"
                )
        values = [converted(value, dtype) for value in values]
    elif len(values) == 1 and out is None and optimize is False and _rearranges(terms[0], result):
        return _rearranged(array_of(arrays[0]), terms[0], result)
    terms, values = map(list, zip(*map(_without_repeats, terms, values), strict=True))
    if optimize is not False:
        z = _step_by_step(terms, result, values, optimize)
        if out is None and type(z) is np.ndarray:
            return fresh(z)
    else:
        z = ops.einsum(*values, subscripts=f"{','.join(terms)}->{result}")
    return store(z, out)


@implements(np.einsum_path)
def einsum_path(*operands: Any, optimize: Any = "greedy") -> Any:
    """The order in which operands are best contracted, and a text about it; of shapes alone."""
    shapes = [
        np.broadcast_to(np.zeros((), x.dtype), x.shape) if hasattr(x, "dtype") and hasattr(x, "shape") else plain(x)
        for x in operands
    ]
    return np.einsum_path(*shapes, optimize=optimize)


def spelled_out(operands: Sequence[Any]) -> tuple[list[str], str, list[Any]]:
    """The labels of every operand and of the result, without ellipses, and the operands.

    An axis of length 1 under a label that is longer elsewhere broadcasts; it is taken away here.
    """
    if not operands:
        raise ValueError(
            "must specify the einstein sum subscripts string and at least one operand, or at least one "
            "operand and its corresponding subscripts list"
        )
    if isinstance(operands[0], str):
        terms, result = _parsed(operands[0])
        arrays = [_as_array(x) for x in operands[1:]]
    else:
        pairs = len(operands) // 2
        arrays = [_as_array(x) for x in operands[: 2 * pairs : 2]]
        terms = tuple(_from_list(labels) for labels in operands[1 : 2 * pairs : 2])
        result = _from_list(operands[-1]) if len(operands) % 2 else None
    plain_terms, plain_result, kept = _plan(terms, result, tuple(tuple(x.shape) for x in arrays))
    for k, axes in kept:
        x = arrays[k]
        arrays[k] = wrap(ops.reshape(value_of(x), shape=tuple(x.shape[axis] for axis in axes)))
    return list(plain_terms), plain_result, arrays


Kept = tuple[tuple[int, tuple[int, ...]], ...]


@functools.lru_cache(maxsize=4096)
def _plan(
    terms: tuple[str, ...], result: str | None, shapes: tuple[tuple[int, ...], ...]
) -> tuple[tuple[str, ...], str, Kept]:
    """Terms and result without ellipses, and which axes are left of an operand that is broadcast."""
    if len(terms) != len(shapes):
        more = "more" if len(shapes) > len(terms) else "fewer"
        raise ValueError(f"{more} operands provided to einstein sum function than specified in the subscripts string")
    spelled, definite = _without_ellipses(terms, result, [len(shape) for shape in shapes])
    _check_result(spelled, definite)
    return _without_stretched_axes(spelled, definite, shapes)


def _as_array(x: Any) -> Any:
    return x if hasattr(x, "shape") and hasattr(x, "dtype") else wrap(value_of(x))


@functools.lru_cache(maxsize=4096)
def _parsed(subscripts: str) -> tuple[tuple[str, ...], str | None]:
    text = subscripts.replace(" ", "")
    left, arrow, right = text.partition("->")
    for term in (*left.split(","), right):
        _check_term(term)
    return tuple(left.split(",")), right if arrow else None


def _check_term(term: str) -> None:
    for character in term.replace("...", "", 1):
        if character == ".":
            raise ValueError(
                "einstein sum subscripts string contains a '.' that is not part of an ellipsis ('...'), "
                "or more than one ellipsis"
            )
        if character not in LABELS:
            raise ValueError(
                f"invalid subscript '{character}' in einstein sum subscripts string, subscripts must be letters"
            )


def _from_list(labels: Any) -> str:
    text = ""
    for label in plain(labels):
        if label is Ellipsis:
            text += "..."
            continue
        try:
            number = operator.index(label)
        except TypeError as error:
            raise TypeError("each subscript must be either an integer or an ellipsis") from error
        if not 0 <= number < len(LABELS):
            raise ValueError(f"subscript is not within the valid range [0, {len(LABELS)})")
        text += LABELS[number]
    _check_term(text)
    return text


def _without_ellipses(terms: Sequence[str], result: str | None, ranks: list[int]) -> tuple[list[str], str]:
    """Terms with free labels in place of ellipses, which stand for axes aligned at the last one, as in broadcasting."""
    free = [label for label in LABELS if not any(label in term for term in (*terms, result or ""))]
    counts = [rank - len(term.replace("...", "")) for term, rank in zip(terms, ranks, strict=True)]
    for k, (term, count) in enumerate(zip(terms, counts, strict=True)):
        if count < 0:
            raise ValueError(f"einstein sum subscripts string contains too many subscripts for operand {k}")
        if count > 0 and "..." not in term:
            raise ValueError(
                "operand has more dimensions than subscripts given in einstein sum, but no '...' ellipsis provided to "
                "broadcast the extra dimensions."
            )
    most = max(counts)
    if most > len(free):
        raise ValueError("einstein sum has more axes than there are letters to label them")
    names = free[:most]
    spelled = [term.replace("...", "".join(names[most - n :])) for term, n in zip(terms, counts, strict=True)]
    if result is None:
        joined = "".join(spelled)
        once = "".join(label for label in LABELS if joined.count(label) == 1 and label not in names)
        return spelled, "".join(names) + once
    if most and "..." not in result:
        raise ValueError(
            "output has more dimensions than subscripts given in einstein sum, but no '...' ellipsis provided to "
            "broadcast the extra dimensions."
        )
    return spelled, result.replace("...", "".join(names))


def _check_result(terms: list[str], result: str) -> None:
    for label in result:
        if result.count(label) > 1:
            raise ValueError(f"einstein sum subscripts string includes output subscript '{label}' multiple times")
        if not any(label in term for term in terms):
            raise ValueError(
                f"einstein sum subscripts string included output subscript '{label}' which never appeared in an input"
            )


def _without_stretched_axes(
    terms: list[str], result: str, shapes: tuple[tuple[int, ...], ...]
) -> tuple[tuple[str, ...], str, Kept]:
    sizes: dict[str, int] = {}
    for k, (term, shape) in enumerate(zip(terms, shapes, strict=True)):
        own: dict[str, int] = {}
        for label, n in zip(term, shape, strict=True):
            if own.setdefault(label, n) != n:
                raise ValueError(
                    f"dimensions in operand {k} for collapsing index '{label}' don't match ({own[label]} != {n})"
                )
        for label, n in own.items():
            known = sizes.setdefault(label, n)
            if 1 not in (n, known) and n != known:
                raise ValueError(
                    f"operands could not be broadcast together: label '{label}' has lengths {known} and {n}"
                )
            if known == 1:
                sizes[label] = n
    kept = [
        tuple(axis for axis, (label, n) in enumerate(zip(term, shape, strict=True)) if n == sizes[label])
        for term, shape in zip(terms, shapes, strict=True)
    ]
    left = tuple("".join(term[axis] for axis in axes) for term, axes in zip(terms, kept, strict=True))
    return left, result, tuple((k, axes) for k, axes in enumerate(kept) if len(axes) < len(terms[k]))


def _rearranges(term: str, result: str) -> bool:
    """Whether nothing is summed."""
    return set(term) == set(result)


def _rearranged(array: Array, term: str, result: str) -> Any:
    """The view of an array with its axes in another order, repeated labels being diagonals."""
    if not result:
        value = array._read()
        return wrap(value[()] if type(value) is np.ndarray else value)
    sizes = dict(zip(term, array.shape, strict=True))
    path, term = _to_diagonals(term)
    path.append(Transposed(tuple(term.index(label) for label in result)))
    return view_at(array, tuple(path), tuple(sizes[label] for label in result))


def _to_diagonals(term: str) -> tuple[list[Any], str]:
    """The path to the diagonals that repeated labels name, and the labels of what it leads to."""
    path: list[Any] = []
    for label in dict.fromkeys(term):
        while term.count(label) > 1:
            first = term.index(label)
            second = term.index(label, first + 1)
            path.append(Diagonal(0, first, second))
            term = "".join(other for k, other in enumerate(term) if k not in (first, second)) + label
    return path, term


def _without_repeats(term: str, x: Any) -> tuple[str, Any]:
    """An operand without repeated labels: what is beside a diagonal does not take part."""
    path, term = _to_diagonals(term)
    return term, ops.index(x, path=tuple(path)) if path else x


def _step_by_step(terms: list[str], result: str, values: list[Any], optimize: Any) -> Any:
    """Contract a few operands at a time, in the order that NumPy finds best or the caller gives."""
    path = optimize if isinstance(optimize, (list, tuple)) else True if optimize is True else str(optimize)
    shapes = [np.broadcast_to(np.zeros(()), value.shape) for value in values]
    steps = np.einsum_path(f"{','.join(terms)}->{result}", *shapes, optimize=path)[0][1:]
    terms, values = list(terms), list(values)
    for count, places in enumerate(steps, start=1):
        chosen = sorted(places, reverse=True)
        left = [terms.pop(k) for k in chosen]
        factors = [values.pop(k) for k in chosen]
        if count == len(steps):
            made = result
        else:
            sizes = {
                label: n for term, x in zip(left, factors, strict=True) for label, n in zip(term, x.shape, strict=True)
            }
            needed = {label for label in sizes if label in result or any(label in term for term in terms)}
            made = "".join(sorted(needed, key=lambda label: (sizes[label], label)))
        if len(factors) == 2:
            values.append(product_of_pair(left, factors, made))
        else:
            values.append(ops.einsum(*factors, subscripts=f"{','.join(left)}->{made}"))
        terms.append(made)
    return values[0]


__all__ = ["einsum", "einsum_path"]
