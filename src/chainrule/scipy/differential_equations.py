"""Ordinary differential equations: `scipy.integrate.odeint`, whose derivatives are further equations of the kind.

The operation holds a function of the user's, and its derivatives differentiate that: so it stands here, and not among
the operations that are made of numbers alone.

Sources: Hindmarsh (1983), ODEPACK, a systematized collection of ODE solvers; Cao, Li, Petzold and Serban (2003),
adjoint sensitivity analysis for differential-algebraic equations.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import optree
from scipy import integrate

from chainrule import ops
from chainrule.errors import NoRuleError, ShapeError
from chainrule.graph import Node
from chainrule.graph.position import describe, here
from chainrule.jacobians.forms import LocalJacobian, batch
from chainrule.jacobians.zeros import ZERO, parts, values_of
from chainrule.numpy.effects import affected
from chainrule.numpy.handle import Handle, wrap
from chainrule.numpy.operands import converted, plain, resists, value_of
from chainrule.numpy.swap import run_opened
from chainrule.numpy.table import implements
from chainrule.trace import Abstract, Op, Value
from chainrule.transforms.forward import ForwardLevel
from chainrule.transforms.reverse import ReverseLevel, Tape, missing_rule


class System:
    """The right side of y′ = f(y, t, ...), a function of values, and the options with which it is solved."""

    __slots__ = ("function", "options")

    def __init__(self, function: Callable[..., Any], options: dict[str, Any]) -> None:
        self.function = function
        self.options = options

    def __call__(self, y: Any, t: Any, *parameters: Any) -> Any:
        """The derivative of y in t."""
        return self.function(y, t, *parameters)


def _odeint_evaluate(y0: Any, t: Any, /, *parameters: Any, system: System) -> Any:
    def right_side(y: Any, t: Any) -> Any:
        slope = system(np.array(y), np.float64(t), *parameters)
        if type(slope) is Value:
            raise NoRuleError(
                "the right side given to `scipy.integrate.odeint` uses a value from around it that carries a "
                f"derivative.{describe(here())}\n  Hand the value over in `args`."
            )
        return slope

    return integrate.odeint(right_side, y0, t, **system.options)


def _odeint_infer(y0: Any, t: Any, *parameters: Any, system: System) -> Abstract:
    return Abstract((*t.shape, *y0.shape), y0.dtype)


# y at the times t, where y(t[0]) = y0 and y′ = system(y, t, *parameters).
solution = Op("odeint", _odeint_evaluate, _odeint_infer, may_fail=True)


def pushed_through(f: Callable[..., Any], xs: Sequence[Any], x_dots: Sequence[Any]) -> tuple[Any, Any]:
    """The value of a function and its tangent."""
    level = ForwardLevel()
    try:
        y = f(*(x if x_dot is ZERO else level.input(x, x_dot) for x, x_dot in zip(xs, x_dots, strict=True)))
        y, y_dot = level.tangent_of(y)
    finally:
        level.end()
    return y, values_of(y_dot, y)


def pulled_through(f: Callable[..., Any], xs: Sequence[Any], y_bar: Any) -> tuple[Any, list[Any]]:
    """The value of a function, and the cotangents of its operands."""
    level = ReverseLevel()
    values = [level.input(x) for x in xs]
    try:
        y = f(*values)
    finally:
        level.end()
    if type(y) is not Value or y.level is not level:
        return y, [np.zeros(x.shape, x.dtype) for x in xs]
    x_bars = Tape([value.attached for value in values], [y.attached]).pull([y_bar])
    return y.below, [values_of(x_bar, x) for x_bar, x in zip(x_bars, xs, strict=True)]


def _plain(t: Any) -> Any:
    return t if t is ZERO else parts(t)[0]


def _entry(x: Any, k: int) -> Any:
    return ops.index(x, path=((k,),))


def _segment(z: Any, first: int, last: int) -> Any:
    return ops.index(z, path=((slice(first, last),),))


def _flat(x: Any) -> Any:
    return ops.reshape(x, shape=(x.size,))


def _slopes(system: System, y: Any, t: Any, parameters: tuple[Any, ...]) -> list[Any]:
    """The right side at every time."""
    return [system(_entry(y, k), _entry(t, k), *parameters) for k in range(t.shape[0])]


class Solution(LocalJacobian):
    """y′ = f(y, t, p): tangents solve ẏ′ = f_y ẏ + f_p ṗ, cotangents λ′ = -f_yᵀ λ and p̄′ = -f_pᵀ λ, backwards."""

    def push(self, x_dots: tuple[Any, ...], xs: tuple[Any, ...], y: Any, params: dict[str, Any]) -> Any:
        """The tangents along with the solution; a later time moves along it, a later beginning starts elsewhere."""
        y0_dot, t_dot, *p_dots = map(_plain, x_dots)
        y0, t, *parameters = xs
        system: System = params["system"]
        n, count = y0.shape[0], len(parameters)
        moving = [k for k, p_dot in enumerate(p_dots) if p_dot is not ZERO]

        def augmented(z: Any, time: Any, *rest: Any) -> Any:
            given = dict(zip(moving, rest[count:], strict=True))
            slope, slope_dot = pushed_through(
                lambda y, *p: system(y, time, *p),
                (_segment(z, 0, n), *rest[:count]),
                (_segment(z, n, 2 * n), *(given.get(k, ZERO) for k in range(count))),
            )
            return ops.concatenate(slope, slope_dot, axis=0)

        begin = np.zeros(n) if y0_dot is ZERO else y0_dot
        slopes = None if t_dot is ZERO else _slopes(system, y, t, tuple(parameters))
        if slopes is not None:
            begin = begin - slopes[0] * _entry(t_dot, 0)
        z = solution(
            ops.concatenate(y0, begin, axis=0),
            t,
            *parameters,
            *(p_dots[k] for k in moving),
            system=System(augmented, system.options),
        )
        y_dot = ops.index(z, path=((slice(None), slice(n, 2 * n)),))
        if slopes is None:
            return y_dot
        return y_dot + ops.stack(*(slope * _entry(t_dot, k) for k, slope in enumerate(slopes)), axis=0)

    def pull(
        self, y_bar: Any, xs: tuple[Any, ...], y: Any, params: dict[str, Any], operands: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        """The cotangents from the last time to the first, where that of each time is added on the way."""
        y_bar = _plain(y_bar)
        y0, t, *parameters = xs
        system: System = params["system"]
        n = y0.shape[0]
        picked = [k for k in range(len(parameters)) if type(operands[2 + k]) is Node]
        ends = np.cumsum([2 * n, *(parameters[k].size for k in picked)]).tolist()

        def adjoint(z: Any, time: Any, *rest: Any) -> Any:
            slope, bars = pulled_through(
                lambda y, *chosen: system(y, time, *_replaced(rest, picked, chosen)),
                (_segment(z, 0, n), *(rest[k] for k in picked)),
                _segment(z, n, 2 * n),
            )
            return ops.concatenate(slope, *(-_flat(x_bar) for x_bar in bars), axis=0)

        back = System(adjoint, system.options)
        count = t.shape[0]
        t_bars: list[Any] = [None] * count
        rest: list[Any] = [np.zeros(parameters[k].size) for k in picked]
        y_part: Any = np.zeros(n)
        for k in range(count - 1, 0, -1):
            at_time = _entry(y_bar, k)
            y_part = y_part + at_time
            if type(operands[1]) is Node:
                t_bars[k] = ops.reduce_sum(system(_entry(y, k), _entry(t, k), *parameters) * at_time, axes=(0,))
            begin = ops.concatenate(_entry(y, k), y_part, *rest, axis=0)
            times = ops.stack(_entry(t, k), _entry(t, k - 1), axis=0)
            z = _entry(solution(begin, times, *parameters, system=back), 1)
            y_part = _segment(z, n, 2 * n)
            rest = [_segment(z, first, last) for first, last in pairwise(ends)]
        p_bars = dict(zip(picked, rest, strict=True))
        t_bar = None
        if type(operands[1]) is Node:
            slope = system(_entry(y, 0), _entry(t, 0), *parameters)
            t_bars[0] = -ops.reduce_sum(slope * y_part, axes=(0,))
            t_bar = ops.stack(*t_bars, axis=0)
        return (
            y_part + _entry(y_bar, 0),
            t_bar,
            *(
                ops.reshape(p_bars[k], shape=parameters[k].shape) if k in p_bars else None
                for k in range(len(parameters))
            ),
        )


def _replaced(values: tuple[Any, ...], places: list[int], others: tuple[Any, ...]) -> list[Any]:
    made = list(values)
    for place, other in zip(places, others, strict=True):
        made[place] = other
    return made


solution.jacobian = Solution()


@batch(solution)
def solution_batch(size: int, batched: Sequence[bool], *xs: Any, system: System) -> Any:
    """One lane after the other."""
    lanes = [
        solution(*(_entry(x, k) if lane else x for x, lane in zip(xs, batched, strict=True)), system=system)
        for k in range(size)
    ]
    return ops.stack(*lanes, axis=0)


@implements(integrate.odeint)
def odeint(
    func: Any,
    y0: Any,
    t: Any,
    args: Any = (),
    Dfun: Any = None,
    col_deriv: Any = 0,
    full_output: Any = 0,
    ml: Any = None,
    mu: Any = None,
    rtol: Any = None,
    atol: Any = None,
    tcrit: Any = None,
    h0: float = 0.0,
    hmax: float = 0.0,
    hmin: float = 0.0,
    ixpr: int = 0,
    mxstep: int = 0,
    mxhnil: int = 0,
    mxordn: int = 12,
    mxords: int = 5,
    printmessg: Any = 0,
    tfirst: bool = False,
) -> Any:
    """Solve y′ = func(y, t, *args) with y(t[0]) = y0, and return y at the times t.

    Derivatives are taken in y0, t and whatever numbers are in args, to the tolerances of the solution. `Dfun` serves
    the solution of constants alone.
    """
    affected("solves a differential equation")
    if not isinstance(args, tuple):
        args = (args,)
    leaves, structure = optree.tree_flatten(args, none_is_leaf=True)
    if not any(map(resists, (y0, t, *leaves))):
        options = {
            "Dfun": Dfun, "col_deriv": col_deriv, "full_output": full_output, "ml": ml, "mu": mu, "rtol": plain(rtol),
            "atol": plain(atol), "tcrit": plain(tcrit), "h0": h0, "hmax": hmax, "hmin": hmin, "ixpr": ixpr,
            "mxstep": mxstep, "mxhnil": mxhnil, "mxordn": mxordn, "mxords": mxords, "printmessg": printmessg,
            "tfirst": tfirst,
        }  # fmt: skip
        return wrap(integrate.odeint(func, plain(y0), plain(t), tuple(plain(list(args))), **options))
    if full_output:
        raise missing_rule("scipy.integrate.odeint with full_output=True")
    varying = [k for k, leaf in enumerate(leaves) if isinstance(leaf, (Handle, np.ndarray, np.floating, float))]

    def right_side(y: Any, time: Any, *parameters: Any) -> Any:
        given = list(leaves)
        for place, parameter in zip(varying, parameters, strict=True):
            given[place] = wrap(parameter)
        first = (wrap(time), wrap(y)) if tfirst else (wrap(y), wrap(time))
        slope = _vector(run_opened(func, *first, *optree.tree_unflatten(structure, given)))
        if slope.shape != y.shape:
            raise ShapeError(
                f"the right side of a differential equation returns shape {slope.shape}, and the unknown has shape "
                f"{y.shape}.{describe(here())}"
            )
        return slope

    options = {
        "rtol": _least(rtol), "atol": _least(atol), "tcrit": plain(tcrit), "h0": h0, "hmax": hmax, "hmin": hmin,
        "mxstep": mxstep, "mxhnil": mxhnil, "mxordn": mxordn, "mxords": mxords,
    }  # fmt: skip
    parameters = [_number(leaves[k]) for k in varying]
    times = converted(value_of(t), np.float64)
    return wrap(solution(_vector(y0), times, *parameters, system=System(right_side, options)))


def _vector(x: Any) -> Any:
    value = converted(value_of(x), np.float64)
    return value if value.ndim == 1 else ops.reshape(value, shape=(value.size,))


def _number(x: Any) -> Any:
    value = value_of(x)
    return converted(value, np.float64) if value.dtype.kind in "fiub" else value


def _least(tolerance: Any) -> Any:
    """One tolerance for all unknowns, those of the derivatives included: the least."""
    return None if tolerance is None else float(np.min(plain(tolerance)))
