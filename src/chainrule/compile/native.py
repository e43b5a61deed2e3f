"""Native code of a recorded program: found on disk or made, loaded, and its entry for arrays.

What makes code is imported where it is used: that takes ten times as long as to load what is found.
"""

from __future__ import annotations

import ctypes
import functools
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.compile import blas, cache, callbacks, entry
from chainrule.compile.callbacks import Callbacks, operation_of
from chainrule.compile.digest import program_digest
from chainrule.compile.linking import Code
from chainrule.compile.machine_code import ALIGNMENT, MachineCode
from chainrule.compile.program import Program

# From so many nanoseconds on a program is long. To let other threads go on takes a tenth of a microsecond, but to have
# them stop again may take 5 ms.
_LONG = 200_000
_FUNCTION = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)


class Native:
    """A recorded program in native code.

    program
        What is compiled: what was recorded, optimised.
    address
        Of the function `int32_t program(void **inputs, void **outputs, void *workspace)`, which returns 0, or the
        number of a guard that missed (from 1), or -1 if NumPy refused an operation.
    workspace_bytes
        How much scratch memory it needs, aligned to 64 bytes.
    calls_python
        Whether it calls back into Python.
    is_long
        Whether it runs so long that other threads should go on meanwhile.
    seconds
        How long it took to compile, or to load what was compiled before.
    """

    def __init__(self, recorded: Program) -> None:
        began = time.perf_counter()
        self._recorded = recorded
        made: MachineCode | None = cache.kept(self._key, MachineCode.unpacked)
        self.is_from_cache = made is not None
        if made is None:
            made = self._compiled()
        self.workspace_bytes = made.workspace_bytes
        self.calls_python = bool(made.calls)
        if made.operations:
            operations = callbacks.unpacked(made.operations)
        else:
            operations = [operation_of(self.program, call) for call in made.calls]
        self.callbacks = Callbacks(operations)
        self._made = made._replace(object_code=b"", operations=b"")
        for symbol in made.symbols:
            callbacks.register() if symbol == callbacks.SYMBOL else blas.register(symbol)
        self._code = Code(made.object_code)
        if made.calls:
            ctypes.c_int64.from_address(self._code.variable(callbacks.PROGRAM)).value = self.callbacks.number
        self.address = self._code.address("program")
        self.is_long = made.nanoseconds > _LONG
        self._inputs = [(node.shape, node.dtype) for node in recorded.graph.inputs]
        self._outputs = [(output.shape, output.dtype) for output in recorded.graph.outputs[: recorded.results]]
        self.seconds = time.perf_counter() - began

    @functools.cached_property
    def program(self) -> Program:
        """The program that is compiled: what was recorded, optimised. For what is found on disk it is seldom needed."""
        from chainrule.compile.passes.preparation import prepared

        return prepared(self._recorded)

    @functools.cached_property
    def _recorded_digest(self) -> bytes | None:
        return program_digest(self._recorded, is_recorded=True)

    @functools.cached_property
    def _key(self) -> bytes | None:
        """What the code is kept under: what was recorded, so that no pass need run to find it.

        Operations that are not ours count by name, which says enough once the passes have run.
        """
        digest = self._recorded_digest or program_digest(self.program)
        return None if digest is None else cache.key_of(digest)

    def _compiled(self) -> MachineCode:
        """The program compiled, and kept if all of it can be."""
        from chainrule.compile.llvm_module import machine_code

        made = machine_code(self.program)
        made = made._replace(operations=callbacks.packed([operation_of(self.program, call) for call in made.calls]))
        # What is found without the program has to bring its operations.
        if self._key is not None and (made.operations or self._recorded_digest is None):
            cache.save(self._key, made.packed())
        return made

    def __call__(self, inputs: Sequence[Any]) -> Sequence[Any] | None:
        """The results for other inputs, or None if a guard does not hold for them."""
        arrays = [x if type(x) is np.ndarray else np.asarray(x) for x in inputs]
        if self._enter is not None:
            found: Sequence[Any] | None = self._enter(*arrays)
            if found is not None:
                return found
            if all(type(x.dtype) is type(dtype) for x, (_, dtype) in zip(arrays, self._inputs, strict=True)):
                return None
        return self._call_by_ctypes(arrays)

    @functools.cached_property
    def _enter(self) -> Any:
        """The program as a function of arrays that gives None if a guard does not hold; none for rare dtypes."""
        dtypes = [dtype for _, dtype in (*self._inputs, *self._outputs)]
        if not all(map(entry.is_native, dtypes)):
            return None
        made: Any = _arrays_type()()
        made.fast_paths = (
            entry.FastPath(
                arguments=len(self._inputs),
                checks=[
                    entry.Check(entry.Argument(k), entry.Array(dtype, shape))
                    for k, (shape, dtype) in enumerate(self._inputs)
                ],
                results=[entry.Result(dtype, shape or None) for shape, dtype in self._outputs],
                structure="tuple",
                program=self.address,
                workspace=self.workspace_bytes,
                releases_gil=self.is_long and not self.calls_python,
                code=self._code,
            ),
        )
        return made

    def _call_by_ctypes(self, arrays: Sequence[np.ndarray[Any, Any]]) -> list[Any] | None:
        outputs = [np.empty(shape, dtype) for shape, dtype in self._outputs]
        given = (ctypes.c_void_p * max(len(arrays), 1))(*(x.ctypes.data for x in arrays))
        taken = (ctypes.c_void_p * max(len(outputs), 1))(*(x.ctypes.data for x in outputs))
        workspace = np.empty(self.workspace_bytes + ALIGNMENT, np.uint8)
        status = _FUNCTION(self.address)(given, taken, -(-workspace.ctypes.data // ALIGNMENT) * ALIGNMENT)
        return None if status else [x[()] for x in outputs]

    def report(self) -> list[str]:
        """What the code does: lines for a person."""
        made = self._made
        steps = [_counted(made.nests, "loop nest"), _counted(made.products, "BLAS product")]
        steps.append(_counted(len(made.calls), "NumPy call"))
        how = "loaded from the cache" if self.is_from_cache else "compiled"
        lines = [
            f"runs {', '.join(filter(None, steps)) or 'nothing'}; workspace of {self.workspace_bytes} bytes; "
            f"{how} in {1e3 * self.seconds:.1f} ms"
        ]
        for call in made.calls:
            node = self.program.graph.nodes[call.node]
            where = node.position
            lines.append(f"calls NumPy for `{node.op.name}`" + ("" if where is None else f" at {where}"))
        return lines

    def nests(self) -> str:
        """The loop nests, as text, and where everything lives."""
        from chainrule.compile.llvm_module import nests

        return nests(self.program)

    def llvm(self) -> str:
        """The optimised intermediate representation."""
        from chainrule.compile.llvm_module import llvm

        return llvm(self.program)

    def asm(self) -> str:
        """The machine code, as text."""
        from chainrule.compile.llvm_module import asm

        return asm(self.program)


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'s' if count != 1 else ''}" if count else ""


class _Arrays(entry.Entry):
    """The entry of a program by itself: the results for arrays, or None if a guard does not hold."""

    def _call_slowly(self, *args: Any, **kwargs: Any) -> Any:
        return None


@functools.cache
def _arrays_type() -> type[_Arrays]:
    return entry.entry_type(_Arrays)
