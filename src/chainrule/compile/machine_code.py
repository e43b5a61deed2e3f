"""The machine code of a program, and all that is needed to run it, as one string of bytes."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from chainrule.compile.views import View

ALIGNMENT = 64
"""Of a program's scratch memory, and of each buffer in it, in bytes."""


class NumpyCall(NamedTuple):
    """An operation that is left to NumPy.

    node, results
        The numbers in the graph of the op, and of those of its results that are used.
    views
        For each operand, how it lies at its pointer; None for a constant.
    """

    node: int
    views: tuple[View | None, ...]
    results: tuple[int, ...]


class MachineCode(NamedTuple):
    """What a program is compiled to. It holds no addresses, so that every process can load it.

    object_code
        An object file with the function `program`.
    workspace_bytes
        How much scratch memory the function needs.
    symbols
        The functions outside that it calls, by name.
    calls
        The operations that it leaves to NumPy.
    nests, products
        How many nests of loops and products by BLAS it runs.
    nanoseconds
        About how long it runs.
    operations
        Those that it leaves to NumPy, if they can be written down.
    """

    object_code: bytes
    workspace_bytes: int
    symbols: tuple[str, ...]
    calls: tuple[NumpyCall, ...]
    nests: int
    products: int
    nanoseconds: float
    operations: bytes = b""

    def packed(self) -> bytes:
        """All in bytes."""
        rest = json.dumps(self[1:-1]).encode()
        parts = (rest, self.operations, self.object_code)
        return b"".join(part for each in parts for part in (len(each).to_bytes(8, "little"), each))

    @classmethod
    def unpacked(cls, packed: bytes) -> MachineCode:
        """The same from bytes."""
        parts = []
        while packed:
            end = 8 + int.from_bytes(packed[:8], "little")
            parts.append(packed[8:end])
            packed = packed[end:]
        rest, operations, object_code = parts
        workspace_bytes, symbols, calls, nests, products, nanoseconds = json.loads(rest)
        found = tuple(NumpyCall(node, tuple(map(_view, views)), tuple(results)) for node, views, results in calls)
        return cls(object_code, workspace_bytes, tuple(symbols), found, nests, products, nanoseconds, operations)


def _view(packed: Any) -> View | None:
    if packed is None:
        return None
    offset, shape, strides = packed
    return View(offset, tuple(shape), tuple(strides))
