"""Operations of another library: functions of its users, recorded as one op, with rules that are looked up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule.api.foreign_values import as_held, fitted, without_constants
from chainrule.api.lasting import living
from chainrule.api.results import value_of_leaf
from chainrule.api.trees import LEAF, flatten, unflatten
from chainrule.errors import DTypeError, NoRuleError, ShapeError
from chainrule.graph import Node
from chainrule.graph.position import describe, here
from chainrule.jacobians.forms import LocalJacobian
from chainrule.jacobians.zeros import ZERO, values_of
from chainrule.numpy.handle import Handle, wrap
from chainrule.trace import Abstract, Op, Value
from chainrule.transforms.custom import Stated


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
        self._op.jacobian = LookedUp(self)

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
        value = living(value_of_leaf(leaf))
        if not hasattr(value, "dtype") or value.dtype.kind not in "biufc":
            raise DTypeError(
                f"the rule of `{self.operation.name}` returned a {type(leaf).__name__} as the {what}, which should be "
                f"an array or a number.{describe(here())}"
            )
        found = fitted(value, like)
        if found is not None:
            return found
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


class LookedUp(LocalJacobian):
    """The local Jacobians of an operation, by the rules that it has at the time."""

    one_by_one = True

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
