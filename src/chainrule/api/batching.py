"""vmap: a function of one example, made a function of a batch."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import optree

from chainrule import ops
from chainrule.api.results import Exporter, value_of_leaf
from chainrule.api.trees import NAMESPACE, flatten, unflatten
from chainrule.errors import ArgumentError, LaneByLaneWarning, LanesDisagreeError, ShapeError
from chainrule.graph.position import describe, here
from chainrule.numpy.handle import Array, Handle, Scalar
from chainrule.numpy.swap import opened
from chainrule.ops.compositions import moved
from chainrule.trace import Value
from chainrule.transforms import BatchLevel
from chainrule.transforms.batch import stacked


def vmap(f: Callable[..., Any], in_axes: Any = 0, out_axes: Any = 0) -> Callable[..., Any]:
    """Return a function that applies `f` to every lane of a batch, in one run.

    Parameters
    ----------
    f : callable
        A function of arrays, numbers and pytrees of them.
    in_axes : int, None, or a sequence or tree of them
        The batch axis of each argument; None for one that all lanes share. One entry for all arguments, or a sequence
        with one for each, which may be a tree that begins like the argument. Keyword arguments are mapped over axis 0.
    out_axes : int, None, or a tree of them
        Where the batch axis of each result goes; None for one that does not depend on the lane.

    Notes
    -----
    If Python looks at a value (`if`, `int()`) for which lanes differ, the lanes are run one by one, with a warning.

    Examples
    --------
    >>> import numpy as np
    >>> vmap(np.dot)(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0, 1.0], [1.0, 0.0]]))
    array([3., 3.])
    """

    @functools.wraps(f)
    def batched(*args: Any, **kwargs: Any) -> Any:
        axes = _broadcast_axes(in_axes, args, "in_axes")
        axes += [0] * len(flatten(kwargs)[0])
        leaves, structure = flatten((args, kwargs))
        inside = any(isinstance(leaf, Handle) for leaf in leaves)
        values = [_in_front(leaf, axis) for leaf, axis in zip(leaves, axes, strict=True)]
        size = _size(values, axes)
        try:
            raw, out_structure = _at_once(f, values, axes, structure, size, leaves)
        except LanesDisagreeError as error:
            warnings.warn(
                f"the lanes of `vmap({getattr(f, '__name__', 'f')})` run one by one: {error}",
                LaneByLaneWarning,
                stacklevel=2,
            )
            raw, out_structure = _one_by_one(f, values, axes, structure, size, leaves)
        exporter = Exporter(inside, leaves)
        targets = _broadcast_axes(out_axes, unflatten(out_structure, raw), "out_axes")
        results = [_out(lanes, axis) for lanes, axis in zip(raw, targets, strict=True)]
        return unflatten(out_structure, [exporter.value(r) for r in results])

    return batched


class _Lanes:
    """A result: one array with a batch axis in front, or one value that all lanes share."""

    __slots__ = ("shared", "value")

    def __init__(self, value: Any, shared: bool, size: int) -> None:
        self.value = value if not shared else ops.broadcast_to(value, shape=(size, *value.shape))
        self.shared = value if shared else None


def _at_once(
    f: Callable[..., Any], values: list[Any], axes: list[Any], structure: Any, size: int, leaves: list[Any]
) -> tuple[list[_Lanes], Any]:
    level = BatchLevel(size)
    inputs = [
        _handle(level.input(v), leaf, axis) if axis is not None else _constant(leaf)
        for v, axis, leaf in zip(values, axes, leaves, strict=True)
    ]
    args, kwargs = unflatten(structure, inputs)
    try:
        raw, out_structure = flatten(opened(f)(*args, **kwargs))
        outputs = [_checked(value_of_leaf(leaf)) for leaf in raw]
        results = [
            _Lanes(y.below, False, size) if type(y) is Value and y.level is level else _Lanes(y, True, size)
            for y in outputs
        ]
    finally:
        level.end()
    return results, out_structure


def _one_by_one(
    f: Callable[..., Any], values: list[Any], axes: list[Any], structure: Any, size: int, leaves: list[Any]
) -> tuple[list[_Lanes], Any]:
    runs = []
    out_structure = None
    for k in range(size):
        inputs = [
            _handle(ops.index(v, path=((k,),)), leaf, axis) if axis is not None else _constant(leaf)
            for v, axis, leaf in zip(values, axes, leaves, strict=True)
        ]
        args, kwargs = unflatten(structure, inputs)
        raw, out_structure = flatten(opened(f)(*args, **kwargs))
        runs.append([_checked(value_of_leaf(leaf)) for leaf in raw])
    return [_Lanes(stacked(lane), False, size) for lane in zip(*runs, strict=True)], out_structure


def _handle(value: Any, leaf: Any, axis: Any) -> Any:
    """What the function receives of a mapped leaf: a scalar where one lane is a number."""
    if type(value) is not Value and not value.shape:
        return np.asarray(value)[()]
    return Array(value) if value.shape else Scalar(value)


def _constant(leaf: Any) -> Any:
    if isinstance(leaf, Handle):
        return Scalar(leaf._read()) if isinstance(leaf, Scalar) else Array(leaf._read())
    return Array(leaf) if type(leaf) is np.ndarray else leaf


def _checked(y: Any) -> Any:
    if isinstance(y, (np.ndarray, np.generic, Value)):
        return y
    raise ArgumentError(
        f"`vmap` needs results that are arrays or numbers, and a {type(y).__name__} was returned.{describe(here())}"
    )


def _in_front(leaf: Any, axis: Any) -> Any:
    """The value of a leaf with its batch axis first."""
    if axis is None:
        return leaf
    value = value_of_leaf(leaf)
    ndim = getattr(value, "ndim", 0)
    if not isinstance(value, (np.ndarray, Value)) or not -ndim <= axis < ndim:
        raise ArgumentError(
            f"`vmap` maps over axis {axis} of an argument that has {ndim} axes.{describe(here())}\n"
            "  Give `in_axes` with None for arguments that all lanes share."
        )
    return moved(value, axis % ndim, 0) if axis % ndim else value


def _size(values: list[Any], axes: list[Any]) -> int:
    sizes = {v.shape[0] for v, axis in zip(values, axes, strict=True) if axis is not None}
    if not sizes:
        raise ArgumentError(f"`vmap` needs at least one argument with a batch axis.{describe(here())}")
    if len(sizes) > 1:
        raise ShapeError(f"`vmap`: the batch axes have different lengths, {sorted(sizes)}.{describe(here())}")
    return int(sizes.pop())


def _broadcast_axes(axes: Any, tree: Any, name: str) -> list[Any]:
    """One axis for each leaf of a tree, from a tree of axes that begins like it."""
    if isinstance(axes, list):
        axes = tuple(axes)
    leaves, structure = flatten(tree)
    if axes is None or isinstance(axes, int):
        return [axes] * len(leaves)
    try:
        return list(
            optree.broadcast_prefix(
                axes, tree, is_leaf=lambda part: part is None, none_is_leaf=False, namespace=NAMESPACE
            )
        )
    except ValueError as error:
        raise ArgumentError(f"`{name}={axes!r}` does not fit: {error}{describe(here())}") from None


def _out(lanes: _Lanes, axis: Any) -> Any:
    if axis is None:
        if lanes.shared is None:
            raise ArgumentError(
                f"`out_axes=None` for a result that depends on the lane.{describe(here())}\n  Give the axis it goes to."
            )
        return lanes.shared
    value = lanes.value
    axis = axis % value.ndim
    return moved(value, 0, axis) if axis else value
