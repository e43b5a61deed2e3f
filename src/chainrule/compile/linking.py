"""Object files, loaded into this process."""

from __future__ import annotations

import threading
import weakref
from functools import cache
from typing import Any

from llvmlite import binding

lock = threading.Lock()
"""LLVM's tables of targets are made once, and its engines and machines one at a time."""


@cache
def target() -> Any:
    """The family of processors that this one is of."""
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    return binding.Target.from_default_triple()


class Code:
    """An object file, loaded into this process.

    It stays there as long as this object lives, and is given back then.
    """

    __slots__ = ("__weakref__", "_engine")

    def __init__(self, code: bytes) -> None:
        with lock:
            context = binding.create_context()
            # An engine begins with a module; this one has nothing in it.
            module = binding.parse_assembly("", context)
            # To load code takes no more than a machine of the same family, which is made in a fifth of the time.
            self._engine = binding.create_mcjit_compiler(module, target().create_target_machine(opt=0, jit=True))
            self._engine.add_object_file(binding.ObjectFileRef.from_data(code))
            self._engine.finalize_object()
        # Not when the interpreter ends: what ends after us may still call it.
        weakref.finalize(self, _give_back, self._engine, module, context).atexit = False

    def address(self, name: str) -> int:
        """Where a function begins."""
        return int(self._engine.get_function_address(name))

    def variable(self, name: str) -> int:
        """Where a global variable of the code is."""
        return int(self._engine.get_global_value_address(name))


def _give_back(engine: Any, module: Any, context: Any) -> None:
    engine.close()
    module.close()
    context.close()
