"""The contract of a primitive operation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chainrule.trace.value import Value


class Op:
    """A primitive operation: what the graph can hold.

    An op is strict: it does not promote dtypes or take defaults; the front end settles those. Operands are arrays
    (ndarrays, NumPy scalars or Values); parameters (axis, shape) are immutable and never traced.

    name
        What it is called in graphs, explanations and errors.
    evaluate(*operands, **params)
        The result by NumPy, for operands that are plain arrays.
    infer(*abstracts, **params)
        Shape and dtype of the result without a run: an `Abstract`, or a tuple of them for several results.
    core
        For an op that broadcasts: how many trailing axes of each operand it works on, all 0 for an elementwise op.
        The axes before them broadcast as in NumPy. None for an op that does not broadcast.
    discrete
        The result is piecewise constant, so its derivative is zero by nature (comparisons, rounding, argmax).
    may_fail
        Evaluation may raise for some values (a singular matrix); it is then never moved above a guard.
    composite
        Evaluation applies other ops, to Values if it is given some, and so it is those that are recorded.
    jacobian
        The local Jacobian, filled in by the floor above (`jacobians/`). None where the op is discrete or has no rule.
    batch
        The batching rule, filled in by the floor above. None where it follows from `core`.
    """

    __slots__ = (
        "_jacobian",
        "batch",
        "composite",
        "core",
        "discrete",
        "elementwise",
        "evaluate",
        "infer",
        "keeps",
        "may_fail",
        "name",
        "overwrites",
        "pull",
    )

    def __init__(
        self,
        name: str,
        evaluate: Callable[..., Any],
        infer: Callable[..., Any],
        *,
        core: tuple[int, ...] | None = None,
        discrete: bool = False,
        may_fail: bool = False,
        composite: bool = False,
    ) -> None:
        self.name = name
        self.evaluate = evaluate
        self.infer = infer
        self.core = core
        self.elementwise = core is not None and not any(core)
        self.discrete = discrete
        self.may_fail = may_fail
        self.composite = composite
        self._jacobian: Any = None
        # What a recording needs of the local Jacobian at every operation: its pull, whether that overwrites a cotangent
        # that it is given for good, and whether it reads the operands and the result. None without one.
        self.pull: Callable[..., tuple[Any, ...]] | None = None
        self.overwrites = False
        self.keeps: tuple[bool, bool] | None = None
        self.batch: Callable[..., Any] | None = None

    @property
    def jacobian(self) -> Any:
        """The local Jacobian."""
        return self._jacobian

    @jacobian.setter
    def jacobian(self, jacobian: Any) -> None:
        self._jacobian = jacobian
        self.pull = jacobian.pull
        self.overwrites = jacobian.overwrites
        self.keeps = (jacobian.reads_inputs, jacobian.reads_output)

    def __call__(self, *operands: Any, **params: Any) -> Any:
        """Apply the op: the greatest level among the operands handles it, NumPy if there is none."""
        top = None
        for operand in operands:
            if type(operand) is Value:
                level = operand.level
                if level is not top and (top is None or level.number > top.number):
                    top = level
        if top is None:
            return self.evaluate(*operands, **params)
        return top.bind(self, operands, params)

    def __repr__(self) -> str:
        return f"<op {self.name}>"


class UnaryOp(Op):
    """An elementwise op of one operand and no parameters, which is called with less ado."""

    __slots__ = ()

    def __call__(self, x: Any) -> Any:
        """Apply the op: the level of the operand handles it, NumPy if there is none."""
        if type(x) is Value:
            return x.level.bind_unary(self, x)
        # Not `self.evaluate(x)`, which Python would take for a method and look up by the slow way.
        evaluate = self.evaluate
        return evaluate(x)


class ParameterOp(Op):
    """An op of one operand, one result and parameters, such as a reduction, which is called with less ado."""

    __slots__ = ()

    def __call__(self, x: Any, /, **params: Any) -> Any:
        """Apply the op: the level of the operand handles it, NumPy if there is none."""
        if type(x) is Value:
            return x.level.bind_with(self, x, params)
        evaluate = self.evaluate
        return evaluate(x, **params)


class BinaryOp(Op):
    """An op of two operands, one result and no parameters, which is called with less ado."""

    __slots__ = ()

    def __call__(self, x: Any, y: Any) -> Any:
        """Apply the op: the greater level of the operands handles it, NumPy if there is none."""
        if type(x) is Value:
            if type(y) is Value and y.level.number > x.level.number:
                return y.level.bind_binary(self, x, y)
            return x.level.bind_binary(self, x, y)
        if type(y) is Value:
            return y.level.bind_binary(self, x, y)
        evaluate = self.evaluate
        return evaluate(x, y)


def ground(x: Any) -> Any:
    """The plain array at the bottom of a Value: what was computed, with every level taken away."""
    while type(x) is Value:
        x = x.level.bared(x)
    return x


def _project(results: tuple[Any, ...], /, *, k: int) -> Any:
    return results[k]


# One result of an op with several: the node that stands between the op's own node and the users of that result.
projection = Op("result", _project, _project)
