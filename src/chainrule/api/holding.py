"""Values held constant."""

from __future__ import annotations

from typing import Any

from chainrule.api.trees import flatten, unflatten
from chainrule.numpy.handle import Array, Handle, Scalar
from chainrule.trace import Value
from chainrule.transforms import BatchLevel


def stop_gradient(x: Any) -> Any:
    """Return x, held constant: no derivative flows through it.

    Parameters
    ----------
    x
        An array, a number, or a pytree of them.

    Examples
    --------
    >>> from chainrule import grad
    >>> grad(lambda x: stop_gradient(x) * x)(3.0)
    np.float64(3.0)
    """
    leaves, structure = flatten(x)
    return unflatten(structure, [_held_leaf(leaf) for leaf in leaves])


def _held_leaf(leaf: Any) -> Any:
    if not isinstance(leaf, Handle):
        return leaf
    value = held(leaf._read())
    if isinstance(leaf, Scalar):
        return Scalar(value) if type(value) is Value else value
    return Array(value)


def held(value: Any) -> Any:
    """A value without the levels that differentiate; its lanes stay."""
    if type(value) is not Value:
        return value
    below = held(value.below)
    return Value(value.level, below, None, value.shape, value.dtype) if isinstance(value.level, BatchLevel) else below
