"""Evenly spaced numbers, whose ends may be traced."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from chainrule import ops
from chainrule.numpy.handle import Array, Handle, fresh, look, look_for, wrap
from chainrule.numpy.movement import moveaxis
from chainrule.numpy.operands import PYTHON_NUMBERS, array_of, converted, is_traced, plain, value_of
from chainrule.numpy.python_numbers import Number
from chainrule.numpy.table import FUNCTIONS, implements
from chainrule.numpy.ufuncs import UFUNCS


def _inexact(*ends: Any) -> np.dtype[Any]:
    """The floating dtype that ends are promoted to; Python numbers give way."""
    dtype = np.result_type(*[x if type(x) in PYTHON_NUMBERS else value_of(x).dtype for x in ends])
    return dtype if dtype.kind in "fc" else np.result_type(dtype, np.float64)


def _spaced(start: Any, stop: Any, num: Any, endpoint: bool, dtype: Any, axis: int) -> tuple[Any, Any]:
    """`num` numbers from one end to the other, and the step."""
    num = operator.index(num)
    if num < 0:
        raise ValueError(f"Number of samples, {num}, must be non-negative.")
    inexact = _inexact(start, stop)
    start, stop = converted(value_of(start), inexact), converted(value_of(stop), inexact)
    delta = ops.subtract(stop, start)
    count = num - 1 if endpoint else num
    # The last of several numbers is the end itself.
    is_closed = endpoint and num > 1
    numbers = np.arange(num - 1 if is_closed else num, dtype=inexact).reshape((-1,) + (1,) * len(delta.shape))
    if count > 0:
        step = delta / inexact.type(count)
        # A step that rounds to nothing would lose what the whole distance still has.
        vanishes = look_for(ops.reduce_any, ops.equal(step, inexact.type(0)))
        y = ops.multiply(numbers / inexact.type(count), delta) if vanishes else ops.multiply(numbers, step)
    else:
        step = np.nan
        y = ops.multiply(numbers, delta)
    y = ops.add(y, start)
    if is_closed:
        if stop.shape != delta.shape:
            stop = ops.broadcast_to(stop, shape=delta.shape)
        y = ops.concatenate(y, ops.reshape(stop, shape=(1, *delta.shape)), axis=0)
    y = Array(y)
    if axis:
        y = moveaxis(y, 0, int(normalize_axis_index(axis, y.ndim)))
    if dtype is not None and np.issubdtype(dtype, np.integer):
        y = UFUNCS[np.floor](y)
    return y.astype(inexact if dtype is None else dtype, copy=False), wrap(step)


@implements(np.linspace)
def linspace(
    start: Any,
    stop: Any,
    num: Any = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = None,
    axis: int = 0,
    *,
    device: Any = None,
) -> Any:
    """Evenly spaced numbers from one end to the other, and the step if `retstep`."""
    if not is_traced((start, stop)):
        made = np.linspace(plain(start), plain(stop), plain(num), endpoint, retstep, dtype, plain(axis))  # type: ignore[call-overload]  # the stub wants literals
        return (fresh(made[0]), wrap(made[1])) if retstep else fresh(made)
    y, step = _spaced(start, stop, plain(num), endpoint, dtype, axis)
    return (y, step) if retstep else y


@implements(np.logspace)
def logspace(
    start: Any, stop: Any, num: Any = 50, endpoint: bool = True, base: Any = 10.0, dtype: Any = None, axis: int = 0
) -> Any:
    """Powers of a base whose exponents are evenly spaced."""
    if not is_traced((start, stop, base)):
        return fresh(np.logspace(*plain((start, stop, num)), endpoint, plain(base), dtype, plain(axis)))  # type: ignore[call-overload]  # the stub wants literals
    if not isinstance(base, (int, float, complex)) and value_of(base).ndim:
        ndim = np.broadcast_shapes(value_of(start).shape, value_of(stop).shape, value_of(base).shape)
        start, stop, base = (_with_axes(x, len(ndim)) for x in (start, stop, base))
        base = FUNCTIONS[np.expand_dims](base, axis)
    y, _ = _spaced(start, stop, plain(num), endpoint, None, axis)
    powers = base**y
    return powers if dtype is None else powers.astype(dtype, copy=False)


def _with_axes(x: Any, ndim: int) -> Any:
    x = array_of(x)
    return x[(None,) * (ndim - x.ndim)]


@implements(np.geomspace)
def geomspace(start: Any, stop: Any, num: Any = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0) -> Any:
    """Numbers of which each is the same multiple of the one before, from one end to the other."""
    if not is_traced((start, stop)):
        return fresh(np.geomspace(*plain((start, stop, num)), endpoint, dtype, plain(axis)))  # type: ignore[call-overload]  # the stub wants literals
    inexact = np.result_type(value_of(start).dtype, value_of(stop).dtype, np.dtype(dtype or np.float64), 1.0)
    start, stop = (array_of(end).astype(inexact, copy=False) for end in (start, stop))
    zero = inexact.type(0)
    if any(look_for(ops.reduce_any, ops.equal(value_of(end), zero)) for end in (start, stop)):
        raise ValueError("Geometric sequence cannot include zero")
    # The direction of the first end is taken out, so that the logarithm is that of a positive number there.
    direction = UFUNCS[np.sign](start)
    start, stop = start / direction, stop / direction
    log = UFUNCS[np.log10]
    y = logspace(log(start), log(stop), num, endpoint, 10.0)
    if num > 0:
        # As they are: exp(log(x)) may differ from x.
        y[0] = start
        if num > 1 and endpoint:
            y[-1] = stop
    y = y * direction
    if axis:
        y = moveaxis(y, 0, axis)
    return y.astype(inexact if dtype is None else dtype, copy=False)


@implements(np.arange)
def arange(*args: Any, dtype: Any = None, device: Any = None, like: Any = None, **named: Any) -> Any:
    """Numbers a step apart, up to and without the end; how many there are is a look."""
    if len(args) > 3:
        args, dtype = args[:3], args[3]
    if not named and args:
        for x in args:
            if type(x) is not int and type(x) is not float:
                break
        else:
            return fresh(np.arange(*args, dtype=dtype))
    start, stop, step = _bounds(args, named)
    if not is_traced((start, stop, step)):
        given = [plain(x) for x in (start, stop, step)]
        return fresh(np.arange(*given[: 3 if step is not None else 2], dtype=dtype))
    step = 1 if step is None else step
    # NumPy counts, and settles the dtype.
    bounds = [value_of(x) if is_traced(x) else np.asarray(x)[()] for x in (start, stop, step)]
    count = int(look(ops.steps_between(*bounds)))
    like_this = np.arange(*(_one_of(x) for x in (start, stop, step)), dtype=dtype)
    # NumPy's step is the distance between the first two numbers as they are stored.
    step = (start + step) - start
    numbers = fresh(np.arange(count, dtype=like_this.dtype))
    return array_of(numbers * step + start).astype(like_this.dtype, copy=False)


def _one_of(x: Any) -> Any:
    """A number of the kind of a bound."""
    return x.kind(1) if type(x) is Number else value_of(x).dtype.type(1) if isinstance(x, Handle) else x


def _bounds(args: tuple[Any, ...], bounds: dict[str, Any]) -> tuple[Any, Any, Any]:
    names = ("start", "stop", "step")
    if len(args) == 1 and "stop" not in bounds:
        if "start" in bounds:
            return bounds["start"], args[0], bounds.get("step")
        return 0, args[0], bounds.get("step")
    given = dict(zip(names, args, strict=False))
    given.update(bounds)
    if "stop" not in given:
        raise TypeError("arange() requires stop to be specified.")
    return given.get("start", 0), given["stop"], given.get("step")
