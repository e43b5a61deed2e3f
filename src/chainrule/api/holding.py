"""Values held constant."""

from __future__ import annotations

from typing import Any, TypeVar

from chainrule.api.trees import flatten, unflatten
from chainrule.numpy.handle import Array, Handle, Scalar
from chainrule.trace import Value
from chainrule.transforms.holding import held

Tree = TypeVar("Tree")


def stop_gradient(x: Tree) -> Tree:
    """Return x, held constant: no derivative flows through it.

    Parameters
    ----------
    x
        An array, a number, or a pytree of them.

    Returns
    -------
    The same, of equal value. What is no traced value is returned as it is.

    Examples
    --------
    >>> from chainrule import grad
    >>> grad(lambda x: stop_gradient(x) * x)(3.0)
    np.float64(3.0)
    """
    leaves, structure = flatten(x)
    held_tree: Tree = unflatten(structure, [_held_leaf(leaf) for leaf in leaves])
    return held_tree


def _held_leaf(leaf: Any) -> Any:
    if not isinstance(leaf, Handle):
        return leaf
    value = held(leaf._read())
    if isinstance(leaf, Scalar):
        return Scalar(value) if type(value) is Value else value
    return Array(value)
