"""What a package of other names needs of the engine: runs recorded and pushed over plain NumPy, and recorded calls.

The function that is differentiated runs as it is, without the swap: code that was written for another library calls
that library's functions, which see handles and plain arrays side by side. What carries no derivative stays plain.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule.api.matrices import blocks_of
from chainrule.api.recording import Recording
from chainrule.api.results import Exporter, is_number, result_of_leaf, value_of_leaf
from chainrule.api.trees import LEAF, flatten, unflatten
from chainrule.errors import DTypeError, NoRuleError, ShapeError
from chainrule.graph import Node
from chainrule.graph.position import describe, here
from chainrule.jacobians.forms import LocalJacobian
from chainrule.jacobians.zeros import ZERO, seeded, values_of
from chainrule.numpy.handle import Argument, Array, Captured, Frozen, Handle, Scalar, lanes, wrap
from chainrule.numpy.operands import converted
from chainrule.numpy.ufuncs import counterpart_of
from chainrule.numpy.views import View
from chainrule.trace import Abstract, Op, Value
from chainrule.transforms import ForwardLevel, ReverseLevel
from chainrule.transforms.custom import Stated
from chainrule.transforms.keeping import KeepingLevel
from chainrule.transforms.limits import settled

_FLOAT64 = np.dtype(np.float64)


# The types of what a function holds while a derivative is taken.
HANDLES = frozenset((Array, Argument, Captured, Frozen, Scalar, View))


def is_traced(x: Any) -> bool:
    """Whether something is a handle that carries a derivative."""
    return isinstance(x, Handle) and type(x._peek()) is Value


def plain_of(x: Any) -> Any:
    """The plain array or NumPy number behind a handle, with every level taken away; anything else as it is."""
    return lanes(x._peek()) if isinstance(x, Handle) else x


def level_below(x: Handle) -> Any:
    """What a handle holds, one level down: a handle again, or a plain array or NumPy number."""
    value = x._peek()
    return as_held(value.below) if type(value) is Value else value


def level_of(x: Handle) -> Any:
    """The number of the level of a handle; -1 for a constant."""
    value = x._peek()
    return value.level.number if type(value) is Value else -1


def node_of(x: Handle) -> Any:
    """What the level of a handle has attached to it; None for a constant."""
    value = x._peek()
    return value.attached if type(value) is Value else None


def as_held(value: Any) -> Any:
    """A value as code without the swap holds it: a handle if it carries a derivative, else the plain array."""
    return wrap(value) if type(value) is Value else value


def without_constants(x: Any) -> Any:
    """A handle that carries no derivative as a plain array of its own; anything else as it is."""
    if isinstance(x, Handle):
        value = x._peek()
        if type(value) is not Value:
            return np.array(value) if type(value) is np.ndarray else value
    return x


class _Arguments:
    """The one argument, a tree, of a function that takes one; what `Recording` asks of a call."""

    __slots__ = ("inside", "picked", "scalar", "structure")

    def __init__(self, x: Any) -> None:
        self.inside = False
        if type(x) is np.ndarray and x.dtype is _FLOAT64:
            # The commonest argument.
            self.picked, self.scalar, self.structure = [x], [False], LEAF
            return
        leaves, self.structure = flatten(x)
        self.picked = [_varying(leaf) for leaf in leaves]
        self.scalar = [is_number(leaf) for leaf in leaves]

    def run(self, f: Callable[..., Any], values: Sequence[Any]) -> Any:
        """Call the function, as it is, with values in place of the leaves."""
        if self.structure is LEAF:
            return f(_handed(values[0], self.scalar[0]))
        return f(unflatten(self.structure, list(map(_handed, values, self.scalar))))


def _varying(leaf: Any) -> Any:
    """A leaf of the argument as a floating-point value."""
    value = value_of_leaf(leaf)
    kind = getattr(getattr(value, "dtype", None), "kind", "O")
    if kind in "fc":
        return np.asarray(value) if isinstance(value, np.ndarray) else value
    if kind in "iu" and isinstance(leaf, (np.ndarray, Handle)):
        return converted(value, _FLOAT64)
    raise DTypeError(
        f"can't differentiate w.r.t. type {type(leaf)}: its values cannot vary continuously.{describe(here())}\n"
        "  Pass floating-point numbers: `3.0` for `3`, `x.astype(float)` for an array."
    )


def _handed(value: Any, scalar: bool) -> Any:
    if not scalar:
        return Argument(value)
    return Scalar(value) if type(value) is Value else value


class _Lasting:
    """What is peculiar to the levels of runs, whose values may be used after their derivative was taken.

    Some libraries keep traced values in objects of theirs and compute with them in the pull. Nothing asks for the
    derivatives of that, and the numbers, with what the levels below know of them, are what counts.
    """

    __slots__ = ()
    ended: bool
    over: bool

    def end(self) -> None:
        """Close the level: what is computed from its values from now on has no derivative."""
        super().end()  # type: ignore[misc]  # beside a level
        self.ended = False  # type: ignore[misc]  # of the level beside it
        self.over = True  # type: ignore[misc]


class _RunLevel(_Lasting, ReverseLevel):
    __slots__ = ("over",)

    def __init__(self) -> None:
        ReverseLevel.__init__(self)
        self.over = False


class _KeptRunLevel(_Lasting, KeepingLevel):
    __slots__ = ("over",)

    def __init__(self) -> None:
        KeepingLevel.__init__(self)
        self.over = False


def _living(value: Any) -> Any:
    """A value without the levels of runs that are over."""
    while type(value) is Value and isinstance(value.level, _Lasting) and value.level.over:
        value = value.below
    return value


class Run:
    """A recorded run of a function of one tree: its result, and the pull through it.

    kept
        Whether the pull may come later, when the arrays that the function read have been written to.
    """

    __slots__ = ("_recording",)

    def __init__(self, f: Callable[[Any], Any], x: Any, kept: bool = True) -> None:
        level = _KeptRunLevel() if kept else _RunLevel()
        self._recording = Recording(f, _Arguments(x), kept=kept, level=level)  # type: ignore[arg-type]  # of a call

    @property
    def depends(self) -> bool:
        """Whether the result depends on the argument."""
        outputs = self._recording.tape.outputs
        return outputs.count(None) < len(outputs)

    def value(self) -> Any:
        """What the function returned."""
        return self._recording.value()

    def pull(self, y_bar: Any) -> Any:
        """The cotangent of the argument, given that of the result."""
        recording = self._recording
        if recording.structure is LEAF and type(y_bar) is np.ndarray:
            return recording.pulled([_seed(y_bar, recording.leaves[0])])
        leaves, _ = flatten(y_bar)
        if len(leaves) != len(recording.leaves):
            leaves = recording.structure.flatten_up_to(y_bar)
        seeds = [_seed(leaf, like) for leaf, like in zip(leaves, recording.leaves, strict=True)]
        return recording.pulled(seeds)

    def pull_ones(self) -> Any:
        """The cotangent of the argument, given ones (and in complex results 1 + i) for that of the result."""
        recording = self._recording
        return recording.pulled([_ones(y) for y in recording.leaves])

    def jacobian(self) -> Any:
        """The derivatives of a real array with respect to an array, of shape (*result, *argument).

        None if they have to be taken one after another, since rules of the user's read plain numbers.
        """
        recording = self._recording
        xs, ys = recording.call.picked, recording.leaves
        if any(node.op is not None and isinstance(node.op.jacobian, _Looked) for node in recording.tape.order):
            return None
        ((block,),) = blocks_of(recording, xs, ys)
        return recording.exporter().value(block, False)


def _ones(like: Any) -> Any:
    if not hasattr(like, "dtype") or like.dtype.kind not in "fc":
        return ZERO
    unit = like.dtype.type(1 + 1j if like.dtype.kind == "c" else 1)
    return np.full(like.shape, unit) if like.shape else unit


def _seed(leaf: Any, like: Any) -> Any:
    """A cotangent or tangent in the shape and dtype of its primal; one number stands for all of its entries."""
    if not hasattr(like, "dtype") or like.dtype.kind not in "fc":
        return ZERO
    if type(leaf) is np.ndarray and leaf.dtype is like.dtype and leaf.shape == like.shape:
        return seeded(leaf.copy())
    value = _living(value_of_leaf(leaf))
    if value.dtype != like.dtype:
        value = _in_dtype(value, like.dtype)
    if value.shape != tuple(like.shape):
        if value.size == like.size:
            value = as_shape(value, like.shape)
        elif np.broadcast_shapes(value.shape, like.shape) == tuple(like.shape):
            value = _plain_or_traced(np.broadcast_to, value, like.shape)
        else:
            raise ShapeError(
                f"a cotangent or tangent has shape {value.shape}, and its primal {tuple(like.shape)}.{describe(here())}"
            )
    if isinstance(value, np.ndarray):
        value = np.array(value)
    return seeded(value)


def _in_dtype(value: Any, dtype: Any) -> Any:
    if value.dtype.kind == "c" and dtype.kind != "c":
        value = _plain_or_traced(np.real, value)
    return converted(value, dtype) if value.dtype != dtype else value


def as_shape(value: Any, shape: Any) -> Any:
    """A value reshaped."""
    return _plain_or_traced(np.reshape, value, tuple(shape))


def _plain_or_traced(function: Any, value: Any, *args: Any) -> Any:
    """A function of NumPy applied to a value."""
    result = function(wrap(value), *args)
    return result._read() if isinstance(result, Handle) else result


def pushed(f: Callable[[Any], Any], x: Any, x_dot: Any) -> tuple[Any, Any, bool]:
    """The result of a function of one tree, its tangent, and whether it depends on the argument."""
    call = _Arguments(x)
    dots, _ = flatten(x_dot)
    level = ForwardLevel()
    inputs = [level.input(x, _dense(_seed(dot, x), x)) for x, dot in zip(call.picked, dots, strict=True)]
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


def _dense(seed: Any, like: Any) -> Any:
    return values_of(seed, like)


class Operation:
    """A function that is recorded as one operation, whose rules are looked up when a derivative is taken.

    function
        Runs on plain arrays.
    rules
        Gives the pull and the push, or None for one that there is not, at the time of a call:
        `pull(argnums, y, args, kwargs)(y_bar)` is one cotangent for each of the arguments, and
        `push(argnums, x_dots, y, args, kwargs)` the tangent of the result.
    """

    def __init__(self, name: str, function: Callable[..., Any], rules: Callable[[], tuple[Any, Any]]) -> None:
        self.name = name
        self.function = function
        self.rules = rules
        self._op = Op(name, _evaluate, _infer, may_fail=True)
        self._op.jacobian = _Looked(self)

    def __call__(self, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        """Apply the function to arguments of which some carry derivatives, alone or in containers."""
        site = Site(self, args, kwargs)
        results = self._op(*[leaf._read() for leaf in site.traced], site=site)
        site.traced = []
        return site.tree([wrap(y) if type(y) is Value else y for y in results])


class Site:
    """One call of an operation: what stands beside its traced operands, and how its results nest."""

    __slots__ = ("_args", "_known", "_places", "_structure", "_template", "argnums", "kwargs", "operation", "traced")

    def __init__(self, operation: Operation, args: Sequence[Any], kwargs: dict[str, Any]) -> None:
        self.operation = operation
        self.kwargs = kwargs
        self._args: list[Any] = []
        # For each traced operand the argument that it stands in, and its number among the leaves of that.
        self._places: list[tuple[int, int]] = []
        self.traced: list[Handle] = []
        for argnum, arg in enumerate(args):
            if not isinstance(arg, (Handle, list, tuple, dict)):
                self._args.append((arg, None))
                continue
            leaves, structure = flatten(arg)
            if not any(isinstance(leaf, Handle) for leaf in leaves):
                self._args.append((arg, None))
                continue
            leaves = list(map(without_constants, leaves))
            self._args.append((leaves, structure))
            for k, leaf in enumerate(leaves):
                if isinstance(leaf, Handle):
                    self._places.append((argnum, k))
                    self.traced.append(leaf)
        self._structure: Any = None
        self._template: list[Any] = []
        self._known: list[tuple[Any, ...]] = []

    def arguments(self, values: Sequence[Any]) -> tuple[Any, ...]:
        """The arguments, with values in place of the traced operands."""
        filled = [list(leaves) if structure is not None else leaves for leaves, structure in self._args]
        for (argnum, k), value in zip(self._places, values, strict=True):
            filled[argnum][k] = as_held(value)
        return tuple(
            arg if structure is None else unflatten(structure, arg)
            for arg, (_, structure) in zip(filled, self._args, strict=True)
        )

    def evaluated(self, values: Sequence[Any]) -> tuple[Any, ...]:
        """The results that can carry a derivative."""
        result = self.operation.function(*self.arguments(values), **self.kwargs)
        leaves, self._structure = flatten(result)
        leaves = [value_of_leaf(leaf) for leaf in leaves]
        kinds = [getattr(getattr(leaf, "dtype", None), "kind", "O") for leaf in leaves]
        if not set(kinds) <= set("biufc"):
            wrong = next(leaf for leaf, kind in zip(leaves, kinds, strict=True) if kind not in "biufc")
            raise DTypeError(
                f"`{self.operation.name}` returned a {type(wrong).__name__}, and can't differentiate w.r.t. type "
                f"{type(wrong)}.{describe(here())}\n"
                "  Results of a primitive are numbers, arrays, and lists, tuples and dicts of them."
            )
        floats = [kind in "fc" for kind in kinds]
        self._template = [None if f else (leaf,) for leaf, f in zip(leaves, floats, strict=True)]
        return tuple(leaf for leaf, f in zip(leaves, floats, strict=True) if f)

    def tree(self, values: Sequence[Any]) -> Any:
        """The result, with other values in place of what can carry a derivative."""
        given = iter(values)
        return unflatten(self._structure, [next(given) if item is None else item[0] for item in self._template])

    def varying(self, needed: Sequence[bool]) -> tuple[int, ...]:
        """The arguments that hold one of the operands that are needed."""
        return tuple(dict.fromkeys(argnum for (argnum, _), n in zip(self._places, needed, strict=True) if n))

    def pull(
        self, rule: Any, y_bars: Sequence[Any], ys: Sequence[Any], xs: Sequence[Any], needed: Sequence[bool]
    ) -> list[Any]:
        """One cotangent for each operand; that of an operand that is not needed is None."""
        argnums = self.varying(needed)
        for known_argnums, known_ys, known_xs, known in self._known:
            if known_argnums == argnums and all(map(_same, ys, known_ys)) and all(map(_same, xs, known_xs)):
                vjp = known
                break
        else:
            vjp = rule(argnums, self.tree(list(map(as_held, ys))), self.arguments(xs), self.kwargs)
            self._known.append((argnums, ys, xs, vjp))
        x_bars = dict(zip(argnums, vjp(self.tree(list(map(as_held, y_bars)))), strict=False))
        leaves = {argnum: self._leaves_of(argnum, x_bar) for argnum, x_bar in x_bars.items()}
        return [
            self._derivative(leaves[argnum][k], x, f"cotangent of argument {argnum}") if n else None
            for (argnum, k), x, n in zip(self._places, xs, needed, strict=True)
        ]

    def _leaves_of(self, argnum: int, x_bar: Any) -> list[Any]:
        structure = self._args[argnum][1]
        return _leaves_like(structure, x_bar)

    def push(self, rule: Any, x_dots: Sequence[Any], ys: Sequence[Any], xs: Sequence[Any]) -> list[Any]:
        """One tangent for each result."""
        needed = [x_dot is not ZERO for x_dot in x_dots]
        argnums = self.varying(needed)
        dots = self._tangents(x_dots, xs)
        y = self.tree(list(map(as_held, ys)))
        y_dot = rule(argnums, [dots[argnum] for argnum in argnums], y, self.arguments(xs), self.kwargs)
        leaves = [y_dot] if self._structure == LEAF else self._structure.flatten_up_to(y_dot)
        floats = [leaf for leaf, item in zip(leaves, self._template, strict=True) if item is None]
        return [self._derivative(leaf, y, "tangent of the result") for leaf, y in zip(floats, ys, strict=True)]

    def _tangents(self, x_dots: Sequence[Any], xs: Sequence[Any]) -> list[Any]:
        filled = [
            [np.zeros(np.shape(leaf)) for leaf in leaves] if structure is not None else None
            for leaves, structure in self._args
        ]
        for (argnum, k), x_dot, x in zip(self._places, x_dots, xs, strict=True):
            filled[argnum][k] = as_held(values_of(x_dot, x))  # type: ignore[index]  # it holds an operand
        return [
            leaves if structure is None else unflatten(structure, leaves)
            for leaves, (_, structure) in zip(filled, self._args, strict=True)
        ]

    def _derivative(self, leaf: Any, like: Any, what: str) -> Any:
        """A derivative that a rule returned, in the shape and dtype of its primal."""
        if leaf is None:
            return ZERO
        value = _living(value_of_leaf(leaf))
        if not hasattr(value, "dtype") or value.dtype.kind not in "biufc":
            raise DTypeError(
                f"the rule of `{self.operation.name}` returned a {type(leaf).__name__} as the {what}, which should be "
                f"an array or a number.{describe(here())}"
            )
        if value.dtype != like.dtype:
            value = _in_dtype(value, like.dtype)
        if value.shape == tuple(like.shape):
            return value
        if value.size == like.size:
            return as_shape(value, like.shape)
        try:
            fits = np.broadcast_shapes(value.shape, like.shape) == tuple(like.shape)
        except ValueError:
            fits = False
        if fits:
            return _plain_or_traced(np.broadcast_to, value, tuple(like.shape))
        raise ShapeError(
            f"the rule of `{self.operation.name}` returned the {what} with shape {value.shape}, and its primal has "
            f"shape {tuple(like.shape)}.{describe(here())}\n"
            "  Sum over the axes along which the argument was broadcast (autograd: `unbroadcast_f`)."
        )


def _leaves_like(structure: Any, x_bar: Any) -> list[Any]:
    """The cotangents of the leaves of an argument; those of the items of a list may stand in one array."""
    if structure is LEAF or structure == LEAF:
        return [x_bar]
    if isinstance(x_bar, (np.ndarray, Handle)) or (structure.type in (list, tuple) and type(x_bar) in (list, tuple)):
        children = structure.children()
        if len(x_bar) == len(children):
            return [leaf for child, part in zip(children, x_bar, strict=True) for leaf in _leaves_like(child, part)]
    return list(structure.flatten_up_to(x_bar))


def _same(x: Any, y: Any) -> bool:
    return x is y


def _evaluate(*xs: Any, site: Site) -> tuple[Any, ...]:
    return site.evaluated(xs)


def _infer(*_xs: Any, site: Site) -> Any:
    raise NoRuleError(
        f"the shape of what `{site.operation.name}` returns is known only from running it, and it cannot be run here."
        f"{describe(here())}"
    )


class _Looked(LocalJacobian):
    """The local Jacobians of an operation, by the rules that it has at the time."""

    def __init__(self, operation: Operation) -> None:
        self.operation = operation

    def push(self, x_dots: tuple[Any, ...], xs: tuple[Any, ...], y: Any, params: dict[str, Any]) -> Any:
        """ẏ, by the push."""
        _, rule = self.operation.rules()
        if rule is None:
            raise NoRuleError(
                f"`{self.operation.name}` has no forward derivative: only its pull (VJP) is defined."
                f"{describe(here())}\n"
                "  Reverse mode has what it needs. For forward mode define its push (JVP), too."
            )
        return tuple(params["site"].push(rule, x_dots, y, xs))

    def pull(
        self, y_bar: Any, xs: tuple[Any, ...], y: Any, params: dict[str, Any], operands: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        """x̄, by the pull or the transposed push."""
        rule, push = self.operation.rules()
        site: Site = params["site"]
        if y is None:
            # The operation was applied to a tangent, in a push that is being transposed.
            raise NoRuleError(
                f"a push (JVP) applies `{self.operation.name}` to a tangent, so it does not give reverse mode: the "
                f"transpose of that is not known.{describe(here())}\n"
                "  State the pull (VJP) of the primitive whose derivative is taken."
            )
        bars = [values_of(bar, like) for bar, like in zip(y_bar, y, strict=True)]
        if rule is not None:
            return tuple(site.pull(rule, bars, y, xs, [type(operand) is Node for operand in operands]))
        if push is None:
            raise NoRuleError(
                f"the derivative (VJP) of `{self.operation.name}` is not defined.{describe(here())}\n"
                "  Evaluation works; only the derivative is missing. State its pull (VJP), its push (JVP), or both."
            )
        stated = Stated(
            self.operation.name,
            None,
            lambda dots, ys, xs, params: site.push(push, dots, ys, xs),
            None,
            lambda: [Abstract(r.shape, r.dtype) for r in y],
            reads_inputs=True,
            reads_output=True,
            described_push=f"the push (JVP) of `{self.operation.name}`",
        )
        return stated.pull(y_bar, xs, y, params, operands)


__all__ = [
    "HANDLES",
    "Argument",
    "Handle",
    "Operation",
    "Run",
    "as_held",
    "counterpart_of",
    "is_traced",
    "level_below",
    "level_of",
    "node_of",
    "plain_of",
    "pushed",
    "without_constants",
]
