"""Greatest and least entries over axes, and their places."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.numpy.axes import all_axes, one_axis
from chainrule.numpy.constants import traced_form
from chainrule.numpy.operands import value_of
from chainrule.numpy.reduction import BOOL, MISSING, accumulated, kept, mask_of, scalar
from chainrule.ops.compositions import size_of


@traced_form(np.max, np.amax)
def max(
    a: Any,
    axis: Any = None,
    out: Any = None,
    keepdims: Any = MISSING,
    initial: Any = MISSING,
    where: Any = MISSING,
) -> Any:
    """Greatest entry along axes."""
    return _extreme(ops.reduce_max, ops.maximum, "maximum", a, axis, out, keepdims, initial, where)


@traced_form(np.min, np.amin)
def min(
    a: Any,
    axis: Any = None,
    out: Any = None,
    keepdims: Any = MISSING,
    initial: Any = MISSING,
    where: Any = MISSING,
) -> Any:
    """Least entry along axes."""
    return _extreme(ops.reduce_min, ops.minimum, "minimum", a, axis, out, keepdims, initial, where)


@traced_form(np.ptp)
def ptp(a: Any, axis: Any = None, out: Any = None, keepdims: Any = MISSING) -> Any:
    """Range of values along axes, greatest minus least."""
    x = value_of(a)
    axes = all_axes(axis, x.ndim)
    y = ops.reduce_max(x, axes=axes) - ops.reduce_min(x, axes=axes)
    return kept(y, keepdims, axes, x.shape, out)


@traced_form(np.argmax)
def argmax(a: Any, axis: Any = None, out: Any = None, *, keepdims: Any = MISSING) -> Any:
    """Place of the first greatest entry along an axis, or in all entries."""
    return _place(ops.argmax, a, axis, out, keepdims)


@traced_form(np.argmin)
def argmin(a: Any, axis: Any = None, out: Any = None, *, keepdims: Any = MISSING) -> Any:
    """Place of the first least entry along an axis, or in all entries."""
    return _place(ops.argmin, a, axis, out, keepdims)


def _extreme(
    reduce: Callable[..., Any],
    greater: Callable[..., Any],
    name: str,
    a: Any,
    axis: Any,
    out: Any,
    keepdims: Any,
    initial: Any,
    where: Any,
) -> Any:
    x = accumulated(value_of(a), None, out)
    axes = all_axes(axis, x.ndim)
    mask = mask_of(where, x.shape)
    begun = initial is not MISSING and initial is not None
    if mask is not None:
        if not begun:
            raise ValueError(
                f"reduction operation '{name}' does not have an identity, so to use a where mask one has to specify "
                "'initial'"
            )
        x = ops.select(mask, x, _last_choice(name, x.dtype))
    if begun and not size_of(tuple(x.shape[axis] for axis in axes)):
        left = tuple(n for axis, n in enumerate(x.shape) if axis not in axes)
        y = scalar(initial, x.dtype)
        y = ops.broadcast_to(y, shape=left) if left else y
    else:
        y = reduce(x, axes=axes)
        if begun:
            y = greater(y, scalar(initial, x.dtype))
    return kept(y, keepdims, axes, x.shape, out)


def _last_choice(name: str, dtype: Any) -> Any:
    """The number that is chosen by a maximum or minimum only if there is no other."""
    if dtype.kind in "fc":
        infinity = np.inf if name == "minimum" else -np.inf
        return dtype.type(infinity if dtype.kind == "f" else complex(infinity, infinity))
    if dtype == BOOL:
        return np.bool_(name == "minimum")
    bounds = np.iinfo(dtype)
    return dtype.type(bounds.max if name == "minimum" else bounds.min)


def _place(find: Callable[..., Any], a: Any, axis: Any, out: Any, keepdims: Any) -> Any:
    x = value_of(a)
    if axis is None:
        axes = tuple(range(x.ndim))
        y = find(ops.reshape(x, shape=(x.size,)), axis=0)
    else:
        axes = (one_axis(axis, x.ndim),)
        y = find(x, axis=axes[0])
    return kept(y, keepdims, axes, x.shape, out)
