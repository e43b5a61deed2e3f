"""The machine that code is made for, and LLVM's own passes."""

from __future__ import annotations

import threading
import weakref
from functools import cache
from typing import Any

from llvmlite import binding

from chainrule.compile import llvm_passes
from chainrule.compile.vector_math import inline_forms

# LLVM's tables of targets are made once, and its engines one at a time.
_lock = threading.Lock()


@cache
def _machine() -> Any:
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    return binding.Target.from_default_triple()


def new_machine() -> Any:
    """A target machine for this processor."""
    return _machine().create_target_machine(
        cpu=binding.get_host_cpu_name(),
        features=binding.get_host_cpu_features().flatten(),
        opt=3,
        jit=True,
    )


def _optimized_module(text: str, machine: Any, context: Any) -> Any:
    """A module, parsed and optimised for a machine."""
    module = binding.parse_assembly(text, context)
    options = binding.create_pipeline_tuning_options(speed_level=3)
    options.loop_vectorization = True
    options.slp_vectorization = True
    builder = binding.create_pass_builder(machine, options)
    llvm_passes.run(builder.getModulePassManager(), module, builder)
    inline_forms(module, builder)
    return module


class Code:
    """The machine code of a module.

    It lives as long as this object, and is given back in order then: a collection of garbage, which finds the engine
    and the context together in a cycle, would give back either of them first.
    """

    __slots__ = ("__weakref__", "_engine", "module")

    def __init__(self, text: str) -> None:
        with _lock:
            machine = new_machine()
            context = binding.create_context()
            self.module = _optimized_module(text, machine, context)
            self._engine = binding.create_mcjit_compiler(self.module, machine)
            self._engine.finalize_object()
        weakref.finalize(self, _give_back, self._engine, self.module, context)

    def address(self, name: str) -> int:
        """Where a function begins."""
        return int(self._engine.get_function_address(name))


def _give_back(engine: Any, module: Any, context: Any) -> None:
    engine.close()
    module.close()
    context.close()
