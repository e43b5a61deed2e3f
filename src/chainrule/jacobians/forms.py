"""The forms in which the local Jacobian of an op is stated: one rule, from which push and pull follow.

| the op is | write | follows |
| --- | --- | --- |
| elementwise | `@partials`, or `@partial(op, operand=k)` for each operand | a diagonal map |
| a choice between operands | `@weights`: partials whose zeros are branches not taken | a diagonal map |
| linear in all operands together | `@linear`: its transpose | the push is the op itself |
| linear in each operand alone | `@transpose(op, operand=k)` for each | the push is the product rule |
| anything else smooth | `@push`, made of linear ops | the pull, by transposing the push |
| opaque | `@pull` alone | forward mode says that it has none |

A rule is a function of the output, the operands and the parameters. A parameter whose name begins with an underscore
is not read; what no rule of an op reads is not kept for the pull, and arrives as something that has a shape and a
dtype but no numbers. Rules are written with ops, and so are differentiable themselves.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from operator import mul
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.graph import Node, here
from chainrule.graph.position import describe
from chainrule.jacobians.zeros import (
    PLAIN,
    STRUCTURED,
    ZERO,
    add,
    apply_linear,
    apply_movement,
    apply_selection,
    choose,
    flags_of,
    masked,
    parts,
    scale,
    values_of,
)
from chainrule.trace import Op

Rule = Callable[..., Any]

_INDICATOR = np.dtype(np.float64)


class LocalJacobian:
    """The local Jacobians of an op, one linear map for each operand, in both directions.

    reads_inputs, reads_output
        Whether the pull needs the values of the operands or of the result; what is not read is not kept.
    overwrites
        The pull takes a further argument `donate`, which permits it to overwrite the cotangent, and the memory of its
        results is its caller's alone: the pull of a write into an array.
    moves_only
        The push computes nothing, so it cannot warn.
    one_by_one
        Products with several vectors are taken one after another, since the rules are a user's and read plain numbers.
    """

    reads_inputs = True
    reads_output = True
    overwrites = False
    moves_only = False
    one_by_one = False

    def push(self, x_dots: tuple[Any, ...], xs: tuple[Any, ...], y: Any, params: dict[str, Any]) -> Any:
        """The Jacobian times tangents: ẏ from one ẋ (possibly `ZERO`) for each operand."""
        raise NotImplementedError

    def pull(
        self, y_bar: Any, xs: tuple[Any, ...], y: Any, params: dict[str, Any], operands: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        """The transposed Jacobian times a cotangent: one x̄ for each operand that is a node, None for the others."""
        raise NotImplementedError


class Diagonal(LocalJacobian):
    """The local Jacobians of an elementwise op: a diagonal for each operand, given by its partial."""

    def __init__(self, partials: list[Rule | None], multiply: Callable[[Any, Any], Any]) -> None:
        self.partials = partials
        self.multiply = multiply
        self.reads_output = self.reads_inputs = False
        for rule in partials:
            if rule is not None:
                output, *operands = _operand_names(rule)
                self.reads_output |= _is_read(output)
                self.reads_inputs |= any(map(_is_read, operands))

    def push(self, x_dots: tuple[Any, ...], xs: tuple[Any, ...], y: Any, params: dict[str, Any]) -> Any:
        """ẏ = Σᵢ ∂y/∂xᵢ · ẋᵢ."""
        y_dot: Any = ZERO
        for rule, x_dot in zip(self.partials, x_dots, strict=True):
            if x_dot is not ZERO and rule is not None:
                y_dot = add(y_dot, self.multiply(rule(y, *xs, **params), x_dot))
        return _broadcast(y_dot, y.shape)

    def pull(
        self, y_bar: Any, xs: tuple[Any, ...], y: Any, params: dict[str, Any], operands: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        """x̄ᵢ = ∂y/∂xᵢ · ȳ."""
        multiply = self.multiply
        x_bars: list[Any] = []
        for rule, operand in zip(self.partials, operands, strict=True):
            if rule is None or type(operand) is not Node:
                x_bars.append(None)
            else:
                x_bars.append(multiply(rule(y, *xs, **params) if params else rule(y, *xs), y_bar))
        return tuple(x_bars)


class UnaryDiagonal(Diagonal):
    """The local Jacobian of an elementwise op of one operand, the commonest of all."""

    def __init__(self, rule: Rule) -> None:
        super().__init__([_entry(rule, 0)], scale)
        self.rule = rule

    def pull(
        self, y_bar: Any, xs: tuple[Any, ...], y: Any, params: dict[str, Any], operands: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        """x̄ = ∂y/∂x · ȳ."""
        rule = self.rule
        (partial,) = rule(y, xs[0], **params) if params else rule(y, xs[0])
        return (partial * y_bar,) if type(y_bar) in PLAIN else (scale(partial, y_bar),)


class BinaryDiagonal(Diagonal):
    """The local Jacobians of an elementwise op of two operands, with the pull written out: a hot path."""

    def pull(
        self, y_bar: Any, xs: tuple[Any, ...], y: Any, params: dict[str, Any], operands: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        """x̄ = ∂z/∂x · z̄ and ȳ = ∂z/∂y · z̄."""
        lhs, rhs = self.partials
        x, other = xs
        multiply = mul if self.multiply is scale and type(y_bar) in PLAIN else self.multiply
        x_bar = other_bar = None
        if lhs is not None and type(operands[0]) is Node:
            x_bar = multiply(lhs(y, x, other, **params) if params else lhs(y, x, other), y_bar)
        if rhs is not None and type(operands[1]) is Node:
            other_bar = multiply(rhs(y, x, other, **params) if params else rhs(y, x, other), y_bar)
        return x_bar, other_bar


class Linear(LocalJacobian):
    """The local Jacobian of an op that is linear in all its operands together.

    `follow` carries exclusions along: by the same movement or selection of entries, or not at all. `follow_back` does
    so for the transpose.
    """

    reads_inputs = False
    reads_output = False

    def __init__(
        self, op: Op, transpose: Rule, follow: Callable[[Rule, Any], Any], follow_back: Callable[[Rule, Any], Any]
    ) -> None:
        self.op = op
        self.transpose = transpose
        self.follow = follow
        self.follow_back = follow_back

    def push(self, x_dots: tuple[Any, ...], xs: tuple[Any, ...], y: Any, params: dict[str, Any]) -> Any:
        """ẏ = A(ẋ₁, ẋ₂, ...), the op itself."""
        if all(x_dot is ZERO for x_dot in x_dots):
            return ZERO
        if len(x_dots) == 1:
            return self.follow(lambda values: self.op(values, **params), x_dots[0])
        y_dot = self.op(*(values_of(x_dot, x) for x_dot, x in zip(x_dots, xs, strict=True)), **params)
        if self.follow is apply_linear or not any(x_dot is ZERO or parts(x_dot)[1] is not None for x_dot in x_dots):
            return y_dot
        return masked(y_dot, self._excluded(x_dots, xs, params))

    def _excluded(self, x_dots: tuple[Any, ...], xs: tuple[Any, ...], params: dict[str, Any]) -> Any:
        """Where every operand that reaches an entry is excluded."""
        if self.follow is apply_movement:
            return self.op(*(flags_of(x_dot, x.shape) for x_dot, x in zip(x_dots, xs, strict=True)), **params)
        included = (
            ops.convert(ops.logical_not(flags_of(x_dot, x.shape)), dtype=_INDICATOR)
            for x_dot, x in zip(x_dots, xs, strict=True)
        )
        return self.op(*included, **params) == 0

    def pull(
        self, y_bar: Any, xs: tuple[Any, ...], y: Any, params: dict[str, Any], operands: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        """(x̄₁, x̄₂, ...) = Aᵀ ȳ."""
        if len(operands) == 1 and type(y_bar) not in STRUCTURED:
            transpose = self.transpose
            return (transpose(y_bar, operands[0], **params),)
        return self._pull_with_exclusions(y_bar, params, operands)

    def _pull_with_exclusions(self, y_bar: Any, params: dict[str, Any], operands: tuple[Any, ...]) -> tuple[Any, ...]:
        if len(operands) == 1:
            return (self.follow_back(lambda values: self.transpose(values, *operands, **params), y_bar),)
        values, excluded = parts(y_bar)
        x_bars: tuple[Any, ...] = self.transpose(values, *operands, **params)
        if excluded is None or self.follow_back is apply_linear:
            return x_bars
        if self.follow_back is apply_movement:
            flags = self.transpose(excluded, *operands, **params)
        else:
            included = ops.convert(ops.logical_not(excluded), dtype=_INDICATOR)
            flags = tuple(flag == 0 for flag in self.transpose(included, *operands, **params))
        return tuple(None if x_bar is None else masked(x_bar, flag) for x_bar, flag in zip(x_bars, flags, strict=True))


class ElementwiseLinear(LocalJacobian):
    """The local Jacobian of an elementwise op that is linear in all its operands together: diagonals of constants.

    The transpose gives one function for each operand, such as (identity, negative) for a subtraction.
    """

    reads_inputs = False
    reads_output = False

    def __init__(self, op: Op, transpose: Rule) -> None:
        self.op = op
        self.transpose = transpose

    def push(self, x_dots: tuple[Any, ...], xs: tuple[Any, ...], y: Any, params: dict[str, Any]) -> Any:
        """ẏ = A(ẋ₁, ẋ₂, ...), the op itself, with a broadcast 0 for an operand that does not take part."""
        if all(x_dot is ZERO for x_dot in x_dots):
            return ZERO
        operands = (x.dtype.type(0) if x_dot is ZERO else parts(x_dot)[0] for x_dot, x in zip(x_dots, xs, strict=True))
        y_dot: Any = self.op(*operands, **params)
        excluded: Any = None
        for x_dot in x_dots:
            if x_dot is not ZERO:
                flags = parts(x_dot)[1]
                if flags is None:
                    return _broadcast(y_dot, y.shape)
                excluded = flags if excluded is None else ops.logical_and(excluded, flags)
        return _broadcast(masked(y_dot, excluded), y.shape)

    def pull(
        self, y_bar: Any, xs: tuple[Any, ...], y: Any, params: dict[str, Any], operands: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        """(x̄₁, x̄₂, ...) = Aᵀ ȳ, with the exclusions of ȳ."""
        values, excluded = (y_bar, None) if type(y_bar) in PLAIN else parts(y_bar)
        transpose = self.transpose
        result = transpose(values, *operands, **params) if params else transpose(values, *operands)
        x_bars: tuple[Any, ...] = result if type(result) is tuple else (result,)
        if excluded is None:
            return x_bars
        return tuple(masked(x_bar, excluded) for x_bar in x_bars)


class BinaryLinear(ElementwiseLinear):
    """The local Jacobian of a sum or a difference, with the pull written out: a hot path."""

    def pull(
        self, y_bar: Any, xs: tuple[Any, ...], y: Any, params: dict[str, Any], operands: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        """(x̄₁, x̄₂) = Aᵀ ȳ, with the exclusions of ȳ."""
        if params or type(y_bar) not in PLAIN:
            return super().pull(y_bar, xs, y, params, operands)
        transpose = self.transpose
        lhs, rhs = operands
        x_bars: tuple[Any, ...] = transpose(y_bar, lhs, rhs)
        return x_bars


class Multilinear(LocalJacobian):
    """The local Jacobians of an op that is linear in each of some operands alone, such as a matrix product."""

    reads_output = False

    def __init__(self, op: Op, transposes: dict[int, Rule]) -> None:
        self.op = op
        self.transposes = transposes

    def push(self, x_dots: tuple[Any, ...], xs: tuple[Any, ...], y: Any, params: dict[str, Any]) -> Any:
        """The product rule: ẏ = Σₖ op(x₁, ..., ẋₖ, ...)."""
        y_dot: Any = ZERO
        for k, x_dot in enumerate(x_dots):
            if x_dot is not ZERO and k in self.transposes:
                values = parts(x_dot)[0]
                y_dot = add(y_dot, self.op(*xs[:k], values, *xs[k + 1 :], **params))
        return y_dot

    def pull(
        self, y_bar: Any, xs: tuple[Any, ...], y: Any, params: dict[str, Any], operands: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        """x̄ₖ = Aₖ(other operands)ᵀ ȳ."""
        values = y_bar if type(y_bar) in PLAIN else parts(y_bar)[0]
        transposes = self.transposes
        if len(xs) == 2 and len(transposes) == 2:
            # Written out for products of two, the commonest.
            x, other = xs
            lhs, rhs = operands
            if params:
                return (
                    transposes[0](values, x, other, **params) if type(lhs) is Node else None,
                    transposes[1](values, x, other, **params) if type(rhs) is Node else None,
                )
            return (
                transposes[0](values, x, other) if type(lhs) is Node else None,
                transposes[1](values, x, other) if type(rhs) is Node else None,
            )
        x_bars: list[Any] = []
        for k, operand in enumerate(operands):
            if type(operand) is Node and k in transposes:
                rule = transposes[k]
                x_bars.append(rule(values, *xs, **params) if params else rule(values, *xs))
            else:
                x_bars.append(None)
        return tuple(x_bars)


class Pushed(LocalJacobian):
    """The local Jacobian of an op given by its push, which is made of linear ops; the pull is its transpose."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.reads_output = reads(rule, slice(1, 2))
        self.reads_inputs = reads(rule, slice(2, None))

    def push(self, x_dots: tuple[Any, ...], xs: tuple[Any, ...], y: Any, params: dict[str, Any]) -> Any:
        """ẏ by the rule; operands that do not take part arrive as `ZERO`."""
        if all(x_dot is ZERO for x_dot in x_dots):
            return ZERO if type(y) is not tuple else (ZERO,) * len(y)
        plain = tuple(x_dot if x_dot is ZERO else parts(x_dot)[0] for x_dot in x_dots)
        return self.rule(plain, y, *xs, **params)

    def pull(
        self, y_bar: Any, xs: tuple[Any, ...], y: Any, params: dict[str, Any], operands: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        """The rule is recorded as a linear program of the tangents, and that program is transposed."""
        from chainrule.jacobians.transposition import transposed

        slots = [k for k, operand in enumerate(operands) if type(operand) is Node]

        def program(*x_dots: Any) -> Any:
            given = dict(zip(slots, x_dots, strict=True))
            return self.rule(tuple(given.get(k, ZERO) for k in range(len(operands))), y, *xs, **params)

        x_bars = dict(zip(slots, transposed(program, [operands[k] for k in slots], y_bar), strict=True))
        return tuple(x_bars.get(k) for k in range(len(operands)))


class Pulled(LocalJacobian):
    """The local Jacobian of an opaque op, known by its pull alone."""

    def __init__(self, op: Op, rule: Rule) -> None:
        self.op = op
        self.rule = rule

    def push(self, x_dots: tuple[Any, ...], xs: tuple[Any, ...], y: Any, params: dict[str, Any]) -> Any:
        """No forward mode: nothing is known but the transposed product."""
        if all(x_dot is ZERO for x_dot in x_dots):
            return ZERO
        from chainrule.errors import NoRuleError

        raise NoRuleError(
            f"`{self.op.name}` has no forward derivative: its rule is a pull (Jacobian-transpose times cotangent)."
            f"{describe(here())}\n"
            '  Use reverse mode (`cr.grad`, `cr.vjp`, `cr.jacobian(..., order="reverse")`), or give the operation a '
            "push or partials."
        )

    def pull(
        self, y_bar: Any, xs: tuple[Any, ...], y: Any, params: dict[str, Any], operands: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        """One x̄ for each operand, by the rule."""
        values = tuple(values_of(b, a) for b, a in zip(y_bar, y, strict=True)) if type(y) is tuple else parts(y_bar)[0]
        x_bars = self.rule(values, y, *xs, **params)
        return x_bars if type(x_bars) is tuple else (x_bars,)


def partials(op: Op) -> Callable[[Rule], Rule]:
    """State the partials of an elementwise op, a tuple with one for each operand, from the output and the operands."""

    def state(rule: Rule) -> Rule:
        arity = len(op.core or ())
        if arity == 1:
            op.jacobian = UnaryDiagonal(rule)
        else:
            op.jacobian = Diagonal([_entry(rule, k) for k in range(arity)], scale)
        return rule

    return state


def partial(op: Op, *, operand: int) -> Callable[[Rule], Rule]:
    """State the partial of an elementwise op with respect to one operand, from the output and the operands."""

    def state(rule: Rule) -> Rule:
        _state_one(op, operand, rule, scale)
        return rule

    return state


def weights(op: Op, *, operand: int) -> Callable[[Rule], Rule]:
    """State with what weight an operand is chosen: booleans or numbers, whose zeros are branches not taken."""

    def state(rule: Rule) -> Rule:
        _state_one(op, operand, rule, choose)
        return rule

    return state


def linear(op: Op, *, selects: bool = False, moves: bool = False, moves_back: bool = False) -> Callable[[Rule], Rule]:
    """State the transpose of an op that is linear in all operands together.

    The rule takes the cotangent and the operands, of which only shape and dtype are known, and returns the cotangent of
    each operand. `selects` says that the matrix of the op holds zeros and ones only (a movement or a sum), which
    exclusions can follow; those of an elementwise op follow by themselves. `moves` says more, that every entry of the
    result is one of an operand, and `moves_back` that every entry of a cotangent that the rule returns is one of ȳ.
    """

    def state(rule: Rule) -> Rule:
        if op.elementwise:
            op.jacobian = (BinaryLinear if len(op.core or ()) == 2 else ElementwiseLinear)(op, rule)
        else:
            follow = apply_selection if selects else apply_linear
            op.jacobian = Linear(
                op, rule, apply_movement if moves else follow, apply_movement if moves_back else follow
            )
        return rule

    return state


def transpose(op: Op, *, operand: int) -> Callable[[Rule], Rule]:
    """State the transpose of an op in one operand, in which it is linear while the others are held."""

    def state(rule: Rule) -> Rule:
        if not isinstance(op.jacobian, Multilinear):
            op.jacobian = Multilinear(op, {})
        op.jacobian.transposes[operand] = rule
        return rule

    return state


def push(op: Op) -> Callable[[Rule], Rule]:
    """State the push of an op: ẏ from (ẋ₁, ẋ₂, ...), the output and the operands, made of ops linear in the tangents.

    A tangent may be `ZERO`. For an op with several results the rule returns a tuple.
    """

    def state(rule: Rule) -> Rule:
        op.jacobian = Pushed(rule)
        return rule

    return state


def pull(op: Op) -> Callable[[Rule], Rule]:
    """State the pull of an opaque op: one cotangent for each operand, from ȳ, the output and the operands."""

    def state(rule: Rule) -> Rule:
        op.jacobian = Pulled(op, rule)
        return rule

    return state


def batch(op: Op) -> Callable[[Rule], Rule]:
    """State how an op works on batches, where that cannot be derived.

    The rule takes the batch size, which operands are batched, and the operands, whose batch axis is the first; its
    results have the batch axis first.
    """

    def state(rule: Rule) -> Rule:
        op.batch = rule
        return rule

    return state


def _state_one(op: Op, operand: int, rule: Rule, multiply: Callable[[Any, Any], Any]) -> None:
    arity = len(op.core or ())
    known = op.jacobian.partials if isinstance(op.jacobian, Diagonal) else [None] * arity
    stated = [rule if k == operand else other for k, other in enumerate(known)]
    op.jacobian = (BinaryDiagonal if arity == 2 else Diagonal)(stated, multiply)


def _entry(rule: Rule, k: int) -> Rule:
    """One entry of the tuple that a rule returns, with the rule's own signature."""

    def entry(y: Any, *xs: Any, **params: Any) -> Any:
        return rule(y, *xs, **params)[k]

    entry.__wrapped__ = rule  # type: ignore[attr-defined]  # read by _operand_names
    return entry


def _operand_names(rule: Rule) -> list[str]:
    # The code object tells it in a tenth of the time of a signature, and every rule is asked when it is imported.
    while "__wrapped__" in rule.__dict__:
        rule = rule.__wrapped__  # type: ignore[attr-defined]  # it has one
    code = rule.__code__
    names = list(code.co_varnames[: code.co_argcount])
    if code.co_flags & inspect.CO_VARARGS:
        names.append(code.co_varnames[code.co_argcount + code.co_kwonlyargcount])
    return names


def reads(rule: Rule, names: slice) -> bool:
    """Whether a rule reads any of the named parameters: those whose names begin with an underscore it does not."""
    return any(map(_is_read, _operand_names(rule)[names]))


def _is_read(name: str) -> bool:
    return name[0] != "_"


def _broadcast(t: Any, shape: tuple[int, ...]) -> Any:
    """A tangent of a broadcasting op at the shape of its result."""
    if t is ZERO or t.shape == shape:
        return t
    return apply_selection(lambda values: ops.broadcast_to(values, shape=shape), t)
