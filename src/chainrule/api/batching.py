"""vmap: a function of one example, made a function of a batch."""

from __future__ import annotations

import functools
import operator
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.api.arguments import as_argument, parameters_of
from chainrule.api.compiled_alike import compiled_alike
from chainrule.api.results import Exporter, is_number, result_of_leaf, value_of_leaf
from chainrule.api.surroundings import behind, called_inside
from chainrule.api.trees import NAMESPACE, brief, flatten, paths, unflatten
from chainrule.errors import ArgumentError, LaneByLaneWarning, LanesDisagreeError, ShapeError, TreeError
from chainrule.graph.position import describe, described_function, here
from chainrule.numpy.handle import Array, Handle, Scalar
from chainrule.numpy.operands import common_dtype
from chainrule.numpy.swap import opened, put_in_order
from chainrule.ops.compositions import moved
from chainrule.trace import Value
from chainrule.transforms import BatchLevel
from chainrule.transforms.batch import stacked


@compiled_alike
def vmap(f: Callable[..., Any], in_axes: Any = 0, out_axes: Any = 0) -> Callable[..., Any]:
    """Return a function that applies `f` to every lane of a batch, in one run.

    Parameters
    ----------
    f : callable
        A function of arrays, numbers and pytrees of them.
    in_axes : int, None, or a sequence or tree of them
        The batch axis of each argument, counted from the end if negative; None for one that all lanes share. One entry
        for all arguments given by position, or a sequence with one for each, which may be a tree that begins like the
        argument. Arrays given by keyword are mapped over axis 0; what has no axes is shared.
    out_axes : int, None, or a tree of them
        Where the batch axis of each result goes; None for one that does not depend on the lane.

    Returns
    -------
    callable
        Takes the arguments of `f` with their batch axes, returns its results with theirs. A result that does not depend
        on the lane is repeated.

    Raises
    ------
    ArgumentError
        An axis is out of range, or the axes do not fit the arguments or results.
    ShapeError
        The batch axes have different lengths, or the lanes results of different shapes.

    Warns
    -----
    LaneByLaneWarning
        Python looked at a value (`if`, `int()`) for which the lanes differ. They are then run one by one.

    Examples
    --------
    >>> import numpy as np
    >>> vmap(np.dot)(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0, 1.0], [1.0, 0.0]]))
    array([3., 3.])
    >>> vmap(lambda x, p: p["scale"] * x.sum(), in_axes=(1, {"scale": None}))(np.ones((2, 3)), {"scale": 2.0})
    array([4., 4., 4.])
    """

    @functools.wraps(f)
    def batched(*args: Any, **kwargs: Any) -> Any:
        lanes = Lanes(f, args, kwargs, in_axes)
        try:
            results, structure = lanes.at_once()
        except LanesDisagreeError as error:
            if error.level is not lanes.level or not lanes.size:
                raise
            warnings.warn(
                f"the lanes of `vmap` of {described_function(f)} are run one by one: {error}",
                LaneByLaneWarning,
                stacklevel=2,
            )
            results, structure = lanes.one_by_one()
        exporter = Exporter(lanes.inside, lanes.leaves)
        tree = unflatten(structure, results)
        targets = axes_like(out_axes, tree, "out_axes", "the result")
        return unflatten(
            structure,
            [
                exporter.value(_out(result, axis, tree, k), axis is None and result.number)
                for k, (result, axis) in enumerate(zip(results, targets, strict=True))
            ],
        )

    return batched


