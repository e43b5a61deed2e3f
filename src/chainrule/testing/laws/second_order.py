"""The law of second order: derivatives of derivatives, in all four combinations of modes."""

from __future__ import annotations

from typing import Any

from chainrule.api.products import jvp, vjp
from chainrule.api.trees import flatten, unflatten
from chainrule.testing.comparison import broken, close, magnitude
from chainrule.testing.laws.adjoint import cotangents, pairing
from chainrule.testing.laws.tangent import by_complex_step, derivative, second_derivative
from chainrule.testing.sample import Case, copied, results

_BY_COMPLEX_STEP = 1e-8
_BY_DIFFERENCES = 1e-6


def second_order(case: Case) -> None:
    """Forward and reverse over forward and reverse give the numerical second derivative.

    The inner derivative is a function of the operands and of its seed, linear in the seed; the outer one moves both:
    operands along w and the seed v along v'. So forward over forward is D²f[v, w] + Df[v'], and each other combination
    is that, paired with the remaining seeds.
    """
    f, xs = case.sample.function, case.inputs
    count = len(xs)
    structure = flatten(f(*map(copied, xs)))[1]
    v, w, v_moved = (case.directions(name) for name in ("first", "second", "moved"))
    y_bars, y_bars_moved = cotangents(case, "second order"), cotangents(case, "moved")
    vary = [k for k, y in enumerate(case.value) if y.dtype.kind in "fc"]
    seeds = tuple(y_bars[k] for k in vary)
    seeds_moved = tuple(y_bars_moved[k] for k in vary)

    second = second_derivative(case, v, w)
    pushed = tuple(a + b for a, b in zip(second, derivative(case, v_moved), strict=True))
    pulled = pairing(y_bars, second) + pairing(y_bars_moved, derivative(case, v))
    accuracy = _BY_COMPLEX_STEP if by_complex_step(case) else _BY_DIFFERENCES
    scale = max(magnitude(second), magnitude(case.value))

    def push(*args: Any) -> tuple[Any, ...]:
        """ẏ, a function of the operands and their tangents."""
        y_dots = results(jvp(f, args[:count], args[count:])[1])
        return tuple(y_dots[k] for k in vary)

    def pull(*args: Any) -> tuple[Any, ...]:
        """x̄, a function of the operands and the cotangents of the results."""
        bars = list(y_bars)
        for k, bar in zip(vary, args[count:], strict=True):
            bars[k] = bar
        return tuple(vjp(f, *args[:count])[1](unflatten(structure, bars)))

    found = jvp(push, (*xs, *v), (*w, *v_moved))[1]
    close("second order", case, "forward over forward", tuple(pushed[k] for k in vary), found, accuracy, scale)

    expected = pairing(y_bars, pushed)
    bars = vjp(push, *xs, *v)[1](seeds)
    _equal(case, "reverse over forward", expected, pairing(bars, (*w, *v_moved)), accuracy, scale * _count(seeds))

    dots = jvp(pull, (*xs, *seeds), (*w, *seeds_moved))[1]
    _equal(case, "forward over reverse", pulled, pairing(dots, v), accuracy, scale * _count(seeds))

    bars = vjp(pull, *xs, *seeds)[1](v)
    found_pulled = pairing(bars, (*w, *seeds_moved))
    _equal(case, "reverse over reverse", pulled, found_pulled, accuracy, scale * _count(seeds))


def _count(arrays: tuple[Any, ...]) -> int:
    return sum(array.size for array in arrays)


def _equal(case: Case, what: str, expected: float, found: float, accuracy: float, scale: float) -> None:
    if not abs(expected - found) <= accuracy * max(abs(expected), scale):
        raise broken("second order", case, what, expected, found)
