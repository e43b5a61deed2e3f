"""The machine that code is made for, LLVM's own passes, and code in this process."""

from __future__ import annotations

import ctypes
import threading
import weakref
from collections.abc import Callable
from functools import cache
from typing import Any

from llvmlite import binding

from chainrule.compile import llvm_passes
from chainrule.compile.vector_math import inline_forms

# LLVM's tables of targets are made once, and its engines one at a time.
_lock = threading.Lock()


# A module of so many characters, a program of thousands of operations in a row, gets the passes that take linear time.
_LONG = 250_000


@cache
def _target() -> Any:
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    return binding.Target.from_default_triple()


def _this_machine(level: int) -> Any:
    """A target machine for this processor."""
    cpu, features = binding.get_host_cpu_name(), binding.get_host_cpu_features().flatten()
    return _target().create_target_machine(cpu=cpu, features=features, opt=level, jit=True)


def _any_machine() -> Any:
    return _target().create_target_machine(opt=0, jit=True)


def object_code(text: str) -> bytes:
    """A module compiled to an object file."""
    return _of_optimized(text, lambda machine, module: machine.emit_object(module))  # type: ignore[no-any-return]


def optimized_text(text: str) -> str:
    """A module after LLVM's passes."""
    return _of_optimized(text, lambda machine, module: str(module))  # type: ignore[no-any-return]


def assembly(text: str) -> str:
    """A module compiled to assembly."""
    return _of_optimized(text, lambda machine, module: machine.emit_assembly(module))  # type: ignore[no-any-return]


def _of_optimized(text: str, make: Callable[[Any, Any], Any]) -> Any:
    with _lock:
        level = 3 if len(text) < _LONG else 1
        machine = _this_machine(level)
        context = binding.create_context()
        module = binding.parse_assembly(text, context)
        try:
            options = binding.create_pipeline_tuning_options(speed_level=level)
            options.loop_vectorization = True
            options.slp_vectorization = level > 1
            builder = binding.create_pass_builder(machine, options)
            llvm_passes.run(builder.getModulePassManager(), module, builder)
            inline_forms(module, builder)
            return make(machine, module)
        finally:
            # In this order; a collection of garbage would give back either of them first.
            module.close()
            context.close()


class Code:
    """An object file, loaded into this process.

    It stays there as long as this object lives, and is given back in order then.
    """

    __slots__ = ("__weakref__", "_engine")

    def __init__(self, code: bytes) -> None:
        with _lock:
            context = binding.create_context()
            # An engine begins with a module; this one has nothing in it.
            module = binding.parse_assembly("", context)
            # To load code takes no more than a machine of the same family, which is made in a fifth of the time.
            self._engine = binding.create_mcjit_compiler(module, _any_machine())
            self._engine.add_object_file(binding.ObjectFileRef.from_data(code))
            self._engine.finalize_object()
        weakref.finalize(self, _give_back, self._engine, module, context)

    def address(self, name: str) -> int:
        """Where a function begins."""
        return int(self._engine.get_function_address(name))

    def set_number(self, name: str, number: int) -> None:
        """Give a global variable of the code, an integer of 64 bits, its value."""
        ctypes.c_int64.from_address(self._engine.get_global_value_address(name)).value = number


def _give_back(engine: Any, module: Any, context: Any) -> None:
    engine.close()
    module.close()
    context.close()
