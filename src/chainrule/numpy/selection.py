"""Choices between arrays, element by element."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.numpy.handle import Array, Handle, Scalar, fresh, wrap
from chainrule.numpy.operands import PYTHON_NUMBERS, array_of, converted, value_of
from chainrule.numpy.python_numbers import Number, weakly
from chainrule.numpy.table import implements
from chainrule.numpy.ufunc_arguments import store
from chainrule.numpy.ufuncs import CLIP, UFUNCS
from chainrule.transforms.looks import decide, places_where

MISSING: Any = np._NoValue


@implements(np.where)
def where(condition: Any, x: Any = None, y: Any = None, /) -> Any:
    """x where the condition holds, else y; with the condition alone, the indices where it holds."""
    truth = value_of(condition)
    if x is None and y is None:
        return tuple(wrap(i) for i in places_where(truth))
    if x is None or y is None:
        raise ValueError("either both or neither of x and y should be given")
    then, other = _alike([x, y])
    return array_of(ops.select(_as_truth(truth), then, other))


def _as_truth(x: Any) -> Any:
    return x if x.dtype == bool else converted(x, bool)


def _alike(operands: list[Any]) -> list[Any]:
    """Values in the dtype that NumPy promotes operands to, in which Python numbers give way."""
    values = [x if type(x) in PYTHON_NUMBERS or type(x) is Number else value_of(x) for x in operands]
    dtype = np.result_type(*(_in_promotion(x) for x in values))
    return [weakly(x, dtype) if type(x) in PYTHON_NUMBERS or type(x) is Number else converted(x, dtype) for x in values]


def _in_promotion(x: Any) -> Any:
    """What decides on the dtype: of a Python number its kind."""
    if type(x) is Number:
        return x.dtype if x.kind is bool else x.kind(0)
    return x if type(x) in PYTHON_NUMBERS else x.dtype


@implements(np.select)
def select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    """For each element, the choice that belongs to the first condition that holds there, else the default."""
    if len(condlist) != len(choicelist):
        raise ValueError("list of cases must be same length as list of conditions")
    if len(condlist) == 0:
        raise ValueError("select with an empty condition list is not possible")
    conditions = [value_of(condition) for condition in condlist]
    for k, condition in enumerate(conditions):
        if condition.dtype != bool:
            raise TypeError(f"invalid entry {k} in condlist: should be boolean ndarray")
    *choices, result = _alike([*choicelist, default])
    for condition, choice in zip(reversed(conditions), reversed(choices), strict=True):
        result = ops.select(condition, choice, result)
    return array_of(result)


@implements(np.choose)
def choose(a: Any, choices: Any, out: Any = None, mode: str = "raise") -> Any:
    """For each element of an integer array, the element of the choice of that number."""
    number = value_of(a)
    if number.dtype.kind not in "iub":
        raise TypeError(f"Cannot cast array data from {number.dtype!r} to dtype('int64') according to the rule 'safe'")
    values = [value_of(choice) for choice in choices]
    dtype = np.result_type(*(value.dtype for value in values))
    count = len(values)
    number = converted(number, np.intp)
    if mode == "wrap":
        number = ops.remainder(number, np.intp(count))
    elif mode == "clip":
        number = ops.clip(number, np.intp(0), np.intp(count - 1))
    elif mode != "raise":
        raise ValueError("clipmode must be one of 'clip', 'raise', or 'wrap'")
    elif _ground_any(ops.logical_or(number < 0, number >= count)):
        raise ValueError("invalid entry in choice array")
    result = converted(values[-1], dtype)
    for k in range(count - 2, -1, -1):
        result = ops.select(number == k, converted(values[k], dtype), result)
    shape = np.broadcast_shapes(number.shape, *(value.shape for value in values))
    return store(result if result.shape == shape else ops.broadcast_to(result, shape=shape), out)


def _ground_any(truth: Any) -> bool:
    """Whether something holds anywhere, in any lane."""
    return decide(np.any, truth)


@implements(np.piecewise)
def piecewise(x: Any, condlist: Any, funclist: Any, *args: Any, **kw: Any) -> Any:
    """The functions of a list, each where its condition holds, and a last one where none does; later ones win."""
    x = array_of(x)
    single = np.isscalar(condlist) or isinstance(condlist, Scalar)
    if single or (not isinstance(condlist[0], list | np.ndarray | Array) and x.ndim):
        condlist = [condlist]
    conditions = [_as_truth(value_of(condition)) for condition in condlist]
    if len(conditions) == len(funclist) - 1:
        none = conditions[0]
        for condition in conditions[1:]:
            none = ops.logical_or(none, condition)
        conditions.append(ops.logical_not(none))
    elif len(conditions) != len(funclist):
        n = len(conditions)
        raise ValueError(f"with {n} condition(s), either {n} or {n + 1} functions are expected")
    y: Any = fresh(np.zeros(x.shape, x.dtype))
    for condition, function in zip(conditions, funclist, strict=True):
        mask = array_of(condition)
        if callable(function):
            values = x[mask]
            if values.size:
                y[mask] = function(values, *args, **kw)
        else:
            y[mask] = function
    return y


@implements(np.clip)
def clip(
    a: Any,
    a_min: Any = MISSING,
    a_max: Any = MISSING,
    out: Any = None,
    *,
    min: Any = MISSING,  # the name is NumPy's
    max: Any = MISSING,  # the name is NumPy's
    **kwargs: Any,
) -> Any:
    """The numbers held between bounds, each of which may be None."""
    if a_min is MISSING and a_max is MISSING:
        a_min = None if min is MISSING else min
        a_max = None if max is MISSING else max
    elif a_min is MISSING or a_max is MISSING:
        missing = "a_min" if a_min is MISSING else "a_max"
        raise TypeError(f"clip() missing 1 required positional argument: '{missing}'")
    elif min is not MISSING or max is not MISSING:
        raise ValueError("Passing `min` or `max` keyword argument when `a_min` and `a_max` are provided is forbidden.")
    return _clipped(a, a_min, a_max, out, **kwargs)


def clip_method(self: Handle, min: Any = None, max: Any = None, out: Any = None, **kwargs: Any) -> Any:
    """The numbers held between bounds, each of which may be None."""
    return _clipped(self, min, max, out, **kwargs)


Handle.clip = clip_method  # type: ignore[attr-defined]  # handles get their methods from the modules that own them


def _clipped(a: Any, low: Any, high: Any, out: Any, **kwargs: Any) -> Any:
    if low is None and high is None:
        return UFUNCS[np.positive](a, out=out, **kwargs)
    if low is None:
        return UFUNCS[np.minimum](a, high, out=out, **kwargs)
    if high is None:
        return UFUNCS[np.maximum](a, low, out=out, **kwargs)
    if out is None and not kwargs:
        return UFUNCS[CLIP](a, low, high)
    return UFUNCS[CLIP](a, low, high, out=out, **kwargs)


@implements(np.nan_to_num)
def nan_to_num(x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    """The numbers with NaN and infinities replaced, by 0 and the greatest finite numbers unless others are given."""
    value = value_of(x)
    if not copy and not isinstance(x, Array):
        raise ValueError("Unable to avoid copy while creating an array as requested.")
    if value.dtype.kind not in "fc":
        return x if isinstance(x, Handle) else wrap(value)
    if value.dtype.kind == "c":
        parts = (_finite(part, nan, posinf, neginf) for part in (ops.real(value), ops.imag(value)))
        result = ops.complex_of(*parts)
    else:
        result = _finite(value, nan, posinf, neginf)
    if copy:
        return wrap(result)
    array: Any = x
    array[...] = wrap(result)
    return array


def _finite(x: Any, nan: Any, posinf: Any, neginf: Any) -> Any:
    least, greatest = _finite_limits(x.dtype)
    if posinf is None and neginf is None:
        y = ops.clip(x, least, greatest)
    else:
        above = greatest if posinf is None else converted(value_of(posinf), x.dtype)
        below = least if neginf is None else converted(value_of(neginf), x.dtype)
        y = ops.select(x == np.inf, above, ops.select(x == -np.inf, below, x))
    instead = x.dtype.type(nan) if type(nan) is float else converted(value_of(nan), x.dtype)
    return ops.select(ops.isnan(x), instead, y)


@lru_cache(maxsize=16)
def _finite_limits(dtype: Any) -> tuple[Any, Any]:
    """The least and the greatest finite number."""
    limits = np.finfo(dtype)
    return limits.min, limits.max
