"""Shapes: the same elements in another arrangement."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import ops
from chainrule.numpy.axes import definite_shape
from chainrule.numpy.handle import Array, MovedStep, View, wrap
from chainrule.numpy.operands import value_of
from chainrule.numpy.table import implements


def moved_view(a: Any, forth: Any, back: Any) -> Any:
    """A movement of an array: a view where it is a handle, so that writes reach the base."""
    if isinstance(a, Array):
        return View(a, MovedStep(forth, back))
    return wrap(forth(value_of(a)))


@implements(np.reshape)
def reshape(a: Any, /, shape: Any = None, order: Any = "C", *, copy: Any = None) -> Any:
    """The elements in another shape: a view where NumPy makes one."""
    return _reshape(a, shape, order, copy)


def _reshape(a: Any, shape: Any, order: Any, copy: Any) -> Any:
    x = value_of(a)
    old, new = x.shape, definite_shape(shape, x.size)
    if order == "F":
        reversed_old = tuple(range(x.ndim))[::-1]
        turned = wrap(ops.reshape(ops.transpose(x, axes=reversed_old), shape=new[::-1]))
        return transpose(turned)
    if isinstance(a, Array) and not copy:
        layout = a._layout()
        if layout.ndim == len(old) and np.shares_memory(layout.reshape(new), layout):
            return moved_view(a, lambda v: ops.reshape(v, shape=new), lambda v: ops.reshape(v, shape=old))
    return Array(ops.reshape(x, shape=new))


@implements(np.transpose, np.permute_dims)
def transpose(a: Any, axes: Any = None) -> Any:
    """The axes in another order (reversed if none is given): a view."""
    ndim = value_of(a).ndim
    order = tuple(range(ndim))[::-1] if axes is None else tuple(axis % ndim for axis in axes)
    inverse = tuple(int(k) for k in np.argsort(order))
    return moved_view(a, lambda v: ops.transpose(v, axes=order), lambda v: ops.transpose(v, axes=inverse))
