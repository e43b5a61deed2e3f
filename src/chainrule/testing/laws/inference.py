"""The law of inference: what an op says of its result without a run is what comes out of a run."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.api.products import jvp, vjp
from chainrule.api.trees import flatten, unflatten
from chainrule.numpy.handle import Array, Handle, Scalar
from chainrule.numpy.swap import opened
from chainrule.testing.comparison import broken, identical
from chainrule.testing.laws.adjoint import cotangents
from chainrule.testing.sample import Case
from chainrule.trace import Abstract, Level, Op, Value, abstract_of, ground, make_value


class CheckingLevel(Level):
    """A level that changes nothing, and compares what each op infers with its result."""

    __slots__ = ("case",)

    def __init__(self, case: Case) -> None:
        super().__init__()
        self.case = case

    def handle(self, x: Any) -> Handle:
        """An operand as a differentiated function holds it."""
        return Array(self.value(x)) if isinstance(x, np.ndarray) else Scalar(self.value(x))

    def value(self, x: Any) -> Value:
        """A value of this level."""
        return make_value(self, x, None, x.shape, x.dtype)

    def bind(self, op: Op, operands: tuple[Any, ...], params: dict[str, Any]) -> Any:
        """Apply the op, and compare."""
        y = op(*(x.below if type(x) is Value and x.level is self else x for x in operands), **params)
        inferred = op.infer(*map(abstract_of, operands), **params)
        several = type(y) is tuple
        found = tuple(map(abstract_of, y)) if several else abstract_of(y)
        if found != inferred or (type(inferred) is not Abstract and not several):
            shapes = ", ".join(f"{x.dtype}{list(x.shape)}" for x in operands)
            raise broken("infer", self.case, f"op `{op.name}` of {shapes}, {params}", found, inferred)
        return tuple(map(self.value, y)) if several else self.value(y)


def infer(case: Case) -> None:
    """Every op that the value, the push and the pull go through infers the shape and dtype of its result."""
    f = case.sample.function
    level = CheckingLevel(case)
    xs = [level.handle(x) for x in case.inputs]
    if case.sample.order:
        y, pull = vjp(f, *xs)
        pull(unflatten(flatten(y)[1], cotangents(case, "infer")))
        jvp(f, xs, [level.handle(x_dot) for x_dot in case.directions("infer")])
    else:
        y = opened(f)(*xs)
    if case.sample.exact:
        identical("infer", case, "value", case.value, [_plain(leaf) for leaf in flatten(y)[0]])


def _plain(leaf: Any) -> Any:
    if not isinstance(leaf, Handle):
        return leaf
    value = ground(leaf._read())
    return value[()] if isinstance(leaf, Scalar) else np.asarray(value)
