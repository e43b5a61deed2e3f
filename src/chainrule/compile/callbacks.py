"""Operations that have no native form: the compiled program calls NumPy in their place.

One function in C's calling convention serves all programs. It is told the number of the program, that of the operation,
and where operands and results lie, and answers whether the operation succeeded.
"""

from __future__ import annotations

import ctypes
import itertools
import pickle
import weakref
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from llvmlite import binding

from chainrule.compile.machine_code import NumpyCall
from chainrule.compile.program import Program
from chainrule.compile.views import View, whole
from chainrule.ops import ALL_OPS
from chainrule.trace import Op

SYMBOL = "chainrule.callback"
PROGRAM = "chainrule.program"
"""The function that code calls, and the variable of the code that holds the number of its program."""

_numbers = itertools.count()
_programs: weakref.WeakValueDictionary[int, Callbacks] = weakref.WeakValueDictionary()


class Operation(NamedTuple):
    """One op, applied to what lies at pointers.

    operands
        Constants, and of what lies at a pointer in what way and in what dtype.
    results
        Of each that is used, its number if there are several, its shape and its dtype.
    """

    op: Op
    operands: tuple[Any, ...]
    params: dict[str, Any]
    results: tuple[tuple[int | None, tuple[int, ...], np.dtype[Any]], ...]

    def run(self, pointers: Any) -> bool:
        """Apply the op; whether it succeeded and gave what was recorded."""
        given = iter(pointers)
        operands = [_array(next(given), *x)[()] if type(x) is tuple else x for x in self.operands]
        made = self.op(*operands, **self.params)
        for number, shape, dtype in self.results:
            value = made if number is None else made[number]
            if value.shape != shape or value.dtype != dtype:
                return False
            _array(next(given), whole(shape), dtype)[...] = value
        return True


def operation_of(program: Program, call: NumpyCall) -> Operation:
    """The operation that a call names."""
    nodes = program.graph.nodes
    node = nodes[call.node]
    operands = [x if view is None else (view, x.dtype) for x, view in zip(node.operands, call.views, strict=True)]
    params = {**node.params, "donate": False} if "donate" in node.params else node.params
    several = type(node.dtype) is tuple
    results = [
        (nodes[result].params["k"] if several else None, nodes[result].shape, nodes[result].dtype)
        for result in call.results
    ]
    return Operation(node.op, tuple(operands), params, tuple(results))


def packed(operations: Sequence[Operation]) -> bytes:
    """Operations as another process can read them; nothing if an op is not ours."""
    if not all(ALL_OPS.get(operation.op.name) is operation.op for operation in operations):
        return b""
    return pickle.dumps([(operation.op.name, *operation[1:]) for operation in operations])


def unpacked(packed: bytes) -> list[Operation]:
    """The same from bytes."""
    return [Operation(ALL_OPS[name], *rest) for name, *rest in pickle.loads(packed)]


class Callbacks:
    """The operations that a program leaves to NumPy."""

    __slots__ = ("__weakref__", "number", "operations")

    def __init__(self, operations: Sequence[Operation]) -> None:
        self.operations = tuple(operations)
        self.number = next(_numbers)
        _programs[self.number] = self


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


def _run_operation(program: int, number: int, pointers: Any) -> int:
    try:
        operation = _programs[program].operations[number]
        with np.errstate(all="ignore"):
            return int(operation.run(pointers))
    except BaseException:  # what it is, the ordinary run tells
        return 0


_callback = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64, ctypes.c_int64, ctypes.POINTER(ctypes.c_int64))(
    _run_operation
)


def register() -> None:
    """Let machine code find the function."""
    binding.add_symbol(SYMBOL, ctypes.cast(_callback, ctypes.c_void_p).value)
