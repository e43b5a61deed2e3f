"""The machine that code is made for, and LLVM's own passes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import binding

from chainrule.compile import llvm_passes
from chainrule.compile.linking import lock, target
from chainrule.compile.vector_math import inline_forms

# A module of so many characters, a program of thousands of operations in a row, gets the passes that take linear time.
_LONG = 250_000


def _this_machine(level: int) -> Any:
    """A target machine for this processor."""
    cpu, features = binding.get_host_cpu_name(), binding.get_host_cpu_features().flatten()
    return target().create_target_machine(cpu=cpu, features=features, opt=level, jit=True)


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
    with lock:
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
