"""The local Jacobian of an op that a user stated: by partials, by a push or by a pull."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.errors import LanesDisagreeError, LeakError, NoRuleError, RuleError
from chainrule.graph import Node, here
from chainrule.graph.node import input_node, make_node
from chainrule.graph.position import describe
from chainrule.jacobians.backward import pull_back
from chainrule.jacobians.forms import Diagonal, ElementwiseLinear, Linear, LocalJacobian, Multilinear, reads
from chainrule.jacobians.transposition import LinearLevel
from chainrule.jacobians.zeros import ZERO, add, masked, parts, scale, sum_tangent_to, values_of
from chainrule.trace import Abstract, Op, Value, ground, make_value, projection
from chainrule.transforms.batch import BatchLevel, stacked
from chainrule.transforms.holding import held

# A rule on values: from cotangents or tangents, results and operands (flat lists) to a flat list; an entry may be ZERO.
Rule = Callable[..., list[Any]]


class Stated(LocalJacobian):
    """The local Jacobians that a user stated for an op.

    partials(ys, xs, params)
        ∂y/∂xᵢ for each operand, for an elementwise op with one result.
    push(x_dots, ys, xs, params)
        One ẏ for each result.
    pull(y_bars, ys, xs, params)
        One x̄ for each operand.

    Of the three, those that are missing are None. The pull follows from a push by transposition. `results` tells the
    shapes and dtypes of the results, once the op has run. `described_push` is how messages name the push.
    """

    def __init__(
        self,
        name: str,
        partials: Rule | None,
        push: Rule | None,
        pull: Rule | None,
        results: Callable[[], Sequence[Abstract]],
        *,
        reads_inputs: bool,
        reads_output: bool,
        described_push: str = "the push",
    ) -> None:
        self.name = name
        self.described_push = described_push
        self.results = results
        self.partials = partials
        self.stated_push = push
        self.stated_pull = pull
        self.reads_inputs = reads_inputs
        self.reads_output = reads_output

    def push(self, x_dots: tuple[Any, ...], xs: tuple[Any, ...], y: Any, params: dict[str, Any]) -> Any:
        """ẏ, from the partials or the push."""
        ys = results_of(y)
        several = type(y) is tuple or isinstance(y.dtype, tuple)
        if all(x_dot is ZERO for x_dot in x_dots):
            y_dots: Any = [ZERO] * len(ys)
        elif self.partials is not None:
            y_dots = [self._push_diagonals(x_dots, xs, ys, params)]
        elif self.stated_push is not None:
            rule = self.stated_push
            dots = [values_of(x_dot, x) for x_dot, x in zip(x_dots, xs, strict=True)]
            y_dots = lane_by_lane_if_needed(
                lambda dots, ys, xs: rule(dots, ys, xs, params), (dots, ys, list(xs)), results=ys
            )
        else:
            raise NoRuleError(
                f"`{self.name}` has no forward derivative: its rule is a pull (Jacobian-transpose times cotangent)."
                f"{describe(here())}\n"
                '  Reverse mode has what it needs: `cr.grad`, `cr.vjp`, `cr.jacobian(f, order="reverse")`.\n'
                f"  For forward mode state `@{self.name}.push` (Jacobian times tangents), too, or partials alone."
            )
        return tuple(y_dots) if several else y_dots[0]

    def pull(
        self, y_bar: Any, xs: tuple[Any, ...], y: Any, params: dict[str, Any], operands: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        """x̄, from the partials, the pull, or the transposed push."""
        needed = [type(operand) is Node for operand in operands]
        y_bars = y_bar if type(y_bar) is list else [y_bar]
        if y is None:
            # It was not kept, but a cotangent has its shape and dtype.
            known = zip(y_bars, self.results(), strict=True)
            ys = [like if bar is ZERO else Abstract(bar.shape, bar.dtype) for bar, like in known]
        else:
            ys = results_of(y)
        if self.partials is not None:
            return self._pull_diagonals(y_bar, xs, ys, params, needed)
        bars = [values_of(bar, y) for bar, y in zip(y_bars, ys, strict=True)]
        if self.stated_pull is not None:
            rule = self.stated_pull
            x_bars = lane_by_lane_if_needed(
                lambda bars, ys, xs: rule(bars, ys, xs, params), (bars, ys, list(xs)), results=xs
            )
        else:
            x_bars = lane_by_lane_if_needed(
                lambda bars, ys, xs: self._transposed(bars, ys, xs, params, needed), (bars, ys, list(xs)), results=xs
            )
        return tuple(x_bar if n else None for x_bar, n in zip(x_bars, needed, strict=True))

    def _diagonals(self, ys: list[Any], xs: Sequence[Any], params: dict[str, Any]) -> list[Any]:
        rule = self.partials
        assert rule is not None
        return lane_by_lane_if_needed(lambda ys, xs: rule(ys, xs, params), (ys, list(xs)), results=ys * len(xs))

    def _push_diagonals(
        self, x_dots: tuple[Any, ...], xs: tuple[Any, ...], ys: list[Any], params: dict[str, Any]
    ) -> Any:
        y_dot: Any = ZERO
        for partial, x_dot in zip(self._diagonals(ys, xs, params), x_dots, strict=True):
            if x_dot is not ZERO and partial is not ZERO:
                y_dot = add(y_dot, scale(partial, in_dtype(x_dot, ys[0].dtype)))
        return y_dot if y_dot is ZERO else spread(y_dot, ys[0].shape)

    def _pull_diagonals(
        self, y_bar: Any, xs: tuple[Any, ...], ys: list[Any], params: dict[str, Any], needed: list[bool]
    ) -> tuple[Any, ...]:
        return tuple(
            in_dtype(sum_tangent_to(scale(partial, y_bar), x.shape), x.dtype) if n and partial is not ZERO else None
            for partial, x, n in zip(self._diagonals(ys, xs, params), xs, needed, strict=True)
        )

    def _transposed(
        self, y_bars: list[Any], ys: list[Any], xs: list[Any], params: dict[str, Any], needed: list[bool]
    ) -> list[Any]:
        """x̄ = Jᵀ ȳ: the push recorded as a linear program of the tangents, and walked backwards."""
        assert self.stated_push is not None
        level = StrictlyLinearLevel(self.described_push)
        x_dots: list[Any] = [
            level.input(x) if n else np.zeros(x.shape, x.dtype) for x, n in zip(xs, needed, strict=True)
        ]
        y_dots = self.stated_push(x_dots, ys, xs, params)
        seeds = []
        for y_dot, y_bar in zip(y_dots, y_bars, strict=True):
            if type(y_dot) is Value and y_dot.level is level:
                seeds.append((y_dot.attached, y_bar))
            elif y_dot is not ZERO and np.any(ground(y_dot)):
                raise level.refuse("it adds something that does not depend on the tangents")
        targets = [x_dot.attached for x_dot, n in zip(x_dots, needed, strict=True) if n]
        try:
            x_bars = iter(pull_back(seeds, targets))
        except (AttributeError, TypeError) as error:
            # A tangent has no numbers here, and one was asked for.
            raise level.refuse("it applies an operation that is not linear to a tangent") from error
        return [next(x_bars) if n else ZERO for n in needed]


class StrictlyLinearLevel(LinearLevel):
    """The level on which the push of a user is recorded, which may turn out not to be linear.

    Its Values wrap zeros, so that they have memory and strides like any others; but nobody can look at them.
    """

    __slots__ = ("described",)

    def __init__(self, described: str) -> None:
        super().__init__()
        self.described = described

    def input(self, like: Any) -> Value:
        """A tangent of the shape and dtype of an array, Value or node."""
        return make_value(self, np.zeros(like.shape, like.dtype), input_node(like), like.shape, like.dtype)

    def bind(self, op: Op, operands: tuple[Any, ...], params: dict[str, Any]) -> Any:
        """Record an op, if it is linear in the tangents that it is given."""
        mine = tuple(type(x) is Value and x.level is self for x in operands)
        if not is_linear_in(op, mine):
            raise self.refuse(f"it applies `{op.name}`, which is not linear, to a tangent")
        if isinstance(op.jacobian, (Linear, ElementwiseLinear)) and any(
            np.any(ground(x)) for x, m in zip(operands, mine, strict=True) if not m
        ):
            raise self.refuse(f"it uses `{op.name}` to add something that does not depend on the tangents")
        if params.get("donate") and not mine[0]:
            params = {**params, "donate": False}
        nodes = tuple([x.attached if m else x for x, m in zip(operands, mine, strict=True)])
        below = op(*(x.below if m else held(x) for x, m in zip(operands, mine, strict=True)), **params)
        if type(below) is tuple:
            shapes, dtypes = tuple(y.shape for y in below), tuple(y.dtype for y in below)
            main = make_node(op, nodes, nodes, None, params, shapes, dtypes)
            return tuple(
                make_value(
                    self,
                    y,
                    make_node(projection, (main,), (main,), None, {"k": k}, y.shape, y.dtype),
                    y.shape,
                    y.dtype,
                )
                for k, y in enumerate(below)
            )
        node = make_node(op, nodes, nodes, None, params, below.shape, below.dtype)
        return make_value(self, below, node, below.shape, below.dtype)

    def look(self, value: Value) -> Any:
        """Refuse: what is linear does not depend on a look."""
        raise self.refuse("it looks at a tangent")

    def refuse(self, why: str) -> RuleError:
        """The error for a push that is not linear."""
        return RuleError(
            f"{self.described} is not linear in the tangents, as a Jacobian is: {why}.{describe(here())}\n"
            "  Write it with products, sums and linear functions of the tangents: no constant added, no branch on them."
        )


@functools.lru_cache(maxsize=4096)
def is_linear_in(op: Op, mine: tuple[bool, ...]) -> bool:
    """Whether an op is linear in some of its operands together, as far as its rules tell."""
    jacobian = op.jacobian
    slots = [k for k, m in enumerate(mine) if m]
    if jacobian is None:
        return False
    if isinstance(jacobian, Multilinear):
        return len(slots) == 1 and slots[0] in jacobian.transposes
    if isinstance(jacobian, Diagonal):
        return all(
            rule is not None and not any(reads(rule, slice(k, k + 1)) for k in (0, *(1 + slot for slot in slots)))
            for rule in (jacobian.partials[k] for k in slots)
        )
    return True


def in_dtype(t: Any, dtype: Any) -> Any:
    """A tangent or cotangent in the dtype of another value: of a complex one for a real value the real part."""
    if t.dtype == dtype:
        return t
    values, excluded = parts(t)
    if values.dtype.kind == "c" and dtype.kind == "f":
        values = ops.real(values)
    if values.dtype != dtype:
        values = ops.convert(values, dtype=dtype)
    return values if excluded is None else masked(values, excluded)


def spread(t: Any, shape: tuple[int, ...]) -> Any:
    """A tangent of an operand that is broadcast, at the shape of the result."""
    if t.shape == shape:
        return t
    values, excluded = parts(t)
    values = ops.broadcast_to(values, shape=shape)
    return values if excluded is None else masked(values, excluded)


def results_of(y: Any) -> list[Any]:
    """The results of an op as a list; of a node, which stands for results that are not kept, what is known of them."""
    if type(y) is tuple:
        return list(y)
    if isinstance(y.dtype, tuple):
        return [Abstract(shape, dtype) for shape, dtype in zip(y.shape, y.dtype, strict=True)]
    return [y]


def lane_by_lane_if_needed(
    rule: Callable[..., list[Any]], groups: tuple[list[Any], ...], results: Sequence[Any]
) -> list[Any]:
    """A rule applied to all lanes at once, or to each lane if it asks for plain numbers or looks at them.

    `results` have the shapes and dtypes of what the rule gives for one lane.
    """
    try:
        return rule(*groups)
    except (LeakError, LanesDisagreeError, NoRuleError):
        level = _greatest_level(groups)
        if not isinstance(level, BatchLevel):
            raise
        runs = [
            lane_by_lane_if_needed(rule, tuple([_lane(x, level, k) for x in group] for group in groups), results)
            for k in range(level.size)
        ]
    if not runs:
        return [level.input(np.zeros((0, *like.shape), like.dtype)) for like in results]
    columns = zip(*runs, strict=True)
    return [_stacked_lanes(list(column), like, level) for column, like in zip(columns, results, strict=True)]


def _greatest_level(groups: tuple[list[Any], ...]) -> Any:
    levels = [x.level for group in groups for x in group if type(x) is Value]
    return max(levels, key=lambda level: level.number, default=None)


def _lane(x: Any, level: BatchLevel, k: int) -> Any:
    return ops.index(x.below, path=((k,),)) if type(x) is Value and x.level is level else x


def _stacked_lanes(lanes: list[Any], like: Any, level: BatchLevel) -> Any:
    if all(lane is ZERO for lane in lanes):
        return ZERO
    return level.input(stacked([values_of(lane, like) for lane in lanes]))


def in_lanes(op: Op) -> Op:
    """An op that takes and gives one more leading axis, for one whose evaluation does so by itself."""
    name = op.name

    def infer(*xs: Any, **params: Any) -> Any:
        results = op.infer(*(Abstract(x.shape[1:], x.dtype) for x in xs), **params)
        size = xs[0].shape[0]
        if type(results) is tuple:
            return tuple(Abstract((size, *r.shape), r.dtype) for r in results)
        return Abstract((size, *results.shape), results.dtype)

    lifted = Op(name, op.evaluate, infer)
    if op.jacobian is not None:
        lifted.jacobian = _InLanes(op.jacobian)
    lifted.batch = leading_axis_batch(lifted)
    return lifted


def leading_axis_batch(op: Op) -> Callable[..., Any]:
    """The batching of an op whose evaluation takes a leading axis that all operands have."""

    def batch(size: int, batched: Sequence[bool], *xs: Any, **params: Any) -> Any:
        lanes = [x if b else ops.broadcast_to(x, shape=(size, *x.shape)) for x, b in zip(xs, batched, strict=True)]
        return in_lanes(op)(*lanes, **params)

    return batch


class _InLanes(LocalJacobian):
    """The local Jacobians of all lanes: those of the op, applied to a batch."""

    def __init__(self, jacobian: LocalJacobian) -> None:
        self.jacobian = jacobian
        self.reads_inputs = jacobian.reads_inputs
        self.reads_output = jacobian.reads_output

    def push(self, x_dots: tuple[Any, ...], xs: tuple[Any, ...], y: Any, params: dict[str, Any]) -> Any:
        """ẏ, all lanes at once."""
        level = BatchLevel(xs[0].shape[0])
        dots = tuple(x_dot if x_dot is ZERO else level.input(parts(x_dot)[0]) for x_dot in x_dots)
        y_dot = self.jacobian.push(dots, tuple(_input(level, x) for x in xs), _input(level, y), params)
        return tuple(_out(level, t) for t in y_dot) if type(y_dot) is tuple else _out(level, y_dot)

    def pull(
        self, y_bar: Any, xs: tuple[Any, ...], y: Any, params: dict[str, Any], operands: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        """x̄, all lanes at once."""
        level = BatchLevel(xs[0].shape[0])
        if type(y_bar) is list:
            bars: Any = [bar if bar is ZERO else level.input(parts(bar)[0]) for bar in y_bar]
        else:
            bars = level.input(parts(y_bar)[0])
        x_bars = self.jacobian.pull(bars, tuple(_input(level, x) for x in xs), _input(level, y), params, operands)
        return tuple(None if x_bar is None else _out(level, x_bar) for x_bar in x_bars)


def _input(level: BatchLevel, x: Any) -> Any:
    if type(x) is tuple:
        return tuple(_input(level, r) for r in x)
    if x is None:
        return None
    if type(x) is Node or type(x) is Abstract:
        if isinstance(x.dtype, tuple):
            return tuple(Abstract(shape[1:], dtype) for shape, dtype in zip(x.shape, x.dtype, strict=True))
        return Abstract(x.shape[1:], x.dtype)
    return level.input(x)


def _out(level: BatchLevel, t: Any) -> Any:
    return ZERO if t is ZERO else level.lanes_of(parts(t)[0])
