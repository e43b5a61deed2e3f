"""The digest of a program: equal for programs of which equal machine code is made."""

from __future__ import annotations

import sys
from hashlib import blake2b
from types import FunctionType
from typing import Any

import numpy as np

from chainrule.compile.cache import ROOMS
from chainrule.compile.program import Program
from chainrule.graph import Node
from chainrule.ops import ALL_OPS
from chainrule.ops.paths import Diagonal, Reshaped, Transposed
from chainrule.trace import projection

_FUNCTIONS = (FunctionType, np.ufunc, type(np.any))
_AS_THEY_ARE = frozenset((bool, int, str, bytes, type(None)))


def program_digest(program: Program, *, is_recorded: bool = False) -> bytes | None:
    """The digest of a program; None if another process could not tell all that its code depends on.

    Of an op that is not ours only the name counts, since NumPy is asked to do what there is no native form of. If the
    program `is_recorded`, and passes are still to run, such an op has no digest: they may evaluate it.
    """
    if not _lowerings_are_ours():
        return None
    graph = program.graph
    hasher = blake2b(b"recorded" if is_recorded else b"", digest_size=32)
    numbers: dict[Any, int] = {node: k for k, node in enumerate(graph.inputs)}
    plain = _Plain()

    def operand(x: Any) -> Any:
        return numbers[x] if type(x) is Node else plain.of(x)

    def add(*described: Any) -> None:
        hasher.update(repr(described).encode())

    try:
        for node in graph.inputs:
            add("input", node.shape, plain.of(node.dtype))
        for node in graph.nodes:
            known = ALL_OPS.get(node.op.name) is node.op or node.op is projection
            if is_recorded and not known:
                return None
            params = plain.of(node.params) if known else "foreign"
            add(node.op.name, params, [*map(operand, node.operands)], node.shape, plain.of(node.dtype))
            numbers[node] = len(numbers)
        add("outputs", program.results, [*map(operand, graph.outputs)])
        add("guards", [plain.of(guard.value) for guard in program.guards])
    except _NotPlainError:
        return None
    return hasher.digest()


def _lowerings_are_ours() -> bool:
    """Whether all lowerings are ours: one from elsewhere may be another one in each process."""
    # While the table is not imported, which takes longer than the digest, nobody has written to it.
    table = sys.modules.get("chainrule.compile.lowerings.table")
    ours = "chainrule.compile.lowerings."
    return table is None or all(rule.__module__.startswith(ours) for rule in table.LOWERINGS.values())


class _NotPlainError(Exception):
    """An object whose text does not say what it is."""


class _Plain:
    """Parameters and constants as what has a text of its own: numbers, strings, and tuples of them.

    A tuple that stands for something else begins with a word that says for what.
    """

    def __init__(self) -> None:
        self._arrays: dict[int, Any] = {}

    def of(self, x: Any) -> Any:
        """What stands for an object."""
        kind = type(x)
        if kind in _AS_THEY_ARE:
            return x
        if kind is float or kind is complex:
            # Their text would leave out the sign and the bits of a NaN.
            return kind.__name__, np.array(x).tobytes()
        if kind is tuple:
            return "tuple", *map(self.of, x)
        if kind is list:
            return "list", *map(self.of, x)
        if kind is dict:
            return "dict", *((name, self.of(x[name])) for name in sorted(x))
        if kind is slice:
            return "slice", self.of(x.start), self.of(x.stop), self.of(x.step)
        if x is Ellipsis:
            return ("...",)
        if kind in (Transposed, Reshaped, Diagonal):
            return kind.__name__, *(self.of(getattr(x, name)) for name in kind.__slots__)
        if isinstance(x, np.dtype):
            return "dtype", self._dtype(x)
        if kind is np.ndarray or isinstance(x, np.generic):
            return self._array(x)
        if isinstance(x, type) and issubclass(x, np.generic):
            return "type", x.__name__
        if kind in _FUNCTIONS:
            return self._function(x)
        raise _NotPlainError

    @staticmethod
    def _function(x: Any) -> Any:
        """A function that a module has under its name: one of NumPy's, or of ours whose text is part of the key."""
        name: str = x.__name__
        module = "numpy" if isinstance(x, np.ufunc) else str(x.__module__)
        if module.partition(".")[0] == "numpy" and vars(np).get(name) is x:
            return "function", "numpy", name
        is_ours = module.startswith(tuple(f"chainrule.{room}." for room in ROOMS))
        if is_ours and getattr(sys.modules.get(module), name, None) is x:
            return "function", module, name
        raise _NotPlainError

    @staticmethod
    def _dtype(dtype: np.dtype[Any]) -> str:
        if dtype.hasobject or dtype.names is not None:
            raise _NotPlainError
        return dtype.str

    def _array(self, x: Any) -> Any:
        known = self._arrays.get(id(x))
        if known is None:
            dtype = self._dtype(x.dtype)
            elements = blake2b(np.ascontiguousarray(x).reshape(-1).view(np.uint8).data, digest_size=32)
            known = self._arrays[id(x)] = ("array", dtype, x.shape, elements.hexdigest())
        return known