class Lanes:
    """One call of a batched function."""

    def __init__(self, f: Callable[..., Any], args: Any, kwargs: Any, in_axes: Any) -> None:
        self.f = f
        self.leaves, self.structure = flatten((args, kwargs))
        self.inside = any(isinstance(leaf, Handle) for leaf in self.leaves) or called_inside()
        self.axes = self._axes(args, kwargs, in_axes)
        self.values = [
            self._in_front(leaf, axis, k) for k, (leaf, axis) in enumerate(zip(self.leaves, self.axes, strict=True))
        ]
        self.size = self._size()
        self.level = BatchLevel(self.size)

    def _axes(self, args: Any, kwargs: Any, in_axes: Any) -> list[int | None]:
        """The batch axis of each leaf."""
        if isinstance(in_axes, (tuple, list)):
            if len(in_axes) != len(args):
                raise ArgumentError(
                    f"`in_axes={in_axes!r}` has {len(in_axes)} entries, and the call {len(args)} arguments by position."
                    f"{describe(here())}\n  Give one entry for each of them, or one integer for all."
                )
            axes = [
                axis
                for k, (entry, arg) in enumerate(zip(in_axes, args, strict=True))
                for axis in axes_like(entry, arg, "in_axes", f"argument {k}")
            ]
        else:
            axes = axes_like(in_axes, args, "in_axes", "the arguments")
        return axes + [0 if np.ndim(value_of_leaf(leaf)) else None for leaf in flatten(kwargs)[0]]

    def _in_front(self, leaf: Any, axis: int | None, k: int) -> Any:
        """The value of a leaf with its batch axis first."""
        if axis is None:
            return leaf
        value = value_of_leaf(leaf)
        ndim = getattr(value, "ndim", 0)
        if not isinstance(value, (np.ndarray, Value)) or not -ndim <= axis < ndim:
            what = f"has {ndim} axes" if hasattr(value, "ndim") else f"is a {type(leaf).__name__}"
            raise ArgumentError(
                f"`vmap` maps over axis {axis} of `{self._name(k)}`, which {what}.{describe(here())}\n"
                "  Give `in_axes` with None for arguments that all lanes share."
            )
        return moved(value, axis % ndim, 0) if axis % ndim else value

    def _size(self) -> int:
        """How many lanes there are."""
        sizes: dict[int, int] = {}
        for k, (value, axis) in enumerate(zip(self.values, self.axes, strict=True)):
            if axis is not None:
                sizes.setdefault(int(value.shape[0]), k)
        if not sizes:
            raise ArgumentError(
                f"`vmap` needs at least one argument with a batch axis.{describe(here())}\n"
                "  `in_axes` is None for all of them, or there is none."
            )
        if len(sizes) > 1:
            found = ", ".join(f"{size} in `{self._name(k)}`" for size, k in sizes.items())
            raise ShapeError(f"`vmap`: the batch axes have different lengths: {found}.{describe(here())}")
        return next(iter(sizes))

    def _name(self, k: int) -> str:
        """How a leaf of the arguments is called."""
        args, kwargs = unflatten(self.structure, self.leaves)
        names = parameters_of(self.f)
        by_position = paths(args, lambda n: names[n] if n < len(names) else f"args[{n}]")
        return (by_position + paths(tuple(kwargs.values()), list(kwargs).__getitem__))[k]

    def at_once(self) -> tuple[list[Any], Any]:
        """The results of one run for all lanes, as (value, whether it has a batch axis in front)."""
        level = self.level
        try:
            outputs, structure, raw = self._run(level.input)
        finally:
            level.end()
            put_in_order()
        return [
            _Result(y.below, True, self.size, number)
            if type(y) is Value and y.level is level
            else _Result(y, False, self.size, number)
            for y, number in zip(outputs, map(is_number, raw), strict=True)
        ], structure

    def one_by_one(self) -> tuple[list[Any], Any]:
        """The results of one run for each lane, stacked."""
        runs: list[list[Any]] = []
        structures: list[Any] = []
        raw: list[Any] = []
        for k in range(self.size):
            outputs, structure, raw = self._run(functools.partial(_lane, k=k))
            runs.append(outputs)
            structures.append(structure)
        for structure in structures[1:]:
            if structure != structures[0]:
                raise TreeError(
                    f"the lanes of `vmap` of {described_function(self.f)} return different structures."
                    f"{describe(here())}\n"
                    f"  one lane:     {brief(structures[0])}\n"
                    f"  another lane: {brief(structure)}"
                )
        results = [
            _Result(self._stacked(list(lanes)), True, self.size, number)
            for lanes, number in zip(zip(*runs, strict=True), map(is_number, raw), strict=True)
        ]
        return results, structures[0]

    def _stacked(self, lanes: list[Any]) -> Any:
        shapes = sorted({lane.shape for lane in lanes})
        if len(shapes) > 1:
            raise ShapeError(
                f"the lanes of `vmap` of {described_function(self.f)} return different shapes: "
                f"{', '.join(map(str, shapes))}.{describe(here())}\n"
                "  The results of a batch are one array. Loop over the lanes in Python, or pad the results."
            )
        return stacked(common_dtype(lanes))

    def _run(self, lane: Callable[[Any], Any]) -> tuple[list[Any], Any, list[Any]]:
        """The results of the function on what `lane` makes of the mapped values."""
        inputs = [
            _handle(lane(value)) if axis is not None else as_argument(leaf)
            for value, axis, leaf in zip(self.values, self.axes, self.leaves, strict=True)
        ]
        args, kwargs = unflatten(self.structure, inputs)
        try:
            result = opened(self.f)(*args, **kwargs)
        except (ValueError, SystemError) as error:
            cause = behind(error)
            if cause is None:
                raise
            raise cause from None
        raw, structure = flatten(result)
        return [self._checked(result_of_leaf(leaf)) for leaf in raw], structure, raw

    def _checked(self, y: Any) -> Any:
        if isinstance(y, (np.ndarray, np.generic, Value)):
            return y
        raise ArgumentError(
            f"`vmap` needs results that are arrays or numbers, and {described_function(self.f)} returned a "
            f"{type(y).__name__}.{describe(here())}"
        )


