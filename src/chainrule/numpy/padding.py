"""`np.pad`: an array with more around it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.numpy.handle import Array, fresh
from chainrule.numpy.operands import array_of, converted, is_traced, plain, value_of
from chainrule.numpy.repetition import picked
from chainrule.numpy.table import FUNCTIONS, implements

Widths = tuple[tuple[int, int], ...]

# The keyword arguments of each mode.
_ARGUMENTS: dict[str, frozenset[str]] = {
    "empty": frozenset(),
    "edge": frozenset(),
    "wrap": frozenset(),
    "constant": frozenset({"constant_values"}),
    "linear_ramp": frozenset({"end_values"}),
    "maximum": frozenset({"stat_length"}),
    "mean": frozenset({"stat_length"}),
    "median": frozenset({"stat_length"}),
    "minimum": frozenset({"stat_length"}),
    "reflect": frozenset({"reflect_type"}),
    "symmetric": frozenset({"reflect_type"}),
}


@implements(np.pad)
def pad(array: Any, pad_width: Any, mode: Any = "constant", **kwargs: Any) -> Any:
    """The array with more around it: constants, its edges, ramps, statistics, reflections, periods, or a function's."""
    source = array_of(array)
    widths = _widths(plain(pad_width), source.shape)
    if callable(mode):
        return _padded_by_function(source, widths, mode, kwargs)
    if mode not in _ARGUMENTS:
        raise ValueError(f"mode '{mode}' is not supported")
    unsupported = set(kwargs) - _ARGUMENTS[mode]
    if unsupported:
        raise ValueError(f"unsupported keyword arguments for mode '{mode}': {unsupported}")
    if not is_traced(source) and not any(map(is_traced, kwargs.values())):
        return fresh(np.pad(source._plain("np.pad"), plain(pad_width), mode, **plain(kwargs)))
    if not source.size and mode not in ("constant", "empty"):
        # What cannot be padded is refused by NumPy, which pads the rest with nothing.
        return fresh(np.pad(np.zeros(source.shape, source.dtype), widths, mode))
    return Array(_MODES[mode](source._read(), widths, mode, kwargs))


def _widths(pad_width: Any, shape: tuple[int, ...]) -> Widths:
    """How many elements come before and after each axis."""
    if type(pad_width) is int and pad_width >= 0:
        return ((pad_width, pad_width),) * len(shape)
    if isinstance(pad_width, dict):
        pairs: list[Any] = [(0, 0)] * len(shape)
        for axis, width in pad_width.items():
            pairs[axis] = width if isinstance(width, tuple) else (width, width)
        pad_width = pairs
    widths = np.asarray(pad_width)
    if widths.dtype.kind not in "iu":
        raise TypeError("`pad_width` must be of integral type.")
    if widths.size and widths.min() < 0:
        raise ValueError("index can't contain negative values")
    return tuple((int(before), int(after)) for before, after in np.broadcast_to(widths, (len(shape), 2)))


def _padded_by_function(source: Array, widths: Widths, function: Callable[..., Any], kwargs: dict[str, Any]) -> Any:
    """The array in zeros, of which a function fills in the vectors along each axis, in place."""
    padded = fresh(np.zeros(_padded_shape(source.shape, widths), source.dtype))
    middle = tuple(slice(before, before + n) for n, (before, _) in zip(source.shape, widths, strict=True))
    padded[middle] = source
    for axis in range(source.ndim):
        vectors = FUNCTIONS[np.moveaxis](padded, axis, -1)
        for place in np.ndindex(vectors.shape[:-1]):
            function(vectors[place], widths[axis], axis, kwargs)
    return padded


def _padded_shape(shape: tuple[int, ...], widths: Widths) -> tuple[int, ...]:
    return tuple(before + n + after for n, (before, after) in zip(shape, widths, strict=True))


def _by_constants(x: Any, widths: Widths, mode: str, kwargs: dict[str, Any]) -> Any:
    """Constants before and after each axis; later axes cover the corners."""
    given = kwargs.get("constant_values", 0)
    if type(given) is int or type(given) is float:
        return _in_a_constant(x, widths, given)
    pairs = _pairs(given, x.ndim)
    for axis, (before, after) in enumerate(widths):
        ends = [
            ops.broadcast_to(
                converted(value_of(pairs[axis][end]), x.dtype), shape=(*x.shape[:axis], n, *x.shape[axis + 1 :])
            )
            for end, n in enumerate((before, after))
        ]
        x = _around(x, ends[0], ends[1], axis)
    return x


def _in_a_constant(x: Any, widths: Widths, number: float) -> Any:
    """The array in the middle of an array that holds one number everywhere."""
    shape = _padded_shape(x.shape, widths)
    middle = tuple([slice(before, before + n) for n, (before, _) in zip(x.shape, widths, strict=True)])
    if type(number) is int and number == 0:
        return ops.place(x, path=(middle,), shape=shape)
    around = np.full(shape, converted(np.asarray(number), x.dtype))
    return ops.update(around, x, path=(middle,), donate=True)


