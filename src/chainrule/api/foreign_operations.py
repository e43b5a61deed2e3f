"""Operations of another library: functions of its users, recorded as one op, with rules that are looked up."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter
from typing import Any

import numpy as np

from chainrule.api.foreign_calls import CONTAINERS, SIMPLE, NestedSite, Operands, Site
from chainrule.api.foreign_values import HANDLES, as_held, without_constants
from chainrule.api.kept_runs import KeptRunLevel
from chainrule.api.lasting import RunLevel
from chainrule.api.pushed_runs import PushLevel
from chainrule.api.trees import flatten
from chainrule.errors import NoRuleError
from chainrule.graph import Node
from chainrule.graph.node import next_serial
from chainrule.graph.position import describe, here
from chainrule.jacobians.forms import LocalJacobian
from chainrule.jacobians.zeros import PLAIN, values_of
from chainrule.numpy.handle import Handle, wrap
from chainrule.trace import Abstract, Op, Value
from chainrule.transforms.custom import Stated, results_of

# The types of most arguments that are neither traced nor containers.
_ALONE = frozenset((np.ndarray, np.float64, float, int, bool, str, type(None)))
# The levels of runs over plain arrays.
_RUNS = frozenset((RunLevel, KeptRunLevel, PushLevel))
_number_of = attrgetter("number")
_NOTHING: frozenset[Any] = frozenset()


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

    def __call__(self, args: Sequence[Any], kwargs: dict[str, Any], around: frozenset[Any] = _NOTHING) -> Any:
        """Apply the function to arguments of which some carry derivatives, alone or in containers.

        Of the same call at levels within, the nodes of operands are in `around`.
        """
        # The commonest call is recorded in fewer steps: its traced arguments are of one run, with nothing around it.
        given = list(args)
        argnums: list[int] = []
        attached: list[Any] = []
        xs: list[Any] = []
        level: Any = None
        argnum = -1
        for arg in args:
            argnum += 1
            kind = type(arg)
            if kind in _ALONE:
                continue
            value = arg._read() if kind in SIMPLE else None
            if type(value) is not Value:
                return self._applied(args, kwargs, around)
            if type(value.below) is Value or (level is not None and value.level is not level):
                return self._below_the_innermost(args, kwargs, around)
            level = value.level
            argnums.append(argnum)
            attached.append(value.attached)
            xs.append(value.below)
            given[argnum] = value.below
        if type(level) not in _RUNS or level.over:
            return self._applied(args, kwargs, around)
        site = Site(self, tuple(given), tuple(argnums), kwargs)
        began = next_serial()
        result = self.function(*given, **kwargs)
        return self._recorded(level, site, tuple(attached), tuple(xs), result, Operands(began, attached, around))

    def _recorded(
        self,
        level: Any,
        site: Site,
        attached: tuple[Any, ...],
        xs: tuple[Any, ...],
        result: Any,
        operands: Operands,
    ) -> Any:
        """A result that was computed below a level, on that level."""
        site.inputs = xs
        z = site.varying_part(result)
        if type(z) is Value or type(z) is tuple:
            z = site.below(level.number, z, operands)
        site.output = z
        if type(level) is PushLevel:
            y = level.pushed(self._op, attached, xs, z, {"site": site})
        else:
            y = level.recorded(self._op, attached, xs, z, {"site": site})
        return site.tree(list(map(wrap, y))) if type(y) is tuple else wrap(y)

    def _below_the_innermost(self, args: Sequence[Any], kwargs: dict[str, Any], around: frozenset[Any]) -> Any:
        """The same where runs are nested: what the innermost one wraps is applied in those around it."""
        traced = {argnum: arg._read() for argnum, arg in enumerate(args) if type(arg) in SIMPLE}
        levels = [value.level for value in traced.values() if type(value) is Value]
        innermost = max(levels, key=_number_of)
        if len(levels) < sum(type(arg) not in _ALONE for arg in args) or type(innermost) not in _RUNS or innermost.over:
            return self._applied(args, kwargs, around)
        own = {argnum: value for argnum, value in traced.items() if value.level is innermost}
        given = [as_held(own[argnum].below) if argnum in own else arg for argnum, arg in enumerate(args)]
        attached, xs = (tuple([getattr(value, part) for value in own.values()]) for part in ("attached", "below"))
        nested = any(isinstance(arg, Handle) for arg in given)
        operands = Operands(next_serial(), attached, around)
        result = self(given, kwargs, operands.nodes()) if nested else self.function(*given, **kwargs)
        return self._recorded(innermost, Site(self, tuple(given), tuple(own), kwargs), attached, xs, result, operands)

    def _applied(self, args: Sequence[Any], kwargs: dict[str, Any], around: frozenset[Any]) -> Any:
        """The same for any call."""
        site, traced = self._site(args, kwargs)
        if not traced:
            return self.function(*site.arguments(()), **kwargs)
        site.lowest = min(map(_lowest_of, traced))
        site.operands = Operands(next_serial(), [node for value in traced for node in _nodes_of(value)], around)
        try:
            y = self._op(*traced, site=site)
        finally:
            # What is recorded holds the site, and must not hold what leads back to it.
            site.operands = None
        return site.tree(list(map(wrap, y))) if type(y) is tuple else wrap(y)

    def _site(self, args: Sequence[Any], kwargs: dict[str, Any]) -> tuple[Site, list[Any]]:
        """What stands beside the traced values of a call, and these."""
        given = list(args)
        argnums: list[int] = []
        traced: list[Any] = []
        for argnum, arg in enumerate(args):
            kind = type(arg)
            if kind in _ALONE:
                continue
            if kind in HANDLES or isinstance(arg, Handle):
                value = arg._read()
                if type(value) is Value:
                    argnums.append(argnum)
                    traced.append(value)
                    # What is recorded holds the site, and must not hold what leads back to it.
                    given[argnum] = None
                else:
                    given[argnum] = without_constants(arg)
            elif isinstance(arg, CONTAINERS) and any(isinstance(leaf, Handle) for leaf in flatten(arg)[0]):
                return NestedSite.of(self, args, kwargs)
        return Site(self, given, tuple(argnums), kwargs), traced


def _lowest_of(value: Value) -> float:
    """The number of the outermost level of a value."""
    lowest = float(value.level.number)
    while type(below := value.below) is Value:
        value = below
        lowest = min(lowest, value.level.number)
    return lowest


def _nodes_of(value: Any) -> Iterator[Any]:
    """What is attached to a value, at each of its levels."""
    while type(value) is Value:
        yield value.attached
        value = value.below


def _evaluate(*xs: Any, site: Site) -> Any:
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
        return params["site"].push(rule, x_dots, y, xs)

    def pull(
        self, y_bar: Any, xs: tuple[Any, ...], y: Any, params: dict[str, Any], operands: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        """x̄, by the pull or the transposed push."""
        site: Site = params["site"]
        rule, push = self.operation.rules()
        if rule is not None and xs is site.inputs and y is site.output and type(y) is not tuple:
            return site.pull_alone(rule, y_bar)
        if y is None:
            # The operation was applied to a tangent, in a push that is being transposed.
            raise NoRuleError(
                f"a push (JVP) applies `{self.operation.name}` to a tangent, so it does not give reverse mode: the "
                f"transpose of that is not known.{describe(here())}\n"
                "  State the pull (VJP) of the primitive whose derivative is taken."
            )
        if rule is not None:
            if type(y) is tuple:
                y_bar = [values_of(bar, like) for bar, like in zip(y_bar, y, strict=True)]
            elif type(y_bar) not in PLAIN:
                y_bar = values_of(y_bar, y)
            return site.pull(rule, y_bar, y, xs, [type(operand) is Node for operand in operands])
        if push is None:
            raise NoRuleError(
                f"the derivative (VJP) of `{self.operation.name}` is not defined.{describe(here())}\n"
                "  Evaluation works; only the derivative is missing. State its pull (VJP), its push (JVP), or both."
            )
        several = type(y) is tuple
        stated = Stated(
            self.operation.name,
            None,
            lambda dots, ys, xs, params: (
                list(site.push(push, dots, tuple(ys), xs)) if several else [site.push(push, dots, ys[0], xs)]
            ),
            None,
            lambda: [Abstract(r.shape, r.dtype) for r in results_of(y)],
            reads_inputs=True,
            reads_output=True,
            described_push=f"the push (JVP) of `{self.operation.name}`",
        )
        return stated.pull(y_bar, xs, y, params, operands)
