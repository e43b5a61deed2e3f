"""The law of compiled code: a compiled function returns what the function returns, also where it was not recorded."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.api.compilation import jit
from chainrule.api.products import jvp, vjp
from chainrule.api.trees import flatten, unflatten
from chainrule.errors import NotCompiledWarning
from chainrule.graph.verify import verify
from chainrule.testing.comparison import close, magnitude
from chainrule.testing.sample import Case, copied, random_like, results

_ROUND_OFF = 1e-12
_ROUND_OFF_IN_SINGLE_PRECISION = 1e-5
_SINGLE = frozenset(map(np.dtype, (np.float32, np.complex64)))


def code(case: Case) -> None:
    """The function, its pull and its push, compiled, are what they are uncompiled: where recorded, and at other points.

    The other points may take other branches, and the first one is visited again after them.
    """
    f = case.sample.function
    _compare(case, "compiled", f)
    if case.sample.order:
        x_dots = case.directions("code")
        _compare(case, "compiled pull", lambda *xs: _pulled(case, f, xs))
        _compare(case, "compiled push", lambda *xs: jvp(f, xs, x_dots)[1])


def _pulled(case: Case, f: Callable[..., Any], xs: tuple[Any, ...]) -> Any:
    """The cotangents of the operands for fixed ones of the results, whose shapes may depend on the operands."""
    y, pull = vjp(f, *xs)
    leaves, structure = flatten(y)
    y_bars = [random_like(case.rng(f"code {k}"), np.zeros(np.shape(leaf), leaf.dtype)) for k, leaf in enumerate(leaves)]
    return pull(unflatten(structure, [y_bar if np.shape(y_bar) else y_bar[()] for y_bar in y_bars]))


def _compare(case: Case, what: str, f: Callable[..., Any]) -> None:
    compiled = jit(f)
    first, second, third = case.inputs, case.draw("code"), case.draw("code again")
    for point in (first, second, third, first):
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore", NotCompiledWarning)
            warnings.simplefilter("ignore", RuntimeWarning)
            expected = results(f(*map(copied, point)))
            found = results(compiled(*point))
        single = any(getattr(leaf, "dtype", None) in _SINGLE for leaf in expected)
        limit = _ROUND_OFF_IN_SINGLE_PRECISION if single else _ROUND_OFF
        close("code", case, what, expected, found, limit, magnitude(expected))
    for specialisation in compiled.specialisations:
        verify(specialisation.program.graph)