class _Result:
    """A result: with a batch axis in front, or shared by all lanes."""

    __slots__ = ("has_lanes", "number", "size", "value")

    def __init__(self, value: Any, has_lanes: bool, size: int, number: bool) -> None:
        self.value = value
        self.has_lanes = has_lanes
        self.size = size
        self.number = number

    def lanes(self) -> Any:
        """The value with a batch axis in front."""
        return self.value if self.has_lanes else ops.broadcast_to(self.value, shape=(self.size, *self.value.shape))


def _handle(value: Any) -> Any:
    """What the function receives of a mapped leaf: a number where one lane is a number."""
    if type(value) is not Value and not value.shape:
        return np.asarray(value)[()]
    return Array(value) if value.shape else Scalar(value)


def _lane(value: Any, k: int) -> Any:
    return ops.index(value, path=((k,),))


def axes_like(axes: Any, tree: Any, name: str, what: str) -> list[int | None]:
    """One axis for each leaf of a tree, from a tree of axes that begins like it."""
    count = len(flatten(tree)[0])
    if axes is None or is_axis(axes):
        return [axes] * count
    import optree

    # Makes dataclasses known that are used for axes alone.
    flatten(axes)
    entries, structure = optree.tree_flatten(
        axes, is_leaf=lambda part: part is None, none_is_leaf=True, namespace=NAMESPACE
    )
    for entry in entries:
        if entry is not None and not is_axis(entry):
            raise ArgumentError(f"`{name}` holds {entry!r}, and an axis is an integer or None.{describe(here())}")
    try:
        branches = structure.flatten_up_to(tree)
    except ValueError:
        raise ArgumentError(
            f"`{name}={axes!r}` does not begin like {what}, which is {brief(flatten(tree)[1])}.{describe(here())}\n"
            "  Give one axis for everything, or a tree that begins with the same containers."
        ) from None
    return [
        None if entry is None else operator.index(entry)
        for entry, branch in zip(entries, branches, strict=True)
        for _ in flatten(branch)[0]
    ]


def is_axis(x: Any) -> bool:
    """Whether something is an integer."""
    return hasattr(x, "__index__") and not isinstance(x, (bool, np.ndarray))


def _out(result: _Result, axis: int | None, tree: Any, k: int) -> Any:
    """A result with its batch axis where it should be."""
    if axis is None:
        if result.has_lanes:
            raise ArgumentError(
                f"`out_axes` is None for a result that depends on the lane{_place(tree, k)}.{describe(here())}\n"
                "  Give the axis that the lanes go to."
            )
        return result.value
    value = result.lanes()
    if not -value.ndim <= axis < value.ndim:
        raise ArgumentError(
            f"`out_axes` is {axis} for a result{_place(tree, k)} that has {value.ndim} axes with that of the batch."
            f"{describe(here())}"
        )
    axis %= value.ndim
    return moved(value, 0, axis) if axis else value


def _place(tree: Any, k: int) -> str:
    path = paths(tree)[k]
    return f" at `{path}`" if path else ""
