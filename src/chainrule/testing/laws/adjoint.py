"""The law of adjoints: pull and push are the same linear map, seen from its two ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.api.products import jvp, linearize, vjp
from chainrule.api.trees import flatten, unflatten
from chainrule.testing.comparison import broken, close, magnitude, same_kind
from chainrule.testing.sample import Case, random_like, results

_TOLERANCE = 1e-13
_TOLERANCE_IN_SINGLE_PRECISION = 1e-5


def adjoint(case: Case) -> None:
    """Re Σ pull(ȳ)·ẋ = Re Σ ȳ·push(ẋ), for the push of `jvp` and for that of `linearize`."""
    f, xs = case.sample.function, case.inputs
    x_dots = case.directions("adjoint")
    y, pull = vjp(f, *xs)
    y_bars = cotangents(case, "adjoint")
    x_bars = pull(unflatten(flatten(y)[1], y_bars))
    y_dots = results(jvp(f, xs, x_dots)[1])
    limit = _TOLERANCE_IN_SINGLE_PRECISION if case.is_single else _TOLERANCE
    close(
        "adjoint",
        case,
        "push of `linearize` and of `jvp`",
        y_dots,
        results(linearize(f, *xs)[1](*x_dots)),
        limit,
        magnitude(case.value),
    )
    from_pull, from_push = pairing(x_bars, x_dots), pairing(y_bars, y_dots)
    scale = sizes(x_bars, x_dots) + sizes(y_bars, y_dots)
    if not abs(from_pull - from_push) <= limit * scale:
        raise broken("adjoint", case, "Re Σ ȳ·push(ẋ), and Re Σ pull(ȳ)·ẋ", from_push, from_pull)


def gradient(case: Case) -> None:
    """A cotangent has the shape, dtype and kind of its operand, and writable memory that it shares with nothing.

    So has a tangent those of its result.
    """
    xs = case.inputs
    y, pull = vjp(case.sample.function, *xs)
    y_bars = cotangents(case, "gradient")
    x_bars = pull(unflatten(flatten(y)[1], y_bars))
    y_dots = results(jvp(case.sample.function, xs, case.directions("gradient"))[1])
    for k, (x, x_bar) in enumerate(zip(xs, x_bars, strict=True)):
        same_kind("gradient", case, f"cotangent of operand {k}", x, x_bar)
    for k, (v, y_dot) in enumerate(zip(case.value, y_dots, strict=True)):
        same_kind("gradient", case, f"tangent of result {k}", v, y_dot)
    given = [x for x in (*xs, *y_bars) if isinstance(x, np.ndarray)]
    for k, array in enumerate((*results(y), *x_bars, *y_dots)):
        if isinstance(array, np.ndarray):
            if not array.flags.writeable or any(np.may_share_memory(array, other) for other in given):
                raise broken("gradient", case, f"memory of array {k}", "writable, its own", array.flags)
            given.append(array)


def cotangents(case: Case, purpose: str) -> tuple[Any, ...]:
    """A random cotangent for each result."""
    return tuple(random_like(case.rng(f"{purpose} cotangent {k}"), y) for k, y in enumerate(case.value))


def pairing(bars: Sequence[Any], dots: Sequence[Any]) -> float:
    """Re Σ bar · dot, over all entries of all arrays that can vary; without conjugation."""
    products = (
        np.sum(np.asarray(bar, dtype=_widest(bar)) * dot)
        for bar, dot in zip(bars, dots, strict=True)
        if dot.dtype.kind in "fc"
    )
    return float(sum(np.real(product) for product in products))


def sizes(bars: Sequence[Any], dots: Sequence[Any]) -> float:
    """Σ |bar|·|dot|, by which round-off in a pairing is measured."""
    return float(
        sum(np.sum(np.abs(bar) * np.abs(dot)) for bar, dot in zip(bars, dots, strict=True) if dot.dtype.kind in "fc")
    )


def _widest(x: Any) -> Any:
    return np.complex128 if x.dtype.kind == "c" else np.float64
