"""Functions of `scipy.special` that sum exponentials over axes: logsumexp, softmax, log_softmax and softplus."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import special

from chainrule import ops
from chainrule.numpy.axes import all_axes
from chainrule.numpy.constants import traced_form
from chainrule.numpy.handle import wrap
from chainrule.numpy.operands import common_dtype, converted, value_of
from chainrule.ops.compositions import expanded, spread


def _floating(x: Any) -> Any:
    value = value_of(x)
    return value if value.dtype.kind in "fc" else converted(value, np.float64)


def _shifted(x: Any, axes: tuple[int, ...], counted: Any = None) -> tuple[Any, Any]:
    """The entries less the greatest over axes, which is held, so that no exponential overflows; and that shift."""
    size = ops.real(x) if x.dtype.kind == "c" else x
    if counted is not None:
        size = ops.select(counted, size, size.dtype.type(-np.inf))
    shift = ops.greatest(size, axes=axes)
    shift = ops.select(ops.isfinite(shift), shift, shift.dtype.type(0))
    moved = x - (ops.convert(shift, dtype=x.dtype) if x.dtype.kind == "c" else shift)
    return moved, shift


@traced_form(special.logsumexp)
def logsumexp(a: Any, axis: Any = None, b: Any = None, keepdims: bool = False, return_sign: bool = False) -> Any:
    """The logarithm of Σ b eᵃ over axes; with `return_sign` that of its absolute value, and its sign."""
    x = _floating(a)
    if b is None and not return_sign and x.dtype.kind == "f":
        x = x if x.ndim else ops.reshape(x, shape=(1,))
        axes = all_axes(axis, x.ndim)
        result = ops.reduce_logaddexp(x, axes=axes, base=math.e)
        return wrap(expanded(result, axes, x.shape) if keepdims and axes else result)
    counted = None
    if b is not None:
        x, factor = common_dtype([x, _floating(b)])
        shape = np.broadcast_shapes(x.shape, factor.shape)
        x, factor = (ops.broadcast_to(value, shape=shape) for value in (x, factor))
        counted = factor != 0
        # What does not count must not make a NaN of an infinity.
        x = ops.select(counted, x, x.dtype.type(-np.inf))
    x = x if x.ndim else ops.reshape(x, shape=(1,))
    axes = all_axes(axis, x.ndim)
    moved, shift = _shifted(x, axes)
    terms = ops.exp(moved)
    if b is not None:
        terms = ops.reshape(factor, shape=x.shape) * terms
    total = ops.reduce_sum(terms, axes=axes)
    shift = ops.reshape(shift, shape=total.shape)
    shape = expanded(total, axes, x.shape).shape if keepdims and axes else total.shape
    if total.dtype.kind == "c":
        sign = ops.direction(total)
        size = ops.modulus(total)
        if not return_sign:
            return wrap(ops.reshape(ops.log(total) + ops.convert(shift, dtype=total.dtype), shape=shape))
        return tuple(wrap(ops.reshape(value, shape=shape)) for value in (ops.log(size) + shift, sign))
    sign = ops.sign(total)
    if return_sign:
        result = ops.log(ops.absolute(total)) + shift
        return tuple(wrap(ops.reshape(value, shape=shape)) for value in (result, sign))
    # Of a negative sum the logarithm is NaN.
    return wrap(ops.reshape(ops.log(total) + shift, shape=shape))


@traced_form(special.softmax)
def softmax(x: Any, axis: Any = None) -> Any:
    """Return eˣ over its sum along axes."""
    value = _floating(x)
    axes = all_axes(axis, value.ndim)
    terms = ops.exp(_shifted(value, axes)[0])
    return wrap(terms / spread(ops.reduce_sum(terms, axes=axes), axes, value.shape))


@traced_form(special.log_softmax)
def log_softmax(x: Any, axis: Any = None) -> Any:
    """The logarithm of softmax."""
    value = _floating(x)
    axes = all_axes(axis, value.ndim)
    moved = _shifted(value, axes)[0]
    total = ops.log(ops.reduce_sum(ops.exp(moved), axes=axes))
    return wrap(moved - spread(total, axes, value.shape))


if hasattr(special, "softplus"):

    @traced_form(special.softplus)
    def softplus(x: Any, **kwargs: Any) -> Any:
        """log(1 + eˣ)."""
        from chainrule.numpy.ufuncs import UFUNCS

        return UFUNCS[np.logaddexp](0.0, x, **kwargs)
