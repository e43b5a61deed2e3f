"""The code of the entry, as LLVM IR: one function for each thing that happens in a call.

    entry(self, arguments, count, keywords)      what Python calls: the path that was last taken, then those of the call
      signature(arguments, count)                of which path it may be a call
      attempt(path, arguments)                   one path: check, create the results, run, give back
        take_frame(path), give_frame(path, ...)
        find(check, ...)                         the object in a place, or null
        matches(check, object, ...)              is it as expected? if it is an input, note where its data is
        create(result, ...)                      a new array or scalar, and note where its data goes
        run(path, ...)                           the program
        give_back(path, ...)                     the only result, or a tuple
        release(path, ...)                       the references that `find` has taken
      slowly(self, arguments, count, keywords)   all paths missed: the base class's `_call_slowly`
    allocate(type, count)                        a new instance, which Python will call by `entry`
    publish(self, owner, table)                  other paths
    trial(inputs, outputs, workspace)            a program that copies a number, to try all this out

Those below `attempt` are inlined. What they read is described in `records.py` and `memory.py`.

All of this runs with Python's global lock held, save a program that releases it; so plain loads and stores are enough
to take a frame or to publish paths. Nothing here leaves an exception set, save one that the slow call or the function
for the result raised, or a lack of memory for the tuple of results.
"""

from __future__ import annotations

import ctypes

from llvmlite import binding, ir

from chainrule.compile import linking, llvm_passes
from chainrule.compile.entry.attempt import MISSED, PROGRAM, write_attempt
from chainrule.compile.entry.interface import Interface
from chainrule.compile.entry.records import Instance, PathRecord, Table
from chainrule.compile.entry.signing import write_signature
from chainrule.compile.entry.writer import I32, I64, NULL, POINTER, VOID, Writer

ENTRY = ir.FunctionType(POINTER, [POINTER, POINTER, I64, POINTER])


