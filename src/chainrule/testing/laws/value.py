"""The law of values: a traced run computes what NumPy computes."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.api.products import jvp, vjp
from chainrule.api.trees import flatten, unflatten
from chainrule.numpy.handle import Array, Handle, Scalar
from chainrule.numpy.swap import opened, without_swap
from chainrule.testing.comparison import close, identical, magnitude
from chainrule.testing.laws.adjoint import cotangents
from chainrule.testing.sample import Case, copied, random_like, results

_ROUND_OFF = 1e-14
_ROUND_OFF_IN_SINGLE_PRECISION = 1e-6
_STRIDED = 1e-13


def value(case: Case) -> None:
    """Recorded, pushed, on constants, and without the swap, a function returns what it returns in plain NumPy.

    Shapes, dtypes and scalars are NumPy's too, for numbers as for arrays without axes.
    """
    _compare(case, "value", case.inputs)
    if () in case.shapes:
        _compare(case, "value", [np.asarray(x) for x in case.inputs])


def special(case: Case) -> None:
    """At NaN, infinities, zeros and huge numbers the value is NumPy's, and taking the derivative does not warn."""
    with np.errstate(all="ignore"):
        numbers = np.array(case.sample.special).astype(case.dtype)
    rows = list(itertools.product(numbers, repeat=len(case.shapes)))
    with np.errstate(all="ignore"):
        _compare(case, "special", [np.array(column) for column in zip(*rows, strict=True)])
        for row in rows:
            _compare(case, "special", row, protocols=False)
    if case.sample.order:
        for row in rows:
            _differentiate_in_silence(case, row)


def layout(case: Case) -> None:
    """In Fortran's order, with gaps, or reversed in memory, operands give the same values and gradients."""
    if not any(case.shapes):
        return
    y, pull = vjp(case.sample.function, *case.inputs)
    structure, y_bars = flatten(y)[1], cotangents(case, "layout")
    expected = pull(unflatten(structure, y_bars))
    for name, arranged in (("Fortran's order", _fortran), ("gaps", _with_gaps), ("negative strides", _reversed)):
        y, pull = vjp(case.sample.function, *map(arranged, case.inputs))
        close("layout", case, f"value, {name}", case.value, results(y), _STRIDED, magnitude(case.value))
        x_bars = pull(unflatten(structure, tuple(map(arranged, y_bars))))
        close("layout", case, f"gradient, {name}", expected, x_bars, _STRIDED, magnitude(expected))


def _compare(case: Case, law: str, xs: Sequence[Any], protocols: bool = True) -> None:
    f = case.sample.function
    expected = case.plain(*xs)
    constants = (Array(copied(x)) if isinstance(x, np.ndarray) else x for x in xs)
    _agree(case, law, "on constants", expected, [_exported(leaf) for leaf in results(opened(f)(*constants))])
    _agree(case, law, "recorded", expected, results(vjp(f, *xs)[0]))
    x_dots = [random_like(case.rng(f"value {k}"), x) for k, x in enumerate(xs)]
    _agree(case, law, "pushed", expected, results(jvp(f, xs, x_dots)[0]))
    if protocols and case.sample.protocols:
        with without_swap():
            _agree(case, law, "recorded without the swap", expected, results(vjp(f, *xs)[0]))


def _exported(leaf: Any) -> Any:
    if not isinstance(leaf, Handle):
        return leaf
    plain = leaf._read()
    return plain[()] if isinstance(leaf, Scalar) else plain


def _agree(case: Case, law: str, what: str, expected: Sequence[Any], found: Sequence[Any]) -> None:
    if case.sample.exact:
        identical(law, case, what, expected, found)
    else:
        limit = _ROUND_OFF_IN_SINGLE_PRECISION if case.is_single else _ROUND_OFF
        close(law, case, what, expected, found, limit, magnitude(case.value))


def _differentiate_in_silence(case: Case, xs: Sequence[Any]) -> None:
    f = case.sample.function
    with np.errstate(all="ignore"):
        y, pull = vjp(f, *xs)
    y_bars = [random_like(case.rng("special"), leaf) for leaf in results(y)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pull(unflatten(flatten(y)[1], y_bars))


def _fortran(x: Any) -> Any:
    return np.asfortranarray(x) if isinstance(x, np.ndarray) and x.ndim else x


def _with_gaps(x: Any) -> Any:
    if not isinstance(x, np.ndarray) or not x.ndim:
        return x
    roomy = np.full([2 * n for n in x.shape], np.nan if x.dtype.kind in "fc" else 0, x.dtype)
    window = roomy[tuple(slice(None, None, 2) for _ in x.shape)]
    window[...] = x
    return window


def _reversed(x: Any) -> Any:
    if not isinstance(x, np.ndarray) or not x.ndim:
        return x
    return np.flip(np.flip(x).copy())
