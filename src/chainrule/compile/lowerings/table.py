"""The table of lowerings: from the elements of the operands to the element of the result."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir

from chainrule.compile.elements import constant, register_type
from chainrule.trace import Op

Lowering = Callable[..., ir.Value]

LOWERINGS: dict[Op, Lowering] = {}

# About how many additions an op costs, where that is more than one: what is dear is not computed twice.
COSTS: dict[Op, int] = {}


def lower(*ops: Op, cost: int = 1) -> Callable[[Lowering], Lowering]:
    """State how ops are computed for one element: `rule(scalars, *elements, **params)`."""

    def state(rule: Lowering) -> Lowering:
        for op in ops:
            LOWERINGS[op] = rule
            COSTS[op] = cost
        return rule

    return state


class Scalars:
    """What a lowering computes with: an LLVM builder, and the dtypes of the op at hand.

    dtypes
        The dtype of each operand.
    dtype
        The dtype of the result.
    calls
        Whether elementary functions are called. They are written out in loops, which are vectorised then; for single
        numbers that would only take long to compile.
    """

    __slots__ = ("builder", "calls", "dtype", "dtypes", "module")

    def __init__(self, module: ir.Module, builder: ir.IRBuilder, calls: bool) -> None:
        self.module = module
        self.builder = builder
        self.calls = calls
        self.dtypes: tuple[np.dtype[Any], ...] = ()
        self.dtype: np.dtype[Any] = np.dtype(float)

    @property
    def is_floating(self) -> bool:
        """Whether the first operand is a floating-point number."""
        return self.dtypes[0].kind == "f"

    @property
    def is_signed(self) -> bool:
        """Whether the first operand is a signed integer."""
        return self.dtypes[0].kind == "i"

    def number(self, number: float, dtype: np.dtype[Any] | None = None) -> ir.Constant:
        """A number in the dtype of the first operand, or in another."""
        return constant(self.dtypes[0] if dtype is None else dtype, number)

    def intrinsic(self, name: str, *arguments: ir.Value) -> ir.Value:
        """An LLVM intrinsic of arguments of one type, such as `llvm.sqrt`."""
        kind = arguments[0].type
        signature = ir.FunctionType(kind, [kind] * len(arguments))
        return self.builder.call(self.module.declare_intrinsic(name, [kind], signature), arguments)

    def convert(self, value: ir.Value, source: np.dtype[Any], target: np.dtype[Any]) -> ir.Value:
        """An element in another dtype, as NumPy converts it; from floating point only to floating point."""
        builder, kind = self.builder, register_type(target)
        if source == target:
            return value
        if target.kind == "b":
            return self.is_true(value, source)
        if source.kind == "f":
            return builder.fptrunc(value, kind) if target.itemsize < source.itemsize else builder.fpext(value, kind)
        if target.kind == "f":
            return builder.sitofp(value, kind) if source.kind == "i" else builder.uitofp(value, kind)
        if source.kind == "b" or target.itemsize > source.itemsize:
            return builder.sext(value, kind) if source.kind == "i" else builder.zext(value, kind)
        return builder.trunc(value, kind) if target.itemsize < source.itemsize else value

    def is_true(self, value: ir.Value, dtype: np.dtype[Any]) -> ir.Value:
        """Whether an element is not zero; NaN is not."""
        if dtype.kind == "b":
            return value
        zero = constant(dtype, 0)
        if dtype.kind == "f":
            return self.builder.fcmp_unordered("!=", value, zero)
        return self.builder.icmp_signed("!=", value, zero)