def entry_module() -> ir.Module:
    """The code, the same in every process."""
    module = ir.Module("entry", context=ir.Context())
    interface = ir.GlobalVariable(module, ir.ArrayType(I64, ctypes.sizeof(Interface) // 8), "interface")
    interface.initializer = ir.Constant(interface.value_type, None)
    entry = _write_entry(module, write_attempt(module), write_signature(module), _write_slowly(module))
    _write_allocate(module, entry)
    _write_publish(module)
    _write_trial(module)
    return module


def object_code() -> bytes:
    """The machine code, an object file.

    Equal in all processes with the same versions of LLVM and of this package, on the same kind of machine.
    """
    with linking.lock:
        machine = linking.target().create_target_machine(opt=1)
        module = binding.parse_assembly(str(entry_module()), context=binding.create_context())
        module.verify()
        _optimise(module, machine)
        code: bytes = machine.emit_object(module)
    return code


def _optimise(module: binding.ModuleRef, machine: binding.TargetMachine) -> None:
    """Inline what is to be inlined, and tidy up: a tenth of the time of LLVM's usual passes, for equal speed."""
    passes = binding.create_new_module_pass_manager()
    passes.add_always_inliner_pass()
    passes.add_sroa_pass()
    passes.add_simplify_cfg_pass()
    passes.add_instruction_combine_pass()
    passes.add_global_dead_code_eliminate_pass()
    llvm_passes.run(passes, module, binding.create_pass_builder(machine, binding.create_pipeline_tuning_options()))


def _write_entry(module: ir.Module, attempt: ir.Function, signature: ir.Function, slowly: ir.Function) -> ir.Function:
    b = Writer(ir.Function(module, ENTRY, "entry"))
    instance, arguments, count_and_flag, keywords = b.function.args
    own = b.own_fields(instance)
    all_missed = b.append_basic_block("all_missed")

    owner = b.read(Instance, own, "owner")
    with b.if_then(b.or_(b.is_null(owner), b.not_(b.is_null(keywords))), likely=False):
        b.branch(all_missed)
    # The highest bit says that the caller lends the place before the first argument.
    count = b.and_(count_and_flag, I64(2**63 - 1))
    table, recent = b.read(Instance, own, "table"), b.read(Instance, own, "recent")
    path_count, paths = b.read(Table, table, "count"), b.read(Table, table, "paths")
    following, signatures = b.read(Table, table, "following"), b.read(Table, table, "signatures")
    current = b.alloca(I64)
    b.call_python("Py_IncRef", owner)

    def try_path(number: ir.Value) -> None:
        path = b.load(b.element(paths, number), typ=POINTER)
        with b.if_then(b.is_same(b.read(PathRecord, path, "arguments"), count), likely=True):
            value = b.call(attempt, [path, arguments])
            with b.if_then(b.icmp_unsigned("!=", value, MISSED), likely=True):
                b.write(Instance, own, "recent", number)
                b.call_python("Py_DecRef", owner)
                b.ret(value)

    def try_chain(first: ir.Value, expected: ir.Value | None) -> None:
        """Try paths from the first on; only those of the expected signature, if there is one."""
        head, body, after = (b.append_basic_block(name) for name in ("chain", "link", "end"))
        b.store(first, current)
        b.branch(head)
        b.position_at_end(head)
        number = b.load(current)
        b.cbranch(b.icmp_signed("<", number, I64(0)), after, body)
        b.position_at_end(body)
        is_candidate = b.icmp_signed("!=", number, recent)
        if expected is not None:
            is_candidate = b.and_(is_candidate, b.is_same(b.load(b.element(signatures, number), typ=I64), expected))
        with b.if_then(is_candidate):
            try_path(number)
        b.store(b.load(b.element(following, number), typ=I64), current)
        b.branch(head)
        b.position_at_end(after)

    with b.if_then(b.icmp_unsigned("<", recent, path_count), likely=True):
        try_path(recent)
    with b.if_then(b.icmp_unsigned(">", path_count, I64(1))):
        called = b.call(signature, [arguments, count])
        place = b.and_(called, b.read(Table, table, "mask"))
        try_chain(b.load(b.element(b.read(Table, table, "first"), place), typ=I64), called)
        try_chain(b.read(Table, table, "unsigned"), None)
    b.call_python("Py_DecRef", owner)
    b.branch(all_missed)

    b.position_at_end(all_missed)
    b.ret(b.call(slowly, b.function.args))
    return b.function


def _write_slowly(module: ir.Module) -> ir.Function:
    function = ir.Function(module, ENTRY, "slowly")
    function.linkage = "internal"
    function.attributes.add("noinline")
    b = Writer(function)
    instance, arguments, count_and_flag, keywords = function.args
    method = b.call_python("PyObject_GetAttr", instance, b.python_object("slowly"))
    with b.if_then(b.is_null(method)):
        b.ret(NULL)
    value = b.call_python("PyObject_Vectorcall", method, arguments, count_and_flag, keywords)
    b.call_python("Py_DecRef", method)
    b.ret(value)
    return function


def _write_allocate(module: ir.Module, entry: ir.Function) -> None:
    b = Writer(ir.Function(module, ir.FunctionType(POINTER, [POINTER, I64]), "allocate"))
    instance = b.call_python("PyType_GenericAlloc", *b.function.args)
    with b.if_then(b.not_(b.is_null(instance)), likely=True):
        b.write(Instance, b.own_fields(instance), "vectorcall", entry)
    b.ret(instance)


def _write_publish(module: ir.Module) -> None:
    b = Writer(ir.Function(module, ir.FunctionType(VOID, [POINTER] * 3), "publish"))
    instance, owner, table = b.function.args
    own = b.own_fields(instance)
    before = b.read(Instance, own, "owner")
    b.call_python("Py_IncRef", owner)
    b.write(Instance, own, "owner", owner)
    b.write(Instance, own, "table", table)
    b.write(Instance, own, "recent", I64(0))
    b.call_python("Py_DecRef", before)
    b.ret_void()


def _write_trial(module: ir.Module) -> None:
    b = Writer(ir.Function(module, PROGRAM, "trial"))
    inputs, outputs, _ = b.function.args
    number = b.load(b.load(inputs, typ=POINTER), typ=I64)
    b.store(number, b.load(outputs, typ=POINTER))
    b.ret(I32(0))
