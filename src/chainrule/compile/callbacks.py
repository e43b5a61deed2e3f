"""Operations that have no native form: the compiled program calls NumPy in their place.

One function in C's calling convention serves all programs. It is told the number of the program, that of the operation,
and where operands and results lie, and answers whether the operation succeeded.
"""

from __future__ import annotations

import ctypes
import itertools
import weakref
from collections.abc import Sequence
from typing import Any

import numpy as np
from llvmlite import binding

from chainrule.compile.machine_code import NumpyCall
from chainrule.compile.program import Program
from chainrule.compile.views import View, whole
from chainrule.graph import Node

SYMBOL = "chainrule.callback"
PROGRAM = "chainrule.program"
"""The function that code calls, and the variable of the code that holds the number of its program."""

_numbers = itertools.count()
_programs: weakref.WeakValueDictionary[int, Callbacks] = weakref.WeakValueDictionary()


class Callbacks:
    """The operations that a program leaves to NumPy."""

    __slots__ = ("__weakref__", "number", "operations")

    def __init__(self, program: Program, calls: Sequence[NumpyCall]) -> None:
        nodes = program.graph.nodes
        self.operations = [
            _Operation(nodes[call.node], call.views, [nodes[result] for result in call.results]) for call in calls
        ]
        self.number = next(_numbers)
        _programs[self.number] = self


class _Operation:
    """One op, applied to what lies at pointers."""

    __slots__ = ("node", "operands", "params", "results")

    def __init__(self, node: Node, views: Sequence[View | None], results: list[Node]) -> None:
        self.node = node
        # A constant, or how what lies at a pointer has to be seen.
        self.operands = [x if view is None else (view, x.dtype) for x, view in zip(node.operands, views, strict=True)]
        self.results = results
        self.params = {name: value for name, value in node.params.items() if name != "donate"}
        if "donate" in node.params:
            self.params["donate"] = False

    def run(self, pointers: Any) -> bool:
        """Apply the op; whether it succeeded and gave what was recorded."""
        given = iter(pointers)
        operands = [
            _array(next(given), *operand)[()] if isinstance(operand, tuple) else operand for operand in self.operands
        ]
        made = self.node.op(*operands, **self.params)
        several = isinstance(self.node.dtype, tuple)
        for result in self.results:
            value = made[result.params["k"]] if several else made
            if value.shape != result.shape or value.dtype != result.dtype:
                return False
            _array(next(given), whole(result.shape), result.dtype)[...] = value
        return True


def _array(pointer: int, view: View, dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    """What lies at a pointer, as an array without memory of its own."""
    strides = tuple(stride * dtype.itemsize for stride in view.strides)
    if 0 in view.shape:
        return np.empty(view.shape, dtype)
    low = sum(min(0, (n - 1) * stride) for n, stride in zip(view.shape, strides, strict=True))
    high = sum(max(0, (n - 1) * stride) for n, stride in zip(view.shape, strides, strict=True)) + dtype.itemsize
    begin = pointer + view.offset * dtype.itemsize
    memory = (ctypes.c_char * (high - low)).from_address(begin + low)
    return np.ndarray(view.shape, dtype, memory, -low, strides)  # type: ignore[arg-type]  # it has a buffer


def _run_operation(program: int, number: int, pointers: int) -> int:
    try:
        operation = _programs[program].operations[number]
        count = sum(isinstance(operand, tuple) for operand in operation.operands) + len(operation.results)
        found = (ctypes.c_int64 * count).from_address(pointers)
        with np.errstate(all="ignore"):
            return int(operation.run(found))
    except BaseException:  # what it is, the ordinary run tells
        return 0


_callback = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64, ctypes.c_int64, ctypes.c_void_p)(_run_operation)


def register() -> None:
    """Let machine code find the function."""
    binding.add_symbol(SYMBOL, ctypes.cast(_callback, ctypes.c_void_p).value)
