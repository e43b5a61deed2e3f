"""What a package of other names needs of the engine: runs recorded and pushed over plain NumPy, and recorded calls.

The function that is differentiated runs as it is, without the swap: code that was written for another library calls
that library's functions, which see handles and plain arrays side by side. What carries no derivative stays plain.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np

from chainrule.api.foreign_values import (
    HANDLES,
    as_held,
    is_traced,
    level_below,
    level_of,
    node_of,
    plain_of,
    seed_for,
    without_constants,
)
from chainrule.api.lasting import RunLevel
from chainrule.api.recording import Recording
from chainrule.api.results import Exporter, is_number, is_own, result_of_leaf, value_of_leaf
from chainrule.api.trees import LEAF, flatten, unflatten
from chainrule.graph.position import describe, here
from chainrule.jacobians.zeros import ZERO, seeded, values_of
from chainrule.numpy.handle import Argument, Array, Handle, Scalar
from chainrule.numpy.operands import converted
from chainrule.numpy.ufuncs import counterpart_of, has_counterpart
from chainrule.trace import Value
from chainrule.transforms.living_limits import settled

_FLOAT64 = np.dtype(np.float64)


class _Arguments:
    """The one argument, a tree, of a function that takes one; what `Recording` asks of a call."""

    __slots__ = ("inside", "picked", "scalar", "structure")

    def __init__(self, x: Any) -> None:
        self.inside = False
        kind = type(x)
        array = x if kind is np.ndarray else x._read() if kind is Argument or kind is Array else None
        if array is not None and array.dtype is _FLOAT64:
            # The commonest argument.
            self.picked, self.scalar, self.structure = [array], [False], LEAF
            return
        leaves, self.structure = flatten(x)
        self.picked = [_varying(leaf) for leaf in leaves]
        self.scalar = [is_number(leaf) for leaf in leaves]

    def run(self, f: Callable[..., Any], values: Sequence[Any]) -> Any:
        """Call the function, as it is, with values in place of the leaves."""
        if self.structure is LEAF:
            y = f(_handed(values[0], self.scalar[0]))
            return y if type(y) in HANDLES else _gathered(y)
        return _gathered(f(unflatten(self.structure, list(map(_handed, values, self.scalar)))))


def _gathered(x: Any) -> Any:
    """A result in which handles stand in arrays of objects, with traced arrays in their places."""
    kind = type(x)
    if kind is np.ndarray and x.dtype.hasobject and any(isinstance(entry, Handle) for entry in x.flat):
        return counterpart_of(np.array)(x.tolist())
    if kind is tuple or kind is list:
        return kind(map(_gathered, x))
    return x


def _varying(leaf: Any) -> Any:
    """A leaf of the argument as a floating-point value."""
    value = value_of_leaf(leaf)
    kind = getattr(getattr(value, "dtype", None), "kind", "O")
    if kind in "fc":
        return np.asarray(value) if isinstance(value, np.ndarray) else value
    if kind in "iu" and isinstance(leaf, (np.ndarray, Handle)):
        return converted(value, _FLOAT64)
    from chainrule.errors import DTypeError

    raise DTypeError(
        f"can't differentiate w.r.t. type {type(leaf)}: its values cannot vary continuously.{describe(here())}\n"
        "  Pass floating-point numbers: `3.0` for `3`, `x.astype(float)` for an array."
    )


def _handed(value: Any, scalar: bool) -> Any:
    if not scalar:
        return Argument(value)
    return Scalar(value) if type(value) is Value else value


@cache
def _kept_level() -> Any:
    """The class of levels of runs that are pulled through later, loaded for the first of them."""
    from chainrule.api.kept_runs import KeptRunLevel

    return KeptRunLevel


class Run(Recording):
    """A recorded run of a function of one tree: its result, and the pull through it.

    kept
        Whether the pull may come later, when the arrays that the function read have been written to.
    """

    __slots__ = ()

    def __init__(self, f: Callable[[Any], Any], x: Any, kept: bool = True) -> None:
        level = _kept_level()(f) if kept else RunLevel(f)
        Recording.__init__(self, f, _Arguments(x), kept=kept, level=level)  # type: ignore[arg-type]  # of a call

    @property
    def depends(self) -> bool:
        """Whether the result depends on the argument."""
        outputs = self.tape.outputs
        return outputs.count(None) < len(outputs)

    def value(self) -> Any:
        """What the function returned."""
        if self.structure is LEAF:
            # The commonest results, as `Recording.value` gives them.
            y = self.leaves[0]
            if type(y) is Value:
                return Array(y) if y.shape or not self.scalar[0] else Scalar(y)
            if self._kept and type(y) is np.ndarray and y.shape:
                return np.array(y)
        return Recording.value(self)

    def pull(self, y_bar: Any) -> Any:
        """The cotangent of the argument, given that of the result."""
        kind = type(y_bar)
        if self.structure is LEAF and (kind is np.ndarray or kind in HANDLES):
            y = self.leaves[0]
            if kind is type(y) and y_bar.dtype is y.dtype is _FLOAT64 and y_bar.shape == y.shape:
                return self._pulled_alone(y_bar)
            return self._pulled([seed_for(y_bar, y)])
        leaves, _ = flatten(y_bar)
        if len(leaves) != len(self.leaves):
            leaves = self.structure.flatten_up_to(y_bar)
        return self._pulled(list(map(seed_for, leaves, self.leaves)))

    def _pulled_alone(self, y_bar: Any) -> Any:
        """The same for the commonest of cotangents, which is not copied where nothing of the pull keeps it."""
        if self.call.structure is not LEAF:
            return self._pulled([seed_for(y_bar, y_bar)])
        x_bars = self.tape.pull((seeded(y_bar),))
        (x,) = self.call.picked
        x_bar = x_bars[0]
        if type(x_bar) is not type(x) or x_bar is y_bar or not is_own(x_bar, x):
            x_bar = self.exported(x_bars)
            if type(x_bar) is np.ndarray:
                x_bar = np.array(x_bar)
        return _number_if_alone(x_bar)

    def _pulled(self, seeds: list[Any]) -> Any:
        x_bars = self.tape.pull(seeds)
        call = self.call
        if call.structure is LEAF and not call.scalar[0]:
            # The commonest cotangents, as `Recording.exported` gives them.
            (x_bar,) = x_bars
            if type(x_bar) is Value:
                return Array(x_bar)
            if type(x_bar) is np.ndarray and type(call.picked[0]) is np.ndarray:
                return _number_if_alone(x_bar if is_own(x_bar, call.picked[0]) else np.array(x_bar))
        return _number_if_alone(self.exported(x_bars))

    def pull_ones(self) -> Any:
        """The cotangent of the argument, given ones (and in complex results 1 + i) for that of the result."""
        return self._pulled([_ones(y) for y in self.leaves])

    def jacobian(self) -> Any:
        """The derivatives of a real array with respect to an array, of shape (*result, *argument).

        None if they have to be taken one after another, since rules of the user's read plain numbers.
        """
        from chainrule.api.blocks import blocks_of

        if any(node.op is not None and getattr(node.op.jacobian, "one_by_one", False) for node in self.tape.order):
            return None
        ((block,),) = blocks_of(self, self.call.picked, self.leaves)
        return self.exporter().value(block, False)


def _number_if_alone(x_bar: Any) -> Any:
    """The derivative in an array without axes as a number, as most of NumPy's functions give it (and autograd)."""
    return x_bar[()] if type(x_bar) is np.ndarray and not x_bar.shape else x_bar


