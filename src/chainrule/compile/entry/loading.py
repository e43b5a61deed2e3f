"""The entry's code compiled, and loaded into this process."""

from __future__ import annotations

import ctypes

from llvmlite import binding

from chainrule.compile import llvm_passes
from chainrule.compile.entry import interface
from chainrule.compile.entry.code import entry_module


def object_code() -> bytes:
    """The machine code, an object file.

    Equal in all processes with the same versions of LLVM and of this package, on the same kind of machine.
    """
    machine = _machine()
    module = binding.parse_assembly(str(entry_module()), context=binding.create_context())
    module.verify()
    _optimise(module, machine)
    code: bytes = machine.emit_object(module)
    return code


class Code:
    """An object file, loaded.

    allocate, trial
        Addresses of functions.
    publish
        The function of that name, called from Python.
    """

    def __init__(self, code: bytes) -> None:
        empty = binding.parse_assembly("", context=binding.create_context())
        self._engine = binding.create_mcjit_compiler(empty, _machine())
        self._engine.add_object_file(binding.ObjectFileRef.from_data(code))
        self._engine.finalize_object()
        interface.fill(interface.Interface.from_address(self._engine.get_global_value_address("interface")))
        self.allocate: int = self._engine.get_function_address("allocate")
        self.trial: int = self._engine.get_function_address("trial")
        publish = ctypes.PYFUNCTYPE(None, ctypes.py_object, ctypes.py_object, ctypes.c_void_p)
        self.publish = publish(self._engine.get_function_address("publish"))


def _machine() -> binding.TargetMachine:
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    return binding.Target.from_default_triple().create_target_machine(opt=1)


def _optimise(module: binding.ModuleRef, machine: binding.TargetMachine) -> None:
    """Inline what is to be inlined, and tidy up: a tenth of the time of LLVM's usual passes, for equal speed."""
    passes = binding.create_new_module_pass_manager()
    passes.add_always_inliner_pass()
    passes.add_sroa_pass()
    passes.add_simplify_cfg_pass()
    passes.add_instruction_combine_pass()
    passes.add_global_dead_code_eliminate_pass()
    llvm_passes.run(passes, module, binding.create_pass_builder(machine, binding.create_pipeline_tuning_options()))