def _pairs(given: Any, ndim: int) -> list[list[Any]]:
    """One value for each end of each axis."""
    values = array_of(given)
    if not values._is_traced() and values.size > 2:
        # Python numbers, which give way to the dtype of the array, as NumPy takes them here.
        return np.broadcast_to(values._plain("np.pad"), (ndim, 2)).tolist()  # type: ignore[no-any-return]  # as it says
    spread = FUNCTIONS[np.broadcast_to](values, (ndim, 2))
    return [[spread[axis, end] for end in (0, 1)] for axis in range(ndim)]


def _around(x: Any, before: Any, after: Any, axis: int) -> Any:
    """An array between two others along an axis."""
    return ops.concatenate(before, x, after, axis=axis)


def _part(x: Any, axis: int, part: Any) -> Any:
    return ops.index(x, path=((*(slice(None),) * axis, part),))


def _by_position(x: Any, widths: Widths, mode: str, kwargs: dict[str, Any]) -> Any:
    """Elements of the array itself: NumPy pads their numbers along each axis, and these are picked."""
    if kwargs.get("reflect_type", "even") != "even":
        return _by_odd_reflection(x, widths, mode, kwargs)
    for axis, width in enumerate(widths):
        if any(width):
            x = picked(x, np.pad(np.arange(x.shape[axis]), width, mode), axis)  # type: ignore[call-overload]  # the stub wants literals
    return x


def _by_odd_reflection(x: Any, widths: Widths, mode: str, kwargs: dict[str, Any]) -> Any:
    """Twice the edge minus the reflection; repeated where one reflection is not wide enough."""
    skipped = 1 if mode == "reflect" else 0
    for axis, (before, after) in enumerate(widths):
        length = x.shape[axis]
        if length == 1 and (before or after):
            # Nothing to reflect: the edge is repeated.
            x = picked(x, np.pad(np.arange(1), (before, after), "edge"), axis)
            continue
        period = length
        while before or after:
            length = x.shape[axis]
            # Whole periods only, so that what is added continues them.
            if skipped:
                reach = (length - 1) // (period - 1) * (period - 1)
            else:
                reach = length // period * period
            ends = []
            for end, width in ((0, min(before, reach)), (1, min(after, reach))):
                last = length - skipped
                reflected = slice(skipped, skipped + width) if end == 0 else slice(last - width, last)
                chunk = ops.flip(_part(x, axis, reflected), axes=(axis,))
                edge = _part(x, axis, slice(0, 1) if end == 0 else slice(length - 1, length))
                ends.append(2 * edge - chunk)
            before, after = before - ends[0].shape[axis], after - ends[1].shape[axis]
            x = _around(x, ends[0], ends[1], axis)
    return x


def _by_ramp(x: Any, widths: Widths, mode: str, kwargs: dict[str, Any]) -> Any:
    """A line from an end value to the edge."""
    pairs = _pairs(kwargs.get("end_values", 0), x.ndim)
    linspace = FUNCTIONS[np.linspace]
    for axis, width in enumerate(widths):
        ramps = [
            value_of(linspace(pairs[axis][end], edge, width[end], False, dtype=x.dtype, axis=axis))
            for end, edge in enumerate((array_of(_part(x, axis, 0)), array_of(_part(x, axis, -1))))
        ]
        x = _around(x, ramps[0], ops.flip(ramps[1], axes=(axis,)), axis)
    return x


_STATISTICS: dict[str, Callable[..., Any]] = {
    "maximum": np.max,
    "minimum": np.min,
    "mean": np.mean,
    "median": np.median,
}


def _by_statistic(x: Any, widths: Widths, mode: str, kwargs: dict[str, Any]) -> Any:
    """A statistic of the elements at each end, or of all along the axis."""
    lengths = _lengths(kwargs.get("stat_length"), len(x.shape))
    function = FUNCTIONS[_STATISTICS[mode]]
    for axis, width in enumerate(widths):
        n = x.shape[axis]
        ends = []
        for end in (0, 1):
            length = n if lengths[axis][end] is None else min(lengths[axis][end], n)
            if not length and mode in ("maximum", "minimum"):
                raise ValueError("stat_length of 0 yields no value for padding")
            chunk = _part(x, axis, slice(0, length) if end == 0 else slice(n - length, n))
            value = value_of(function(Array(chunk), axis=axis, keepdims=True))
            if x.dtype.kind in "iu":
                value = value_of(FUNCTIONS[np.round](Array(value)))
            shape = (*x.shape[:axis], width[end], *x.shape[axis + 1 :])
            ends.append(ops.broadcast_to(converted(value, x.dtype), shape=shape))
        x = _around(x, ends[0], ends[1], axis)
    return x


def _lengths(stat_length: Any, ndim: int) -> Any:
    if stat_length is None:
        return [(None, None)] * ndim
    lengths = np.asarray(plain(stat_length))
    if lengths.min() < 0:
        raise ValueError("index can't contain negative values")
    return [tuple(map(int, np.round(pair))) for pair in np.broadcast_to(lengths, (ndim, 2))]


_MODES: dict[str, Callable[..., Any]] = {
    "constant": _by_constants,
    "empty": _by_constants,
    "edge": _by_position,
    "wrap": _by_position,
    "reflect": _by_position,
    "symmetric": _by_position,
    "linear_ramp": _by_ramp,
    "maximum": _by_statistic,
    "minimum": _by_statistic,
    "mean": _by_statistic,
    "median": _by_statistic,
}