def _ones(like: Any) -> Any:
    if not hasattr(like, "dtype") or like.dtype.kind not in "fc":
        return ZERO
    unit = like.dtype.type(1 + 1j if like.dtype.kind == "c" else 1)
    return np.full(like.shape, unit) if like.shape else unit


def operation(name: str, function: Callable[..., Any], rules: Callable[[], tuple[Any, Any]]) -> Callable[..., Any]:
    """A function recorded as one operation, called with its arguments as a tuple and a dict (`foreign_operations`)."""
    from chainrule.api.foreign_operations import Operation

    return Operation(name, function, rules)


def pushed(f: Callable[[Any], Any], x: Any, x_dot: Any) -> tuple[Any, Any, bool]:
    """The result of a function of one tree, its tangent, and whether it depends on the argument."""
    from chainrule.api.pushed_runs import PushLevel

    call = _Arguments(x)
    dots, _ = flatten(x_dot)
    level = PushLevel()
    inputs = [level.input(x, values_of(seed_for(dot, x), x)) for x, dot in zip(call.picked, dots, strict=True)]
    try:
        raw, structure = flatten(call.run(f, inputs))
        outputs = [level.tangent_of(settled(result_of_leaf(leaf), level)) for leaf in raw]
    finally:
        level.end()
    exporter = Exporter(False, call.picked)
    numbers = [is_number(leaf) for leaf in raw]
    y = unflatten(structure, [exporter.value(y, s) for (y, _), s in zip(outputs, numbers, strict=True)])
    y_dot = unflatten(structure, [exporter.tangent(t, y, s) for (y, t), s in zip(outputs, numbers, strict=True)])
    return y, y_dot, any(t is not ZERO for _, t in outputs)


__all__ = [
    "HANDLES",
    "Argument",
    "Handle",
    "Run",
    "as_held",
    "counterpart_of",
    "has_counterpart",
    "is_traced",
    "level_below",
    "level_of",
    "node_of",
    "operation",
    "plain_of",
    "pushed",
    "without_constants",
]
