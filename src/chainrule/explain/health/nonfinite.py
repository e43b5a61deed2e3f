"""Why a number stopped being finite: the reason as a word, a sentence with the numbers, and what to write instead.

Everything here is about one operation and plain arrays; who meets the number, and where, is the business of `debug.py`
and `health.py`.

| reason | it happened |
| --- | --- |
| domain | the function is not defined there: log(-1), √-1, arcsin(2) |
| pole | the function, or its slope, is infinite there: 1/0, log 0, the slope of √x at 0 |
| overflow | the number is too large for its dtype: exp(1000) |
| inf - inf, 0 * inf, 0 / 0, inf / inf | there is no such number |
| imported | an operand was not finite, and came from outside of what is watched |
| undefined | an operation of the user's gave it, for finite operands |
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.explain.run.steps import numpy_name

_LOGARITHMS = frozenset(("log", "log2", "log10"))
_POWERS = frozenset(("power", "power_operator", "float_power", "raised", "lowered_power"))
_QUOTIENTS = frozenset(("divide", "floor_divide", "remainder", "fmod"))
_SUMS = frozenset(("add", "subtract", "reduce_sum", "reduce_sum_from", "cumsum", "accumulate", "scatter_add"))
_EXPONENTIALS = frozenset(("exp", "exp2", "expm1", "sinh", "cosh"))
# What is only too large if it is infinite, whatever its operands were.
_GROWING = _EXPONENTIALS | frozenset(
    """add subtract multiply square logaddexp logaddexp2 ldexp tan absolute modulus negative convert
    reduce_sum reduce_sum_from reduce_prod reduce_prod_from cumsum cumprod recurrence accumulate scatter_add segment_sum
    matmul matvec vecmat vecdot vecvec dot tensordot einsum correlate euclidean_norm power_norm variance root_of_squares
    hypot det fft ifft rfft irfft modified_bessel spherical_bessel arctan2""".split()
)


@dataclass(frozen=True, slots=True)
class Cause:
    """Why the entry of a result at `element` is not finite, and `happened`: the operation with its numbers, in words.

    `operand` is the operand that was not finite already, if the reason is "imported".
    """

    reason: str
    element: tuple[int, ...]
    happened: str
    advice: str
    operand: int | None = None


def first(bad: Any) -> tuple[int, ...]:
    """The index of the first true entry, in the order of the memory."""
    return tuple(int(k) for k in np.unravel_index(int(np.argmax(bad)), np.shape(bad)))


def nonfinite(x: Any) -> Any:
    """Which entries are infinite or NaN."""
    return ~np.isfinite(x)


def is_finite(x: Any) -> bool:
    """Whether all entries of something are finite numbers; what is no number is not asked."""
    dtype = getattr(x, "dtype", None)
    return dtype is None or dtype.kind not in "fc" or bool(np.isfinite(x).all())


def number(x: Any) -> str:
    """A number as messages show it."""
    if isinstance(x, (complex, np.complexfloating)):
        return f"({number(x.real)}{x.imag:+.6g}j)"
    return f"{float(x):.6g}" if np.isfinite(x) or np.isnan(x) else ("inf" if x > 0 else "-inf")


def elementwise_cause(name: str, xs: Sequence[Any], z: Any, params: dict[str, Any], element: tuple[int, ...]) -> Cause:
    """Why an elementwise operation on some numbers gave a number that is not finite."""
    reason = _reason(name, xs, z)
    operand = next((k for k, x in enumerate(xs) if not np.isfinite(x)), None) if reason == "imported" else None
    return Cause(reason, element, f"{_call(name, xs, params)} is {number(z)}", _forward_advice(name, reason), operand)


def mixed_cause(name: str, operands: Sequence[Any], z: Any, element: tuple[int, ...]) -> Cause:
    """The cause for an operation whose results each depend on many entries."""
    called = numpy_name(name)
    bad = [k for k, x in enumerate(operands) if not is_finite(x)]
    if not bad:
        if name in _GROWING:
            reason, happened = "overflow", f"`{called}` of finite numbers is too large for {z.dtype}"
        elif name in ("inv", "solve", "inverse_or_nan", "pinv", "lstsq", "cholesky", "slogdet"):
            reason, happened = "pole", f"`{called}` of a singular matrix gave {number(z)}"
        else:
            reason, happened = "undefined", f"`{called}` of finite numbers gave {number(z)}"
        return Cause(reason, element, happened, _forward_advice(name, reason))
    if np.isnan(z) and not any(np.isnan(operands[k]).any() for k in bad):
        if name not in _SUMS and len(operands) > 1:
            others = [x for k, x in enumerate(operands) if k != bad[0]]
            if any(np.any(np.equal(x, 0)) for x in others):
                return Cause("0 * inf", element, f"`{called}` multiplies inf by 0", _forward_advice(name, "0 * inf"))
        return Cause("inf - inf", element, f"`{called}` adds inf and -inf", _forward_advice(name, "inf - inf"))
    happened = f"`{called}` was given {number(operands[bad[0]][first(nonfinite(operands[bad[0]]))])}"
    return Cause("imported", element, happened, _forward_advice(name, "imported"), bad[0])


def derivative_cause(
    name: str,
    factor: Any,
    partial: Any,
    operands: Sequence[Any],
    output: Any,
    product: Any,
    element: tuple[int, ...],
    direction: str,
) -> Cause:
    """Why the product of a local derivative and a tangent or cotangent, both of finite numbers, is not finite.

    `partial` and `factor` are the two numbers, None if the local derivative is more than a number for each entry.
    `operands` and `output` are those of the operation at that entry, as far as its rule reads them.
    """
    of = f"the derivative of `{numpy_name(name)}`"
    if partial is None:
        reason = "domain" if np.isnan(product) else "overflow"
        happened = f"{of} times the {direction} is {number(product)}"
    elif np.isfinite(partial):
        reason = "overflow"
        happened = f"{of}, {number(partial)}, times the {direction}, {number(factor)}, is {number(product)}"
    else:
        if operands:
            where = f" at {', '.join(map(number, operands))}"
        else:
            where = "" if output is None else f", where its result is {number(output)},"
        if factor == 0:
            reason = "0 * inf" if not np.isnan(partial) else "domain"
            happened = (
                f"{of}{where} is {number(partial)}, and times the {direction}, which is 0, it is {number(product)}"
            )
        else:
            reason = _slope_reason(name, operands, output, partial)
            happened = f"{of}{where} is {number(partial)}"
    return Cause(reason, element, happened, _derivative_advice(name, reason, direction))


def _reason(name: str, xs: Sequence[Any], z: Any) -> str:
    infinite = [x for x in xs if not np.isfinite(x)]
    if infinite:
        if not np.isnan(z) or any(np.isnan(x) for x in xs):
            return "imported"
        if name in _SUMS:
            return "inf - inf"
        if name == "multiply":
            return "0 * inf"
        if name in _QUOTIENTS and len(infinite) == 2:
            return "inf / inf"
        return "domain"
    if np.isnan(z):
        if name == "divide" and xs[0] == xs[1] == 0:
            return "0 / 0"
        return "undefined" if not _is_known(name) else "domain"
    if name in _QUOTIENTS:
        return "pole" if xs[1] == 0 else "overflow"
    if name == "reciprocal" or name in _LOGARITHMS:
        return "pole" if xs[0] == 0 else "overflow"
    if name in _POWERS:
        return "pole" if xs[0] == 0 else "overflow"
    if name in ("log1p", "arctanh"):
        return "pole"
    return "overflow" if name in _GROWING else "undefined"


def second_cause(name: str, operands: Sequence[Any], product: Any, element: tuple[int, ...]) -> Cause:
    """Why the derivative of a derivative is not finite, next to the numbers that the first one was computed from."""
    reason = _slope_reason(name, operands, None, product)
    happened = f"the derivative of the derivative of `{numpy_name(name)}` is {number(product)}"
    return Cause(reason, element, happened, _derivative_advice(name, reason, "tangent"))


# Operations that are not defined everywhere; of any other nothing is known.
_PARTIAL = frozenset(
    """sqrt log1p arcsin arccos arccosh arctanh root_of_squares power_logarithm hyperbolic_leg remainder fmod
    floor_divide divide reciprocal""".split()
)


def _is_known(name: str) -> bool:
    return name in _PARTIAL or name in _LOGARITHMS or name in _POWERS or name in _GROWING


def _slope_reason(name: str, operands: Sequence[Any], output: Any, partial: Any) -> str:
    if np.isnan(partial):
        return "domain"
    if not operands and output is None:
        return "undefined"
    if any(x == 0 for x in operands) or (output is not None and output == 0):
        return "pole"
    if name in ("arcsin", "arccos", "arctanh", "arccosh", "log1p") and any(abs(x) == 1 for x in operands):
        return "pole"
    return "overflow"


_SYMBOLS = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "floor_divide": "//", "remainder": "%"}


def _call(name: str, xs: Sequence[Any], params: dict[str, Any]) -> str:
    if name in _SYMBOLS and len(xs) == 2:
        return f"{number(xs[0])} {_SYMBOLS[name]} {_bracketed(xs[1])}"
    if name == "raised":
        return f"{_bracketed(xs[0])}**{_bracketed(params['exponent'])}"
    if name in _POWERS and len(xs) == 2:
        return f"{_bracketed(xs[0])}**{_bracketed(xs[1])}"
    return f"{name}({', '.join(map(number, xs))})"


def _bracketed(x: Any) -> str:
    text = number(x)
    return f"({text})" if text.startswith("-") else text


_UNSELECTED = "a branch that is not selected takes no part"


def _forward_advice(name: str, reason: str) -> str:
    if reason == "imported":
        return "It was not finite before; look at where it is made."
    if reason == "overflow":
        if name in _EXPONENTIALS:
            return (
                "Subtract the largest exponent before the exponential, or compute with logarithms (`np.logaddexp`, "
                "which does not overflow)."
            )
        return "Scale the numbers, or compute with their logarithms."
    if reason in ("pole", "domain", "0 / 0"):
        if name == "divide":
            return "If such entries do not count, exclude them: `np.where(y != 0, x / y, ...)`."
        if name in _LOGARITHMS:
            return f"If such entries do not count, exclude them: `np.where(x > 0, np.{name}(x), ...)`."
        if name == "sqrt":
            return "If such entries do not count, exclude them: `np.where(x >= 0, np.sqrt(x), ...)`."
        return (
            "If such entries do not count, exclude them with `np.where`: a branch that is not selected takes no part."
        )
    if reason in ("inf - inf", "0 * inf", "inf / inf"):
        return "There is no such number; look at where the infinity is made."
    return ""


def _derivative_advice(name: str, reason: str, direction: str) -> str:
    if reason == "pole":
        advice = (
            "The slope is infinite there. If such entries do not count, exclude them with `np.where`: "
            f"{_UNSELECTED} in the derivative."
        )
        if name in ("sqrt", *_POWERS):
            advice += " The length of a vector is `np.linalg.norm`, which has the derivative 0 at 0."
        return advice
    if reason == "0 * inf":
        return (
            f"The {direction} is the number 0 there, which is not the same as not taking part: choose with `np.where` "
            "instead of multiplying by 0."
        )
    if reason == "overflow":
        return "Scale the numbers, or compute with their logarithms."
    if reason == "domain":
        return "If such entries do not count, exclude them with `np.where`."
    return ""
