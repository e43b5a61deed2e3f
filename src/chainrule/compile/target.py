"""The machine that code is made for, and LLVM's own passes."""

from __future__ import annotations

import threading
from functools import cache
from typing import Any

from llvmlite import binding

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


def optimized_module(text: str, machine: Any) -> Any:
    """A module, parsed and optimised for a machine."""
    module = binding.parse_assembly(text, binding.create_context())
    options = binding.create_pipeline_tuning_options(speed_level=3)
    options.loop_vectorization = True
    options.slp_vectorization = True
    builder = binding.create_pass_builder(machine, options)
    builder.getModulePassManager().run(module, builder)
    return module


def engine_of(text: str) -> tuple[Any, Any]:
    """An engine that holds the code of a module, and the optimised module."""
    with _lock:
        machine = new_machine()
        module = optimized_module(text, machine)
        engine = binding.create_mcjit_compiler(module, machine)
        engine.finalize_object()
    return engine, module
