"""Differences, gradients, interpolation and integration of sampled functions."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from chainrule import ops
from chainrule.numpy.constants import traced_form
from chainrule.numpy.handle import Array, Scalar, lanes, wrap
from chainrule.numpy.joining import concatenate
from chainrule.numpy.movement import broadcast_to
from chainrule.numpy.operands import array_of, converted, is_traced, value_of
from chainrule.numpy.table import FUNCTIONS
from chainrule.numpy.writing import copyto
from chainrule.trace import Value
from chainrule.transforms.looks import decide

MISSING: Any = np._NoValue


def _along(axis: int, part: Any) -> tuple[Any, ...]:
    """The key of a part along one axis."""
    return (*(slice(None),) * axis, part)


@traced_form(np.diff)
def diff(a: Any, n: int = 1, axis: Any = -1, prepend: Any = MISSING, append: Any = MISSING) -> Any:
    """Differences of neighbours along an axis, n times over."""
    if n == 0:
        return a
    if n < 0:
        raise ValueError(f"order must be non-negative but got {n!r}")
    x = array_of(a)
    if not x.ndim:
        raise ValueError("diff requires input that is at least one dimensional")
    axis = int(normalize_axis_index(axis, x.ndim))
    ends = [None if end is MISSING else _end(end, x.shape, axis) for end in (prepend, append)]
    if any(end is not None for end in ends):
        x = concatenate([part for part in (ends[0], x, ends[1]) if part is not None], axis)
    for _ in range(n):
        later, earlier = x[_along(axis, slice(1, None))], x[_along(axis, slice(None, -1))]
        x = later != earlier if x.dtype == bool else later - earlier
    return x


def _end(end: Any, shape: tuple[int, ...], axis: int) -> Array:
    """What is put before or after an array; a number stands for a slice of it."""
    array = array_of(end)
    return array if array.ndim else broadcast_to(array, (*shape[:axis], 1, *shape[axis + 1 :]))


@traced_form(np.ediff1d)
def ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    """Differences of neighbours in the flattened array, with numbers before and after them."""
    x = array_of(ary).ravel()  # type: ignore[attr-defined]  # methods are attached
    pieces = [x[1:] - x[:-1]]
    for name, end in (("to_begin", to_begin), ("to_end", to_end)):
        if end is None:
            continue
        array = array_of(end).ravel()  # type: ignore[attr-defined]  # methods are attached
        if not np.can_cast(array.dtype, x.dtype, "same_kind"):
            raise TypeError(f"dtype of `{name}` must be compatible with input `ary` under the `same_kind` rule.")
        array = array.astype(x.dtype)
        pieces = [array, *pieces] if name == "to_begin" else [*pieces, array]
    return pieces[0] if len(pieces) == 1 else concatenate(pieces)


@traced_form(np.gradient)
def gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    """Second-order accurate derivatives of a sampled function along axes.

    Inside central differences, at the ends one-sided ones of first or second order; also for uneven spacing
    (Quarteroni, Sacco, Saleri, *Numerical Mathematics*, section 10.10).
    """
    samples = array_of(f)
    axes = tuple(range(samples.ndim)) if axis is None else normalize_axis_tuple(axis, samples.ndim)
    spacings = _spacings(varargs, samples.shape, axes)
    if edge_order > 2:
        raise ValueError("'edge_order' greater than 2 not supported")
    if samples.dtype.kind not in "fc":
        samples = samples.astype(np.float64)
    results = [_derivative(samples, place, h, edge_order) for place, h in zip(axes, spacings, strict=True)]
    return results[0] if len(results) == 1 else tuple(results)


def _spacings(varargs: tuple[Any, ...], shape: tuple[int, ...], axes: tuple[int, ...]) -> list[Any]:
    """For each axis the distance of neighbours: one number, or an array of them."""
    if not varargs:
        return [1.0] * len(axes)
    if len(varargs) == 1 and not array_of(varargs[0]).ndim:
        return [_number(varargs[0])] * len(axes)
    if len(varargs) != len(axes):
        raise TypeError("invalid number of arguments")
    spacings = []
    for given, axis in zip(varargs, axes, strict=True):
        places = array_of(given)
        if not places.ndim:
            spacings.append(_number(given))
            continue
        if places.ndim != 1:
            raise ValueError("distances must be either scalars or 1d")
        if places.size != shape[axis]:
            raise ValueError("when 1d, distances must match the length of the corresponding dimension")
        if places.dtype.kind in "iu":
            # Differences of unsigned integers would wrap around.
            places = places.astype(np.float64)
        distances = diff(places)
        if not is_traced(distances) and np.all(lanes(distances._read()) == lanes(distances._read())[0]):
            # Even spacing has simpler formulas. They say nothing of what happens when one place moves, so places that
            # are differentiated keep those for uneven spacing.
            spacings.append(distances[0])
        else:
            spacings.append(distances)
    return spacings


def _number(given: Any) -> Any:
    """One distance, as NumPy multiplies with it."""
    return given[()] if isinstance(given, Array) else given


def _derivative(f: Array, axis: int, h: Any, edge_order: int) -> Any:
    """The derivative along one axis."""
    n = f.shape[axis]
    if n < edge_order + 1:
        raise ValueError(
            "Shape of array too small to calculate a numerical gradient, at least (edge_order + 1) elements are "
            "required."
        )

    samples = f._read()
    # A Python number gives way to values as it does to arrays, which spend more on being asked.
    of_values = type(h) is float

    def at(part: Any) -> Any:
        value = ops.index(samples, path=(_along(axis, part),))
        return value if of_values else wrap(value)

    def column(x: Any) -> Any:
        return x.reshape((-1,) + (1,) * (f.ndim - axis - 1))

    first, last = slice(0, 1), slice(n - 1, n)
    second, second_last = slice(1, 2), slice(n - 2, n - 1)
    even = not isinstance(h, (Array, np.ndarray))
    if even:
        inside = (at(slice(2, None)) - at(slice(None, -2))) / (2.0 * h)
    else:
        before, after = h[:-1], h[1:]
        a = column(-after / (before * (before + after)))
        b = column((after - before) / (before * after))
        c = column(before / (after * (before + after)))
        inside = a * at(slice(None, -2)) + b * at(slice(1, -1)) + c * at(slice(2, None))
    if edge_order == 1:
        left, right = at(second) - at(first), at(last) - at(second_last)
        if not (type(h) is float and h == 1.0):
            left, right = left / (h if even else h[0]), right / (h if even else h[-1])
    else:
        if even:
            weights = ((-1.5 / h, 2.0 / h, -0.5 / h), (0.5 / h, -2.0 / h, 1.5 / h))
        else:
            p, q = h[0], h[1]
            r, s = h[-2], h[-1]
            weights = (
                (-(2.0 * p + q) / (p * (p + q)), (p + q) / (p * q), -p / (q * (p + q))),
                (s / (r * (r + s)), -(s + r) / (r * s), (2.0 * s + r) / (s * (r + s))),
            )
        thirds = (slice(2, 3), slice(n - 3, n - 2))
        left = weights[0][0] * at(first) + weights[0][1] * at(second) + weights[0][2] * at(thirds[0])
        right = weights[1][0] * at(thirds[1]) + weights[1][1] * at(second_last) + weights[1][2] * at(last)
    # The derivative has the dtype of the samples, whatever that of the spacing is.
    return concatenate((left, inside, right), axis, dtype=f.dtype, casting="unsafe")


@traced_form(np.trapezoid)
def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    """The integral of a sampled function along an axis, by the trapezoidal rule."""
    samples = array_of(y)
    axis = int(normalize_axis_index(axis, samples.ndim))
    if x is None:
        widths = dx
    else:
        places = array_of(x)
        if places.ndim == 1:
            widths = diff(places).reshape((-1,) + (1,) * (samples.ndim - axis - 1))
        else:
            widths = diff(places, axis=axis)
    later, earlier = samples[_along(axis, slice(1, None))], samples[_along(axis, slice(None, -1))]
    return (widths * (later + earlier) / 2.0).sum(axis)


@traced_form(np.unwrap)
def unwrap(p: Any, discont: Any = None, axis: int = -1, *, period: Any = 2 * np.pi) -> Any:
    """Jumps of more than half a period taken out, by adding whole periods."""
    x = array_of(p)
    axis = int(normalize_axis_index(axis, x.ndim))
    steps = diff(x, axis=axis)
    discont = period / 2 if discont is None else discont
    whole = steps.dtype.kind in "iu" and isinstance(period, (int, np.integer))
    if whole:
        high, rest = divmod(period, 2)
    else:
        high, rest = period / 2, 0
    remainders = (steps + high) % period - high
    if rest == 0:
        # A step up of half a period stays one.
        copyto(remainders, high, where=(remainders == -high) & (steps > 0))
    corrections = remainders - steps
    copyto(corrections, 0, where=abs(steps) < discont)
    rest_of_x = x[_along(axis, slice(1, None))] + corrections.cumsum(axis)
    return concatenate((x[_along(axis, slice(0, 1))].astype(rest_of_x.dtype), rest_of_x), axis)


@traced_form(np.interp)
def interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None) -> Any:
    """The values at x of the function that is linear between the points (xp, fp), which lie in order."""
    values = array_of(fp)
    dtype = np.dtype(np.complex128 if values.dtype.kind == "c" else np.float64)
    values = values.astype(dtype, copy=False)
    at, knots = (array_of(v).astype(np.float64, copy=False) for v in (x, xp))
    if knots.ndim != 1 or values.ndim != 1:
        raise ValueError("Data points must be 1-D sequences")
    if knots.size != values.size:
        raise ValueError("fp and xp are not of the same length")
    if not knots.size:
        raise ValueError("array of sample points is empty")
    if period is not None:
        at, knots, values = _periodic(at, knots, values, period)
        left = right = None
    y = _between(at._read(), knots, values)
    outside = ((0, at < knots[0], left), (-1, at > knots[-1], right))
    for end, beyond, given in outside:
        value = values[end] if given is None else given
        y = ops.select(value_of(beyond), converted(value_of(value), dtype), y)
    y = ops.select(ops.isnan(at._read()), converted(at._read(), dtype), y)
    if at.ndim:
        return Array(y)
    return Scalar(y) if type(y) is Value else wrap(y)


def _periodic(at: Any, knots: Any, values: Any, period: Any) -> tuple[Any, Any, Any]:
    """Points and knots within one period, with a knot of the neighbouring periods at each end."""
    if period == 0:
        raise ValueError("period must be a non-zero value")
    period = abs(period)
    at, knots = at % period, knots % period
    order = knots.argsort()
    knots, values = knots[order], values[order]
    knots = concatenate((knots[-1:] - period, knots, knots[0:1] + period))
    return array_of(at), knots, concatenate((values[-1:], values, values[0:1]))


def _between(at: Any, knots: Array, values: Array) -> Any:
    """The linear function of the interval in which each point lies; at a knot, of the one to its right (kinks)."""
    if knots.size == 1:
        return ops.broadcast_to(values[0]._read(), shape=at.shape)
    found = value_of(FUNCTIONS[np.searchsorted](knots, wrap(at), side="right"))
    lower = ops.clip(converted(found, np.intp) - np.intp(1), np.intp(0), np.intp(knots.size - 2))
    x_values, y_values = knots._read(), values._read()
    x0, x1 = ops.gather(x_values, lower), ops.gather(x_values, lower + np.intp(1))
    y0, y1 = ops.gather(y_values, lower), ops.gather(y_values, lower + np.intp(1))
    slope = (y1 - y0) / converted(x1 - x0, y0.dtype)
    y = slope * converted(at - x0, y0.dtype) + y0
    at_upper = at == x1
    if decide(np.any, at_upper) or decide(np.isnan, y):
        y = _exact_at_knots(at, y, slope, (x0, y0), (x1, y1), at_upper)
    return y


def _exact_at_knots(at: Any, y: Any, slope: Any, lower: Any, upper: Any, at_upper: Any) -> Any:
    """The same line, drawn from its upper knot at that knot, and where an infinite number spoils the other form."""
    (x0, y0), (x1, y1) = lower, upper
    from_upper = slope * converted(at - x1, y0.dtype) + y1
    spoiled = ops.isnan(y)
    y = ops.select(ops.logical_or(at_upper, spoiled), from_upper, y)
    # What is still undefined has the value of the knot that it is at, or of two equal ones.
    undefined = ops.isnan(y)
    y = ops.select(ops.logical_and(undefined, at_upper), y1, y)
    at_lower = ops.logical_and(spoiled, at == x0)
    return ops.select(ops.logical_or(at_lower, ops.logical_and(undefined, y0 == y1)), y0, y)
